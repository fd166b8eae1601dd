"""After a merge the next run of the changed accounts gives the kept one the figures of both, the other none."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from config.nightly import recompute
from crm.duplicates.merging import merge_accounts, undo_merge
from crm.models import Account, AccountFacts, Run, RunScope
from segmentation.models import AccountGrade, GradeChange, GradeInterval
from tests.factories import make_account, make_trade_line
from tests.figures import compute, stored
from tests.fixtures import World

AS_OF = dt.date(2025, 6, 30)
NOW = dt.datetime(2025, 6, 30, 12, tzinfo=dt.UTC)


@pytest.fixture
def pair(world: World) -> tuple[Account, Account]:
    kept, merged = (make_account(world.rep, number=number) for number in "KM")
    for months in range(1, 7):
        day = dt.date(2025, months, 3)
        make_trade_line(kept, day, net_amount=1000, cost=600)
        make_trade_line(merged, day + dt.timedelta(days=months % 2), net_amount=300, cost=200)
        make_trade_line(world.account, day, net_amount=500, cost=100)
    return kept, merged


def partial() -> Run:
    run = recompute(as_of=AS_OF, trigger="command", scope=RunScope.CHANGED)
    assert run.state == "published", run.error
    return run


def test_the_kept_account_has_the_sum_and_the_other_nothing(
    pair: tuple[Account, Account], world: World
) -> None:
    kept, merged = pair
    compute(AS_OF)
    before = stored()
    mine, theirs = (AccountFacts.objects.get(account=account) for account in pair)

    done = merge_accounts(kept_id=kept.pk, merged_id=merged.pk, chosen={}, user=world.manager, now=NOW)
    partial()

    facts = AccountFacts.objects.get(account=kept)
    assert facts.net_sales_12m == mine.net_sales_12m + theirs.net_sales_12m == Decimal(7800)
    assert facts.gross_profit_12m == mine.gross_profit_12m + theirs.gross_profit_12m  # type: ignore[operator]
    assert facts.occasions == 9, "days on which both bought are one occasion"
    assert not AccountFacts.objects.filter(account=merged).exists()
    assert not AccountGrade.objects.filter(account=merged).exists()
    assert not GradeInterval.objects.filter(account=merged, valid_to=None).exists()
    change = GradeChange.objects.filter(account_id=merged.pk).latest("pk")
    assert (change.deleted, change.account_number, change.grade) == (True, "M", None)

    undo_merge(merge_id=done.pk, user=world.manager, now=NOW)
    partial()

    after = stored()
    assert {table for table in before if before[table] != after[table]} == set()
    back = GradeChange.objects.filter(account_id=merged.pk).latest("pk")
    assert not back.deleted
    assert back.grade is not None


def test_a_full_run_agrees_with_the_partial_one(pair: tuple[Account, Account], world: World) -> None:
    kept, merged = pair
    compute(AS_OF)
    merge_accounts(kept_id=kept.pk, merged_id=merged.pk, chosen={}, user=world.manager, now=NOW)
    partial()
    told = GradeChange.objects.filter(account_id=merged.pk).count()
    facts = list(AccountFacts.objects.order_by("pk").values("account", "net_sales_12m", "occasions"))

    compute(AS_OF)

    assert list(AccountFacts.objects.order_by("pk").values("account", "net_sales_12m", "occasions")) == facts
    assert GradeChange.objects.filter(account_id=merged.pk).count() == told, "gone is told once"

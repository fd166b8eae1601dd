"""What a merge writes, who may no longer do it, and how an undo answers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from crm.duplicates import fields
from crm.duplicates.merging import MergeRefused, adopt_strays, merge_accounts
from crm.models import (
    Account,
    AccountMerge,
    ChangedAccount,
    Position,
    TradeDay,
    Visit,
)
from crm.rollup import rebuild, refresh_months
from tests.crm.duplicates.support import DAY, NOW, merge, undo
from tests.factories import make_account, make_contact, make_trade_line, make_visit
from tests.fixtures import World


def test_fields_go_as_chosen_and_come_back(kept: Account, merged: Account, world: World) -> None:
    kept.annual_revenue = Decimal("123456789012345.67")
    kept.save()
    merged.annual_revenue = Decimal("2.10")
    merged.save()

    done = merge(merged, kept, world, name="merged", annual_revenue="merged")

    kept.refresh_from_db()
    assert (kept.name, kept.city, kept.phone) == ("甲轴承有限公司", "宁波", "0574-1")
    assert kept.annual_revenue == Decimal("2.10")
    assert "youxiangongsi" in kept.search_text, "search knows the name it has now"
    assert kept.owner == world.rep, "who looks after it stays unless somebody chooses otherwise"

    kept.city = "上海"
    kept.save()
    undone = undo(done, world)

    kept.refresh_from_db()
    assert (kept.name, kept.annual_revenue) == ("甲轴承", Decimal("123456789012345.67"))
    assert kept.city == "上海", "somebody changed it since"
    assert undone.leftovers == [{"code": "field", "name": "city"}]
    assert "youxiangongsi" not in kept.search_text


def test_days_of_trade_are_rolled_up_for_the_kept_account_and_back(
    kept: Account, merged: Account, world: World
) -> None:
    from django.db import connection

    make_trade_line(kept, DAY, net_amount=100)
    make_trade_line(merged, DAY, net_amount=50)
    make_trade_line(merged, DAY + dt.timedelta(days=40), net_amount=7, cost=None)
    with connection.cursor() as cursor:
        rebuild(cursor)
    ChangedAccount.objects.all().delete()

    done = merge(merged, kept, world)

    days = TradeDay.objects.order_by("traded_on").values_list("account_id", "net_sales", "costed_lines")
    assert list(days) == [(kept.pk, 150, 2), (kept.pk, 7, 0)]
    assert set(ChangedAccount.objects.values_list("pk", flat=True)) == {kept.pk, merged.pk}
    undo(done, world)
    assert list(days.order_by("account_id", "traded_on")) == [
        (kept.pk, 100, 1), (merged.pk, 50, 1), (merged.pk, 7, 0),
    ]  # fmt: skip


def test_what_came_since_stays_with_the_kept_account(kept: Account, merged: Account, world: World) -> None:
    old = make_visit(merged, world.rep, NOW)
    done = merge(merged, kept, world)
    new = make_visit(kept, world.rep, NOW)
    removed = make_visit(kept, world.rep, NOW)
    removed.delete()

    undo(done, world)

    assert list(Visit.objects.filter(account=kept)) == [new]
    assert list(Visit.objects.filter(account=merged)) == [old]


def test_a_row_that_was_deleted_or_moved_on_since_is_told(
    kept: Account, merged: Account, world: World
) -> None:
    first, second = (make_visit(merged, world.rep, NOW) for _ in range(2))
    person = make_contact(kept)
    Position.objects.create(contact=person, account=merged)
    done = merge(merged, kept, world)
    first.delete()
    Visit.objects.filter(pk=second.pk).update(account=world.account)
    person.delete()

    left = undo(done, world).leftovers

    assert left == [
        {"code": "rows", "table": "crm_visit", "count": 2},
        {"code": "displaced", "table": "crm_position"},
    ]
    assert Visit.objects.get(pk=second.pk).account == world.account


def test_a_chain_leads_to_its_end_and_is_undone_from_its_end(
    kept: Account, merged: Account, world: World
) -> None:
    first = make_account(world.rep, number="A")
    visit = make_visit(first, world.rep, NOW)
    inner = merge(first, merged, world)
    outer = merge(merged, kept, world)

    first.refresh_from_db()
    assert first.merged_into == kept, "one step leads to the end"
    with pytest.raises(MergeRefused, match="merged_further") as refused:
        undo(inner, world)
    assert refused.value.account == merged

    undo(outer, world)
    first.refresh_from_db()
    assert first.merged_into == merged
    undo(inner, world)
    visit.refresh_from_db()
    assert visit.account == first


@pytest.mark.parametrize(
    ("from_to", "code"),
    [("MK", "merged_already"), ("KM", "merged_already"), ("KK", "itself"), ("MW", "merged_already")],
)
def test_what_was_merged_takes_part_in_no_further_merge(
    kept: Account, merged: Account, world: World, from_to: str, code: str
) -> None:
    merge(merged, kept, world)
    accounts = {"K": kept, "M": merged, "W": world.account}
    with pytest.raises(MergeRefused, match=code):
        merge(accounts[from_to[0]], accounts[from_to[1]], world)
    assert AccountMerge.objects.count() == 1


def test_an_undo_is_done_once_and_the_pair_can_be_merged_the_other_way_round(
    kept: Account, merged: Account, world: World
) -> None:
    done = merge(merged, kept, world)
    undo(done, world)
    with pytest.raises(MergeRefused, match="undone"):
        undo(done, world)
    merge(kept, merged, world)
    kept.refresh_from_db()
    assert kept.merged_into == merged


def test_an_account_that_somebody_changed_meanwhile_is_not_merged(
    kept: Account, merged: Account, world: World
) -> None:
    with pytest.raises(MergeRefused, match="changed"):
        merge_accounts(
            kept_id=kept.pk, merged_id=merged.pk, chosen={}, user=world.manager, now=NOW, revisions=(0, 5)
        )
    assert not AccountMerge.objects.exists()


def test_a_row_written_while_its_account_was_merged_follows_and_goes_back_with_the_undo(
    kept: Account, merged: Account, world: World
) -> None:
    from django.db import connection

    done = merge(merged, kept, world)
    late = make_visit(merged, world.rep, NOW)
    make_trade_line(merged, DAY)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE late ON COMMIT DROP AS SELECT %s AS account_id, %s::date AS month",
            [merged.pk, DAY.replace(day=1)],
        )
        refresh_months(cursor, "late")

    assert adopt_strays(now=NOW) == 2
    assert adopt_strays(now=NOW) == 0

    late.refresh_from_db()
    assert late.account == kept
    assert TradeDay.objects.get().account_id == kept.pk
    undo(done, world)
    late.refresh_from_db()
    assert late.account == merged
    assert TradeDay.objects.get().account_id == merged.pk


def test_the_fuller_account_is_proposed_else_the_one_changed_last(
    kept: Account, merged: Account, world: World
) -> None:
    Account.objects.filter(pk=kept.pk).update(city="杭州", industry="Pumps", employees=50, updated_at=NOW)
    later = NOW + dt.timedelta(days=1)
    Account.objects.filter(pk=merged.pk).update(employees=70, updated_at=later)

    def proposed() -> dict[str, str]:
        accounts = Account.objects.in_bulk([kept.pk, merged.pk])
        found = fields.differences(accounts[kept.pk], accounts[merged.pk])
        return {entry.name: entry.proposed for entry in found}

    assert proposed()["employees"] == "merged", "both know about as much: the newer"
    assert proposed()["industry"] == "kept", "only one knows"
    Account.objects.filter(pk=kept.pk).update(
        address="x", region="y", country="z", website="https://a.example"
    )
    assert proposed()["employees"] == "kept", "one knows much more"
    assert proposed()["name"] == "kept"

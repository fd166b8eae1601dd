"""The lifecycle step: what the ledger says becomes the stage that the specification gives."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from crm.copying import copy_rows
from crm.models import Account
from crm.scoring.reasons import Reason
from lifecycle.models import (
    AccountLifecycle,
    LifecycleSnapshot,
    LoyaltyInterval,
    StageInterval,
    StageOverride,
)
from lifecycle.scoring.stages import Rule, Stage
from satisfaction.models import Survey, SurveyAnswer, SurveyItem, SurveyResponse
from tests.factories import make_account, make_trade_line, make_user
from tests.figures import compute

A = dt.date(2025, 6, 30)
COLUMNS = (
    *("account_id", "source", "external_id", "order_number", "traded_on", "quantity", "unit_price"),
    *("discount", "net_amount", "cost", "currency", "exchange_rate", "cancelled"),
)


def buys(account: Account, *days_before: int, value: int = 100) -> Account:
    for days in days_before:
        make_trade_line(account, A - dt.timedelta(days=days), net_amount=value)
    return account


def found(account: Account) -> AccountLifecycle:
    return AccountLifecycle.objects.get(account=account)


def test_each_stage(db: None) -> None:
    never = make_account()
    once = buys(make_account(), 10)
    silent = buys(make_account(), 1400, 1300, 1200)
    late = buys(make_account(), 700, 610, 520, 430, 200)
    growing = buys(buys(make_account(), *range(400, 760, 90)), *range(10, 365, 90), value=200)
    steady = buys(make_account(), *range(20, 1000, 90))
    shrinking = buys(buys(make_account(), *range(400, 1000, 90)), 60, 150, value=40)
    compute(A)
    stages = [
        Stage(found(account).stage) for account in (never, once, silent, late, growing, steady, shrinking)
    ]
    assert stages == [
        Stage.PROSPECT,
        Stage.EXPLORATION,
        Stage.LOST,
        Stage.DECLINE,
        Stage.FORMATION,
        Stage.STABILITY,
        Stage.DECLINE,
    ]
    assert [found(account).reason for account in (never, once)] == [Reason.NO_TRADES, Reason.SINGLE_PURCHASE]


def test_the_evidence_adds_up_by_hand(db: None) -> None:
    young = buys(make_account(), 300, 250)
    buys(young, 100, 50, value=150)
    old = buys(buys(make_account(), *range(400, 1000, 90)), *range(20, 365, 90), value=120)
    compute(A)
    row = found(young)
    assert (row.rule, row.prior_value, row.window_value, row.growth) == (Rule.YOUNG_GROWTH, 200, 300, 0.5)
    row = found(old)
    # 365 days before: 380 and 470 .. 650 days ago fall in the window before, 400 <= 730.
    assert (row.rule, row.prior_value, row.window_value) == (Rule.WINDOW_GROWTH, 400, 480)
    assert row.growth == pytest.approx(0.2)
    gap, own = 20, (940 - 20) / (row.occasions - 1)
    assert row.own_interval == pytest.approx(own)
    assert row.overdue_ratio == pytest.approx(gap / row.interval)


def test_a_contract_in_force_keeps_a_silent_customer_from_decline(db: None) -> None:
    contract = {"contract_from": A - dt.timedelta(days=900), "contract_to": A}
    held, ended = (
        buys(make_account(**fields), 1000, 910, 820, 730)
        for fields in (contract, contract | {"contract_to": A - dt.timedelta(days=1)})
    )
    compute(A)
    assert found(ended).stage == Stage.LOST
    assert found(held).stage not in (Stage.LOST, Stage.PROSPECT)
    assert found(held).rule == Rule.WINDOW_GROWTH


def test_a_change_of_stage_waits_for_a_second_month_end(db: None) -> None:
    account = buys(make_account(), *range(70, 1100, 90))
    compute(dt.date(2025, 4, 30))
    assert found(account).stage == Stage.STABILITY
    buys(account, 40, 35, 30, value=300)
    compute(dt.date(2025, 5, 31))
    assert (found(account).stage, found(account).computed_stage) == (Stage.STABILITY, Stage.FORMATION)
    compute(A)
    assert (found(account).stage, found(account).computed_stage) == (Stage.FORMATION, Stage.FORMATION)
    history = StageInterval.objects.filter(account=account).order_by("valid_from")
    assert list(history.values_list("value", "valid_from", "valid_to")) == [
        (Stage.STABILITY, dt.date(2025, 4, 30), A),
        (Stage.FORMATION, A, None),
    ]


def test_a_persons_word_stands_until_its_end_and_leaves_the_computed_stage_visible(db: None) -> None:
    account = buys(make_account(), *range(20, 1000, 90))
    override = StageOverride.objects.create(
        account=account,
        value=Stage.DECLINE,
        reason="They told us they are leaving",
        author=make_user(),
        valid_from=A - dt.timedelta(days=5),
        valid_to=A + dt.timedelta(days=5),
    )
    compute(A)
    row = found(account)
    assert (row.stage, row.computed_stage, row.overridden) == (Stage.DECLINE, Stage.STABILITY, True)
    compute(A + dt.timedelta(days=5))
    assert (found(account).stage, found(account).overridden) == (Stage.STABILITY, False)
    override.revoked_at = timezone.now()
    override.save()
    compute(A + dt.timedelta(days=6))
    compute(A)
    assert LifecycleSnapshot.objects.get(account=account, month_end=A).stage == Stage.STABILITY


def test_loyalty_from_behaviour_and_from_what_people_said(db: None) -> None:
    silent, said = (buys(make_account(), *range(20, 1000, 90)) for _ in range(2))
    survey = Survey.objects.create(code="nps", title="NPS", scale_low=0, scale_high=10)
    item = SurveyItem.objects.create(survey=survey, code="nps", measure="recommend", text="Recommend?")
    response = SurveyResponse.objects.create(survey=survey, account=said, answered_on=A)
    SurveyAnswer.objects.create(response=response, item=item, perceived=9)
    never = make_account()
    compute(A)
    row = found(silent)
    occasions = 8  # in 730 days: 20, 110 .. 650
    assert row.repeat_score == pytest.approx(100 * (occasions - 1) / occasions)
    assert row.rhythm_score == pytest.approx((50 + 100) / 2)  # the same as the other; not overdue
    assert row.loyalty == pytest.approx((row.repeat_score + row.rhythm_score) / 2)
    assert row.attitude is None
    assert found(said).referral_score == 90
    assert found(said).loyalty == pytest.approx(0.6 * row.loyalty + 0.4 * 90)
    assert (found(never).loyalty, found(never).loyalty_level) == (None, None)
    assert found(never).loyalty_reason == Reason.NO_TRADES
    assert LoyaltyInterval.objects.get(account=never).value == -1


@pytest.mark.shared_data
def test_the_resellers_of_adventureworks_fall_into_the_published_stages(db: None, shared_data: Path) -> None:
    """models.md section 8: stages as of 2013-05-31, counted there by an independent program."""
    with gzip.open(shared_data / "adventureworks_reseller" / "reseller_sales.csv.gz", "rt") as file:
        lines = list(csv.DictReader(file))
    accounts = {
        key: account.pk
        for key in sorted({line["ResellerKey"] for line in lines})
        for account in [make_account(number=f"AW{key}")]
    }
    with connection.cursor() as cursor:
        copy_rows(
            cursor,
            "crm_tradeline",
            COLUMNS,
            (
                (
                    accounts[line["ResellerKey"]],
                    "aw",
                    f"{line['SalesOrderNumber']}-{line['SalesOrderLineNumber']}",
                    line["SalesOrderNumber"],
                    line["OrderDate"][:10],
                    line["OrderQuantity"],
                    line["UnitPrice"],
                    line["DiscountAmount"],
                    line["SalesAmount"],
                    line["TotalProductCost"],
                    "USD",
                    1,
                    False,
                )
                for line in lines
            ),
        )
    compute(dt.date(2013, 5, 31))
    counted = Counter(
        Stage(stage) for stage in AccountLifecycle.objects.values_list("computed_stage", flat=True)
    )
    counted.pop(Stage.PROSPECT)
    assert counted == {
        Stage.EXPLORATION: 203,
        Stage.FORMATION: 83,
        Stage.STABILITY: 101,
        Stage.DECLINE: 171,
        Stage.LOST: 72,
    }

"""The grading step: raw values, reasons, grades, ranks, the feed and history, checked by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.models import Account
from crm.scoring.reasons import Reason
from segmentation.models import (
    AccountGrade,
    GradeChange,
    GradeInterval,
    GradeOverride,
    GradeSnapshot,
    ScoringModel,
    ScoringModelVersion,
)
from segmentation.operations import ensure_default_model, publish_version
from segmentation.scoring.grading import DEFAULT_MODEL, explain
from segmentation.scoring.problems import InvalidModel
from tests.factories import make_account, make_trade_line, make_user
from tests.figures import compute

A = dt.date(2025, 6, 15)
CODES = list(DEFAULT_MODEL.codes)


def customer(
    net: int = 100, cost: int | None = 60, first: dt.date = dt.date(2024, 1, 10), **fields: Any
) -> Account:
    account = make_account(**fields)
    make_trade_line(account, first, net_amount=10, cost=6)
    make_trade_line(account, A, net_amount=net, cost=cost)
    return account


def found(account: Account) -> AccountGrade:
    return AccountGrade.objects.get(account=account)


def raw(account: Account, code: str) -> tuple[float | None, Reason]:
    row, place = found(account), CODES.index(code)
    return row.raw[place], Reason(row.reasons[place])


def test_raw_values_and_why_they_are_missing(db: None) -> None:
    known = make_account(industry_position=4)
    make_trade_line(known, dt.date(2022, 6, 15), net_amount=1, cost=1)
    make_trade_line(
        known,
        A,
        net_amount=900,
        cost=500,
        list_price=1000,
        payment_days=73,
        financing_rate="0.06",
        marketing_cost=5,
    )
    unknown = customer(cost=None)
    idle = make_account()
    make_trade_line(idle, dt.date(2023, 1, 1))
    compute(A)
    assert raw(known, "gross_profit") == (400, Reason.OK)
    assert raw(known, "net_sales") == (900, Reason.OK)
    # Discount 100 and financing 900 x 73/365 x 6 % = 10.8; other marketing cost is not part of the ratio.
    assert raw(known, "marketing_cost_ratio") == (pytest.approx(110.8 / 900), Reason.OK)
    assert raw(known, "industry_position") == (4, Reason.OK)
    assert raw(known, "cooperation_years") == (pytest.approx(1096 / 365.25), Reason.OK)
    assert raw(known, "satisfaction") == (None, Reason.NO_SURVEY)
    assert raw(unknown, "gross_profit") == (None, Reason.NO_COST)
    assert found(unknown).gross_profit_12m is None
    assert raw(unknown, "industry_position") == (None, Reason.MISSING_INPUT)
    assert raw(idle, "gross_profit") == (0, Reason.OK)
    assert raw(idle, "net_sales") == (0, Reason.OK)
    assert raw(idle, "marketing_cost_ratio") == (None, Reason.ZERO_DENOMINATOR)


def test_the_score_is_recomputed_by_hand(db: None) -> None:
    best, middle, worst = (customer(net=net, cost=net // 2, industry_position=3) for net in (900, 500, 100))
    compute(A)
    row = found(middle)
    # Percentile ranks of the middle one of three are 50; nobody has a discount, so all tie at 50.
    assert row.points == [50, 50, 50, 60, 40, None]
    weights = [0.3, 0.2, 0.1, 0.1, 0.1]
    expected = sum(w * p for w, p in zip(weights, row.points[:5], strict=True)) / sum(weights)
    assert row.score == pytest.approx(expected)
    assert row.coverage == pytest.approx(0.8)
    assert row.current_score == pytest.approx(50)
    assert row.future_score == pytest.approx(50)
    assert [found(account).rank for account in (best, middle, worst)] == [1, 2, 3]
    explanation = explain(DEFAULT_MODEL, row.raw, row.points, row.reasons)
    assert sum(line.contribution for line in explanation.indicators) == pytest.approx(row.score)


def test_customers_alike_share_grade_and_rank(db: None) -> None:
    accounts = [customer(industry_position=5) for _ in range(4)]
    compute(A)
    rows = [found(account) for account in accounts]
    assert {(row.grade, row.rank, row.score) for row in rows} == {(rows[0].grade, 1, rows[0].score)}
    assert {row.points[0] for row in rows} == {50}


def test_a_prospect_is_not_graded(db: None) -> None:
    prospect = make_account()
    compute(A)
    assert not AccountGrade.objects.exists()
    assert not GradeInterval.objects.exists()
    make_trade_line(prospect, A)
    compute(A + dt.timedelta(days=1))
    assert found(prospect).score is not None


def test_too_little_known_is_unrated_and_not_the_lowest_grade(db: None) -> None:
    account = make_account()
    make_trade_line(account, dt.date(2023, 1, 1), cost=None)
    make_trade_line(account, A, net_amount=100, cost=None)
    compute(A)
    row = found(account)  # sales, cost ratio and years: 0.4 of the weights
    assert (row.grade, row.score, row.rank, row.reason) == (None, None, None, Reason.LOW_COVERAGE)
    assert row.coverage == pytest.approx(0.4)
    assert GradeInterval.objects.get(account=account).value == -1
    change = GradeChange.objects.filter(account_id=account.pk).get()
    assert (change.grade, change.deleted) == (None, False)


def test_negative_profit_is_graded_low(db: None) -> None:
    losing = customer(net=100, cost=900)
    winning = customer(net=100, cost=10)
    compute(A)
    assert raw(losing, "gross_profit")[0] == -800
    assert found(losing).score < found(winning).score


def test_a_persons_grade_stands_beside_the_computed_one(db: None) -> None:
    account = customer()
    customer(net=5000)
    GradeOverride.objects.create(
        account=account,
        value=0,
        reason="Strategic",
        author=make_user(),
        valid_from=A,
        valid_to=A + dt.timedelta(days=10),
    )
    compute(A)
    row = found(account)
    assert (row.grade, row.overridden) == (0, True)
    assert row.computed_grade not in (None, 0)
    assert GradeChange.objects.get(account_id=account.pk).grade == "A"
    compute(A + dt.timedelta(days=10))
    assert (found(account).grade, found(account).overridden) == (row.computed_grade, False)


def test_a_small_step_over_a_cut_off_waits_for_the_next_month_end(db: None) -> None:
    by_sales = {
        "indicators": [
            {
                "code": "net_sales",
                "weight": 1.0,
                "half": "current",
                "standard": {"kind": "linear", "lo": 0, "hi": 100},
            }
        ],
        "thresholds": [["A", 50], ["B", None]],
        "hysteresis": 2.0,
    }
    publish_version(model=ensure_default_model().model, definition=by_sales, reason="test")
    small, large = make_account(), make_account()
    for account in (small, large):
        make_trade_line(account, dt.date(2025, 1, 5), net_amount=49)
    compute(dt.date(2025, 4, 30))
    make_trade_line(small, dt.date(2025, 5, 5), net_amount=2)
    make_trade_line(large, dt.date(2025, 5, 5), net_amount=4)
    compute(dt.date(2025, 5, 31))
    assert (found(small).grade, found(small).computed_grade) == (1, 0)
    assert found(large).grade == 0
    compute(dt.date(2025, 6, 30))
    assert found(small).grade == 0


def test_the_feed_tells_what_changed_once_and_in_order(db: None) -> None:
    account, doomed = customer(), customer(net=5000)
    compute(A)
    compute(A)
    assert GradeChange.objects.count() == 2
    first = GradeChange.objects.get(account_id=account.pk)
    assert (first.previous_grade, first.as_of) == (None, A)
    number, pk = doomed.number, doomed.pk
    doomed.trade_lines.all().delete()
    doomed.delete()
    account.trade_lines.all().delete()
    compute(A + dt.timedelta(days=1))
    gone, tombstone = GradeChange.objects.order_by("-pk")[:2][::-1]
    assert (gone.account_id, gone.grade, gone.previous_grade, gone.deleted) == (
        account.pk,
        None,
        first.grade,
        True,
    )
    assert (tombstone.account_id, tombstone.account_number, tombstone.deleted) == (pk, number, True)
    compute(A + dt.timedelta(days=2))
    assert GradeChange.objects.count() == 4


def test_an_older_date_tells_the_feed_nothing(db: None) -> None:
    account = customer()
    compute(A)
    compute(dt.date(2025, 5, 31))
    assert GradeChange.objects.count() == 1
    assert GradeSnapshot.objects.get(account=account).month_end == dt.date(2025, 5, 31)


def test_a_new_version_of_the_model_starts_a_new_interval(db: None) -> None:
    account = customer()
    compute(A)
    old = ensure_default_model()
    new = publish_version(model=old.model, definition=DEFAULT_MODEL, reason="the same again")
    compute(A + dt.timedelta(days=1))
    intervals = GradeInterval.objects.filter(account=account).order_by("valid_from")
    assert [interval.version for interval in intervals] == [old, new]
    assert GradeChange.objects.count() == 1  # it has the same name


def test_the_default_model_is_made_once(db: None) -> None:
    version = ensure_default_model()
    assert ensure_default_model() == version
    assert (ScoringModel.objects.count(), version.number) == (1, 1)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"code": "height"}, "indicator_unknown"), ({"weight": 0.9}, "weights_sum")],
)
def test_a_model_that_cannot_be_used_is_not_published(db: None, change: dict[str, Any], code: str) -> None:
    definition = DEFAULT_MODEL.to_dict()
    definition["indicators"][0] |= change
    with pytest.raises(InvalidModel) as caught:
        publish_version(model=ensure_default_model().model, definition=definition, reason="")
    assert [problem.code for problem in caught.value.problems] == [code]
    assert ScoringModelVersion.objects.count() == 1

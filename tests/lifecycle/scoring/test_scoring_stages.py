"""Lifecycle stage; cases 1, 2, 3 and 13 of models.md Appendix B and the AdventureWorks figures of section 8."""

import csv
import gzip
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.reasons import Reason
from lifecycle.scoring.stages import (
    Rule,
    Stage,
    StageParameters,
    classify,
    midpoint_days,
    own_intervals,
    population_interval,
    window_length,
)

LEDGER = Path(__file__).parents[4] / "shared/data/adventureworks_reseller/reseller_sales.csv.gz"


AS_OF = 10_000


def stage_of(histories, typical=90.0, as_of=AS_OF, **kwargs):
    """Stages of customers given as {day: value}, summed in the plainest way."""
    window = window_length(typical, kwargs.get("parameters", StageParameters()))
    seen = [{day: value for day, value in history.items() if day <= as_of} for history in histories]
    first = [min(history, default=np.nan) for history in seen]
    last = [max(history, default=np.nan) for history in seen]
    middle = midpoint_days(np.nan_to_num(first), as_of)

    def total(chosen):
        return [
            sum(value for day, value in history.items() if chosen(day, middle[i]))
            for i, history in enumerate(seen)
        ]

    return classify(
        [len(history) for history in seen],
        first,
        last,
        as_of,
        total(lambda day, _: as_of - window < day <= as_of),
        total(lambda day, _: as_of - 2 * window < day <= as_of - window),
        total(lambda day, mid: day <= mid),
        total(lambda day, mid: day > mid),
        typical_interval=typical,
        **kwargs,
    )


def every(days, start, end=AS_OF, value=100.0):
    return dict.fromkeys(range(end, start - 1, -days), value)


def one(history, **kwargs):
    result = stage_of([history], **kwargs)
    return Stage(int(result.stage[0])), Rule(int(result.rule[0]))


def test_never_bought_is_a_prospect_and_an_inquiry_makes_it_exploration():
    result = stage_of([{}, {}], has_open_inquiry=[False, True])
    assert result.stage.tolist() == [Stage.PROSPECT, Stage.EXPLORATION]
    assert result.rule.tolist() == [Rule.NO_PURCHASE] * 2
    assert result.reason.tolist() == [Reason.NO_TRADES] * 2
    assert np.isnan(result.overdue_ratio).all()


def test_one_purchase_uses_the_typical_interval():
    result = stage_of([{AS_OF - 45: 100.0}], typical=90)
    assert result.stage[0] == Stage.EXPLORATION
    assert result.rule[0] == Rule.FEW_PURCHASES
    assert result.interval[0] == 90
    assert result.overdue_ratio[0] == 0.5
    assert np.isnan(result.own_interval[0])
    assert result.reason[0] == Reason.SINGLE_PURCHASE


@pytest.mark.parametrize("days_since_order", range(0, 30, 3))
def test_perfectly_regular_buyer_never_declines(days_since_order):
    result = stage_of([every(30, AS_OF - 1500, end=AS_OF - days_since_order)], typical=30)
    assert result.rule[0] == Rule.WINDOW_GROWTH
    assert result.own_interval[0] == 30
    # 182 days hold six or seven orders: 7 against 6 passes for growth, 6 against 7 must not pass for decline
    assert result.stage[0] == (Stage.FORMATION if days_since_order <= 1 else Stage.STABILITY)


@pytest.mark.parametrize(
    ("silent_for", "stage"),
    [(59, Stage.STABILITY), (60, Stage.DECLINE), (150, Stage.DECLINE), (180, Stage.LOST)],
)
def test_a_monthly_buyer_falling_silent(silent_for, stage):
    history = every(30, AS_OF - 2000, end=AS_OF - silent_for)
    # with so many purchases the smoothed interval is 30 days, the typical customer's as well
    assert one(history, typical=30)[0] == stage


def test_silent_for_five_intervals_of_a_quarterly_buyer_is_lost():
    result = stage_of([every(90, AS_OF - 2000, end=AS_OF - 450)])
    assert result.overdue_ratio[0] == pytest.approx(5)
    assert result.stage[0] == Stage.LOST


def test_seasonal_buyer_is_not_given_up_before_the_season():
    marches = {date(year, 3, 10).toordinal(): 100.0 for year in range(2015, 2024)}
    for as_of, expected in [
        (date(2024, 2, 20), Stage.STABILITY),  # due in March
        (date(2025, 4, 1), Stage.DECLINE),  # a whole season missed
        (date(2028, 4, 1), Stage.LOST),
    ]:
        assert one(marches, as_of=as_of.toordinal(), typical=90)[0] == expected


def test_irregular_buyer_gets_a_finite_answer():
    days = np.random.default_rng(1).choice(np.arange(AS_OF - 1500, AS_OF), 25, replace=False)
    result = stage_of([{int(day): 50.0 for day in days}])
    assert np.isfinite(result.overdue_ratio[0])
    assert result.stage[0] in list(Stage)


def test_smoothed_interval_leans_on_the_typical_one():
    result = stage_of([{AS_OF - 90: 1.0, AS_OF - 60: 1.0, AS_OF: 1.0}], typical=90)
    assert result.interval[0] == pytest.approx((2 * 45 + 2 * 90) / 4)


@pytest.mark.parametrize(
    ("second_half", "stage"),
    [
        (114, Stage.STABILITY),
        (115, Stage.FORMATION),
        (71, Stage.STABILITY),
        (70, Stage.DECLINE),
    ],
)
def test_growth_cuts_of_a_young_customer(second_half, stage):
    # 500 days old: halves are compared; 100 in the first
    history = {AS_OF - 500: 50.0, AS_OF - 300: 50.0, AS_OF - 100: second_half / 2, AS_OF: second_half / 2}
    assert one(history) == (stage, Rule.YOUNG_GROWTH)


def test_a_plateau_younger_than_the_window_is_still_formation():
    history = {AS_OF - 300: 50.0, AS_OF - 200: 50.0, AS_OF - 100: 50.0, AS_OF: 50.0}
    assert one(history) == (Stage.FORMATION, Rule.YOUNG_GROWTH)


def test_the_midpoint_belongs_to_the_first_half():
    assert midpoint_days([100, 101], 200).tolist() == [150, 150]
    assert midpoint_days([-3], 0).tolist() == [-2]


@pytest.mark.parametrize(
    ("now", "stage"), [(115, "FORMATION"), (114, "STABILITY"), (71, "STABILITY"), (70, "DECLINE")]
)
def test_growth_cuts_of_an_old_customer(now, stage):
    history = {
        AS_OF - 800: 1.0,
        AS_OF - 500: 50.0,
        AS_OF - 400: 50.0,
        AS_OF - 100: now / 2,
        AS_OF - 9: now / 2,
    }
    assert one(history) == (Stage[stage], Rule.WINDOW_GROWTH)


def test_buying_again_after_an_empty_year_is_formation_and_reactivated():
    result = stage_of([{AS_OF - 1500: 9.0, AS_OF - 1400: 9.0, AS_OF - 40: 5.0, AS_OF: 5.0}])
    assert result.stage[0] == Stage.FORMATION
    assert result.reactivated[0]
    assert np.isnan(result.growth[0])
    assert result.reason[0] == Reason.ZERO_DENOMINATOR


def test_two_empty_windows_of_a_slow_buyer_are_not_called_growth():
    result = stage_of([{AS_OF - 3400: 9.0, AS_OF - 2100: 9.0, AS_OF - 800: 9.0}], typical=360)
    assert result.overdue_ratio[0] < 2
    assert result.stage[0] == Stage.STABILITY
    assert not result.reactivated[0]


def test_returns_larger_than_the_sales_of_the_earlier_window_leave_no_growth_rate():
    result = classify([5], [0], [990], 1000, [50], [-20], [0], [0], typical_interval=90)
    assert result.stage[0] == Stage.FORMATION
    assert np.isnan(result.growth[0])


def test_windows_are_half_open():
    assert stage_of([{AS_OF - 365: 7.0}]).stage[0] == Stage.LOST
    on_edge = {AS_OF - 900: 1.0, AS_OF - 365: 100.0, AS_OF - 364: 100.0, AS_OF - 5: 1.0, AS_OF + 1: 999.0}
    assert stage_of([on_edge]).growth[0] == pytest.approx((101 - 100) / 100)


def test_a_contract_switches_silence_off():
    history = every(30, AS_OF - 2000, end=AS_OF - 300)
    result = stage_of([history, history], typical=30, contract_in_force=[False, True])
    assert result.stage[0] == Stage.LOST
    assert result.rule[1] == Rule.WINDOW_GROWTH


def test_contacts_show_life_in_a_project_business_only():
    history = {AS_OF - 4000: 1.0, AS_OF - 3500: 1.0, AS_OF - 2500: 1.0}
    silent = {"last_contact_day": [np.nan]}
    visited = {"last_contact_day": [AS_OF - 10.0]}
    assert one(history, typical=400, **silent)[0] == Stage.LOST
    assert stage_of([history], typical=400, **visited).gap[0] == 10
    assert stage_of([history], typical=300, **visited).gap[0] == 2500


def test_typical_interval_is_the_median_of_repeat_buyers():
    assert population_interval([1, 2, 3, 4], [0, 0, 0, 0], [0, 10, 40, 90]) == 20
    assert population_interval([1, 0], [0, np.nan], [0, np.nan]) == 90
    assert population_interval([], [], []) == 90
    assert own_intervals([3, 1, 0], [0, 0, np.nan], [60, 0, np.nan])[0] == 30


def test_fast_trade_uses_the_half_year_window():
    assert [window_length(days) for days in (59.9, 60, 365)] == [182, 365, 365]


def test_nobody():
    result = stage_of([])
    assert result.stage.shape == (0,)
    assert result.rule.shape == (0,)


def test_numbers_of_stages_are_stable():
    assert {s.name: s.value for s in Stage} == {
        "NONE": -1,
        "PROSPECT": 0,
        "EXPLORATION": 1,
        "FORMATION": 2,
        "STABILITY": 3,
        "DECLINE": 4,
        "LOST": 5,
    }
    assert [rule.value for rule in Rule] == [0, 1, 2, 3, 4, 5]


history = st.dictionaries(st.integers(AS_OF - 2500, AS_OF), st.integers(1, 1000).map(float), max_size=15)


@given(st.lists(history, max_size=8), st.sampled_from([20.0, 90.0, 500.0]))
def test_every_customer_gets_a_stage_and_the_currency_does_not_matter(histories, typical):
    result = stage_of(histories, typical=typical)
    assert set(result.stage.tolist()) <= {0, 1, 2, 3, 4, 5}
    scaled = stage_of([{d: 8 * v for d, v in h.items()} for h in histories], typical=typical)
    assert scaled.stage.tolist() == result.stage.tolist()


@given(history, st.integers(0, 3000))
def test_waiting_without_buying_never_wins_a_lost_customer_back(purchases, days):
    now, later = stage_of([purchases]), stage_of([purchases], as_of=AS_OF + days)
    if now.stage[0] == Stage.LOST:
        assert later.stage[0] == Stage.LOST
    assert not later.overdue_ratio[0] < now.overdue_ratio[0]


@pytest.mark.shared_data
def test_adventureworks_resellers():
    if not LEDGER.exists():
        pytest.skip(f"SHARED DATA ABSENT: {LEDGER} - the reference stages of 630 resellers were NOT checked")
    as_of = date(2013, 5, 31).toordinal()
    trade = defaultdict(lambda: defaultdict(float))
    with gzip.open(LEDGER, "rt", encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            day = date.fromisoformat(line["OrderDate"]).toordinal()
            if day <= as_of:
                trade[line["ResellerKey"]][day] += float(line["SalesAmount"])
    histories = list(trade.values())
    typical = population_interval(
        [len(h) for h in histories], [min(h) for h in histories], [max(h) for h in histories]
    )
    counts = np.bincount(stage_of(histories, typical=typical, as_of=as_of).stage, minlength=6)
    assert counts.tolist() == [0, 203, 83, 101, 171, 72]

"""History from occasions, and the choice of a model by what it would have forecast."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.reasons import Reason
from lifecycle.scoring.forecast.backtest import Candidate, calibration_end, choose, normalised_gini, run
from lifecycle.scoring.forecast.history import summarise, totals_between
from lifecycle.scoring.forecast.models import Purchases, Spend


def test_history_by_hand():
    customer = [7, 3, 7, 7, 3, 9, 7, 5]
    day = [100, 50, 114, 107, 57, 200, 130, 60]
    value = [10.0, 5.0, 40.0, 20.0, 7.0, 99.0, 8.0, -3.0]
    history = summarise(customer, day, value, 121)
    assert history.customer.tolist() == [3, 7]  # 9 bought later, 5 only sent something back
    assert history.occasions.tolist() == [2, 3]
    assert history.timing.repeats.tolist() == [1, 2]
    assert history.timing.recency.tolist() == [1, 2]
    assert history.timing.age == pytest.approx([71 / 7, 3])
    assert history.timing.log_intervals == pytest.approx([0, 0])
    assert history.mean == pytest.approx([6, 70 / 3])
    assert history.squares == pytest.approx([2, 2100 - 4900 / 3])
    assert history.repeat_mean == pytest.approx([7, 30])
    assert history.second_last_interval == pytest.approx([np.nan, 7], nan_ok=True)
    assert history.last_interval == pytest.approx([np.nan, 7], nan_ok=True)
    occasions, total = totals_between(history.customer, customer, day, value, 121, 200)
    assert occasions.tolist() == [0, 1]  # from after 121 to 200; customer 9 is not asked for
    assert total.tolist() == [0, 8]


def test_edges_of_the_period():
    columns = [1, 1, 1], [10, 20, 30], [1.0, 2.0, 4.0]
    assert totals_between(np.array([1]), *columns, 10, 30)[1].tolist() == [6]  # after 10, until 30
    assert totals_between(np.array([1]), *columns, 9, 29)[1].tolist() == [3]


def test_nothing_and_nonsense():
    nobody = summarise([], [], [], 100)
    assert len(nobody.customer) == 0
    assert totals_between(nobody.customer, [1], [50], [2.0], 0, 99)[0].shape == (0,)
    with pytest.raises(ValueError, match="one occasion"):
        summarise([1, 1], [5, 5], [2.0, 3.0], 100)
    with pytest.raises(ValueError, match="finite"):
        summarise([1], [5], [np.nan], 100)


def company(customers=120, seed=11):
    """Customers of very different size ordering every so many days, a third of whom stop halfway."""
    draw = np.random.default_rng(seed)
    rows = []
    for i in range(customers):
        every = int(draw.integers(20, 90))
        size = draw.lognormal(7, 1)
        until = 1000 if i % 3 else 400
        for day in range(int(draw.integers(0, 90)), until, every):
            rows.append((i, day + int(draw.integers(0, 5)), size * draw.gamma(4, 0.25)))
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def test_backtest_of_a_company():
    customer, day, value = company()
    test = run(customer, day, value, 1000)
    assert test.calibration_end == calibration_end(int(day.min()), 1000)
    assert test.holdout_days == 1000 - test.calibration_end
    held_out = (day > test.calibration_end) & (day <= 1000)
    assert test.occasions == held_out.sum()
    assert test.value == pytest.approx(value[held_out].sum())
    assert len(test.candidates) == 9
    assert test.chosen in test.candidates
    assert test.chosen.gini > 0.8
    for row in test.candidates:
        assert -1 <= row.gini <= 1
        assert 0 <= row.top_share <= 1
        assert row.occasions > 0
    # a third has stopped: a model that never lets go forecasts too much
    by = {(row.purchases, row.spend): row for row in test.candidates}
    living, everybody = (by[kind, Spend.CREDIBILITY] for kind in (Purchases.MBG_CNBD, Purchases.NBD))
    assert abs(living.occasions - test.occasions) < 0.15 * test.occasions
    assert everybody.occasions > living.occasions
    assert living.mae < everybody.mae


def test_the_future_is_not_peeked_at():
    customer, day, value = company()
    end = run(customer, day, value, 1000).calibration_end
    late = day > end
    changed = run(customer, day, np.where(late, value * 3.0, value), 1000)
    for one, other in zip(run(customer, day, value, 1000).candidates, changed.candidates, strict=True):
        assert other.value == pytest.approx(one.value)
        assert other.occasions == pytest.approx(one.occasions)
    later = run(np.append(customer, 0), np.append(day, 5000), np.append(value, 1e9), 1000)
    assert later == run(customer, day, value, 1000)


def test_a_run_can_be_repeated():
    columns = company()
    order = np.random.default_rng(0).permutation(len(columns[0]))
    assert run(*columns, 1000) == run(*columns, 1000)
    shuffled = run(*(column[order] for column in columns), 1000)
    assert shuffled.chosen == run(*columns, 1000).chosen


@pytest.mark.parametrize(
    "columns",
    [([], [], []), ([1], [5], [3.0]), ([1, 1, 2], [5, 9, 6], [3.0, 4.0, -1.0]), ([1, 2], [1, 2], [1.0, 1.0])],
    ids=["empty", "one purchase", "one customer", "nothing in the holdout"],
)
def test_nothing_to_compare(columns):
    test = run(*columns, 10)
    assert test.chosen is None
    for row in test.candidates:
        assert row.reason in (Reason.TOO_FEW_OBS, Reason.OK)


def candidate(gini, mae, eligible=True):
    return Candidate(Purchases.NBD, Spend.CREDIBILITY, gini, mae, 0.5, 0.5, 10.0, 100.0, Reason.OK, eligible)


def test_the_better_ranking_wins_and_within_a_hundredth_the_smaller_error():
    best, close, far = candidate(0.80, 30), candidate(0.791, 20), candidate(0.789, 10)
    assert choose((best, close, far)) is close
    assert choose((best, replace(close, eligible=False), far)) is best
    assert choose((candidate(float("nan"), 1), far)) is far
    assert choose(()) is None


def test_gini_by_hand():
    assert normalised_gini([1, 2, 3, 4], [10, 20, 30, 40]) == pytest.approx(1)
    assert normalised_gini([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1)
    assert normalised_gini([1, 2, 3, 4], [7, 7, 7, 7]) == pytest.approx(0)
    # ranks 1 2 4 3: (1 * -1.5 + 2 * -.5 + 3 * 1.5 + 4 * .5) / (1 * -1.5 + 2 * -.5 + 3 * .5 + 4 * 1.5)
    assert normalised_gini([1, 2, 3, 4], [1, 2, 4, 3]) == pytest.approx(4 / 5)
    assert np.isnan(normalised_gini([5, 5], [1, 2]))
    assert np.isnan(normalised_gini([5], [1]))


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 20)), min_size=2, max_size=40), st.randoms())
def test_gini_is_bounded_and_knows_no_order(rows, random):
    def gini(pairs):
        return normalised_gini([a for a, _ in pairs], [p for _, p in pairs])

    value = gini(rows)
    if len({a for a, _ in rows}) == 1:
        assert np.isnan(value)
        return
    assert -1 - 1e-9 <= value <= 1 + 1e-9
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert gini(shuffled) == pytest.approx(value)
    assert gini([(a, 3 * p + 1) for a, p in rows]) == pytest.approx(value)

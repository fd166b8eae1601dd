"""80/20, pyramid and movement; cases 1, 3, 5, 12 and 18 of models.md Appendix B, AdventureWorks of section 14."""

import csv
import gzip
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.reasons import Reason
from segmentation.scoring.movement import customer_counts, migration
from segmentation.scoring.pareto import Tier, gini, lorenz, pareto, pyramid_tiers

LEDGER = Path(__file__).parents[4] / "shared/data/adventureworks_reseller/reseller_sales.csv.gz"


def test_concentration_by_hand():
    result = pareto([10, 60, np.nan, 5, 20, 5])
    assert result.order.tolist() == [1, 4, 0, 3, 5]
    assert result.cumulative.tolist() == [60, 80, 90, 95, 100]
    assert (result.n, result.missing, result.negative, result.total) == (5, 1, 0, 100)
    assert (result.top_count, result.top_share) == (1, 0.6)
    assert result.customers_for_80 == 2
    assert (result.peak_share, result.peak_at) == (1, 5)
    assert result.hhi == pytest.approx(0.36 + 0.04 + 0.01 + 2 * 0.0025)
    # mean absolute difference over twice the mean
    pairs = np.abs(np.subtract.outer([10, 60, 5, 20, 5], [10, 60, 5, 20, 5])).mean()
    assert result.gini == pytest.approx(pairs / (2 * 20))
    assert result.reason == Reason.OK


def test_some_lose_money():
    result = pareto([100, 50, -20, -30])
    assert result.cumulative_share.tolist() == [1, 1.5, 1.3, 1]
    assert (result.peak_share, result.peak_at, result.negative) == (1.5, 2, 2)
    assert result.customers_for_80 == 1
    assert result.gini == gini([100, 50])


def test_everybody_loses_money():
    result = pareto([-1, -2, -3])
    assert np.isnan(result.cumulative_share).all()
    assert result.customers_for_80 is None
    assert result.peak_at is None
    assert np.isnan([result.top_share, result.peak_share, result.gini, result.hhi]).all()
    assert result.reason == Reason.ZERO_DENOMINATOR
    assert result.cumulative.tolist() == [-1, -3, -6]


def test_nobody_and_one_and_all_alike():
    empty = pareto([])
    assert (empty.n, empty.top_count, empty.reason) == (0, 0, Reason.NO_TRADES)
    assert pareto([np.nan]).reason == Reason.NO_TRADES
    single = pareto([7])
    assert (single.top_share, single.customers_for_80, single.gini, single.hhi) == (1, 1, 0, 1)
    alike = pareto([3.0] * 100)
    assert alike.gini == pytest.approx(0)
    assert (alike.top_count, alike.customers_for_80) == (20, 80)
    assert alike.top_share == pytest.approx(0.2)
    assert pareto([1.0] * 6).top_count == 2  # rounded up


def test_lorenz_curve():
    people, share = lorenz([1, 3, -9])
    assert people.tolist() == [0, 0.5, 1]
    assert share.tolist() == [0, 0.25, 1]
    assert [len(axis) for axis in lorenz(np.ones(5000), points=100)] == [101, 101]
    assert lorenz([-1.0])[0].shape == (0,)


def test_pyramid_of_a_hundred():
    tiers = pyramid_tiers(np.arange(100.0) - 30)
    assert np.bincount(tiers).tolist() == [5, 15, 49, 31]
    assert tiers[-5:].tolist() == [Tier.PLATINUM] * 5
    assert tiers[30] == Tier.LEAD  # a profit of exactly nothing


def test_a_tie_at_a_cut_goes_up():
    profit = [100.0] * 6 + [50.0] * 14 + [10.0] * 80
    tiers = pyramid_tiers(profit)
    assert (tiers[:6] == Tier.PLATINUM).all()
    assert (tiers[6:20] == Tier.GOLD).all()
    assert (tiers[20:] == Tier.IRON).all()


def test_small_bases_count_heads():
    assert pyramid_tiers([3, 2, 1]).tolist() == [Tier.PLATINUM, Tier.GOLD, Tier.GOLD]
    assert np.bincount(pyramid_tiers(np.arange(1.0, 20))).tolist() == [1, 3, 15]
    assert np.bincount(pyramid_tiers(np.arange(1.0, 21))).tolist() == [1, 3, 16]
    assert pyramid_tiers([5, 5, 1, 1, 1, 0.5]).tolist() == [0, 0, 1, 1, 1, 2]


def test_losses_are_lead_and_unknown_is_unrated():
    assert pyramid_tiers([-1, np.nan, 0]).tolist() == [Tier.LEAD, Tier.UNRATED, Tier.LEAD]
    assert pyramid_tiers([]).shape == (0,)
    assert [tier.value for tier in Tier] == [-1, 0, 1, 2, 3]


profits = st.lists(st.integers(-100, 100).map(float), min_size=1, max_size=60)


@given(profits)
def test_the_pyramid_never_puts_less_profit_higher(values):
    tiers = pyramid_tiers(values)
    ranked = tiers[np.argsort(-np.asarray(values), kind="stable")]
    assert (np.diff(ranked.astype(int)) >= 0).all()


@given(profits, st.sampled_from([0.5, 2.0, 256.0]))
def test_concentration_is_bounded_and_knows_no_currency(values, rate):
    one, other = pareto(values), pareto(np.asarray(values) * rate)
    for name in ("top_share", "peak_share", "gini", "hhi"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), nan_ok=True)
    assert one.customers_for_80 == other.customers_for_80
    if any(v > 0 for v in values):
        assert 0 <= one.gini < 1
        assert 0 < one.hhi <= 1 + 1e-12
    if one.total > 0:
        assert one.peak_share >= 1 - 1e-12


@pytest.mark.shared_data
def test_adventureworks_resellers():
    if not LEDGER.exists():
        pytest.skip(f"SHARED DATA ABSENT: {LEDGER} - the reference concentration was NOT checked")
    sales, profit = defaultdict(Decimal), defaultdict(Decimal)
    with gzip.open(LEDGER, "rt", encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            amount = Decimal(line["SalesAmount"])
            sales[line["ResellerKey"]] += amount
            profit[line["ResellerKey"]] += amount - Decimal(line["TotalProductCost"])
    by_profit = pareto([float(value) for value in profit.values()])
    assert (by_profit.n, by_profit.negative, by_profit.peak_at) == (635, 335, 300)
    assert by_profit.total == pytest.approx(470_482.60, abs=0.005)
    assert by_profit.peak_share == pytest.approx(5.619, abs=5e-4)
    by_sales = pareto([float(value) for value in sales.values()])
    assert by_sales.total == pytest.approx(80_450_596.98, abs=0.005)
    assert by_sales.top_count == 127
    assert by_sales.top_share == pytest.approx(0.667, abs=5e-4)
    tiers = pyramid_tiers([float(value) for value in profit.values()])
    assert np.bincount(tiers).tolist() == [32, 95, 173, 335]


def test_migration_by_hand():
    result = migration(before=[0, 1, 1, 2, -1, 0, -1], after=[0, 0, 2, 2, 1, -1, -1], grades=3)
    assert result.matrix.tolist() == [[1, 0, 0, 1], [1, 0, 1, 0], [0, 0, 1, 0], [0, 1, 0, 1]]
    assert (result.upgraded, result.downgraded, result.unchanged, result.graded_at_both_ends) == (1, 1, 2, 4)
    assert (result.upgrade_rate, result.downgrade_rate) == (0.25, 0.25)


def test_migration_of_nobody_and_of_nonsense():
    empty = migration([], [], 4)
    assert empty.matrix.shape == (5, 5)
    assert np.isnan(empty.upgrade_rate)
    with pytest.raises(ValueError, match="from -1 to 3"):
        migration([4], [0], 4)
    with pytest.raises(ValueError, match="one entry per account"):
        migration([1, 2], [0], 4)


grade_pairs = st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 3)), min_size=1, max_size=50)


@given(grade_pairs)
def test_migration_keeps_every_account(pairs):
    before, after = (np.asarray(side) for side in zip(*pairs, strict=True))
    result = migration(before, after, 4)
    assert result.matrix.sum() == len(pairs)
    assert result.matrix[:4].sum(axis=1).tolist() == np.bincount(before[before >= 0], minlength=4).tolist()
    assert result.matrix[:, :4].sum(axis=0).tolist() == np.bincount(after[after >= 0], minlength=4).tolist()
    back = migration(after, before, 4)
    assert (back.upgraded, back.downgraded) == (result.downgraded, result.upgraded)


def test_customer_counts_by_hand():
    result = customer_counts(
        active_before=[1, 1, 1, 1, 0, 0, 0],
        active=[1, 1, 1, 0, 1, 1, 0],
        first_purchase=[0, 0, 0, 0, 1, 0, 0],
    )
    assert [int(x[0]) for x in (result.active_before, result.active, result.new, result.lost)] == [4, 5, 1, 1]
    assert result.reactivated.tolist() == [1]
    assert [float(x[0]) for x in (result.new_rate, result.loss_rate, result.retention)] == [0.25, 0.25, 0.75]


def test_nobody_before_leaves_no_rates_and_everybody_can_be_lost():
    start = customer_counts([0, 0], [1, 1], [1, 1])
    assert np.isnan([start.new_rate[0], start.loss_rate[0], start.retention[0]]).all()
    end = customer_counts([1, 1], [0, 0], [0, 0])
    assert (end.lost[0], end.retention[0], end.new[0]) == (2, 0, 0)
    assert customer_counts([], [], []).active.tolist() == [0]


def test_a_first_purchase_cannot_follow_an_earlier_one():
    with pytest.raises(ValueError, match="first time"):
        customer_counts([1], [1], [1])
    with pytest.raises(ValueError, match="first time"):
        customer_counts([0], [0], [1])


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), st.integers(0, 3)), max_size=60))
def test_identity_of_the_counts_holds_for_every_tier(rows):
    before, now, first, tier = (list(c) for c in zip(*rows, strict=True)) if rows else ([], [], [], [])
    first = [f and n and not b for b, n, f in zip(before, now, first, strict=True)]
    result = customer_counts(before, now, first, tier, groups=4)
    balance = result.active_before - result.lost + result.new + result.reactivated
    assert result.active.tolist() == balance.tolist()
    of_tier = [sum(n for n, t in zip(now, tier, strict=True) if t == k) for k in range(4)]
    assert result.active.tolist() == of_tier

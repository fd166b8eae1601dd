"""What customers spend: gamma-gamma and credibility, and when the first must give way to the second."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.reasons import Reason
from lifecycle.scoring.forecast import credibility, gamma_gamma
from lifecycle.scoring.forecast.gamma_gamma import GammaGamma


def test_gamma_gamma_finds_its_process_again_in_any_currency(customers):
    """Generated with p 6, q 4, v 15."""
    histories, spend = customers
    model = gamma_gamma.fit(histories.repeats, spend)
    assert [model.p, model.q] == pytest.approx([6, 4], rel=0.35)
    assert model.usable
    other = gamma_gamma.fit(histories.repeats, spend * 7.25)
    assert [other.p, other.q, other.v] == pytest.approx([model.p, model.q, 7.25 * model.v], rel=1e-6)
    told = spend > 0
    for fitted, factor in ((model, 1.0), (other, 7.25)):
        rows = gamma_gamma.log_likelihood(fitted, histories.repeats[told], spend[told] * factor)
        assert rows.sum() == pytest.approx(fitted.report.log_likelihood, rel=1e-10)


def test_gamma_gamma_derivatives(customers):
    histories, spend = customers
    told = spend > 0
    objective = gamma_gamma._objective(histories.repeats[told], spend[told], np.ones(told.sum()))
    place = np.array([5.0, 3.0, 20.0])
    value, gradient, hessian = objective(place)
    rows = gamma_gamma.log_likelihood(GammaGamma(*place), histories.repeats[told], spend[told])
    assert value == pytest.approx(rows.sum(), rel=1e-12)
    for i in range(3):
        step = np.zeros(3)
        step[i] = 1e-5 * place[i]
        high, low = objective(place + step), objective(place - step)
        assert gradient[i] == pytest.approx((high[0] - low[0]) / (2 * step[i]), rel=1e-6)
        assert hessian[i] == pytest.approx((high[1] - low[1]) / (2 * step[i]), rel=1e-6)


def test_gamma_gamma_weights_are_repetitions(customers):
    histories, spend = customers
    three = np.where(np.arange(len(spend)) < 300, 3.0, 1.0)
    weighted = gamma_gamma.fit(histories.repeats, spend, three)
    again = np.repeat(np.arange(len(spend)), three.astype(int))
    repeated = gamma_gamma.fit(histories.repeats[again], spend[again])
    assert [weighted.p, weighted.q, weighted.v] == pytest.approx(
        [repeated.p, repeated.q, repeated.v], rel=1e-6
    )


def test_expected_spend_lies_between_own_and_common_mean():
    model = GammaGamma(6.25, 3.74, 15.44)
    common = 6.25 * 15.44 / 2.74
    none, little, much = model.expected_spend([0, 1, 200], [np.nan, 100.0, 100.0])
    assert none == pytest.approx(common)
    assert common < little < much < 100
    assert much == pytest.approx(100, rel=0.01)
    # q below 1: the common mean does not exist
    assert np.isnan(GammaGamma(2.0, 0.5, 10.0).expected_spend([0], [0.0]))[0]
    assert not GammaGamma(2.0, 0.5, 10.0).usable


def spread_out(seed):
    """Spend with a tail so heavy that the mean of customers' means does not exist (q < 1)."""
    draw = np.random.default_rng(seed)
    return draw.gamma(3.0, 1.0, 300) / draw.gamma(0.4, 1.0, 300)


@pytest.mark.parametrize(
    ("mean", "bound"),
    [
        (spread_out(2), "q"),
        (np.full(300, 42.0), None),
        (np.append(np.linspace(9, 11, 299), 1e9), None),
    ],
    ids=["heavy tail", "all equal", "one outlier"],
)
def test_degenerate_gamma_gamma_is_finite_and_gives_way(mean, bound):
    model = gamma_gamma.fit(np.full(300, 3.0), mean)
    assert np.isfinite([model.p, model.q, model.v, model.report.log_likelihood]).all()
    assert model.report.reason == Reason.DEGENERATE_FIT
    assert not model.usable
    assert model.q > 1
    assert bound is None or bound in model.report.bounds_hit
    assert np.isfinite(model.expected_spend([0, 3], [np.nan, 10.0])).all()


def test_gamma_gamma_needs_thirty_repeaters():
    model = gamma_gamma.fit([1.0] * 29 + [0.0] * 100, [5.0] * 29 + [0.0] * 100)
    assert model.report.reason == Reason.TOO_FEW_OBS
    assert (model.report.customers, model.report.repeaters) == (129, 29)
    assert not model.usable
    assert np.isnan(model.expected_spend([1], [5.0]))[0]
    assert gamma_gamma.fit([], []).report.reason == Reason.TOO_FEW_OBS


def portfolio(*purchases):
    rows = [np.asarray(p, dtype=float) for p in purchases]
    return (
        [len(r) for r in rows],
        [r.mean() if len(r) else np.nan for r in rows],
        [((r - r.mean()) ** 2).sum() if len(r) else np.nan for r in rows],
    )


def test_credibility_by_hand():
    """Two customers: 8, 12 and 20, 22, 24. s2 = (8 + 8) / 3; overall mean 17.2."""
    model = credibility.fit(*portfolio([8, 12], [20, 22, 24], []))
    s2 = 16 / 3
    tau2 = (2 * (10 - 17.2) ** 2 + 3 * (22 - 17.2) ** 2 - s2) / (5 - 13 / 5)
    assert (model.within, model.between) == pytest.approx((s2, tau2))
    z = np.array([2 / (2 + s2 / tau2), 3 / (3 + s2 / tau2)])
    assert model.weight([2, 3]) == pytest.approx(z)
    assert model.mu == pytest.approx(z @ [10, 22] / z.sum())
    assert model.expected_spend([2, 0], [10, np.nan]) == pytest.approx(
        [z[0] * 10 + (1 - z[0]) * model.mu, model.mu]
    )
    assert (model.customers, model.occasions, model.reason) == (2, 5, Reason.OK)


def test_customers_who_do_not_differ_all_get_the_mean():
    model = credibility.fit(*portfolio([5, 15], [6, 14, 10], [10, 10]))
    assert model.between == 0
    assert model.ratio == np.inf
    assert model.expected_spend([2, 50], [10, 99]) == pytest.approx([10, 10])
    assert model.reason == Reason.OK


def test_customers_who_never_vary_are_taken_at_their_word():
    model = credibility.fit(*portfolio([5, 5], [9, 9, 9]))
    assert model.expected_spend([2, 3, 0], [5, 9, np.nan]) == pytest.approx([5, 9, 7])


@pytest.mark.parametrize(
    ("purchases", "mu", "reason"),
    [
        ([[4, 8]], 6.0, Reason.TOO_FEW_OBS),
        ([[4], [8]], 6.0, Reason.TOO_FEW_OBS),
        ([[]], np.nan, Reason.NO_TRADES),
        ([], np.nan, Reason.NO_TRADES),
    ],
)
def test_credibility_of_too_little(purchases, mu, reason):
    model = credibility.fit(*portfolio(*purchases))
    assert model.mu == pytest.approx(mu, nan_ok=True)
    assert model.reason == reason
    assert model.weight([1, 100]).tolist() == [0, 0]


amounts = st.lists(st.lists(st.floats(1, 1e6), min_size=1, max_size=6), min_size=2, max_size=12)


@given(amounts, st.integers(1, 50))
def test_more_occasions_are_shrunk_less(purchases, n):
    model = credibility.fit(*portfolio(*purchases))
    few, more = model.weight([n, n + 1])
    assert 0 <= few <= more <= 1
    assert few < more or model.between == 0 or model.ratio < 1e-9
    means = [np.mean(p) for p in purchases]
    assert min(means) * (1 - 1e-9) <= model.mu <= max(means) * (1 + 1e-9)


@given(amounts)
def test_credibility_knows_no_currency(purchases):
    one = credibility.fit(*portfolio(*purchases))
    other = credibility.fit(*portfolio(*[[8.0 * v for v in p] for p in purchases]))
    assert other.mu == pytest.approx(8 * one.mu)
    assert other.ratio == pytest.approx(one.ratio)

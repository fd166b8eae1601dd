"""Fits: right derivatives, known maxima, customers that push parameters to their bounds (Appendix B 13 and 14)."""

import numpy as np
import pytest

from crm.scoring.reasons import Reason
from lifecycle.scoring.forecast import bgnbd, geometric, mbgcnbd, nbd
from lifecycle.scoring.forecast.fitting import climb
from lifecycle.scoring.forecast.models import Purchases, fit
from lifecycle.scoring.forecast.patterns import Timing, timing

FITTED = [Purchases.BG_NBD, Purchases.MBG_CNBD, Purchases.NBD]


def values(model):
    return [getattr(model, name) for name in ("r", "alpha", "a", "b") if hasattr(model, name)]


def joined(*parts):
    return Timing(*(np.concatenate([getattr(p, name) for p in parts]) for name in Timing.__slots__))


def slope(function, place, i):
    step = np.zeros(len(place))
    step[i] = 1e-5 * place[i]
    high, low = function(place + step), function(place - step)
    return [(one - other) / (2 * step[i]) for one, other in zip(high[:2], low[:2], strict=True)]


@pytest.mark.parametrize(("k", "extra"), [(1, 0), (1, 1), (2, 1), (7, 1)])
def test_derivatives_are_those_of_the_likelihood(customers, k, extra):
    histories, _ = customers
    objective = geometric.objective(histories, k, extra)
    place = np.array([0.7, 9.0, 0.6, 1.7])
    value, gradient, hessian = objective(place)
    for i in range(4):
        by_value, by_gradient = slope(objective, place, i)
        assert gradient[i] == pytest.approx(by_value, rel=1e-6)
        assert hessian[i] == pytest.approx(by_gradient, rel=1e-5, abs=1e-4)
    model = mbgcnbd.MbgCnbd(k, *place) if extra else bgnbd.BgNbd(*place)
    rows = (mbgcnbd if extra else bgnbd).log_likelihood(model, histories)
    assert value + geometric.constant(histories, k) == pytest.approx(rows.sum(), rel=1e-12)


@pytest.mark.parametrize("kind", FITTED)
def test_no_neighbour_is_higher(customers, kind):
    histories, _ = customers
    model = fit(kind, histories)
    module = {Purchases.BG_NBD: bgnbd, Purchases.MBG_CNBD: mbgcnbd, Purchases.NBD: nbd}[kind]
    best = module.log_likelihood(model, histories).sum()
    assert best == pytest.approx(model.report.log_likelihood, abs=1e-5)
    for name in ("r", "alpha", "a", "b")[: len(values(model))]:
        for factor in (0.99, 1.01):
            other = {f: getattr(model, f) for f in model.__slots__} | {name: getattr(model, name) * factor}
            assert module.log_likelihood(type(model)(**other), histories).sum() < best


def test_parameters_of_the_process_are_found_again(customers):
    """Generated with r 0.6, alpha 60 / 7 weeks, a 0.8, b 2.5; four standard errors of 1 500 customers."""
    model = bgnbd.fit(customers[0])
    assert model.r == pytest.approx(0.6, abs=0.15)
    assert model.alpha == pytest.approx(60 / 7, abs=2.5)
    assert model.a / (model.a + model.b) == pytest.approx(0.8 / 3.3, abs=0.06)


@pytest.mark.parametrize("kind", FITTED)
def test_weights_are_repetitions(customers, kind):
    histories, _ = customers
    some = histories.at(slice(0, 200))
    twice = joined(histories, some, some)
    weighted = Timing(
        *(getattr(histories, name) for name in Timing.__slots__[:4]),
        np.where(np.arange(len(histories.age)) < 200, 3.0, 1.0),
    )
    one, other = fit(kind, twice), fit(kind, weighted)
    assert values(one) == pytest.approx(values(other), rel=1e-6)
    assert one.report.customers == other.report.customers == 1900
    assert one.report.log_likelihood == pytest.approx(other.report.log_likelihood, rel=1e-9)


@pytest.mark.parametrize("kind", FITTED)
@pytest.mark.parametrize("scale", [1 / 7, 3.7])
def test_the_unit_of_time_does_not_matter(customers, kind, scale):
    h, _ = customers
    stretched = timing(
        h.repeats, h.recency * scale, h.age * scale, h.log_intervals + h.repeats * np.log(scale)
    )
    one, other = fit(kind, h), fit(kind, stretched)
    assert other.alpha == pytest.approx(one.alpha * scale, rel=1e-6)
    assert values(other)[2:] == pytest.approx(values(one)[2:], rel=1e-6)
    assert one.r == pytest.approx(other.r, rel=1e-6)
    assert other.expected_occasions(26 * scale, stretched) == pytest.approx(
        one.expected_occasions(26, h), rel=1e-6
    )


def test_the_order_of_customers_does_not_matter(customers):
    histories, _ = customers
    shuffled = histories.at(np.random.default_rng(3).permutation(len(histories.age)))
    assert values(bgnbd.fit(shuffled)) == pytest.approx(values(bgnbd.fit(histories)), rel=1e-7)


def test_samples_lead_to_the_same_maximum():
    """Enough customers for both sampling stages and several blocks, against one climb over everything."""
    from tests.bench.fits import generated

    histories = timing(*generated(25_000)[:3])
    limits = ((1e-3, 1e3), (1e-2, 1e5), (1e-3, 1e3), (1e-3, 1e3))
    straight = climb(geometric.objective(histories, 1, 0), (1.0, 1.0, 1.0, 1.0), limits, 1e-10)
    assert values(bgnbd.fit(histories)) == pytest.approx(straight.parameters, rel=1e-5)


def degenerate():
    draw = np.random.default_rng(1)
    steady = np.arange(20.0, 120.0)
    times = np.floor(steady / (30 / 7))
    yield "no repeat at all", timing(np.zeros(80), np.zeros(80), steady[:80], np.zeros(80))
    yield (
        "every 30 days, nobody drops out",
        timing(times, times * 30 / 7, steady, times * np.log(30 / 7)),
    )
    x = draw.poisson(steady * 0.2) + 1.0
    yield "no dropout, purely random", timing(x, steady * x / (x + 1), steady, x * np.log(steady / (x + 1)))
    same = np.ones(100)
    yield "all identical", timing(4 * same, 40 * same, 52 * same, 4 * np.log(10) * same)
    yield "bought today only", timing(np.zeros(60), np.zeros(60), np.zeros(60), np.zeros(60))
    usual = timing(
        *(np.append(c, o) for c, o in ((x, 3000.0), (steady * x / (x + 1), 150.0), (steady, 150.05)))
    )
    logs = np.append(x * np.log(steady / (x + 1)), 3000 * np.log(0.05))
    yield "one who buys all day", timing(usual.repeats, usual.recency, usual.age, logs)


@pytest.mark.parametrize(
    ("name", "histories"), list(degenerate()), ids=lambda v: v if isinstance(v, str) else ""
)
@pytest.mark.parametrize("kind", FITTED)
def test_degenerate_data_give_finite_forecasts_and_say_so(name, histories, kind):
    model = fit(kind, histories)
    assert np.isfinite(values(model)).all()
    assert np.isfinite(model.report.log_likelihood)
    expected = model.expected_occasions([0, 13, 52, 156], histories)
    alive = model.p_alive(histories)
    assert np.isfinite(expected).all()
    assert (expected[:, 0] == 0).all()
    assert (np.diff(expected, axis=1) >= 0).all()
    assert ((alive >= 0) & (alive <= 1)).all()
    unsuspicious = {"one who buys all day"} | (
        {"no dropout, purely random"} if kind is Purchases.NBD else set()
    )
    if name not in unsuspicious:
        assert model.report.reason == Reason.DEGENERATE_FIT
        assert model.report.bounds_hit or not histories.repeaters


def test_regular_buyer_is_alive_until_overdue():
    """Every 30 days for 3 years among customers some of whom stop: alive when due, doubtful after 5 intervals."""
    draw = np.random.default_rng(5)
    stopped = draw.integers(4, 36, 200).astype(float)
    lasting = np.where(np.arange(200) % 2, stopped, 36.0)
    base = timing(lasting, lasting * 30 / 7, np.full(200, 157.0), lasting * np.log(30 / 7))
    model = mbgcnbd.fit(base)
    assert model.k == mbgcnbd.HIGHEST_K

    def buyer(silent_days):
        return timing([20], [600 / 7], [(600 + silent_days) / 7], [20 * np.log(30 / 7)])

    assert model.p_alive(buyer(0))[0] > 0.9
    assert model.p_alive(buyer(30))[0] > 0.8
    assert model.p_alive(buyer(150))[0] < 0.05
    yearly = timing([4], [4 * 52.0], [4 * 52.0 + 40], [4 * np.log(52.0)])  # one order each March
    assert 0 <= model.p_alive(yearly)[0] <= 1
    assert model.expected_occasions(52, buyer(0))[0] == pytest.approx(12, abs=4)


@pytest.mark.parametrize(
    ("customers_", "repeaters", "reason"),
    [(49, 49, Reason.TOO_FEW_OBS), (60, 29, Reason.TOO_FEW_OBS), (60, 0, Reason.DEGENERATE_FIT)],
)
def test_too_few_fall_back_to_the_rate_of_everybody(customers_, repeaters, reason):
    x = np.where(np.arange(customers_) < repeaters, 3.0, 0.0)
    histories = timing(x, x * 10, np.full(customers_, 52.0), x * np.log(10))
    model = fit(Purchases.BG_NBD, histories)
    assert model.report.reason == reason
    if reason == Reason.TOO_FEW_OBS:
        rate = (3 * repeaters + 0.5) / (52 * customers_)
        assert model == nbd.Nbd(1.0, pytest.approx(1 / rate), model.report)
        forecast = model.expected_occasions(52, histories)
        # between own and common rate, own rate counting for its time
        assert forecast[0] > 52 * rate > forecast[-1] or repeaters == customers_
        assert np.isfinite(forecast).all()


def test_a_single_customer_goes_on_as_before():
    model = fit(Purchases.MBG_CNBD, timing([6], [50], [52]))
    assert model.expected_occasions(26, timing([6], [50], [52])) == pytest.approx([3.0])
    assert model.expected_occasions(26, timing([0], [0], [0])).tolist() == [0.0]
    assert model.report.reason == Reason.TOO_FEW_OBS
    with pytest.raises(ValueError, match="nothing to fit"):
        fit(Purchases.LAST_PERIOD, timing([6], [50], [52]))


def test_nobody_at_all():
    nobody = timing([], [], [])
    model = fit(Purchases.BG_NBD, nobody)
    assert model.report.reason == Reason.TOO_FEW_OBS
    assert model.expected_occasions([1, 2], nobody).shape == (0, 2)

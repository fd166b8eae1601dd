"""Expected purchases against the published closed form, and where that form breaks down."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import hyp2f1
from scipy.stats import beta

from lifecycle.scoring.forecast.bgnbd import BgNbd
from lifecycle.scoring.forecast.mbgcnbd import MbgCnbd
from lifecycle.scoring.forecast.nbd import Nbd
from lifecycle.scoring.forecast.patterns import timing

parameter = st.floats(-1, 1.3).map(lambda e: 10.0**e)


def closed_form(r, alpha, a, b, x, age, t):
    """Fader, Hardie & Lee (2005), without P(alive)."""
    z = t / (alpha + age + t)
    inner = ((alpha + age) / (alpha + age + t)) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, z)
    return (a + b + x - 1) / (a - 1) * (1 - inner)


@settings(deadline=None)
@given(parameter, parameter, parameter, parameter, st.integers(0, 40), st.floats(1, 200), st.floats(0.5, 200))
def test_same_as_the_closed_form(r, alpha, a, b, x, age, weeks):
    assume(abs(a - 1) > 0.01 and a + b > 1.01)
    published = closed_form(r, alpha, a, b, x, age, weeks)
    assume(np.isfinite(published))
    model, histories = BgNbd(r, alpha, a, b), timing([x], [age * 0.7 * (x > 0)], [age])
    expected = model.expected_occasions(weeks, histories) / model.p_alive(histories)
    assert expected[0] == pytest.approx(published, rel=1e-6)


@settings(deadline=None)
@given(parameter, parameter, parameter, parameter, st.integers(0, 30), st.integers(1, 12))
def test_mbg_has_seen_one_more_chance_to_drop_out(r, alpha, a, b, x, k):
    assume(abs(a - 1) > 0.01)
    model, histories = MbgCnbd(k, r, alpha, a, b), timing([x], [30.0 * (x > 0)], [40.0])
    published = closed_form(r, k * alpha, a, b + 1, x, 40.0, 26.0)
    assume(np.isfinite(published))
    expected = model.expected_occasions(26, histories) / model.p_alive(histories)
    assert expected[0] == pytest.approx(published, rel=1e-6)


def test_no_break_where_the_closed_form_divides_by_zero():
    histories = timing([3], [20], [30])
    around = [BgNbd(0.5, 5.0, a, 2.0).expected_occasions(52, histories)[0] for a in (0.999999, 1.0, 1.000001)]
    assert around[0] > around[1] > around[2]
    assert around[1] == pytest.approx((around[0] + around[2]) / 2, rel=1e-9)


@pytest.mark.parametrize(
    ("r", "alpha", "a", "b", "x", "age"),
    [
        (1000.0, 1e5, 1e-3, 1e3, 0, 50.0),
        (1000.0, 0.01, 1e-3, 1e-3, 900, 100.0),
        (1e-3, 0.01, 1e3, 1e3, 1, 10.0),
        (0.2, 4.0, 1e-3, 1e-3, 2, 30.0),
        (1000.0, 17655.0, 34.7, 1000.0, 12, 100.0),
    ],
)
def test_finite_at_every_corner_of_the_box(r, alpha, a, b, x, age):
    model, histories = BgNbd(r, alpha, a, b), timing([x], [age * 0.9 * (x > 0)], [age])
    expected = model.expected_occasions([1, 13, 156], histories)[0]
    without_dropout = (r + x) / (alpha + age) * np.array([1, 13, 156])
    assert (expected >= 0).all()
    assert (expected <= without_dropout * (1 + 1e-9)).all()
    assert (np.diff(expected) >= 0).all()


def test_no_dropout_is_nbd():
    histories = timing([0, 3, 40], [0, 20, 80], [30, 30, 81])
    nearly = BgNbd(0.8, 6.0, 1e-9, 1e3).expected_occasions([4, 52], histories)
    assert nearly == pytest.approx(Nbd(0.8, 6.0).expected_occasions([4, 52], histories), rel=1e-6)
    assert Nbd(0.8, 6.0).expected_occasions(4, histories)[1] == pytest.approx(3.8 / 36 * 4)


@pytest.mark.parametrize(
    ("shape", "a", "b", "span"),
    [
        (0.25, 0.8, 2.4, 31.0),
        (5.0, 0.3, 1.0, 400.0),
        (300.0, 0.003, 1000.0, 3.0),
        (4.0, 1000.0, 900.0, 8.0),
        (1000.0, 60.0, 0.5, 1.0),
        (0.5, 2.0, 0.002, 10.0),
    ],
)
def test_mean_over_the_dropout_probability(shape, a, b, span):
    """Against adaptive integration over the quantiles of Beta(a, b)."""
    model = BgNbd(shape, 1.0, a, b)

    def purchases(quantile):
        p = beta.ppf(quantile, a, b)
        return -np.expm1(-shape * np.log1p(p * span)) / p if p > 0 else shape * span

    points = [1e-9, 1e-6, 1e-3, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999]
    brute, _ = quad(purchases, 0, 1, points=points, limit=1000)
    assert model.expected_occasions(span, timing([0], [0], [0]))[0] == pytest.approx(brute, rel=1e-6)


def test_horizons():
    model, histories = BgNbd(0.5, 5.0, 0.8, 2.0), timing([0, 3, 3], [0, 20, 20], [30, 30, 30])
    table = model.expected_occasions([0, 13, 52], histories)
    assert table.shape == (3, 3)
    assert (table[:, 0] == 0).all()
    assert table[1].tolist() == table[2].tolist()
    assert model.expected_occasions(13, histories) == pytest.approx(table[:, 1])
    for wrong in (-1, np.nan, [[1, 2]]):
        with pytest.raises(ValueError, match="horizon"):
            model.expected_occasions(wrong, histories)


def test_many_rows_are_evaluated_in_blocks():
    age = np.linspace(1, 300, 40_000)
    model = BgNbd(0.5, 5.0, 0.8, 2.0)
    whole = model.expected_occasions(26, timing(np.zeros(40_000), np.zeros(40_000), age))
    assert (np.diff(whole) < 0).all()
    assert whole[39_999] == pytest.approx(model.expected_occasions(26, timing([0], [0], [300]))[0])

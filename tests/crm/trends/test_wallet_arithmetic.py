"""Shares of a customer's purchases: bounds, gaps, and estimates that cannot be right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.reasons import Reason
from crm.scoring.wallet import wallet_shares

NAN = float("nan")


def test_ours_competitors_and_the_unknown_rest() -> None:
    found = wallet_shares([300.0, 50.0], [1000.0, 200.0], [[0.4, 0.1], [NAN, 0.25]])
    assert found.own == pytest.approx([0.3, 0.25])
    assert found.rivals == pytest.approx([0.5, 0.25])
    assert found.unknown == pytest.approx([0.2, 0.5])
    assert list(found.excess) == [0, 0]
    assert list(found.reason) == [Reason.OK, Reason.OK]


def test_no_demand_no_share_and_the_competitors_stay_known() -> None:
    found = wallet_shares([300.0, 300.0, NAN], [NAN, 0.0, 100.0], [[0.4], [0.4], [0.4]])
    assert np.isnan(found.own).all()
    assert np.isnan(found.unknown).all()
    assert list(found.rivals) == [0.4, 0.4, 0.4]
    assert list(found.reason) == [Reason.MISSING_INPUT, Reason.ZERO_DENOMINATOR, Reason.MISSING_INPUT]


def test_more_than_everything_is_said() -> None:
    found = wallet_shares([150.0, 60.0], [100.0, 100.0], [[0.2], [0.7]])
    assert list(found.own) == [1.0, 0.6]
    assert found.own_uncapped[0] == 1.5
    assert list(found.stale) == [True, False]
    assert found.excess == pytest.approx([0.7, 0.3])
    assert list(found.unknown) == [0.0, 0.0]


def test_returns_alone_are_no_negative_share_and_nobody_is_no_error() -> None:
    assert wallet_shares([-5.0], [100.0], np.empty((1, 0))).own[0] == 0
    assert wallet_shares([], [], np.empty((0, 3))).own.shape == (0,)
    with pytest.raises(ValueError, match="shares of shape"):
        wallet_shares([1.0], [1.0], [0.5])


# Money: whole cents.
amounts = st.one_of(st.just(NAN), st.integers(-(10**11), 10**14).map(lambda cents: cents / 100))
fractions = st.one_of(st.just(NAN), st.floats(0, 1))


@given(st.lists(st.tuples(amounts, amounts, fractions, fractions), max_size=6))
def test_shares_stay_shares(rows: list[tuple[float, float, float, float]]) -> None:
    ours, demand = [row[0] for row in rows], [row[1] for row in rows]
    found = wallet_shares(ours, demand, np.array([row[2:] for row in rows]).reshape(len(rows), 2))
    known = found.reason == Reason.OK
    assert (np.isnan(found.own) == ~known).all()
    assert ((found.own[known] >= 0) & (found.own[known] <= 1)).all()
    assert not np.isinf(found.own_uncapped[known]).any()
    balanced = found.own_uncapped[known] + found.rivals[known] + found.unknown[known] - found.excess[known]
    near = found.own_uncapped[known] < 1e6
    assert balanced[near] == pytest.approx(1.0, abs=1e-6)

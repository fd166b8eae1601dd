"""Groups from behaviour: planted ones are found, nothing accidental changes them, names stay with them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.scoring.clusters import (
    FEATURES,
    LEAST_CUSTOMERS,
    ClusterModel,
    TooFewCustomers,
    assign,
    distinguishing,
    find,
    match,
    proposed_names,
    scale,
    scaling_of,
    unscale,
)

CODES = [feature.code for feature in FEATURES]
# recency, frequency, monetary, margin, growth, breadth, tenure
PLANTED = np.array(
    [
        [10.0, 60, 2_000_000, 0.25, 0.10, 40, 12],
        [20.0, 12, 60_000, 0.45, 0.05, 4, 8],
        [400.0, 2, 20_000, 0.20, -0.80, 3, 6],
        [30.0, 6, 40_000, 0.30, 0.90, 10, 1],
        [60.0, 20, 300_000, 0.08, 0.00, 12, 9],
    ]
)


def planted(each: int = 40, seed: int = 1) -> tuple[Any, Any]:
    chance = np.random.default_rng(seed)
    rows = np.repeat(PLANTED, each, axis=0)
    noise = chance.normal(0, 0.06, rows.shape)
    rows = np.where([feature.spread_out for feature in FEATURES], rows * np.exp(noise), rows + noise * 0.1)
    return rows, np.repeat(np.arange(len(PLANTED)), each)


def agreement(left: Any, right: Any) -> float:
    """Share of pairs on which two groupings agree (Rand index)."""
    same = (left[:, None] == left[None, :]) == (right[:, None] == right[None, :])
    return float(same.mean())


def test_planted_groups_are_found_with_their_number() -> None:
    rows, truth = planted()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = find(rows)
    assert model.k == len(PLANTED)
    assert agreement(assign(model, rows), truth) == 1.0
    assert max(model.silhouettes, key=lambda k: model.silhouettes[k]) == model.k
    assert set(model.silhouettes) == set(range(4, 11))
    assert 0.5 < model.silhouettes[model.k] <= 1


def test_the_order_of_customers_and_the_currency_change_nothing() -> None:
    rows, _truth = planted()
    model = find(rows)
    order = np.random.default_rng(2).permutation(len(rows))
    again = find(rows[order])
    assert (assign(again, rows) == assign(model, rows)).all()
    dearer = rows.copy()
    dearer[:, CODES.index("monetary")] *= 7.3
    assert (assign(find(dearer), dearer) == assign(model, rows)).all()


def test_a_stored_model_assigns_as_it_did() -> None:
    rows, _truth = planted()
    model = find(rows)
    stored = ClusterModel.from_dict(model.to_dict())
    assert (assign(stored, rows) == assign(model, rows)).all()
    # One by one as all together: ranges of accounts are computed apart.
    assert [int(assign(stored, row[None, :])[0]) for row in rows[::17]] == assign(model, rows)[::17].tolist()
    assert assign(stored, rows[:0]).shape == (0,)


def test_names_stay_with_the_groups_when_the_base_moves_on() -> None:
    rows, truth = planted(seed=1)
    later, _truth = planted(seed=5)
    later[:, CODES.index("monetary")] *= 1.15
    old, new = find(rows), find(later)
    pairs = match(old, new)
    assert sorted(pairs) == list(range(new.k))
    for group, before in pairs.items():
        assert {int(one) for one in truth[assign(old, rows) == before]} == {
            int(one) for one in truth[assign(new, later) == group]
        }


def test_a_group_that_is_gone_lends_its_name_to_nobody() -> None:
    rows, _truth = planted()
    other = PLANTED.copy()
    other[2] = [5, 200, 9_000_000, 0.60, 2.0, 90, 20]
    moved = np.repeat(other, 40, axis=0) * np.exp(np.random.default_rng(4).normal(0, 0.05, (200, 7)))
    pairs = match(find(rows), find(moved))
    assert len(set(pairs.values())) == len(pairs)
    lost = int(assign(find(rows), PLANTED)[2])
    assert lost not in pairs.values()


def test_what_is_not_known_lies_in_the_middle() -> None:
    rows, _truth = planted()
    rows[0, CODES.index("growth")] = np.nan
    scaled = scale(rows, scaling_of(rows))
    assert scaled[0, CODES.index("growth")] == pytest.approx(0, abs=0.05)
    assert np.isfinite(scaled).all()
    assert len(assign(find(rows), rows)) == len(rows)


def test_proposed_names_tell_groups_apart() -> None:
    rows, _truth = planted()
    model = find(rows)
    names = proposed_names(model)
    assert len(set(names)) == model.k
    assert all(english and chinese for english, chinese in names)
    # The largest buyers come first and are called so.
    assert distinguishing(model, 0)[0][1] > 0
    assert any(word in names[0][0].lower() for word in ("large", "broad", "frequent"))


@pytest.mark.parametrize("n", [0, 1, LEAST_CUSTOMERS - 1])
def test_few_customers_have_no_groups(n: int) -> None:
    with pytest.raises(TooFewCustomers):
        find(np.resize(PLANTED, (n, len(CODES))))


def test_customers_all_alike_have_no_groups() -> None:
    with pytest.raises(TooFewCustomers):
        find(np.repeat(PLANTED[:1], 200, axis=0))
    with pytest.raises(TooFewCustomers):
        find(np.full((200, len(CODES)), np.nan))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(LEAST_CUSTOMERS, 60))
def test_whatever_the_figures_there_are_four_to_ten_groups(seed: int, n: int) -> None:
    chance = np.random.default_rng(seed)
    rows = chance.standard_cauchy((n, len(CODES))) * 1000
    rows[chance.random(rows.shape) < 0.1] = np.nan
    model = find(rows)
    assert 4 <= model.k <= 10
    labels = assign(model, rows)
    assert labels.min() >= 0
    assert labels.max() < model.k
    assert all(-1 <= value <= 1 for value in model.silhouettes.values())
    assert np.isfinite(model.centres).all()


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_scaling_can_be_undone_within_its_reach(seed: int) -> None:
    rows = np.abs(np.random.default_rng(seed).normal(50, 5, (30, len(CODES))))
    by = scaling_of(rows)
    scaled = scale(rows, by)
    inside = np.abs(scaled) < 3
    np.testing.assert_allclose(unscale(scaled, by)[inside], rows[inside], rtol=1e-9)

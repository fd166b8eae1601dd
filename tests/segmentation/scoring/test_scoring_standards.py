"""Scoring standards: points, defects, explanation facts, JSON; case 10 of models.md Appendix B."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.ranking import prepare_population
from segmentation.scoring.problems import InvalidModel
from segmentation.scoring.standards import (
    Band,
    Bands,
    Direction,
    Identity,
    Linear,
    Lookup,
    Percentile,
    standard_from_dict,
)

YEARS = Bands.from_edges((1, 3, 5, 10), (20, 40, 60, 80, 100))
POSITION = Lookup(table=((1, 20), (2, 40), (3, 60), (4, 80), (5, 100)))
PROFIT = Bands.from_edges((0, 1000), (0, 50, 100))
COST = Bands.from_edges((0.02, 0.05), (100, 60, 10), Direction.LOWER)
ALL = (
    YEARS,
    POSITION,
    PROFIT,
    COST,
    Percentile(),
    Percentile(Direction.LOWER),
    Identity(),
    Linear(lo=-5, hi=5),
)


def codes(standard):
    return [problem.code for problem in standard.problems()]


def test_bands_of_cooperation_years():
    years = [0, 0.99, 1, 2.9, 3, 5, 9.99, 10, 40]
    assert YEARS.points(years).tolist() == [20, 20, 40, 40, 60, 80, 80, 100, 100]


def test_negative_profit_gets_the_row_below_zero():
    assert PROFIT.points([-1e9, -0.01, 0, 999, 1000]).tolist() == [0, 0, 50, 50, 100]


def test_lookup_of_industry_position():
    points = POSITION.points([1, 5, 3, 2.5, 0, 6, np.nan])
    assert points[:3].tolist() == [20, 100, 60]
    assert np.isnan(points[3:]).all()


def test_percentile_and_its_reverse():
    population = prepare_population([10, 20, 30, 40])
    assert Percentile().points([10, 40], population).tolist() == [12.5, 87.5]
    assert Percentile(Direction.LOWER).points([10, 40], population).tolist() == [87.5, 12.5]
    with pytest.raises(ValueError, match="population"):
        Percentile().points([1.0])


def test_linear_is_clipped_and_reversible():
    assert Linear(lo=10, hi=20).points([0, 10, 15, 20, 99]).tolist() == [0, 0, 50, 100, 100]
    assert Linear(Direction.LOWER, lo=10, hi=20).points([0, 12, 20]).tolist() == [100, 80, 0]


def test_identity_is_the_index_itself():
    assert Identity().points([0, 73.5, 100, 140, -3]).tolist() == [0, 73.5, 100, 100, 0]
    assert Identity(Direction.LOWER).points([30.0]).tolist() == [70]


@pytest.mark.parametrize("standard", ALL, ids=lambda s: f"{s.kind}{s.direction}")
def test_sound_standards_survive_json_keep_missing_values_and_take_nobody(standard):
    assert standard.problems() == []
    assert standard_from_dict(json.loads(json.dumps(standard.to_dict()))) == standard
    assert np.isnan(standard.points([np.nan], prepare_population([1.0]))).all()
    assert standard.points([], prepare_population([1.0])).shape == (0,)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ((), "bands_empty"),
        ((Band(None, 1, 0), Band(2, None, 100)), "bands_gap"),
        ((Band(None, 3, 0), Band(2, None, 100)), "bands_overlap"),
        ((Band(0, 1, 0), Band(1, None, 100)), "bands_first_not_open"),
        ((Band(None, 1, 0), Band(1, 9, 100)), "bands_last_not_open"),
        ((Band(None, 5, 0), Band(5, 5, 50), Band(5, None, 100)), "bands_unsorted"),
        ((Band(None, None, 0), Band(5, None, 100)), "bands_open_inside"),
        ((Band(None, 1, 60), Band(1, None, 40)), "bands_not_monotone"),
        ((Band(None, 1, 0), Band(1, None, 101)), "bands_points_range"),
        ((Band(None, 1, -1), Band(1, None, 10)), "bands_points_range"),
        ((Band(None, 1, float("nan")), Band(1, None, 10)), "bands_points_range"),
    ],
)
def test_a_band_table_with_a_defect_is_named(rows, problem):
    assert problem in codes(Bands(rows=rows))


def test_problems_carry_the_numbers_to_show():
    (gap,) = Bands(rows=(Band(None, 1, 0), Band(2, None, 100))).problems()
    assert gap.params == {"row": 1, "upper": 1, "lower": 2}


def test_points_must_fall_where_lower_is_better():
    assert codes(COST) == []
    assert codes(Bands(Direction.LOWER, rows=YEARS.rows)) == ["bands_not_monotone"] * 4


def test_other_standards_name_their_defects():
    assert codes(Linear(lo=5, hi=5)) == ["linear_limits"]
    assert codes(Linear(lo=0, hi=float("inf"))) == ["linear_limits"]
    assert codes(Lookup()) == ["lookup_empty"]
    assert codes(Lookup(table=((2, 10), (1, 20)))) == ["lookup_unsorted"]
    assert codes(Lookup(table=((1, 50), (2, 20)))) == ["lookup_not_monotone"]
    assert codes(Lookup(table=((1, 50), (2, 120)))) == ["lookup_points_range"]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "astrology"},
        {"kind": "linear", "lo": "many", "hi": 3},
        {"kind": "bands", "rows": [[None, 1]]},
        {"kind": "lookup", "table": 7},
        {"kind": "identity", "direction": "sideways"},
    ],
)
def test_unreadable_data_is_refused(data):
    with pytest.raises(InvalidModel) as caught:
        standard_from_dict(data)
    assert caught.value.problems[0].code in {"standard_unreadable", "standard_unknown"}


def test_edges_and_points_must_match():
    with pytest.raises(InvalidModel):
        Bands.from_edges((1, 2), (0, 100))


def test_explanation_facts_name_the_band_that_fired():
    assert YEARS.applied(2.5).facts == {"row": 2, "rows": 5, "lower": 1, "upper": 3}
    assert YEARS.applied(10).facts == {"row": 5, "rows": 5, "lower": 10, "upper": None}
    assert YEARS.applied(None).facts == {"rows": 5}
    assert Percentile().applied(3.0, 635).facts == {"population": 635}
    assert Linear(lo=1, hi=2).applied(1.5).facts == {"lo": 1, "hi": 2}


numbers = st.floats(-1e6, 1e6)


@given(st.sampled_from(ALL), numbers, numbers, st.lists(numbers, min_size=1, max_size=30))
def test_points_are_bounded_and_follow_the_direction(standard, one, other, members):
    low, high = sorted([one, other])
    points = standard.points([low, high], prepare_population(members))
    if np.isnan(points).any():
        assert standard.kind == "lookup"
        return
    assert ((points >= 0) & (points <= 100)).all()
    worse, better = points if standard.direction is Direction.HIGHER else points[::-1]
    assert better >= worse


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=8, unique=True), numbers)
def test_every_number_falls_into_the_band_that_contains_it(edges, value):
    edges = sorted(edges)
    bands = Bands.from_edges(edges, [100 * i / len(edges) for i in range(len(edges) + 1)])
    row = bands.rows[bands.band_of(value)]
    assert row.lower is None or row.lower <= value
    assert row.upper is None or value < row.upper
    assert bands.points([value])[0] == row.points

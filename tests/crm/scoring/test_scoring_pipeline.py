"""Arithmetic of the pipeline: weights, win rates, medians; reference figures of a public data set."""

from __future__ import annotations

import csv
import datetime as dt
import statistics
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.pipeline import is_stale, medians, sums_by, weighted, win_rates

GROUPS = st.lists(
    st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 10_000), st.integers(0, 100)), max_size=40
)


def test_an_amount_counts_by_its_probability() -> None:
    assert weighted([1000, 200], [25, 0]).tolist() == [250, 0]
    assert np.isnan(weighted([np.nan], [50])[0])
    for wrong in (-1, 101):
        with pytest.raises(ValueError, match="percent"):
            weighted([1], [wrong])


def test_an_amount_without_a_rate_is_counted_but_not_added() -> None:
    sums = sums_by([0, 0, 2], 3, [100, np.nan, 50], [50, 90, 10])
    assert sums.count.tolist() == [2, 0, 1]
    assert sums.amount.tolist() == [100, 0, 50]
    assert sums.weighted.tolist() == [50, 0, 5]
    assert sums.unknown.tolist() == [1, 0, 0]


def test_nothing_decided_has_no_rate() -> None:
    rates = win_rates([], 2, [], [])
    assert np.isnan(rates.by_count).all()
    assert np.isnan(rates.by_amount).all()


def test_the_median_of_few_is_unknown() -> None:
    found = medians([0, 0, 0, 1, 1], 3, [1, 2, 30, 4, np.nan], fewest=2)
    assert found[0] == 2
    assert np.isnan(found[1])
    assert np.isnan(found[2])


def test_stale_is_longer_than_usual_or_late() -> None:
    assert is_stale([10, 10, 10, 10], [9, 10, np.nan, np.nan], [0, 0, -5, 1]).tolist() == [
        True,
        False,
        False,
        True,
    ]


@given(GROUPS)
def test_groups_add_up_to_the_whole(rows: list[tuple[int, bool, int, int]]) -> None:
    groups, won, amounts, chances = (
        (list(column) for column in zip(*rows, strict=True)) if rows else ([],) * 4
    )
    parts, whole = sums_by(groups, 4, amounts, chances), sums_by([0] * len(rows), 1, amounts, chances)
    assert parts.count.sum() == whole.count[0] == len(rows)
    assert parts.weighted.sum() == pytest.approx(whole.weighted[0])
    assert (parts.weighted <= parts.amount + 1e-9).all()
    rates = win_rates(groups, 4, won, amounts)
    assert rates.won.sum() == sum(won)
    known = rates.by_count[~np.isnan(rates.by_count)]
    assert ((known >= 0) & (known <= 1)).all()


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 500)), max_size=50))
def test_medians_are_those_of_the_standard_library(rows: list[tuple[int, int]]) -> None:
    found = medians([group for group, _days in rows], 3, [days for _group, days in rows])
    for group in range(3):
        days = [spent for place, spent in rows if place == group]
        assert np.isnan(found[group]) if not days else found[group] == statistics.median(days)


@pytest.mark.shared_data
def test_the_public_pipeline_gives_its_published_figures(shared_data: Path) -> None:
    """models.md: 4 238 won, 2 473 lost, win rate .6315, 10 005 534 won, median days to close 57 won and 14 lost."""
    with (shared_data / "crm_opportunities" / "sales_pipeline.csv").open(encoding="utf-8") as file:
        decided = [row for row in csv.DictReader(file) if row["deal_stage"] in ("Won", "Lost")]
    won = [row["deal_stage"] == "Won" for row in decided]
    amounts = [float(row["close_value"] or "nan") for row in decided]
    days = [
        (dt.date.fromisoformat(row["close_date"]) - dt.date.fromisoformat(row["engage_date"])).days
        for row in decided
    ]
    agents = sorted({row["sales_agent"] for row in decided})
    groups = [agents.index(row["sales_agent"]) for row in decided]
    total = win_rates([0] * len(decided), 1, won, amounts)
    assert (total.won[0], total.lost[0]) == (4238, 2473)
    assert total.by_count[0] == pytest.approx(0.6315, abs=5e-5)
    assert total.won_amount[0] == 10_005_534
    assert medians([int(is_won) for is_won in won], 2, days).tolist() == [14, 57]
    # Agent by agent against plain Python.
    rates, usual = win_rates(groups, len(agents), won, amounts), medians(groups, len(agents), days)
    for place, agent in enumerate(agents):
        mine = [index for index, row in enumerate(decided) if row["sales_agent"] == agent]
        wins = sum(won[index] for index in mine)
        assert rates.by_count[place] == pytest.approx(wins / len(mine))
        assert rates.won_amount[place] == sum(amounts[index] for index in mine if won[index])
        assert usual[place] == statistics.median(days[index] for index in mine)

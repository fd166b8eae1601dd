"""Red flags, against cases worked by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from crm.scoring.decision_flags import AlertParameters, Flags, People, months_earlier, red_flags

AS_OF = dt.date(2025, 8, 31)
NAN = float("nan")


def day(text: str) -> float:
    return float(dt.date.fromisoformat(text).toordinal())


def flagged(*rows: tuple[int, bool, float, float, float, float], groups: int = 1, **parameters: int) -> Flags:
    group, decider, influence, stance, noted, met = zip(*rows, strict=True) if rows else [()] * 6
    people = People(
        group=np.array(group, dtype=np.int64),
        decider=np.array(decider, dtype=bool),
        influence=np.array(influence, dtype=float),
        stance=np.array(stance, dtype=float),
        noted_day=np.array(noted, dtype=float),
        met_day=np.array(met, dtype=float),
    )
    return red_flags(people, groups=groups, as_of=AS_OF, parameters=AlertParameters(**parameters))


def test_nobody_known_means_that_the_decider_is_unknown() -> None:
    assert flagged(groups=2).decider_unknown.tolist() == [True, True]
    row = (1, True, NAN, NAN, NAN, NAN)
    assert flagged(row, groups=2).decider_unknown.tolist() == [True, False]


def test_only_a_decider_opposes_in_red() -> None:
    fresh = (day("2025-08-30"), day("2025-08-30"))
    found = flagged((0, True, 5, -1, *fresh), (0, False, 5, -1, *fresh), (0, True, 5, 1, *fresh))
    assert found.opposes.tolist() == [True, False, False]
    assert not found.unmet.any()
    assert not found.stale.any()


def test_key_people_are_to_be_met_every_ninety_days() -> None:
    rows = [
        (0, False, 4, NAN, NAN, day("2025-06-02")),  # 90 days ago: still fine
        (0, False, 4, NAN, NAN, day("2025-06-01")),
        (0, False, 3, NAN, NAN, day("2020-01-01")),  # not key
        (0, False, 5, NAN, NAN, NAN),  # never
        (0, True, NAN, NAN, NAN, day("2025-06-01")),  # a decider is key without a figure
    ]
    assert flagged(*rows).unmet.tolist() == [False, True, False, True, True]
    assert flagged(*rows, unmet_days=91).unmet.tolist() == [False, False, False, True, False]
    assert flagged(*rows, key_influence=3).unmet.tolist() == [False, True, True, True, True]


def test_a_stance_is_old_after_six_months_of_the_calendar() -> None:
    rows = [
        (0, False, 1, 1, day("2025-02-28"), NAN),  # the last day of February is six months before 31 August
        (0, False, 1, 1, day("2025-02-27"), NAN),
        (0, False, 1, 0, NAN, NAN),  # no day: nobody can say that it is fresh
        (0, False, 1, NAN, NAN, NAN),
    ]
    assert flagged(*rows).stale.tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [("2024-08-31", 6, "2024-02-29"), ("2025-03-15", 15, "2023-12-15"), ("2025-01-01", 1, "2024-12-01")],
)
def test_months_earlier(start: str, months: int, end: str) -> None:
    assert months_earlier(dt.date.fromisoformat(start), months) == dt.date.fromisoformat(end)


def test_limits_that_mean_nothing_are_refused() -> None:
    for wrong in ({"unmet_days": 0}, {"stale_months": 0}, {"key_influence": 6}):
        with pytest.raises(ValueError, match="at least 1"):
            AlertParameters(**wrong)

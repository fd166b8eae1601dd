"""Scoring standards 评分标准: how a raw value becomes points 0-100 (models.md section 1).

Every standard is an immutable value with ``points`` (arrays), ``problems`` (what is wrong with it),
``applied`` (what an explanation shows) and ``to_dict`` (JSON). ``standard_from_dict`` reads it back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import FloatArray, floats
from crm.scoring.ranking import percentile_rank
from segmentation.scoring.problems import InvalidModel, Problem

MAX_POINTS = 100.0


class Direction(StrEnum):
    """Whether more of the raw value is better."""

    HIGHER = "+"
    LOWER = "-"


@dataclass(frozen=True, slots=True)
class Applied:
    """Which standard gave the points: its kind and the facts to show (band limits, population size, ...)."""

    kind: str
    direction: Direction
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Standard:
    """Base of all standards. NaN in, NaN out; points lie in 0..100."""

    direction: Direction = Direction.HIGHER
    kind: ClassVar[str] = ""
    needs_population: ClassVar[bool] = False

    def points(self, raw: ArrayLike, population: FloatArray | None = None) -> FloatArray:
        """Points of each raw value, shape (n,). ``population``: sorted, only for standards that compare."""
        raise NotImplementedError

    def problems(self) -> list[Problem]:
        return []

    def applied(self, raw: float | None, population_size: int | None = None) -> Applied:
        """Facts for explaining one value; None = missing."""
        return Applied(self.kind, self.direction, {})

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "direction": self.direction.value}


@dataclass(frozen=True)
class Percentile(Standard):
    """100 x percentile rank among the comparison population; needs no numbers from anybody."""

    kind: ClassVar[str] = "percentile"
    needs_population: ClassVar[bool] = True

    def points(self, raw: ArrayLike, population: FloatArray | None = None) -> FloatArray:
        if population is None:
            raise ValueError("a percentile standard needs its comparison population")
        rank = percentile_rank(raw, population)
        return MAX_POINTS * (rank if self.direction is Direction.HIGHER else 1.0 - rank)

    def applied(self, raw: float | None, population_size: int | None = None) -> Applied:
        return Applied(self.kind, self.direction, {"population": population_size})


@dataclass(frozen=True)
class Identity(Standard):
    """The raw value is an index 0-100 already (clipped to it)."""

    kind: ClassVar[str] = "identity"

    def points(self, raw: ArrayLike, population: FloatArray | None = None) -> FloatArray:
        index = np.clip(floats(raw), 0.0, MAX_POINTS)
        return index if self.direction is Direction.HIGHER else MAX_POINTS - index


@dataclass(frozen=True)
class Linear(Standard):
    """0 points at or below ``lo``, 100 at or above ``hi``, straight between; reversed where lower is
    better.
    """

    lo: float = 0.0
    hi: float = 100.0
    kind: ClassVar[str] = "linear"

    def points(self, raw: ArrayLike, population: FloatArray | None = None) -> FloatArray:
        share = np.clip((floats(raw) - self.lo) / (self.hi - self.lo), 0.0, 1.0)
        return MAX_POINTS * (share if self.direction is Direction.HIGHER else 1.0 - share)

    def problems(self) -> list[Problem]:
        if np.isfinite([self.lo, self.hi]).all() and self.lo < self.hi:
            return []
        return [Problem("linear_limits", params={"lo": self.lo, "hi": self.hi})]

    def applied(self, raw: float | None, population_size: int | None = None) -> Applied:
        return Applied(self.kind, self.direction, {"lo": self.lo, "hi": self.hi})

    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), "lo": self.lo, "hi": self.hi}


@dataclass(frozen=True)
class Lookup(Standard):
    """Points for each of a few marks (1-5, say); a value not listed has no points."""

    table: tuple[tuple[float, float], ...] = ()  # (raw value, points), ascending raw value
    kind: ClassVar[str] = "lookup"

    def points(self, raw: ArrayLike, population: FloatArray | None = None) -> FloatArray:
        values = floats(raw)
        if not self.table:
            return np.full(len(values), np.nan)
        marks, points = (np.asarray(column, dtype=np.float64) for column in zip(*self.table, strict=True))
        place = np.minimum(np.searchsorted(marks, values), len(marks) - 1)
        return np.where(marks[place] == values, points[place], np.nan)

    def problems(self) -> list[Problem]:
        if not self.table:
            return [Problem("lookup_empty")]
        found = [
            Problem("lookup_unsorted", params={"value": b[0]})
            for a, b in pairwise(self.table)
            if a[0] >= b[0]
        ]
        return found + _points_problems("lookup", [points for _, points in self.table], self.direction)

    def applied(self, raw: float | None, population_size: int | None = None) -> Applied:
        return Applied(self.kind, self.direction, {"table": self.table})

    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), "table": [list(row) for row in self.table]}


@dataclass(frozen=True, slots=True)
class Band:
    """Raw values from ``lower`` (inclusive) up to ``upper`` (exclusive); None = open."""

    lower: float | None
    upper: float | None
    points: float


@dataclass(frozen=True)
class Bands(Standard):
    """An editable table: the band a value falls into gives the points. First and last band are open-ended.

    The first band is what values below everything get ("< 0" for profit); the direction only says how the
    points must run from row to row.
    """

    rows: tuple[Band, ...] = ()
    kind: ClassVar[str] = "bands"

    @classmethod
    def from_edges(
        cls, edges: Sequence[float], points: Sequence[float], direction: Direction = Direction.HIGHER
    ) -> "Bands":
        """k ascending edges and k + 1 points: below the first edge, between the edges, from the last edge
        on.
        """
        if len(points) != len(edges) + 1:
            raise InvalidModel([Problem("bands_count", params={"edges": len(edges), "points": len(points)})])
        limits = [None, *map(float, edges), None]
        rows = tuple(Band(lo, hi, float(p)) for (lo, hi), p in zip(pairwise(limits), points, strict=True))
        return cls(direction=direction, rows=rows)

    def points(self, raw: ArrayLike, population: FloatArray | None = None) -> FloatArray:
        values = floats(raw)
        points = np.asarray([row.points for row in self.rows])[self._places(values)]
        return np.where(np.isnan(values), np.nan, points)

    def band_of(self, raw: float) -> int:
        """Position of the row that a value falls into."""
        return int(self._places(np.asarray([raw]))[0])

    def _places(self, values: FloatArray) -> np.ndarray[Any, np.dtype[np.intp]]:
        edges = np.asarray([row.upper for row in self.rows[:-1]], dtype=np.float64)
        # NaN sorts behind everything; the caller blanks it.
        return np.searchsorted(edges, values, side="right")

    def problems(self) -> list[Problem]:
        if not self.rows:
            return [Problem("bands_empty")]
        found = []
        if self.rows[0].lower is not None:
            found.append(Problem("bands_first_not_open", params={"lower": self.rows[0].lower}))
        if self.rows[-1].upper is not None:
            found.append(Problem("bands_last_not_open", params={"upper": self.rows[-1].upper}))
        for i, row in enumerate(self.rows, start=1):
            if row.lower is not None and row.upper is not None and not row.lower < row.upper:
                found.append(
                    Problem("bands_unsorted", params={"row": i, "lower": row.lower, "upper": row.upper})
                )
        for i, (row, following) in enumerate(pairwise(self.rows), start=1):
            params = {"row": i, "upper": row.upper, "lower": following.lower}
            if row.upper is None or following.lower is None:
                found.append(Problem("bands_open_inside", params=params))
            elif following.lower > row.upper:
                found.append(Problem("bands_gap", params=params))
            elif following.lower < row.upper:
                found.append(Problem("bands_overlap", params=params))
        return found + _points_problems("bands", [row.points for row in self.rows], self.direction)

    def applied(self, raw: float | None, population_size: int | None = None) -> Applied:
        if raw is None:
            return Applied(self.kind, self.direction, {"rows": len(self.rows)})
        place = self.band_of(raw)
        row = self.rows[place]
        facts = {"row": place + 1, "rows": len(self.rows), "lower": row.lower, "upper": row.upper}
        return Applied(self.kind, self.direction, facts)

    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), "rows": [[row.lower, row.upper, row.points] for row in self.rows]}


def standard_from_dict(data: Mapping[str, Any]) -> Standard:
    """Inverse of ``to_dict``. InvalidModel when the kind is unknown or a value is not a number."""
    try:
        direction = Direction(data.get("direction", Direction.HIGHER))
        match data["kind"]:
            case Percentile.kind:
                return Percentile(direction)
            case Identity.kind:
                return Identity(direction)
            case Linear.kind:
                return Linear(direction, lo=float(data["lo"]), hi=float(data["hi"]))
            case Lookup.kind:
                return Lookup(direction, table=tuple((float(value), float(p)) for value, p in data["table"]))
            case Bands.kind:
                rows = tuple(Band(_limit(lo), _limit(hi), float(p)) for lo, hi, p in data["rows"])
                return Bands(direction, rows=rows)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidModel([Problem("standard_unreadable", params={"cause": str(error)})]) from error
    raise InvalidModel([Problem("standard_unknown", params={"kind": str(data["kind"])})])


def _limit(value: Any) -> float | None:
    return None if value is None else float(value)


def _points_problems(kind: str, points: Sequence[float], direction: Direction) -> list[Problem]:
    found = [
        Problem(f"{kind}_points_range", params={"row": i, "points": p})
        for i, p in enumerate(points, start=1)
        if not 0 <= p <= MAX_POINTS
    ]
    for i, (one, following) in enumerate(pairwise(points), start=2):
        wrong = following < one if direction is Direction.HIGHER else following > one
        if wrong:
            found.append(
                Problem(f"{kind}_not_monotone", params={"row": i, "points": following, "before": one})
            )
    return found

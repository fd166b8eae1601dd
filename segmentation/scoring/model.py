"""The grading model 客户评分模型: indicators with weights and standards, and the thresholds of the grades.

A model is an immutable value: what a manager edits, what the database stores as JSON, what a run names.
Source: models.md section 1.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Any

from segmentation.scoring.problems import InvalidModel, Problem
from segmentation.scoring.standards import (
    Bands,
    Direction,
    Identity,
    Lookup,
    Percentile,
    Standard,
    standard_from_dict,
)

WEIGHT_TOLERANCE = 1e-6
YEAR = 365
SHORTEST_WINDOW, LONGEST_WINDOW = 30, 3653


class Half(StrEnum):
    """Which sub-score an indicator feeds."""

    CURRENT = "current"
    FUTURE = "future"


class Missing(StrEnum):
    """What to do where the raw value is unknown."""

    EXCLUDE = "exclude"  # leave it out, renormalise the weights
    LOWEST = "lowest"  # 0 points, still shown and counted as missing


class GradeBy(StrEnum):
    SCORE = "score"  # a grade from so many points
    SHARE = "share"  # the best so many percent of the accounts


@dataclass(frozen=True, slots=True)
class Indicator:
    code: str
    weight: float
    half: Half
    standard: Standard
    missing: Missing = Missing.EXCLUDE
    window: int = YEAR  # days up to the date, for sums and rates


@dataclass(frozen=True, slots=True)
class Threshold:
    """A grade, best first. ``cut``: least points (SCORE) or own share of accounts 0..1 (SHARE); None =
    the rest. ``title`` and ``title_zh``: what people call it, where that is not ``grade`` itself.
    """

    grade: str
    cut: float | None
    title: str = ""
    title_zh: str = ""


@dataclass(frozen=True, slots=True)
class GradingModel:
    indicators: tuple[Indicator, ...]
    thresholds: tuple[Threshold, ...]
    grade_by: GradeBy = GradeBy.SCORE
    min_coverage: float = 0.5  # of the weight, below which an account is unrated
    hysteresis: float = 2.0  # points beyond a cut-off that change a grade at once

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(indicator.code for indicator in self.indicators)

    @property
    def grades(self) -> tuple[str, ...]:
        """Names of the grades, best first; a grade's index is what the arrays hold."""
        return tuple(threshold.grade for threshold in self.thresholds)

    def problems(self) -> list[Problem]:
        """Everything wrong with the model; empty when it can be used."""
        found = [*self._indicator_problems(), *self._threshold_problems()]
        if not 0 <= self.min_coverage <= 1:
            found.append(Problem("min_coverage_range", params={"value": self.min_coverage}))
        if not self.hysteresis >= 0:
            found.append(Problem("hysteresis_negative", params={"value": self.hysteresis}))
        return found

    def validate(self) -> None:
        """Raise InvalidModel naming every problem."""
        if found := self.problems():
            raise InvalidModel(found)

    def _indicator_problems(self) -> list[Problem]:
        if not self.indicators:
            return [Problem("no_indicators")]
        found = [Problem("code_duplicate", code) for code, times in Counter(self.codes).items() if times > 1]
        for indicator in self.indicators:
            if not SHORTEST_WINDOW <= indicator.window <= LONGEST_WINDOW:
                found.append(Problem("window_range", indicator.code, {"window": indicator.window}))
            if not indicator.weight >= 0:
                found.append(Problem("weight_negative", indicator.code, {"weight": indicator.weight}))
            found += [replace(p, indicator=indicator.code) for p in indicator.standard.problems()]
        total = sum(indicator.weight for indicator in self.indicators)
        if not abs(total - 1.0) <= WEIGHT_TOLERANCE:
            found.append(Problem("weights_sum", params={"sum": total}))
        return found

    def _threshold_problems(self) -> list[Problem]:
        if not self.thresholds:
            return [Problem("no_grades")]
        found = [
            Problem("grade_duplicate", params={"grade": g}) for g, t in Counter(self.grades).items() if t > 1
        ]
        *cut, rest = self.thresholds
        if rest.cut is not None:
            found.append(Problem("grade_rest_missing", params={"grade": rest.grade}))
        for threshold in cut:
            highest = 100.0 if self.grade_by is GradeBy.SCORE else 1.0
            if threshold.cut is None or not 0 <= threshold.cut <= highest:
                found.append(Problem("cut_range", params={"grade": threshold.grade, "cut": threshold.cut}))
        known = [threshold for threshold in cut if threshold.cut is not None]
        cuts = [threshold.cut or 0.0 for threshold in known]
        if self.grade_by is GradeBy.SHARE:
            if sum(cuts) > 1.0 + WEIGHT_TOLERANCE:
                found.append(Problem("shares_sum", params={"sum": sum(cuts)}))
        else:
            for (upper, lower), threshold in zip(pairwise(cuts), known[1:], strict=True):
                if lower >= upper:
                    found.append(Problem("cuts_unordered", params={"grade": threshold.grade, "cut": lower}))
        return found

    def to_dict(self) -> dict[str, Any]:
        return {
            "indicators": [
                {
                    "code": indicator.code,
                    "weight": indicator.weight,
                    "half": indicator.half.value,
                    "missing": indicator.missing.value,
                    "window": indicator.window,
                    "standard": indicator.standard.to_dict(),
                }
                for indicator in self.indicators
            ],
            "grade_by": self.grade_by.value,
            "thresholds": [[t.grade, t.cut, t.title, t.title_zh] for t in self.thresholds],
            "min_coverage": self.min_coverage,
            "hysteresis": self.hysteresis,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "GradingModel":
        """Inverse of ``to_dict``; InvalidModel when it cannot be read. Does not validate: call
        ``validate``.
        """
        try:
            indicators = tuple(
                Indicator(
                    code=str(entry["code"]),
                    weight=float(entry["weight"]),
                    half=Half(entry["half"]),
                    standard=standard_from_dict(entry["standard"]),
                    missing=Missing(entry.get("missing", Missing.EXCLUDE)),
                    window=int(entry.get("window", YEAR)),
                )
                for entry in data["indicators"]
            )
            thresholds = tuple(
                Threshold(str(grade), None if cut is None else float(cut), *map(str, titles))
                for grade, cut, *titles in data["thresholds"]
            )
            return cls(
                indicators=indicators,
                thresholds=thresholds,
                grade_by=GradeBy(data.get("grade_by", GradeBy.SCORE)),
                min_coverage=float(data.get("min_coverage", 0.5)),
                hysteresis=float(data.get("hysteresis", 2.0)),
            )
        except InvalidModel:
            raise
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InvalidModel([Problem("model_unreadable", params={"cause": str(error)})]) from error


BY_SCORE = (
    Threshold("A", 80.0, "Platinum", "白金"),
    Threshold("B", 60.0, "Gold", "黄金"),
    Threshold("C", 40.0, "Iron", "铁"),
    Threshold("D", None, "Lead", "铅"),
)
BY_SHARE = (Threshold("A", 0.20), Threshold("B", 0.30), Threshold("C", None))

DEFAULT_MODEL = GradingModel(
    indicators=(
        Indicator("gross_profit", 0.30, Half.CURRENT, Percentile()),
        Indicator("net_sales", 0.20, Half.CURRENT, Percentile()),
        Indicator("marketing_cost_ratio", 0.10, Half.CURRENT, Percentile(Direction.LOWER)),
        Indicator(
            "industry_position",
            0.10,
            Half.FUTURE,
            Lookup(table=((1, 20), (2, 40), (3, 60), (4, 80), (5, 100))),
        ),
        Indicator(
            "cooperation_years", 0.10, Half.FUTURE, Bands.from_edges((1, 3, 5, 10), (20, 40, 60, 80, 100))
        ),
        Indicator("satisfaction", 0.20, Half.FUTURE, Identity()),
    ),
    thresholds=BY_SCORE,
)

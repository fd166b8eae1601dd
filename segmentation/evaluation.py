"""Scores and grades of a population: the one way that the job, the preview and the back-test all go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crm.scoring.arrays import BoolArray, CodeArray, FloatArray, IntArray
from crm.scoring.finance import FinanceParameters
from crm.scoring.ranking import prepare_population
from crm.steps import AccountRange
from segmentation.graders import Grader, place_sql
from segmentation.indicators.reading import EVERYBODY, RawValues, read_raw_values
from segmentation.indicators.sources import FigureSource
from segmentation.scoring.grading import (
    UNRATED,
    Grades,
    GradingModel,
    ScoreResult,
    assign_grades,
    confirm_grades,
    score,
    share_population,
)

TOTALS = "total"  # the sorted totals, among the populations of a version

# A person's word that holds on the day, and the grade of the last month's end before it.
_STANDING = """
LEFT JOIN (
    SELECT DISTINCT ON (account_id) account_id, value FROM segmentation_gradeoverride
    WHERE state = 'approved' AND revoked_at IS NULL AND valid_from <= %(as_of)s AND valid_to > %(as_of)s
    ORDER BY account_id, id DESC
) o ON o.account_id = f.account_id
LEFT JOIN segmentation_gradesnapshot g ON g.account_id = f.account_id
    AND g.month_end = (SELECT max(month_end) FROM segmentation_gradesnapshot WHERE month_end < %(as_of)s)
"""
_COLUMNS = {
    "override": ("coalesce(o.value, -1)", "int"),
    "previous": ("coalesce(CASE WHEN g.overridden THEN g.computed_grade ELSE g.grade END, -1)", "int"),
    "previous_computed": ("coalesce(g.computed_grade, -1)", "int"),
    "previous_version": ("coalesce(g.version_id, -1)", "int"),
}


@dataclass(frozen=True)
class Population:
    """The customers of a date with the raw values that some graders need, and whose they are."""

    graders: Sequence[Grader]
    values: RawValues
    place: IntArray

    def of(self, place: int) -> tuple[BoolArray, dict[str, FloatArray], dict[str, CodeArray]]:
        """Which rows a grader grades, their raw values and reasons by indicator code."""
        mine = self.place == place
        raw, reasons = {}, {}
        for indicator in self.graders[place].model.indicators:
            pair = (indicator.code, indicator.window)
            raw[indicator.code] = self.values.raw[pair][mine]
            if pair in self.values.reasons:
                reasons[indicator.code] = self.values.reasons[pair][mine]
        return mine, raw, reasons


@dataclass(frozen=True)
class Evaluation:
    """What one grader made of its accounts. Arrays of shape (n,), by account id ascending.

    `shown` is the grade to publish: confirmed against the last month's end, or what a person set; `computed` follows
    from the score alone. Grades are positions in the model, UNRATED is none.
    """

    grader: Grader
    account_id: IntArray
    result: ScoreResult
    grades: Grades
    shown: CodeArray
    overridden: BoolArray
    rank: FloatArray

    @property
    def computed(self) -> CodeArray:
        return self.grades.grade


def read_population(
    cursor: Any,
    graders: Sequence[Grader],
    source: FigureSource,
    finance: FinanceParameters,
    accounts: AccountRange = EVERYBODY,
) -> Population:
    """One query, whatever the number of models."""
    place, parameters = place_sql(graders)
    weighed = {
        (indicator.code, indicator.window) for grader in graders for indicator in grader.model.indicators
    }
    values = read_raw_values(
        cursor,
        source,
        weighed,
        finance,
        accounts,
        extra={"place": (place, "int"), **_COLUMNS},
        joins=_STANDING,
        parameters=parameters,
    )
    return Population(graders, values, values.extra["place"])


def populations(population: Population) -> dict[str, FloatArray]:
    """What every version compares its accounts with, under `population_key` names."""
    found: dict[str, FloatArray] = {}
    for place, grader in enumerate(population.graders):
        _mine, raw, reasons = population.of(place)
        compared = comparison(grader.model, raw)
        result = score(grader.model, raw, compared, reasons=reasons)
        own = {**compared, TOTALS: share_population(result)}
        found |= {population_key(grader.version_id, name): array for name, array in own.items()}
    return found


def comparison(model: GradingModel, raw: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The sorted raw values of the indicators that are scored by rank."""
    return {
        indicator.code: prepare_population(raw[indicator.code])
        for indicator in model.indicators
        if indicator.standard.needs_population
    }


def population_key(version_id: int, name: str) -> str:
    return f"{version_id}/{name}"


def populations_for(version_id: int, stored: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Those of one version, by indicator code (and TOTALS)."""
    prefix = population_key(version_id, "")
    return {name.removeprefix(prefix): array for name, array in stored.items() if name.startswith(prefix)}


def evaluate(population: Population, stored: Mapping[str, FloatArray]) -> Iterator[Evaluation]:
    """Score and grade, grader by grader, against the populations that `populations` gave."""
    extra = population.values.extra
    for place, grader in enumerate(population.graders):
        mine, raw, reasons = population.of(place)
        compared = populations_for(grader.version_id, stored)
        totals = compared.pop(TOTALS)
        result = score(grader.model, raw, compared, reasons=reasons)
        grades = assign_grades(grader.model, result, totals)
        # An earlier grade of another version says nothing about this one's.
        same = extra["previous_version"][mine] == grader.version_id
        confirmed = confirm_grades(
            grader.model,
            grades,
            result.total,
            np.where(same, extra["previous"][mine], UNRATED),
            np.where(same, extra["previous_computed"][mine], UNRATED),
        )
        override = extra["override"][mine]
        overridden = override != UNRATED
        # A model with fewer grades than the one the person chose from: the nearest it has.
        chosen = np.minimum(override, len(grader.model.grades) - 1)
        better = len(totals) - np.searchsorted(totals, np.round(result.total, 9), side="right")
        rated = result.reason == 0
        yield Evaluation(
            grader=grader,
            account_id=population.values.account_id[mine],
            result=result,
            grades=grades,
            shown=np.where(overridden, chosen, confirmed.grade).astype(np.int8),
            overridden=overridden,
            rank=np.where(rated, better + 1.0, np.nan),
        )

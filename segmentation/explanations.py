"""The grade of one account explained, from what was stored and by the very functions that made it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from crm.models import Account, Run
from crm.scoring.arrays import FloatArray, floats
from crm.scoring.reasons import Reason
from crm.snapshots import shown_run
from segmentation.models import AccountGrade, GradeSnapshot, ScoringModelVersion
from segmentation.models.figures import GradeFigures
from segmentation.populations import Populations, populations_of
from segmentation.scoring.grading import (
    Explanation,
    GradingModel,
    assign_grades,
    points_to_next_grade,
    score,
)
from segmentation.scoring.grading import (
    explain as weigh_again,
)
from segmentation.scoring.improvement import Way, ways_up

# Indicators whose value the trade lines of their window make up; growth looks at the window before, too.
FROM_TRADE = frozenset(
    {"gross_profit", "net_sales", "quantity", "margin", "marketing_cost_ratio", "marketing_cost", "growth",
     "occasions", "payment_days", "complaint_rate"}
)  # fmt: skip
# Every trade line up to the date counts.
FROM_ALL_TRADE = frozenset({"cooperation_years", "recency"})


def trade_span(code: str, window: int, as_of: dt.date) -> tuple[dt.date | None, dt.date] | None:
    """First (None: from the beginning) and last day of the trade lines behind a raw value; None: it has none.

    A window is (as_of - window days, as_of].
    """
    if code in FROM_ALL_TRADE:
        return None, as_of
    if code not in FROM_TRADE:
        return None
    reach = window * 2 if code == "growth" else window
    return as_of - dt.timedelta(days=reach - 1), as_of


@dataclass(frozen=True)
class GradeExplanation:
    """Everything the page shows about a grade. `explanation` is what `segmentation.scoring.grading` gives."""

    figures: AccountGrade | GradeSnapshot
    version: ScoringModelVersion
    model: GradingModel
    as_of: dt.date
    explanation: Explanation
    # Points to the cut-off of the next better grade; None for the best and for unrated.
    gap: float | None
    ways: list[Way]
    # How many the rank counts; None where the run kept no populations.
    ranked_among: int | None = None

    @property
    def grade(self) -> str | None:
        return grade_name(self.model, self.figures.grade)

    @property
    def computed_grade(self) -> str | None:
        return grade_name(self.model, self.figures.computed_grade)

    def window_of(self, code: str) -> int:
        """Days that the raw value adds up; 0: as of the date."""
        windows = {one.code: one.window for one in self.model.indicators if one.code in FROM_TRADE}
        return windows.get(code, 0)

    def span_of(self, code: str) -> tuple[dt.date | None, dt.date] | None:
        """The days of the trade lines behind an indicator's raw value."""
        return trade_span(code, self.window_of(code), self.as_of)

    @property
    def missing(self) -> list[str]:
        """Codes of the indicators without points."""
        return [line.code for line in self.explanation.indicators if line.points is None]

    @property
    def next_grade(self) -> str | None:
        computed = self.figures.computed_grade
        return grade_name(self.model, computed - 1) if computed else None

    @property
    def is_pending(self) -> bool:
        """The score alone would give another grade; the change waits to be confirmed."""
        return not self.figures.overridden and self.figures.grade != self.figures.computed_grade


def grade_name(model: GradingModel, index: int | None) -> str | None:
    """The letter of a stored grade; None is unrated."""
    return model.grades[index] if index is not None and 0 <= index < len(model.grades) else None


def explain(account: Account, month_end: dt.date | None = None) -> GradeExplanation | None:
    """The grade shown now, or the one frozen at a month's end; None where the account has none."""
    if month_end is None:
        current = AccountGrade.objects.select_related("version__model").filter(account=account).first()
        run = shown_run()
        return None if current is None or run is None else explain_figures(current, run.as_of, run)
    frozen = (
        GradeSnapshot.objects.select_related("version__model", "run")
        .filter(account=account, month_end=month_end)
        .first()
    )
    return None if frozen is None else explain_figures(frozen, month_end, frozen.run)


def explain_figures(
    figures: AccountGrade | GradeSnapshot, as_of: dt.date, run: Run | None
) -> GradeExplanation:
    model = GradingModel.from_dict(figures.version.definition)
    populations = populations_of(run, figures.version_id) if run else Populations()
    explanation = weigh(model, figures, populations)
    gap = _gap(model, figures, populations)
    ways = ways_up(model, explanation, gap, populations.indicators) if gap is not None else []
    return GradeExplanation(
        figures=figures,
        version=figures.version,
        model=model,
        as_of=as_of,
        explanation=explanation,
        gap=gap,
        ways=ways,
        ranked_among=len(populations.totals) or None,
    )


def weigh(model: GradingModel, figures: GradeFigures, populations: Populations | None = None) -> Explanation:
    """Stored raw values and points through the job's own weighing."""
    sizes = populations.sizes(model) if populations else None
    raw, points = floats(np.array(figures.raw, float)), floats(np.array(figures.points, float))
    return weigh_again(model, raw, points, figures.reasons, sizes, Reason(figures.reason))


def cuts_of(model: GradingModel, totals: FloatArray) -> FloatArray:
    """Least points of each grade but the last, as the job draws them; `totals` matter in share mode."""
    nobody: FloatArray = np.zeros(0)
    empty = score(model, dict.fromkeys(model.codes, nobody), dict.fromkeys(model.codes, nobody))
    return assign_grades(model, empty, totals).cuts


def _gap(model: GradingModel, figures: GradeFigures, populations: Populations) -> float | None:
    if figures.computed_grade is None or figures.score is None:
        return None
    cuts = cuts_of(model, populations.totals)
    gap = points_to_next_grade([figures.score], [figures.computed_grade], cuts)[0]
    return None if np.isnan(gap) else float(gap)

"""What is wrong with a model, in words that say where and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segmentation.scoring.problems import Problem
from segmentation.wording import indicator_name

FIELDS = {
    "weight": gettext_lazy("Weight"),
    "window": gettext_lazy("Window"),
    "lo": gettext_lazy("0 points at"),
    "hi": gettext_lazy("100 points at"),
    "mark": gettext_lazy("Mark"),
    "points": gettext_lazy("Points"),
    "edge": gettext_lazy("Limit of a band"),
    "cut": gettext_lazy("Threshold"),
    "min_coverage": gettext_lazy("Least share of the weights"),
    "hysteresis": gettext_lazy("Points beyond a threshold"),
}
TEXTS = {
    "no_indicators": gettext_lazy("Add at least one indicator."),
    "no_grades": gettext_lazy("Add at least one grade."),
    "weights_sum": gettext_lazy("The weights add up to %(sum)s %%, not to 100 %%."),
    "weight_negative": gettext_lazy("A weight cannot be below 0."),
    "code_duplicate": gettext_lazy("This indicator stands there twice."),
    "indicator_unknown": gettext_lazy("This field does not exist any more: take the indicator out."),
    "scope_unknown": gettext_lazy("The scope names something unknown: %(name)s."),
    "window_range": gettext_lazy("The window must be between 30 days and 10 years."),
    "min_coverage_range": gettext_lazy("The least share of the weights lies between 0 and 100 %%."),
    "hysteresis_negative": gettext_lazy("Points beyond a threshold cannot be below 0."),
    "grade_duplicate": gettext_lazy("Two grades are called %(grade)s."),
    "grade_unnamed": gettext_lazy("Every grade needs a name."),
    "grade_rest_missing": gettext_lazy("The last grade is for the rest: it has no threshold."),
    "cut_range": gettext_lazy("The threshold of %(grade)s lies outside 0 to 100."),
    "cuts_unordered": gettext_lazy(
        "The threshold of %(grade)s must lie below the one of the grade above it."
    ),
    "shares_sum": gettext_lazy("The shares of the grades add up to more than 100 %%."),
    "bands_count": gettext_lazy("Every band needs points, and a limit to the next one."),
    "bands_empty": gettext_lazy("The table of bands is empty."),
    "bands_first_not_open": gettext_lazy("The first band must be open downwards."),
    "bands_last_not_open": gettext_lazy("The last band must be open upwards."),
    "bands_unsorted": gettext_lazy(
        "Band %(row)s ends at %(upper)s, which is not above its beginning %(lower)s."
    ),
    "bands_open_inside": gettext_lazy("Band %(row)s is open to the next one: give it a limit."),
    "bands_gap": gettext_lazy("Between %(upper)s and %(lower)s there is a gap: no band holds these values."),
    "bands_overlap": gettext_lazy("Bands overlap between %(lower)s and %(upper)s."),
    "bands_points_range": gettext_lazy("Points of band %(row)s must lie between 0 and 100."),
    "bands_not_monotone": gettext_lazy(
        "Band %(row)s has %(points)s points after %(before)s: that is against the direction."
    ),
    "lookup_empty": gettext_lazy("Give points to at least one mark."),
    "lookup_unsorted": gettext_lazy("The marks must rise: look at %(value)s."),
    "lookup_points_range": gettext_lazy("Points must lie between 0 and 100."),
    "lookup_not_monotone": gettext_lazy(
        "Mark %(row)s has %(points)s points after %(before)s: that is against the direction."
    ),
    "linear_limits": gettext_lazy("The beginning of the line must lie below its end."),
    "number_missing": gettext_lazy("%(field)s: a number is missing."),
    "number_unreadable": gettext_lazy("%(field)s: “%(text)s” is no number."),
    "model_unreadable": gettext_lazy("The model cannot be read: %(cause)s"),
    "standard_unreadable": gettext_lazy("The scoring standard cannot be read: %(cause)s"),
    "standard_unknown": gettext_lazy("There is no scoring standard %(kind)s."),
    "reason_missing": gettext_lazy("Say why: the reason stays with the version."),
    "default_stays": gettext_lazy(
        "The default model cannot be retired: it grades whoever no other model is for."
    ),
    "ahp_shape": gettext_lazy("Compare between one and ten indicators."),
    "ahp_not_reciprocal": gettext_lazy("Every comparison must be a positive number."),
    "ahp_inconsistent": gettext_lazy(
        "The comparisons contradict each other: the consistency ratio is %(ratio)s, at most %(limit)s is allowed."
    ),
}


def problem_text(problem: Problem) -> str:
    """The sentence alone; the indicator is named beside it."""
    text = TEXTS.get(problem.code)
    if text is None:
        return problem.code
    return str(text) % {name: _shown(problem.code, name, value) for name, value in problem.params.items()}


def problem_texts(problems: Iterable[Problem]) -> tuple[list[str], dict[str, list[str]]]:
    """Sentences about the model as a whole, and by indicator code."""
    whole: list[str] = []
    by_code: dict[str, list[str]] = {}
    for problem in problems:
        if problem.indicator:
            by_code.setdefault(problem.indicator, []).append(problem_text(problem))
        else:
            whole.append(problem_text(problem))
    return whole, by_code


def problem_lines(problems: Iterable[Problem]) -> list[str]:
    """Everything in one list, indicators by name."""
    return [
        _("%(indicator)s: %(problem)s")
        % {"indicator": indicator_name(problem.indicator), "problem": problem_text(problem)}
        if problem.indicator
        else problem_text(problem)
        for problem in problems
    ]


def _shown(code: str, name: str, value: Any) -> str:
    if name == "field":
        return str(FIELDS.get(value, value))
    if code == "weights_sum" and name == "sum":
        return f"{value * 100:.6g}"
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)

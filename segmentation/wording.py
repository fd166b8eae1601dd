"""Indicators, units and scoring standards in words."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm.templatetags.ui import MISSING, money_whole, number, percent
from segmentation.indicators.catalogue import is_known, kind_of
from segmentation.scoring.grading import GradingModel
from segmentation.scoring.standards import Applied, Direction


def indicator_name(code: str) -> str:
    return str(kind_of(code).title) if is_known(code) else code


def grade_title(model: GradingModel, index: int | None) -> str:
    """What people call a grade (白金), in the reader's language; "" where the model gives it no other name."""
    if index is None or not 0 <= index < len(model.thresholds):
        return ""
    threshold = model.thresholds[index]
    chinese = (get_language() or "").startswith("zh")
    return threshold.title_zh if chinese and threshold.title_zh else threshold.title


def with_unit(code: str, value: float | None) -> str:
    """A raw value with its unit; a dash where it is missing."""
    if value is None:
        return MISSING
    match kind_of(code).unit if is_known(code) else "":
        case "money":
            return money_whole(value)
        case "percent":
            return percent(value, 1)
        case "mark":
            return _("%(mark)s of 5") % {"mark": number(value)}
        case "days":
            return _("%(days)s days") % {"days": number(value)}
        case "years":
            return _("%(years)s years") % {"years": number(value, 1)}
        case _:
            return number(value, 1)


def standard_text(code: str, applied: Applied, missing: bool = False) -> str:
    """The scoring standard that gave the points, in a few words."""
    facts = applied.facts
    match applied.kind:
        case "percentile" if facts.get("population"):
            if applied.direction is Direction.LOWER:
                text = _("percentile of %(count)s customers, less is better")
            else:
                text = _("percentile of %(count)s customers")
            return text % {"count": number(facts["population"])}
        case "percentile":
            return _("percentile of all customers")
        case "identity":
            return _("the index itself")
        case "linear":
            return _("straight from %(low)s to %(high)s") % {
                "low": with_unit(code, facts["lo"]),
                "high": with_unit(code, facts["hi"]),
            }
        case "lookup":
            return _("table of marks")
        case "bands" if missing or "row" not in facts:
            return _("table of bands")
        case "bands":
            return _("band %(row)s of %(rows)s: %(limits)s") % {
                "row": facts["row"],
                "rows": facts["rows"],
                "limits": _limits(code, facts["lower"], facts["upper"]),
            }
        case kind:
            return kind


def _limits(code: str, lower: float | None, upper: float | None) -> str:
    if lower is None and upper is None:
        return _("any value")
    if lower is None:
        return _("below %(upper)s") % {"upper": with_unit(code, upper)}
    if upper is None:
        return _("%(lower)s and more") % {"lower": with_unit(code, lower)}
    return _("%(lower)s to below %(upper)s") % {
        "lower": with_unit(code, lower),
        "upper": with_unit(code, upper),
    }

"""Indicators, units and scoring standards in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.templatetags.ui import MISSING, money_whole, number, percent
from segmentation.scoring.standards import Applied, Direction

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

INDICATORS: dict[str, _StrPromise] = {
    "gross_profit": gettext_lazy("Gross profit"),
    "net_sales": gettext_lazy("Net sales"),
    "marketing_cost_ratio": gettext_lazy("Marketing cost / net sales"),
    "industry_position": gettext_lazy("Position in its industry"),
    "cooperation_years": gettext_lazy("Years of cooperation"),
    "satisfaction": gettext_lazy("Satisfaction"),
}
UNITS: dict[str, str] = {
    "gross_profit": "money",
    "net_sales": "money",
    "marketing_cost_ratio": "percent",
    "industry_position": "mark",
    "cooperation_years": "years",
    "satisfaction": "index",
}
# What somebody can do something about before the next run.
LEVERS = frozenset({"gross_profit", "net_sales", "marketing_cost_ratio", "satisfaction"})


def indicator_name(code: str) -> str:
    return str(INDICATORS.get(code, code))


def with_unit(code: str, value: float | None) -> str:
    """A raw value with its unit; a dash where it is missing."""
    if value is None:
        return MISSING
    match UNITS.get(code):
        case "money":
            return money_whole(value)
        case "percent":
            return percent(value, 1)
        case "mark":
            return _("%(mark)s of 5") % {"mark": number(value)}
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

"""The grade on the account page, with everything needed to check it by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.account_panels import HistoryPart
from crm.override_pages import standing
from crm.panels import Panel
from crm.templatetags.ui import number
from crm.wording import reason_text
from segmentation.explanations import GradeExplanation, explain
from segmentation.history import grade_history
from segmentation.indicators.catalogue import is_known, kind_of
from segmentation.overriding import GRADE
from segmentation.scoring.improvement import Way
from segmentation.segments.queries import segments_of
from segmentation.wording import grade_title, indicator_name, standard_text, with_unit

if TYPE_CHECKING:
    from crm.charts import Chart
    from crm.models import Account, User


@dataclass(frozen=True)
class Line:
    """An indicator as the page shows it: figures for the columns, words for the rest."""

    code: str
    name: str
    half: str
    raw: str
    standard: str
    points: float | None
    weight: float
    effective_weight: float
    contribution: float
    missing: str
    url: str


def lines_of(account: Account, explained: GradeExplanation) -> list[Line]:
    return [
        Line(
            code=line.code,
            name=indicator_name(line.code),
            half=_("current") if line.half == "current" else _("future"),
            raw=with_unit(line.code, line.raw),
            standard=standard_text(line.code, line.applied, missing=line.raw is None),
            points=line.points,
            weight=line.weight,
            effective_weight=line.effective_weight,
            contribution=line.contribution,
            missing="" if line.points is not None else reason_text(line.reason) or _("not known"),
            url=_source_url(account, line.code, explained),
        )
        for line in explained.explanation.indicators
    ]


# Where else on the account's pages a raw value comes from.
PLACES = {"satisfaction": "#panel-satisfaction", "loyalty": "#panel-loyalty"}


def _source_url(account: Account, code: str, explained: GradeExplanation) -> str:
    """The trade lines, or the place on the page, that the raw value comes from."""
    span = explained.span_of(code)
    if span is not None:
        days = {"from": span[0], "to": span[1]}
        asked = urlencode({name: f"{day:%Y-%m-%d}" for name, day in days.items() if day is not None})
        return f"{reverse('crm:account-trade-lines', args=[account.pk])}?{asked}"
    if code in PLACES:
        return PLACES[code]
    # Entered by hand: industry position, further fields.
    return reverse("crm:account-profile", args=[account.pk])


def way_text(way: Way) -> str:
    """ "Satisfaction from 62.0 to 83.0"; where the value cannot be told, the points."""
    values = {"indicator": indicator_name(way.code), "raw": with_unit(way.code, way.raw)}
    if way.target is None:
        return _("%(indicator)s: %(points)s points more") % {**values, "points": number(way.points_needed, 1)}
    return _("%(indicator)s from %(raw)s to %(target)s") % {
        **values,
        "target": with_unit(way.code, way.target),
    }


def cheapest(ways: list[Way]) -> str:
    """The shortest way among what somebody can act upon; "" where one indicator alone is not enough."""
    usable = [way for way in ways if is_known(way.code) and kind_of(way.code).lever]
    return way_text(usable[0]) if usable else ""


class GradePanel(Panel):
    slug = "grade"
    title = gettext_lazy("Grade")
    icon = "award"
    template_name = "segmentation/panels/grade.html"

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        explained = explain(account)
        context: dict[str, Any] = {
            "account": account,
            "explained": explained,
            **standing(GRADE, account, user, today),
            "segments": segments_of(account),
            "may_see_segments": user.can("view_dashboards"),
        }
        if explained is None:
            return context
        return {
            **context,
            "figures": explained.figures,
            "title": grade_title(explained.model, explained.figures.grade),
            "tone": min(explained.figures.grade, 3) if explained.figures.grade is not None else "none",
            "lines": lines_of(account, explained),
            "override_waits": bool(context["override"]) != explained.figures.overridden,
            "reason": reason_text(explained.explanation.reason),
            "way": cheapest(explained.ways),
        }


class GradeHistoryPanel(HistoryPart):
    slug = "grade-history"
    within = GradePanel.slug
    title = GradePanel.title

    def chart(self, account: Account, until: dt.date) -> Chart:
        return grade_history(account, until)

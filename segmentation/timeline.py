"""Grades on an account's timeline."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.panels import TimelineEntry, TimelineSource
from crm.timeline.days import at_noon, last_day
from segmentation.explanations import grade_name
from segmentation.models import GradeInterval
from segmentation.scoring.grading import GradingModel

if TYPE_CHECKING:
    from crm.models import Account, User


class GradesOfAccount(TimelineSource):
    """Each change of the grade."""

    slug = "grades"
    title = gettext_lazy("Grades")

    def entries(self, *, account: Account, user: User, before: dt.datetime, most: int) -> list[TimelineEntry]:
        intervals = GradeInterval.objects.filter(account=account, valid_from__lte=last_day(before))
        # One more than is shown: what the oldest one came from.
        rows = list(intervals.select_related("version__model").order_by("-valid_from")[: most + 1])
        models = {row.version_id: GradingModel.from_dict(row.version.definition) for row in rows}
        names = [grade_name(models[row.version_id], row.value) or _("Unrated") for row in rows]
        url = reverse("segmentation:account-history", args=[account.pk])
        entries = []
        for place, row in enumerate(rows[:most]):
            earlier = names[place + 1] if place + 1 < len(rows) else ""
            entries.append(
                TimelineEntry(
                    at=at_noon(row.valid_from),
                    title=_title(names[place], earlier),
                    icon="chart-bar",
                    text=str(row.version),
                    url=url,
                    tone=_tone(rows, place),
                )
            )
        return entries


def _title(grade: str, earlier: str) -> str:
    if not earlier:
        return _("First grade: %(grade)s") % {"grade": grade}
    if grade == earlier:
        return _("Grade %(grade)s, by another version of the model") % {"grade": grade}
    return _("Grade %(before)s → %(after)s") % {"before": earlier, "after": grade}


def _tone(rows: list[GradeInterval], place: int) -> str:
    """Best is 0; unrated is -1 and neither better nor worse."""
    if place + 1 >= len(rows):
        return ""
    now, before = rows[place].value, rows[place + 1].value
    if now == before or min(now, before) < 0:
        return ""
    return "good" if now < before else "bad"

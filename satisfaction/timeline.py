"""Surveys on an account's timeline."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Avg
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.panels import TimelineEntry, TimelineSource
from crm.templatetags.ui import number
from crm.timeline.days import at_noon, last_day
from satisfaction.models import SurveyResponse

if TYPE_CHECKING:
    from crm.models import Account, User


class SurveysOfAccount(TimelineSource):
    """Each filled-in questionnaire, with what was expected and perceived on average."""

    slug = "surveys"
    title = gettext_lazy("Surveys")

    def entries(self, *, account: Account, user: User, before: dt.datetime, most: int) -> list[TimelineEntry]:
        responses = (
            SurveyResponse.objects.filter(account=account, answered_on__lte=last_day(before))
            .select_related("survey", "contact")
            .annotate(expected=Avg("answers__expected"), perceived=Avg("answers__perceived"))
            .order_by("-answered_on", "-pk")[:most]
        )
        return [
            TimelineEntry(
                at=at_noon(response.answered_on),
                title=_("Survey: %(title)s") % {"title": response.survey},
                icon="clipboard-check",
                text=self._text(response),
                url=f"{account.get_absolute_url()}#panel-satisfaction",
                who=str(response.contact) if response.contact else "",
            )
            for response in responses
        ]

    def _text(self, response: SurveyResponse) -> str:
        expected, perceived = response.expected, response.perceived  # type: ignore[attr-defined]
        marks = ""
        if expected is not None and perceived is not None:
            marks = _("expected %(expected)s, perceived %(perceived)s on average") % {
                "expected": number(expected, 1),
                "perceived": number(perceived, 1),
            }
        return "\n".join(filter(None, [marks, response.comment]))

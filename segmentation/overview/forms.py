"""Which dates, which scale, which months: the filters of movement, key figures and the meeting."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.forms.scope import ComparedForm, ScopeForm
from crm.models import Run, User
from segmentation.overview.kpi_sql import USUAL_PERIOD

GRADES, STAGES = "grades", "stages"


@dataclass(frozen=True, slots=True)
class End:
    """Figures that exist: those of a month's end, or (month_end None) the current ones, of the shown run's date."""

    day: dt.date
    month_end: dt.date | None


class MovementForm(ScopeForm):
    """Any two dates: the nearest figures at or before each are taken, and the page says so."""

    since = forms.DateField(required=False, label=_("From"), widget=forms.DateInput)
    until = forms.DateField(required=False, label=_("To"), widget=forms.DateInput)
    of = forms.ChoiceField(
        required=False, label=_("Movement of"), choices=[(GRADES, _("Grades")), (STAGES, _("Stages"))]
    )

    def __init__(self, *args: Any, user: User, run: Run, month_ends: list[dt.date], **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.run = run
        # Newest first.
        self.month_ends = month_ends

    @property
    def scale(self) -> str:
        return (self.cleaned_data.get("of") if self.is_valid() else "") or GRADES

    def start(self, day: dt.date) -> End | None:
        """What one can compare with is frozen."""
        found = next((end for end in self.month_ends if end <= day), None)
        return End(found, found) if found else None

    def end(self, day: dt.date) -> End | None:
        return End(self.run.as_of, None) if day >= self.run.as_of else self.start(day)

    @property
    def ends(self) -> tuple[End, End] | None:
        if not self.is_valid():
            return None
        first, last = self.start(self.cleaned_data["since"]), self.end(self.cleaned_data["until"])
        return (first, last) if first and last else None

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or self.cleaned_data
        if self.errors:
            return chosen
        since = chosen.get("since") or self.usual_start
        until = chosen.get("until") or self.run.as_of
        chosen |= {"since": since, "until": until}
        if since is None:
            raise ValidationError(gettext("No month's end is frozen yet: there is nothing to compare with."))
        if since > until:
            raise ValidationError(gettext("The first date lies after the second."))
        first, last = self.start(since), self.end(until)
        if first is None or last is None:
            words = {"day": date_format(self.month_ends[-1], "DATE_FORMAT")}
            raise ValidationError(
                gettext("There are no figures that early: the first are of %(day)s.") % words
            )
        if first.day == last.day:
            words = {"day": date_format(first.day, "DATE_FORMAT")}
            raise ValidationError(
                gettext("Both dates have the same figures, those of %(day)s. Choose dates further apart.")
                % words
            )
        return chosen

    @property
    def usual_start(self) -> dt.date | None:
        """The newest month's end before the current figures."""
        return next((end for end in self.month_ends if end < self.run.as_of), None)


REP, TERRITORY, REGION, INDUSTRY, GRADE = "rep", "territory", "region", "industry", "grade"


class KpiForm(ComparedForm):
    """Whose customers, how long a period, by what, and which month the division is of."""

    months = forms.TypedChoiceField(
        required=False,
        label=_("Period"),
        coerce=int,
        empty_value=None,
        choices=[(3, _("Quarter to the month's end")), (1, _("Month")), (12, _("12 months"))],
    )
    by = forms.ChoiceField(
        required=False,
        label=_("Divided by"),
        choices=[
            (REP, _("Sales rep")),
            (TERRITORY, _("Territory")),
            (REGION, _("Province or state")),
            (INDUSTRY, _("Industry")),
            (GRADE, _("Grade")),
        ],
    )
    month = forms.ChoiceField(required=False, label=_("Month of the table"))
    MONTH_FORMAT = "%Y-%m"
    field_order = (*ScopeForm.SCOPE, "months", "by", "month")

    @property
    def period(self) -> int:
        return (self.cleaned_data["months"] if self.is_valid() else None) or USUAL_PERIOD

    @property
    def dimension(self) -> str:
        return (self.cleaned_data.get("by") if self.is_valid() else "") or REP


class MeetingForm(ComparedForm):
    """Which month the sheet is of, and whose accounts."""

    month = forms.ChoiceField(required=False, label=_("Month"))
    MONTH_FORMAT = "%Y-%m"

    @property
    def month_end(self) -> dt.date | None:
        """None where the address asks for a month that is not frozen."""
        if not self.is_valid():
            return None
        chosen = self.cleaned_data["month"]
        return dt.date.fromisoformat(chosen) if chosen else self.month_ends[0]

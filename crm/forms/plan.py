"""Forms of plans and of one's own settings."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm, StyledModelForm
from crm.models import User

FARTHEST = dt.timedelta(days=731)
MOST_VISITS_A_DAY = 20


class PlanForm(StyledForm):
    """Which day, perhaps at what time, and what for."""

    planned_on = forms.DateField(label=_("Day"), widget=forms.DateInput)
    starts_at = forms.TimeField(
        label=_("Time"), required=False, widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )
    purpose = forms.CharField(label=_("Purpose"), max_length=120, required=False)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["planned_on"].widget.attrs["min"] = f"{today:%Y-%m-%d}"

    def clean_planned_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["planned_on"]
        if day < self.today:
            raise ValidationError(_("This day is over. Log the visit if it was made."))
        if day > self.today + FARTHEST:
            raise ValidationError(_("At most two years ahead."))
        return day


class MoveForm(PlanForm):
    """A plan dragged to another day: the rest stays."""

    starts_at = None  # type: ignore[assignment]
    purpose = None  # type: ignore[assignment]


class NextStepForm(StyledForm):
    action = forms.ChoiceField(choices=[("done", ""), ("postpone", "")])
    until = forms.DateField(required=False, widget=forms.DateInput)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        until = cleaned.get("until")
        if cleaned.get("action") == "postpone" and (
            until is None or not self.today < until <= self.today + FARTHEST
        ):
            self.add_error("until", _("Choose a day after today."))
        return cleaned


class HereForm(forms.Form):
    """Where the device says it is."""

    latitude = forms.FloatField(min_value=-90, max_value=90)
    longitude = forms.FloatField(min_value=-180, max_value=180)


class SettingsForm(StyledModelForm):
    class Meta:
        model = User
        fields = ["language", "visits_a_day", "daily_digest", "mails_notices"]
        labels = {
            "daily_digest": _("A mail every morning with my day"),
            "mails_notices": _("A mail for reminders and mentions"),
            "visits_a_day": _("Visits that fit my day"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["visits_a_day"]
        field.validators += [MinValueValidator(1), MaxValueValidator(MOST_VISITS_A_DAY)]
        field.widget.attrs |= {"min": 1, "max": MOST_VISITS_A_DAY}

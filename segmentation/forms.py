"""Forms of the tier dashboard and of grades set by a person."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm
from crm.forms.scope import ScopeForm
from crm.models import User

BY_PROFIT, BY_SALES = "gross_profit", "net_sales"
MAX_OVERRIDE_DAYS = 366
USUAL_OVERRIDE_DAYS = 90


class TierForm(ScopeForm):
    """Whose accounts, compared with which month's end, ranked by what."""

    month = forms.ChoiceField(required=False, label=_("Compared with"))
    by = forms.ChoiceField(
        required=False,
        label=_("Curve by"),
        choices=[(BY_PROFIT, _("Gross profit")), (BY_SALES, _("Net sales"))],
    )

    def __init__(self, *args: Any, user: User, month_ends: list[dt.date], **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["month"].choices = [(f"{day:%Y-%m-%d}",) * 2 for day in month_ends]  # type: ignore[attr-defined]
        self.month_ends = month_ends

    @property
    def month_end(self) -> dt.date | None:
        """The month's end chosen, else the newest."""
        chosen = self.cleaned_data.get("month") if self.is_valid() else ""
        return dt.date.fromisoformat(chosen) if chosen else (self.month_ends[0] if self.month_ends else None)

    @property
    def ranked_by(self) -> str:
        return (self.cleaned_data.get("by") if self.is_valid() else "") or BY_PROFIT


class GradeOverrideForm(StyledForm):
    """A grade against the model's: who says so is the user, why and until when stand here."""

    grade = forms.TypedChoiceField(label=_("Grade"), coerce=int)
    valid_to = forms.DateField(
        label=_("Until"),
        widget=forms.DateInput,
        help_text=_("At most one year; the model's grade holds again from then."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=255, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, grades: tuple[str, ...], today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.initial.setdefault("valid_to", today + dt.timedelta(days=USUAL_OVERRIDE_DAYS))
        # None chosen beforehand: nobody shall save the best grade by a hurried click.
        self.fields["grade"].choices = [("", "–"), *enumerate(grades)]  # type: ignore[attr-defined]

    def clean_valid_to(self) -> dt.date:
        until: dt.date = self.cleaned_data["valid_to"]
        if until <= self.today:
            raise ValidationError(_("The end must lie after today."))
        if until > self.today + dt.timedelta(days=MAX_OVERRIDE_DAYS):
            raise ValidationError(_("At most one year from today."))
        return until

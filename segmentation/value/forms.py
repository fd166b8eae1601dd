"""The filters above the value pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.scope import ScopeForm
from crm.models import User
from segmentation.forms import BY_PROFIT, BY_SALES

# Days of the window; 365 is what the nightly run has summed up.
YEAR = 365
WINDOWS = ((YEAR, _("12 months")), (730, _("24 months")), (1096, _("36 months")), (1827, _("5 years")))


class SinceForm(ScopeForm):
    """Whose accounts, and since which month's end."""

    month = forms.ChoiceField(required=False, label=_("Compared with"))

    def __init__(self, *args: Any, user: User, month_ends: list[dt.date], **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["month"].choices = [(f"{day:%Y-%m-%d}",) * 2 for day in month_ends]  # type: ignore[attr-defined]
        self.month_ends = month_ends

    @property
    def month_end(self) -> dt.date | None:
        """The month's end chosen, else the newest."""
        chosen = self.cleaned_data.get("month") if self.is_valid() else ""
        return dt.date.fromisoformat(chosen) if chosen else (self.month_ends[0] if self.month_ends else None)


class ConcentrationForm(ScopeForm):
    """Whose accounts, by profit or sales, over which window."""

    by = forms.ChoiceField(
        required=False,
        label=_("Curve by"),
        choices=[(BY_PROFIT, _("Gross profit")), (BY_SALES, _("Net sales"))],
    )
    window = forms.TypedChoiceField(required=False, label=_("Window"), choices=WINDOWS, coerce=int)

    @property
    def ranked_by(self) -> str:
        return (self.cleaned_data.get("by") if self.is_valid() else "") or BY_PROFIT

    @property
    def days(self) -> int:
        return (self.cleaned_data.get("window") if self.is_valid() else None) or YEAR

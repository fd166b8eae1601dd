"""Forms of the lifecycle dashboard and of stages set by a person."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm
from crm.forms.scope import ScopeForm
from crm.models import User
from lifecycle.wording import STAGES

MAX_OVERRIDE_DAYS = 180
USUAL_OVERRIDE_DAYS = 90


class LifecycleForm(ScopeForm):
    """Whose accounts, compared with which month's end."""

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


class StageOverrideForm(StyledForm):
    """A stage against the rules'. For half a year at most: a relationship moves on."""

    stage = forms.TypedChoiceField(
        label=_("Stage"),
        coerce=int,
        # None chosen beforehand: nobody shall save "prospect" by a hurried click.
        choices=[("", "–"), *((int(stage), name) for stage, name in STAGES.items())],
    )
    valid_to = forms.DateField(
        label=_("Until"),
        widget=forms.DateInput,
        help_text=_("At most 180 days; the computed stage holds again from then."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=255, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.initial.setdefault("valid_to", today + dt.timedelta(days=USUAL_OVERRIDE_DAYS))

    def clean_valid_to(self) -> dt.date:
        until: dt.date = self.cleaned_data["valid_to"]
        if until <= self.today:
            raise ValidationError(_("The end must lie after today."))
        if until > self.today + dt.timedelta(days=MAX_OVERRIDE_DAYS):
            raise ValidationError(_("At most 180 days from today."))
        return until

"""The form of the lifecycle dashboard."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.scope import ScopeForm
from crm.models import User


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

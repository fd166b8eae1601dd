from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm
from crm.models import Scope


class TokenForm(StyledForm):
    """A token for a program of the user's own."""

    name = forms.CharField(
        label=_("What is it for?"), max_length=120, help_text=_("For example: ERP, price list, dashboard.")
    )
    scope = forms.ChoiceField(
        label=_("It may"), choices=Scope.choices, widget=forms.RadioSelect, initial=Scope.READ
    )
    expires_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput,
        help_text=_("Left empty: it works until you revoke it."),
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        # First: styling looks at the errors, and so validates.
        self.today = today
        super().__init__(*args, **kwargs)

    def clean_expires_on(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["expires_on"]
        if day and day < self.today:
            raise ValidationError(_("This day has passed already."))
        return day

"""Personal details of a person; and the choice of how much to erase."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm, StyledModelForm
from crm.models import PersonalDetails
from crm.profile.personal import FIELDS, version_of

DETAILS, PERSON = "details", "person"


class PersonalDetailsForm(StyledModelForm):
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = PersonalDetails
        fields = FIELDS
        widgets = {
            name: forms.Textarea(attrs={"rows": 2})
            for name in ("health", "education", "background", "personality", "reach", "family", "hobbies")
        }
        help_texts = {
            "consent": _(
                "What the person agreed to, and how: said so on a visit, wrote it, handed over a card."
            )
        }

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.initial["shown"] = version_of(self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("birth_date", "consented_on"):
            if cleaned.get(name) and cleaned[name] > self.today:
                self.add_error(name, _("This date lies in the future."))
        kept = [name for name in FIELDS if name not in ("consent", "consented_on") and cleaned.get(name)]
        if kept and not cleaned.get("consent") and "consent" not in self.errors:
            self.add_error(
                "consent", _("Without consent nothing of this may be kept. What did the person agree to?")
            )
        return cleaned


class EraseForm(StyledForm):
    level = forms.ChoiceField(
        label=_("What is to be erased?"),
        choices=[
            (DETAILS, _("Only the personal details: the business contact stays")),
            (PERSON, _("The person altogether: name, contact data, personal details")),
        ],
        widget=forms.RadioSelect,
    )
    sure = forms.BooleanField(label=_("I understand that this cannot be undone"))

    def clean_sure(self) -> bool:
        if not self.cleaned_data["sure"]:
            raise ValidationError(_("Confirm that you want this."))
        return True

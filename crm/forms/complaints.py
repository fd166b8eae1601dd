from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledModelForm
from crm.models import Account, Complaint, Contact


class ComplaintForm(StyledModelForm):
    """A complaint as it comes in, and how it was settled."""

    OPENING = ("subject", "kind", "severity", "opened_on", "contact", "description")
    SETTLING = ("resolved_on", "resolution", "satisfied_with_resolution")

    class Meta:
        model = Complaint
        fields = [
            "subject", "kind", "severity", "opened_on", "contact", "description",
            "resolved_on", "resolution", "satisfied_with_resolution",
        ]  # fmt: skip
        labels = {"contact": _("Who complained")}
        widgets = {
            "description": forms.Textarea(attrs={"rows": 3}),
            "resolution": forms.Textarea(attrs={"rows": 3}),
            "satisfied_with_resolution": forms.NullBooleanSelect,
        }

    def __init__(self, *args: Any, account: Account, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        contact = self.fields["contact"]
        contact.queryset = Contact.objects.filter(positions__account=account).order_by("name")  # type: ignore[attr-defined]
        contact.empty_label = "–"  # type: ignore[attr-defined]
        satisfied = self.fields["satisfied_with_resolution"].widget
        satisfied.choices = [("unknown", _("Not asked yet")), ("true", _("Yes")), ("false", _("No"))]
        if not self.instance.pk:
            self.initial["opened_on"] = self.initial.get("opened_on") or today
            for name in self.SETTLING:
                del self.fields[name]

    def clean_opened_on(self) -> dt.date:
        return self._not_in_the_future("opened_on")

    def clean_resolved_on(self) -> dt.date:
        return self._not_in_the_future("resolved_on")

    def _not_in_the_future(self, name: str) -> Any:
        day = self.cleaned_data[name]
        if day and day > self.today:
            raise ValidationError(_("This date lies in the future."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        opened, resolved = cleaned.get("opened_on"), cleaned.get("resolved_on")
        if opened and resolved and resolved < opened:
            self.add_error("resolved_on", _("Resolved before it was opened."))
        if cleaned.get("resolution") and not resolved and "resolved_on" not in self.errors:
            self.add_error("resolved_on", _("When was it resolved?"))
        return cleaned

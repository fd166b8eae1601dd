"""Logging a visit on a phone, in half a minute."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledModelForm
from crm.models import Account, Contact, Visit, VisitKind, VisitOutcome

# Clocks of phones run a little ahead.
TOLERANCE = dt.timedelta(minutes=10)
EARLIEST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)


class VisitForm(StyledModelForm):
    client_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Visit
        fields = [
            "kind", "contacts", "outcome", "rating", "note", "next_step", "next_step_on", "purpose", "happened_at",
        ]  # fmt: skip
        widgets = {
            "kind": forms.RadioSelect,
            "contacts": forms.CheckboxSelectMultiple,
            "outcome": forms.RadioSelect,
            "rating": forms.RadioSelect,
            "note": forms.Textarea(attrs={"rows": 3}),
            "happened_at": forms.DateTimeInput(format="%Y-%m-%dT%H:%M"),
        }

    def __init__(self, *args: Any, account: Account, now: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.initial.setdefault("client_key", uuid.uuid4())
        if not self.instance.pk:
            self.initial.setdefault("happened_at", timezone.localtime(now).replace(second=0, microsecond=0))
        here = Contact.objects.filter(positions__account=account)
        staying = here.filter(positions__left_on=None, positions__account=account)
        if self.instance.pk:
            # Whoever was met then stays on the list, also after having left.
            staying = staying | here.filter(visits=self.instance)
        contacts = self.fields["contacts"]
        contacts.queryset = staying.distinct().order_by("name")  # type: ignore[attr-defined]
        contacts.required = False
        for name in ("kind", "contacts", "outcome", "rating"):
            # Drawn as large buttons (crm/visits/_pills.html).
            self.fields[name].widget.attrs["class"] = "form-selectgroup-input"
        self.fields["kind"].choices = VisitKind.choices  # type: ignore[attr-defined]
        self.fields["outcome"].choices = VisitOutcome.choices  # type: ignore[attr-defined]
        rating = self.fields["rating"]
        rating.choices = [choice for choice in rating.choices if choice[0] != ""]  # type: ignore[attr-defined]

    def clean_happened_at(self) -> dt.datetime:
        when: dt.datetime = self.cleaned_data["happened_at"]
        if when > self.now + TOLERANCE:
            raise ValidationError(
                _("This lies in the future. Log a visit after it happened; plan one as a next step.")
            )
        if when < EARLIEST:
            raise ValidationError(_("This date is too long ago."))
        return when

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("next_step_on") and not cleaned.get("next_step"):
            self.add_error("next_step", _("Say what is to be done on that date."))
        return cleaned

"""Logging a visit on a phone, in half a minute."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.forms.base import StyledModelForm
from crm.models import Account, Contact, Opportunity, Stance, StanceSource, Visit, VisitKind, VisitOutcome
from crm.visits.queries import Person, contacts_ever, open_opportunities, positions_offered
from crm.visits.rules import EARLIEST, MAX_NEWS, MAX_NOTE, TOLERANCE

STANCE_PREFIX = "stance-"


class PlaceForm(forms.Form):
    latitude = forms.DecimalField(min_value=-90, max_value=90, max_digits=9, decimal_places=6)
    longitude = forms.DecimalField(min_value=-180, max_value=180, max_digits=9, decimal_places=6)


class VisitForm(StyledModelForm):
    """The one form of a visit: on the page, from a phone's queue, and (without an account) as the offline shell."""

    client_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    latitude = forms.DecimalField(
        widget=forms.HiddenInput, required=False, min_value=-90, max_value=90, max_digits=9, decimal_places=6
    )
    longitude = forms.DecimalField(
        widget=forms.HiddenInput,
        required=False,
        min_value=-180,
        max_value=180,
        max_digits=9,
        decimal_places=6,
    )
    location_accuracy = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1
    )
    stance_source = forms.ChoiceField(
        label=gettext_lazy("How we know"), choices=StanceSource.choices, required=False
    )

    # What "now" on the form means: the company's time, wherever the phone is.
    zone = settings.TIME_ZONE

    class Meta:
        model = Visit
        fields = [
            "kind", "contacts", "outcome", "rating", "not_about_us", "note", "next_step", "next_step_on", "purpose",
            "competitor_news", "expected_order_amount", "expected_order_on", "opportunity", "happened_at",
        ]  # fmt: skip
        widgets = {
            "kind": forms.RadioSelect,
            "contacts": forms.CheckboxSelectMultiple,
            "outcome": forms.RadioSelect,
            "rating": forms.RadioSelect,
            "note": forms.Textarea(attrs={"rows": 3, "data-most": MAX_NOTE}),
            "competitor_news": forms.Textarea(attrs={"rows": 2, "data-most": MAX_NEWS}),
            "expected_order_amount": forms.NumberInput(
                attrs={"inputmode": "decimal", "step": "0.01", "min": 0}
            ),
            "happened_at": forms.DateTimeInput(format="%Y-%m-%dT%H:%M"),
        }

    def __init__(
        self, *args: Any, account: Account | None, now: dt.datetime, late: bool = False, **kwargs: Any
    ) -> None:
        """`late`: the entry waited on a phone, so people who left meanwhile are taken."""
        super().__init__(*args, **kwargs)
        self.now = now
        self.positions = list(positions_offered(account.pk, self.instance)) if account else []
        if account and not self.instance.pk:
            self.initial.setdefault("client_key", uuid.uuid4())
            self.initial.setdefault("happened_at", timezone.localtime(now).replace(second=0, microsecond=0))
        self._offer(account, late)
        for name in ("kind", "contacts", "outcome", "rating"):
            # Drawn as large buttons (crm/visits/_pills.html).
            self.fields[name].widget.attrs["class"] = "form-selectgroup-input"
        self.fields["happened_at"].required = False
        self.fields["kind"].choices = VisitKind.choices  # type: ignore[attr-defined]
        self.fields["outcome"].choices = VisitOutcome.choices  # type: ignore[attr-defined]
        rating: Any = self.fields["rating"]
        moods = [choice for choice in rating.choices if choice[0] != ""]
        rating.choices = [*moods, ("", _("Can't say"))]
        # The model's word means a segment's purpose as well, which is another one in Chinese.
        self.fields["purpose"].label = _("Purpose")
        source: Any = self.fields["stance_source"]
        source.initial = StanceSource.OBSERVED

    def _offer(self, account: Account | None, late: bool) -> None:
        fields: dict[str, Any] = self.fields
        offered: Any = Contact.objects.none()
        if account:
            known = [position.contact_id for position in self.positions]
            offered = contacts_ever(account.pk) if late else Contact.objects.filter(pk__in=known)
        fields["contacts"].queryset = offered
        fields["contacts"].required = False
        deals = open_opportunities([account.pk]) if account else Opportunity.objects.none()
        if account and self.instance.opportunity_id:
            deals = account.opportunities.filter(pk=self.instance.opportunity_id) | deals
        fields["opportunity"].queryset = deals
        fields["opportunity"].empty_label = _("None")

    def people(self) -> list[Person]:
        """Those whom the form offers, ticked and with a stance as typed so far."""
        ticked = {str(getattr(one, "pk", one)) for one in self["contacts"].value() or []}
        noted: dict[int, Any] = {}
        if self.instance.pk:
            noted = dict(self.instance.stance_changes.values_list("position__contact", "stance"))
        return [
            Person(
                id=position.contact_id,
                name=str(position.contact),
                title=position.title,
                met=str(position.contact_id) in ticked,
                stance=self.data.get(
                    f"{STANCE_PREFIX}{position.contact_id}", noted.get(position.contact_id, "")
                ),
                left=position.left_on is not None,
            )
            for position in self.positions
        ]

    def stance_choices(self) -> list[tuple[int, Any]]:
        return list(Stance.choices)

    def clean_happened_at(self) -> dt.datetime:
        when: dt.datetime = self.cleaned_data["happened_at"] or self.instance.happened_at or self.now
        if when > self.now + TOLERANCE:
            raise ValidationError(
                _("This lies in the future. Log a visit after it happened; plan one as a next step.")
            )
        if when < EARLIEST:
            raise ValidationError(_("This date is too long ago."))
        return when

    def clean_note(self) -> str:
        return _not_longer(self.cleaned_data["note"], MAX_NOTE)

    def clean_competitor_news(self) -> str:
        return _not_longer(self.cleaned_data["competitor_news"], MAX_NEWS)

    def clean_expected_order_amount(self) -> Any:
        amount = self.cleaned_data["expected_order_amount"]
        if amount is not None and amount < 0:
            raise ValidationError(_("An order is not less than nothing."))
        return amount

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("next_step_on") and not cleaned.get("next_step"):
            self.add_error("next_step", _("Say what is to be done on that date."))
        cleaned["stances"] = self._stances()
        if (
            not self.instance.pk
            and cleaned.get("latitude") is not None
            and cleaned.get("longitude") is not None
        ):
            for name in ("latitude", "longitude", "location_accuracy"):
                setattr(self.instance, name, cleaned.get(name))
        return cleaned

    def _stances(self) -> dict[int, int]:
        """Of the people met; what is no stance is left aside, as an option that was never on the form."""
        found: dict[int, int] = {}
        for contact in self.cleaned_data.get("contacts", ()):
            text = self.data.get(f"{STANCE_PREFIX}{contact.pk}", "")
            if text in {str(value) for value in Stance.values}:
                found[contact.pk] = int(text)
        return found

    def details(self) -> dict[str, Any]:
        """What the operations take beside the visit itself."""
        return {
            "contacts": self.cleaned_data["contacts"],
            "stances": self.cleaned_data["stances"],
            "stance_source": self.cleaned_data.get("stance_source") or StanceSource.OBSERVED,
        }


def _not_longer(text: str, most: int) -> str:
    if len(text) > most:
        raise ValidationError(
            _("This text has %(length)s letters; at most %(most)s are kept. Put the rest into a file.")
            % {"length": f"{len(text):,}", "most": f"{most:,}"}
        )
    return text

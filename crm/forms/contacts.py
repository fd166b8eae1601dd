"""A person, and what the person is at one account."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.decisions.people import staying
from crm.decisions.structure import units_in_order
from crm.forms.base import StyledModelForm
from crm.models import Contact, Faction, OrganisationUnit, Position, Stance, StanceSource


class ContactForm(StyledModelForm):
    class Meta:
        model = Contact
        fields = ["name", "english_name", "mobile", "phone", "email", "wechat", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("mobile", "phone"):
            self.fields[name].widget.input_type = "tel"


class PositionForm(StyledModelForm):
    # Not the model's own field: a stance is recorded with its day and source (crm.decisions.operations).
    stance = forms.TypedChoiceField(
        label=_("Stance towards us"),
        choices=[("", _("Not known")), *Stance.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )
    stance_source = forms.ChoiceField(
        label=_("How we know"), choices=StanceSource, initial=StanceSource.OBSERVED, required=False
    )
    stance_day = forms.DateField(label=_("Stance as of"), required=False, widget=forms.DateInput())

    class Meta:
        model = Position
        fields = [
            "title", "department", "unit", "level", "reports_to", "decision_role", "influence", "faction",
            "is_primary", "left_on",
        ]  # fmt: skip

    field_order = [
        "title", "department", "unit", "level", "reports_to", "decision_role", "influence", "faction",
        "stance", "stance_source", "stance_day", "is_primary", "left_on",
    ]  # fmt: skip

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["influence"].widget.attrs |= {"min": 1, "max": 5}
        self.fields["stance"].initial = self.instance.stance
        self.fields["stance_day"].initial = today
        self.fields["stance_day"].widget.attrs["max"] = str(today)
        account = self.instance.account_id
        units: Any = self.fields["unit"]
        units.label = _("Unit of the organisation")
        units.queryset = OrganisationUnit.objects.filter(account=account)
        tree = units_in_order(list(units.queryset))
        units.choices = [("", "–"), *((unit.pk, "\u2003" * depth + str(unit)) for unit, depth in tree)]
        bosses: Any = self.fields["reports_to"]
        colleagues = Position.objects.filter(staying(today), account=account).exclude(pk=self.instance.pk)
        bosses.queryset = colleagues.select_related("contact").order_by("level", "contact__name")
        bosses.label_from_instance = lambda position: str(position.contact)
        factions: Any = self.fields["faction"]
        factions.queryset = Faction.objects.filter(account=account).order_by("name")

    def clean_stance_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["stance_day"] or self.today
        if day > self.today:
            raise forms.ValidationError(_("A stance cannot be noted for a day to come."))
        return day

    @property
    def stance_changed(self) -> bool:
        return "stance" in self.changed_data

"""What is changed on the decision map: one field at a time, a stance, an arrow, a faction."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm, StyledModelForm
from crm.models import (
    Account,
    BuyingProcess,
    DecisionRole,
    DecisionStep,
    Faction,
    Influence,
    Level,
    OrganisationUnit,
    Position,
    Stance,
    StanceSource,
)
from crm.scoring.decision_flags import AlertParameters

STRENGTHS: list[Any] = list(Influence._meta.get_field("strength").choices or ())
WEIGHTS = [(str(weight), str(weight)) for weight in range(1, 6)]


def whole(value: str) -> int | None:
    return int(value) if value else None


class PlaceForm(forms.Form):
    """Any of the fields: `given` holds only what was sent, so that nothing else is overwritten."""

    decision_role = forms.ChoiceField(choices=[("", ""), *DecisionRole.choices], required=False)
    influence = forms.TypedChoiceField(
        choices=[("", ""), *WEIGHTS], required=False, coerce=whole, empty_value=None
    )
    level = forms.TypedChoiceField(
        choices=[("", ""), *Level.choices], required=False, coerce=whole, empty_value=None
    )
    faction = forms.ModelChoiceField(Faction.objects.none(), required=False)

    def __init__(self, data: Any, *, account: Account) -> None:
        super().__init__(data)
        self.fields["faction"].queryset = Faction.objects.filter(account=account)  # type: ignore[attr-defined]

    @property
    def given(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name in self.data}


class StanceForm(StyledForm):
    source = forms.ChoiceField(
        label=_("How we know"), choices=StanceSource, initial=StanceSource.OBSERVED, required=False
    )
    noted_on = forms.DateField(label=_("As of"), required=False, widget=forms.DateInput())
    note = forms.CharField(label=_("Note"), max_length=255, required=False)
    stance = forms.TypedChoiceField(choices=Stance.choices, coerce=int, widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["noted_on"].initial = today
        self.fields["noted_on"].widget.attrs["max"] = str(today)

    def clean_source(self) -> str:
        return self.cleaned_data["source"] or StanceSource.OBSERVED

    def clean_noted_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["noted_on"] or self.today
        if day > self.today:
            raise forms.ValidationError(_("A stance cannot be noted for a day to come."))
        return day


class ArrowForm(StyledForm):
    source = forms.ModelChoiceField(Position.objects.none())
    target = forms.ModelChoiceField(Position.objects.none())
    strength = forms.TypedChoiceField(choices=STRENGTHS, coerce=int, initial=2)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("source", "target"):
            self.fields[name].queryset = Position.objects.filter(account=account)  # type: ignore[attr-defined]


class StrengthForm(StyledForm):
    strength = forms.TypedChoiceField(choices=STRENGTHS, coerce=int)


class FactionForm(StyledModelForm):
    class Meta:
        model = Faction
        fields = ["name", "colour"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = Faction.objects.filter(account=self.instance.account_id, name=name).exclude(
            pk=self.instance.pk
        )
        if others.exists():
            raise forms.ValidationError(_("There is a faction of this name already."))
        return name


class ProcessForm(StyledModelForm):
    class Meta:
        model = BuyingProcess
        fields = ["name", "family", "note", "closed_on"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}


class StepForm(StyledModelForm):
    class Meta:
        model = DecisionStep
        fields = ["name", "owner", "criterion", "usual_days"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = Position.objects.filter(account=self.instance.process.account_id)
        field: Any = self.fields["owner"]
        field.queryset = owners.select_related("contact")
        field.label_from_instance = lambda position: str(position.contact)
        self.fields["usual_days"].widget.attrs |= {"min": 0, "inputmode": "numeric"}

    def clean_usual_days(self) -> int | None:
        days: int | None = self.cleaned_data["usual_days"]
        if days is not None and days > 3650:
            raise forms.ValidationError(_("At most 3650 days."))
        return days


class UnitForm(StyledModelForm):
    class Meta:
        model = OrganisationUnit
        fields = ["name", "english_name", "duties", "parent", "order"]
        labels = {"order": _("Place among its neighbours")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["parent"]
        field.queryset = OrganisationUnit.objects.filter(account=self.instance.account_id).order_by("name")
        field.empty_label = _("The account itself")
        self.fields["order"].required = False

    def clean_order(self) -> int:
        return self.cleaned_data["order"] or 0


class LimitsForm(StyledForm):
    unmet_days = forms.IntegerField(
        label=_("Meet key people at least every … days"), min_value=1, max_value=3650
    )
    stale_months = forms.IntegerField(
        label=_("A stance is out of date after … months"), min_value=1, max_value=120
    )
    key_influence = forms.IntegerField(
        label=_("Key people have an influence of at least"), min_value=1, max_value=5
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)

    @property
    def parameters(self) -> AlertParameters:
        values = {name: value for name, value in self.cleaned_data.items() if name != "reason"}
        return AlertParameters(**values)

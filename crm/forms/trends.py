"""Entering observations with their figures, and a year's demand with the competitors' shares."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, BaseInlineFormSet, formset_factory, inlineformset_factory
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm, StyledModelForm
from crm.models import Observation, ObservationFigure, ObservationKind, ProductFamily
from crm.trends.competitors import KnownCompetitors
from crm.trends.wallet import RivalShare

FIRST_YEAR, LAST_YEAR = 1990, 2100
MOST_FIGURES = 20
MOST_RIVALS = 20


class ObservationForm(StyledModelForm):
    # Its `updated_at` when the form was drawn: tells whether a colleague saved in between.
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Observation
        fields = ["kind", "observed_on", "title", "detail", "source"]
        widgets = {"detail": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"source": _("Who said it, where it was printed.")}

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if self.instance.pk:
            self.initial["shown"] = self.instance.updated_at.isoformat()
        else:
            self.initial["observed_on"] = self.initial.get("observed_on") or today
        kind = self.fields["kind"]
        kind.choices = [("", "–"), *ObservationKind.choices]  # type: ignore[attr-defined]

    def clean_observed_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["observed_on"]
        if day > self.today:
            raise ValidationError(_("This date lies in the future."))
        return day


class FigureForm(StyledModelForm):
    class Meta:
        model = ObservationFigure
        fields = ["measure", "value", "unit"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].widget.attrs["list"] = "measures"
        self.fields["value"].widget.attrs |= {"step": "any", "inputmode": "decimal"}

    def clean_measure(self) -> str:
        return " ".join(self.cleaned_data["measure"].split())


class _FigureFormSet(BaseInlineFormSet):
    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Remove")
        # Added after the form was styled.
        form.fields["DELETE"].widget.attrs["class"] = "form-check-input"


FigureFormSet = inlineformset_factory(
    Observation,
    ObservationFigure,
    form=FigureForm,
    formset=_FigureFormSet,
    extra=1,
    max_num=MOST_FIGURES,
    validate_max=True,
)


class WalletForm(StyledForm):
    amount = forms.DecimalField(
        label=_("Yearly demand"), max_digits=18, decimal_places=2, min_value=Decimal(0), required=False
    )
    source = forms.CharField(label=_("Source"), max_length=200, required=False)
    estimated_on = forms.DateField(label=_("Estimated on"), widget=forms.DateInput)
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_estimated_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["estimated_on"]
        if day > self.today:
            raise ValidationError(_("This date lies in the future."))
        return day


class RivalForm(StyledForm):
    """One competitor's share. A name that resembles a known one is asked about before it becomes a new competitor."""

    name = forms.CharField(label=_("Competitor"), max_length=120, required=False)
    share = forms.DecimalField(
        label=_("Share of the demand in %"),
        max_digits=5,
        decimal_places=2,
        min_value=Decimal(0),
        max_value=Decimal(100),
        required=False,
    )
    # Only drawn after a near name was proposed: the id of the one meant, or "new".
    meant = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, known: KnownCompetitors, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known
        self.proposed: list[Any] = []
        self.fields["name"].widget.attrs["list"] = "competitors"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        name = " ".join((cleaned.get("name") or "").split())
        share = cleaned.get("share")
        if "share" in self.errors or (not name and share is None):
            return cleaned
        if not name:
            self.add_error("name", _("Whose share is it?"))
        elif share is None:
            self.add_error("share", _("How much of the demand does it supply?"))
        else:
            cleaned["rival"] = self._rival(name, share, cleaned.get("meant", ""))
        return cleaned

    def _rival(self, name: str, share: Decimal, meant: str) -> RivalShare | None:
        competitor = self.known.called(name)
        if competitor is None and meant != "new":
            self.proposed = self.known.like(name)
            competitor = next((near for near in self.proposed if str(near.pk) == meant), None)
            if competitor is None and self.proposed:
                self.add_error("name", _("Is it one of these? Choose, or say that it is a new one."))
                return None
        return RivalShare(competitor.name if competitor else name, share, competitor)


class _RivalFormSet(BaseFormSet):
    def clean(self) -> None:
        names = [rival.name for rival in self.rivals()]
        if len(set(names)) < len(names):
            raise ValidationError(_("A competitor stands here twice."))

    def rivals(self) -> list[RivalShare]:
        found = (form.cleaned_data.get("rival") for form in self.forms if hasattr(form, "cleaned_data"))
        return [rival for rival in found if rival]


RivalFormSet = formset_factory(
    RivalForm, formset=_RivalFormSet, extra=2, max_num=MOST_RIVALS, validate_max=True
)


def family_of(text: str) -> ProductFamily | None:
    """By its id; raises ValueError for one that is not there. "" is "all products"."""
    if not text:
        return None
    family = (
        ProductFamily.objects.filter(pk=int(text)).first() if text.isdecimal() and len(text) < 18 else None
    )
    if family is None:
        raise ValueError(text)
    return family


def year_of(text: str, default: int) -> int:
    """Raises ValueError for what is no year."""
    year = int(text) if text else default
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(text)
    return year

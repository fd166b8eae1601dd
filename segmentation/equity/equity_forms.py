"""The what-if, saving it, and the judgements behind it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm
from crm.models import EquityDriver
from segmentation.equity.assumptions import Assumptions
from segmentation.equity.ratings import DRIVERS

MOST_YEARS = 5


class WhatIfForm(StyledForm):
    driver = forms.ChoiceField(label=_("Raise"), choices=EquityDriver.choices)
    # Not "by": that is the split of the filters, which stand in the same address.
    marks = forms.DecimalField(
        label=_("by marks (of 10)"),
        min_value=Decimal("0.1"),
        max_value=Decimal(5),
        max_digits=3,
        decimal_places=1,
        initial=Decimal(1),
    )
    cost = forms.DecimalField(
        label=_("for a spend of"), min_value=Decimal(0), max_digits=16, decimal_places=2
    )
    years = forms.IntegerField(
        label=_("over years"), min_value=1, max_value=MOST_YEARS, initial=1, required=False
    )

    def clean_years(self) -> int:
        return self.cleaned_data["years"] or 1

    @property
    def inputs(self) -> dict[str, Any]:
        """As segmentation.equity.portfolio.what_if takes them."""
        said = self.cleaned_data
        return {
            "driver": said["driver"],
            "marks": float(said["marks"]),
            "cost": float(said["cost"]),
            "years": said["years"],
        }


class AssumptionsForm(StyledForm):
    inertia = forms.FloatField(
        label=_("Inertia"),
        min_value=0,
        max_value=6,
        help_text=_("Pull towards the supplier bought from last. 1.5: the odds are 4.5 times as high."),
    )
    effect = forms.FloatField(
        label=_("Effect of a mark"),
        min_value=0,
        max_value=3,
        help_text=_("What one mark more in every driver does together. 0.4: the odds are 1.5 times as high."),
    )
    prefer_judgement = forms.BooleanField(
        label=_("Use these weights even where the ratings would give an estimate"), required=False
    )
    horizon = forms.FloatField(label=_("Years looked ahead"), min_value=0.5, max_value=10)
    discount = forms.FloatField(label=_("Discount rate in %"), min_value=0, max_value=50)
    unknown = forms.FloatField(
        label=_("Our share of wallet in % where no demand is known"), min_value=5, max_value=100
    )
    reason = forms.CharField(label=_("Reason"), max_length=255)
    # The version that the editor started from.
    shown = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, assumptions: Assumptions, version: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for driver in EquityDriver:
            mark = forms.FloatField(label=driver.label, min_value=0, max_value=100)
            mark.widget.attrs["class"] = "form-control"
            self.fields[driver.value] = mark
        for field in self.fields.values():
            if isinstance(field, forms.FloatField):
                field.widget.attrs |= {"step": "any", "inputmode": "decimal"}
        self.initial = {
            "inertia": assumptions.inertia,
            "effect": assumptions.effect,
            "prefer_judgement": assumptions.prefer_judgement,
            "horizon": assumptions.horizon,
            "discount": round(assumptions.discount_rate * 100, 4),
            "unknown": round(assumptions.unknown_share * 100, 4),
            "shown": version,
            **{name: assumptions.weights.get(name, 0.0) for name in DRIVERS},
        }

    @property
    def driver_fields(self) -> list[Any]:
        return [self[name] for name in DRIVERS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not any(name in self.errors for name in DRIVERS) and not any(
            cleaned.get(name) for name in DRIVERS
        ):
            raise ValidationError(_("Give at least one driver a weight."))
        return cleaned

    @property
    def assumptions(self) -> Assumptions:
        said = self.cleaned_data
        return Assumptions(
            inertia=said["inertia"],
            effect=said["effect"],
            weights={name: said[name] for name in DRIVERS},
            prefer_judgement=said["prefer_judgement"],
            horizon=said["horizon"],
            discount_rate=said["discount"] / 100,
            unknown_share=said["unknown"] / 100,
        )

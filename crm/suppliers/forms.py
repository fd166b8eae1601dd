"""One supplier's marks by one account on one day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm
from crm.models import Competitor, EquityDriver, SupplierRating
from crm.suppliers.operations import fingerprint
from crm.suppliers.rounds import DRIVER_GROUPS
from crm.trends.competitors import KnownCompetitors

HINTS = {
    EquityDriver.QUALITY: _("Does what it should, and goes on doing it."),
    EquityDriver.PRICE: _("10: the price is very good."),
    EquityDriver.CONVENIENCE: _("Easy to order, quick to come."),
    EquityDriver.AWARENESS: _("How well they know this supplier."),
    EquityDriver.ATTITUDE: _("How they think of it."),
    EquityDriver.ETHICS: _("Fair, keeps its word."),
    EquityDriver.PROGRAMMES: _("Frame contracts, rebates, service plans."),
    EquityDriver.RELATIONSHIP: _("How well they get on with its people."),
    EquityDriver.SWITCHING: _("10: leaving it would cost them dearly."),
}


class RatingForm(StyledForm):
    supplier = forms.CharField(
        label=_("Supplier"),
        max_length=120,
        required=False,
        help_text=_("Empty: ourselves. Else a competitor's name."),
    )
    # Only drawn after a near name was proposed.
    is_new = forms.BooleanField(label=_("This is a new competitor"), required=False)
    rated_on = forms.DateField(
        label=_("Rated on"),
        widget=forms.DateInput,
        help_text=_("Ratings of the same day are compared with each other: give all suppliers one day."),
    )
    bought_last = forms.BooleanField(label=_("They bought from it last time"), required=False)
    buys_next = forms.BooleanField(label=_("They would buy from it next time"), required=False)
    source = forms.CharField(
        label=_("Source"), max_length=200, required=False, help_text=_("Who said it, and where.")
    )
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, rating: SupplierRating, known: KnownCompetitors, today: dt.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rating, self.known, self.today = rating, known, today
        self.proposed: list[Competitor] = []
        self.competitor: Competitor | None = None
        self.new_competitor = ""
        for driver in EquityDriver:
            field = forms.FloatField(
                label=driver.label, min_value=0, max_value=10, required=False, help_text=HINTS[driver]
            )
            field.widget.attrs |= {"step": "0.5", "inputmode": "decimal", "class": "form-control"}
            self.fields[driver.value] = field
        self.fields["supplier"].widget.attrs |= {"list": "competitors", "autocomplete": "off"}
        self.initial["shown"] = fingerprint(rating)
        if rating.pk:
            self.initial = {
                **self.initial,
                "supplier": str(rating.competitor) if rating.competitor else "",
                "rated_on": rating.rated_on,
                "bought_last": rating.bought_last,
                "buys_next": rating.buys_next,
                "source": rating.source,
                **rating.ratings,
            }

    @property
    def groups(self) -> list[tuple[Any, list[Any]]]:
        return [
            (title, [self[driver.value] for driver in drivers]) for _slug, title, drivers in DRIVER_GROUPS
        ]

    def clean_rated_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["rated_on"]
        if day > self.today:
            raise ValidationError(_("This date lies in the future."))
        return day

    def clean_supplier(self) -> str:
        name = " ".join(self.cleaned_data["supplier"].split())
        if not name:
            return name
        self.competitor = self.known.called(name)
        if self.competitor is None:
            self.proposed = [] if self.data.get("is_new") else self.known.like(name)
            if self.proposed:
                raise ValidationError(
                    _("Is it one of these: %(names)s? Write it so, or say that it is a new competitor."),
                    params={"names": ", ".join(map(str, self.proposed))},
                )
            self.new_competitor = name
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not any(driver.value in self.errors for driver in EquityDriver) and not self.marks(cleaned):
            raise ValidationError(_("Give at least one mark from 0 to 10."))
        return cleaned

    def marks(self, cleaned: dict[str, Any]) -> dict[str, float]:
        given = {driver.value: cleaned.get(driver.value) for driver in EquityDriver}
        return {name: mark for name, mark in given.items() if mark is not None}

    def fill(self) -> SupplierRating:
        """The rating with what was entered; a new competitor is still to be made."""
        rating, said = self.rating, self.cleaned_data
        rating.competitor = self.competitor
        rating.rated_on = said["rated_on"]
        rating.ratings = self.marks(said)
        rating.bought_last, rating.buys_next = said["bought_last"], said["buys_next"]
        rating.source = said["source"].strip()
        return rating

"""A word against a model's value: who says so is the user, what, why and until when stand here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.forms.base import StyledForm

USUAL_DAYS = 90


class OverrideForm(StyledForm):
    valid_to = forms.DateField(label=gettext_lazy("Until"), widget=forms.DateInput)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=255, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self,
        *args: Any,
        name: str,
        label: Any,
        choices: Sequence[tuple[int, Any]],
        most_days: int,
        today: dt.date,
        **kwargs: Any,
    ) -> None:
        """`name` and `label` are those of the field with the value to choose."""
        super().__init__(*args, **kwargs)
        self.name, self.today, self.most_days = name, today, most_days
        self.initial.setdefault("valid_to", today + dt.timedelta(days=USUAL_DAYS))
        self.fields["valid_to"].help_text = _(
            "At most %(days)s days; the computed value holds again from then."
        ) % {"days": most_days}
        # None chosen beforehand: nobody shall save the first one by a hurried click.
        value = forms.TypedChoiceField(label=label, coerce=int, choices=[("", "–"), *choices])
        value.widget.attrs["class"] = "form-select"
        self.fields = {name: value, **self.fields}

    def clean_valid_to(self) -> dt.date:
        until: dt.date = self.cleaned_data["valid_to"]
        if until <= self.today:
            raise ValidationError(_("The end must lie after today."))
        if until > self.today + dt.timedelta(days=self.most_days):
            raise ValidationError(_("At most %(days)s days from today.") % {"days": self.most_days})
        return until

    @property
    def value(self) -> int:
        return int(self.cleaned_data[self.name])


class DecisionForm(StyledForm):
    """Approving needs no word, refusing does: the rep should know why."""

    decision = forms.ChoiceField(choices=[("approve", "approve"), ("refuse", "refuse")])
    word = forms.CharField(max_length=255, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == "refuse" and not cleaned.get("word"):
            self.add_error("word", _("Say in a word why not."))
        return cleaned

"""The key-account checklist as a form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.forms.base import StyledForm
from segmentation.models import KeyAccountReview
from segmentation.value.key_reading import CRITERIA
from segmentation.value.key_wording import NAMES, QUESTIONS, figure_text

A_YEAR = 365
MARKS = [
    ("", "–"),
    (5, pgettext_lazy("mark", "5 fully")),
    (4, pgettext_lazy("mark", "4 largely")),
    (3, pgettext_lazy("mark", "3 half")),
    (2, pgettext_lazy("mark", "2 little")),
    (1, pgettext_lazy("mark", "1 hardly")),
    (0, pgettext_lazy("mark", "0 not at all")),
]


class ReviewForm(StyledForm):
    """Six marks, why each, and the decision. The review of the year before is what one starts from."""

    is_key = forms.TypedChoiceField(
        label=_("Decision"),
        choices=[("", "–"), ("yes", _("Key account")), ("no", _("Not a key account"))],
        coerce=lambda value: value == "yes",
    )
    next_review_on = forms.DateField(
        label=_("Next review on"), widget=forms.DateInput, help_text=_("Within a year.")
    )
    note = forms.CharField(
        label=_("What we will do for it"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self,
        *args: Any,
        today: dt.date,
        last: KeyAccountReview | None,
        suggested: dict[str, tuple[int, float]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.suggested = today, suggested
        self.initial.setdefault("next_review_on", today + dt.timedelta(days=A_YEAR))
        for name in CRITERIA:
            mark = forms.TypedChoiceField(label=NAMES[name], choices=MARKS, coerce=int)
            words = forms.CharField(
                label=_("Evidence"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
            )
            for field, css in ((mark, "form-select"), (words, "form-control")):
                field.widget.attrs["class"] = css
            self.fields[f"{name}"], self.fields[f"{name}_evidence"] = mark, words
            if last is not None:
                self.initial.setdefault(name, getattr(last, name))
                self.initial.setdefault(f"{name}_evidence", last.evidence.get(name, ""))
        if last is not None:
            self.initial.setdefault("is_key", "yes" if last.is_key else "no")
            self.initial.setdefault("note", last.note)

    def criteria(self) -> Iterator[dict[str, Any]]:
        """The six for the template."""
        for name in CRITERIA:
            mark, figure = self.suggested.get(name, (None, None))
            yield {
                "mark": self[name],
                "evidence": self[f"{name}_evidence"],
                "question": QUESTIONS[name],
                "suggested": mark,
                "figure": "" if figure is None else figure_text(name, figure),
            }

    def clean_next_review_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["next_review_on"]
        if not self.today < day <= self.today + dt.timedelta(days=A_YEAR + 1):
            raise ValidationError(_("Choose a day after today, within a year."))
        return day

    def values(self) -> dict[str, Any]:
        """The fields of a review."""
        given = self.cleaned_data
        return {
            **{name: given[name] for name in CRITERIA},
            "evidence": {name: given[f"{name}_evidence"] for name in CRITERIA},
            "is_key": given["is_key"],
            "next_review_on": given["next_review_on"],
            "note": given["note"],
        }

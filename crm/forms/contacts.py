"""A person, and what the person is at one account."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from crm.forms.base import StyledModelForm
from crm.models import Contact, Position


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
    class Meta:
        model = Position
        fields = ["title", "department", "decision_role", "influence", "stance", "is_primary", "left_on"]

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["influence"].widget.attrs |= {"min": 1, "max": 5}

    def save(self, commit: bool = True) -> Position:
        """A stance is dated when it is noted: an old one is worth less."""
        position: Position = super().save(commit=False)
        if "stance" in self.changed_data:
            position.stance_noted_on = self.today if position.stance is not None else None
        return position

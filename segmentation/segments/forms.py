"""Forms of segments: what they are called, since when movement is asked for, why groups are searched."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm, StyledModelForm
from crm.forms.scope import ScopeForm
from segmentation.models import Segment, SegmentPurpose


class SinceForm(ScopeForm):
    since_day = forms.DateField(required=False, label=_("Movement since"), widget=forms.DateInput)

    @property
    def since(self) -> dt.date | None:
        return self.cleaned_data.get("since_day") if self.is_valid() else None


class SegmentForm(StyledModelForm):
    class Meta:
        model = Segment
        fields = ("name", "name_zh", "purpose", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}
        labels = {
            "name": _("Name"),
            "name_zh": _("Chinese name"),
            "purpose": _("Used for"),
            "note": _("Note"),
        }


class SearchForm(StyledForm):
    purpose = forms.ChoiceField(label=_("Used for"), choices=SegmentPurpose.choices, initial="marketing")
    reason = forms.CharField(label=_("Reason"), max_length=255)

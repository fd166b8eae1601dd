"""A new scoring model: its name and its place among the others."""

from __future__ import annotations

from crm.forms.base import StyledModelForm
from segmentation.models import ScoringModel


class ModelForm(StyledModelForm):
    class Meta:
        model = ScoringModel
        fields = ["name", "name_zh", "priority"]

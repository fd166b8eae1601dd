"""A comment: some words."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm

MOST_SIGNS = 4000


class CommentForm(StyledForm):
    text = forms.CharField(
        label=_("Comment"),
        max_length=MOST_SIGNS,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )

"""Forms of this app."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm


class ActivateForm(StyledForm):
    reason = forms.CharField(label=_("Reason"), max_length=255)

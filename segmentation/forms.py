"""The filters of the tier dashboard."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.scope import ComparedForm, ScopeForm

BY_PROFIT, BY_SALES = "gross_profit", "net_sales"


class RankedForm(ScopeForm):
    """Whose accounts, ranked by what."""

    by = forms.ChoiceField(
        required=False,
        label=_("Curve by"),
        choices=[(BY_PROFIT, _("Gross profit")), (BY_SALES, _("Net sales"))],
    )

    @property
    def ranked_by(self) -> str:
        return (self.cleaned_data.get("by") if self.is_valid() else "") or BY_PROFIT


class TierForm(RankedForm, ComparedForm):
    """Whose accounts, compared with which month's end, ranked by what."""

"""The filters above the value pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from segmentation.forms import RankedForm

# Days of the window; 365 is what the nightly run has summed up.
YEAR = 365
WINDOWS = ((YEAR, _("12 months")), (730, _("24 months")), (1096, _("36 months")), (1827, _("5 years")))


class ConcentrationForm(RankedForm):
    """Whose accounts, by profit or sales, over which window."""

    window = forms.TypedChoiceField(required=False, label=_("Window"), choices=WINDOWS, coerce=int)

    @property
    def days(self) -> int:
        return (self.cleaned_data.get("window") if self.is_valid() else None) or YEAR

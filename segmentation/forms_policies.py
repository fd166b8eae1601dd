"""Forms of service policies and of the rules of the visit cadence."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm, StyledModelForm
from crm.models import VisitKind
from segmentation.models import ServicePolicy
from segmentation.policies import FIELDS
from segmentation.scoring.cadence import CadenceParameters

MOST_DAYS = 1000


class PolicyForm(StyledModelForm):
    class Meta:
        model = ServicePolicy
        fields = list(FIELDS)
        widgets = {
            name: forms.Textarea(attrs={"rows": 2})
            for name in ("financial_benefits", "social_benefits", "structural_benefits")
        }
        help_texts = {
            "visit_every_days": _("Empty: no visits by plan."),
            "financial_benefits": _("Rebates, prices, terms."),
            "social_benefits": _("Who looks after them, invitations, attention."),
            "structural_benefits": _("What ties both sides: stock, systems, joint projects."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["visit_every_days"].widget.attrs |= {"min": 1, "max": MOST_DAYS}

    def clean_visit_every_days(self) -> int | None:
        days: int | None = self.cleaned_data["visit_every_days"]
        if days is not None and days > MOST_DAYS:
            raise forms.ValidationError(_("At most %(most)d days.") % {"most": MOST_DAYS})
        return days


class CadenceForm(StyledForm):
    kinds = forms.MultipleChoiceField(
        label=_("What counts as a visit"), choices=VisitKind.choices, widget=forms.CheckboxSelectMultiple
    )
    lead_percent = forms.IntegerField(
        label=_("Due for the last … % of the interval"), min_value=0, max_value=100
    )
    lead_most_days = forms.IntegerField(label=_("but at most … days ahead"), min_value=0, max_value=90)
    reason = forms.CharField(label=_("Reason"), max_length=255)

    def parameters(self) -> CadenceParameters:
        chosen = self.cleaned_data
        return CadenceParameters(
            tuple(chosen["kinds"]), chosen["lead_percent"] / 100, chosen["lead_most_days"]
        )

    @staticmethod
    def initial_of(parameters: CadenceParameters) -> dict[str, Any]:
        return {
            "kinds": list(parameters.kinds),
            "lead_percent": round(parameters.lead_share * 100),
            "lead_most_days": parameters.lead_most_days,
        }

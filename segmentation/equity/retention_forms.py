"""The inputs of the retention page: our own figures, until somebody puts others in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm

if TYPE_CHECKING:
    from segmentation.equity.retention import Own

CEILING, DISCOUNT = 95.0, 10.0  # [D] per cent


def usual_ceiling(retention: float | None) -> float:
    """Per cent: 95, or half of what is lost today where more stay already. Of everybody staying there is no curve."""
    return max(CEILING, 50 * (1 + (retention or 0.0)))


def _field(label: Any, **limits: Any) -> forms.FloatField:
    field = forms.FloatField(label=label, required=False, **limits)
    field.widget.attrs |= {"step": "any", "inputmode": "decimal"}
    return field


class RetentionForm(StyledForm):
    """An empty field is our own figure."""

    retention = _field(_("Retention today in %"), min_value=0, max_value=100)
    spend = _field(_("Spend on retention, per customer and year"), min_value=0)
    margin = _field(_("Margin per customer and year, before it"))
    ceiling = _field(_("Judged maximum of retention in %"), min_value=1, max_value=100)
    discount = _field(_("Discount rate in %"), min_value=0.1, max_value=50)

    def figures(self, own: Own) -> dict[str, Any] | None:
        """As fractions and money, our own in the place of what was left empty; None where something is wrong."""
        if self.is_bound and not self.is_valid():
            return None
        said = self.cleaned_data if self.is_bound else {}
        retention = said.get("retention")
        stayed = own.for_curve if retention is None else retention / 100
        spend, margin = said.get("spend"), said.get("margin")
        ceiling, discount = said.get("ceiling"), said.get("discount")
        return {
            "retention": stayed,
            "spend": own.spend if spend is None else spend,
            "margin": own.margin if margin is None else margin,
            "ceiling": (usual_ceiling(stayed) if ceiling is None else ceiling) / 100,
            "discount_rate": (DISCOUNT if discount is None else discount) / 100,
        }

    @property
    def judges_ceiling(self) -> bool:
        return self.is_bound and self.is_valid() and self.cleaned_data["ceiling"] is not None

    def show_own(self, own: Own) -> None:
        """Our own figures stand in the empty fields, in grey."""
        shown = {
            "retention": None if own.for_curve is None else own.for_curve * 100,
            "spend": own.spend,
            "margin": own.margin,
            "ceiling": usual_ceiling(own.for_curve),
            "discount": DISCOUNT,
        }
        for name, value in shown.items():
            if value is not None:
                self.fields[name].widget.attrs["placeholder"] = f"{value:.1f}"

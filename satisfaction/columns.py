"""Columns of the account list about satisfaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from crm.panels import ListColumn

if TYPE_CHECKING:
    from crm.models import Account
    from crm.models.accounts import AccountQuerySet


class SatisfactionColumn(ListColumn):
    """C = b/a with its class: the class for the eye, the ratio for the sort."""

    slug = "satisfaction"
    on_phone = True
    title = _("Satisfaction")
    template_name = "satisfaction/_column.html"
    sort = "satisfaction_ratio"
    align = "end"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(
            satisfaction_ratio=F("current_satisfaction__ratio"),
            satisfaction_class=F("current_satisfaction__satisfaction_class"),
        )

    def export_value(self, account: Account) -> Any:
        return account.satisfaction_ratio  # type: ignore[attr-defined]

"""Columns of the account list about satisfaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from crm.panels import ListColumn
from satisfaction.models import AccountSatisfaction

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
        mine = AccountSatisfaction.objects.filter(account=OuterRef("pk"))
        return accounts.annotate(
            satisfaction_ratio=Subquery(mine.values("ratio")[:1]),
            satisfaction_class=Subquery(mine.values("satisfaction_class")[:1]),
        )

    def export_value(self, account: Account) -> Any:
        return account.satisfaction_ratio  # type: ignore[attr-defined]

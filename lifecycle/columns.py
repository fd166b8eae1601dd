"""Columns of the account list about the lifecycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from crm.panels import ListColumn
from lifecycle.wording import stage_name

if TYPE_CHECKING:
    from crm.models import Account
    from crm.models.accounts import AccountQuerySet


class StageColumn(ListColumn):
    slug = "stage"
    on_phone = True
    title = _("Stage")
    template_name = "lifecycle/_column_stage.html"
    sort = "lifecycle_stage"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(
            lifecycle_stage=F("current_lifecycle__stage"),
            lifecycle_overridden=F("current_lifecycle__overridden"),
        )

    def export_value(self, account: Account) -> Any:
        return stage_name(account.lifecycle_stage) or None  # type: ignore[attr-defined]


class OverdueColumn(ListColumn):
    """Days since the last purchase over the interval to be expected: 2 and more is alarming."""

    slug = "overdue"
    title = _("Overdue ratio")
    template_name = "lifecycle/_column_overdue.html"
    sort = "overdue_ratio"
    align = "end"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(overdue_ratio=F("current_lifecycle__overdue_ratio"))

    def export_value(self, account: Account) -> Any:
        return account.overdue_ratio  # type: ignore[attr-defined]


class LoyaltyColumn(ListColumn):
    slug = "loyalty"
    title = _("Loyalty")
    template_name = "lifecycle/_column_loyalty.html"
    sort = "loyalty_index"
    align = "end"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(loyalty_index=F("current_lifecycle__loyalty"))

    def export_value(self, account: Account) -> Any:
        return account.loyalty_index  # type: ignore[attr-defined]

"""crm's own columns of the account list. The name comes first, before all slots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from crm.panels import ListColumn

if TYPE_CHECKING:
    from crm.models import Account, AccountFacts
    from crm.models.accounts import AccountQuerySet


class TerritoryColumn(ListColumn):
    slug = "territory"
    title = _("Territory")
    template_name = "crm/accounts/columns/territory.html"
    sort = "territory__name"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.select_related("territory")

    def export_value(self, account: Account) -> Any:
        return str(account.territory) if account.territory else None


class OwnerColumn(ListColumn):
    slug = "owner"
    title = _("Sales rep")
    template_name = "crm/accounts/columns/owner.html"
    sort = "owner__last_name"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.select_related("owner")

    def export_value(self, account: Account) -> Any:
        return str(account.owner) if account.owner else None


class _FactsColumn(ListColumn):
    align = "end"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.select_related("facts")


def facts_of(account: Account) -> AccountFacts | None:
    """None for accounts that no published run has seen."""
    return getattr(account, "facts", None)


class NetSalesColumn(_FactsColumn):
    slug = "net_sales"
    on_phone = True
    title = _("Sales, 12 months")
    template_name = "crm/accounts/columns/net_sales.html"
    sort = "facts__net_sales_12m"

    def export_value(self, account: Account) -> Any:
        facts = facts_of(account)
        return facts.net_sales_12m if facts else None


class GrossProfitColumn(_FactsColumn):
    slug = "gross_profit"
    title = _("Gross profit, 12 months")
    template_name = "crm/accounts/columns/gross_profit.html"
    sort = "facts__gross_profit_12m"

    def export_value(self, account: Account) -> Any:
        facts = facts_of(account)
        return facts.gross_profit_12m if facts else None


class LastTradeColumn(_FactsColumn):
    slug = "last_trade"
    on_phone = True
    title = _("Last purchase")
    template_name = "crm/accounts/columns/last_trade.html"
    sort = "facts__last_traded_on"

    def export_value(self, account: Account) -> Any:
        facts = facts_of(account)
        return facts.last_traded_on if facts else None

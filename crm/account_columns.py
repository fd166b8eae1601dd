"""crm's own columns of the account list. The name comes first, before all slots."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from crm.panels import ListColumn
from crm.templatetags.ui import MISSING, day, icon, money_short

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from crm.models import Account, AccountFacts
    from crm.models.accounts import AccountQuerySet


def emphasised(text: str, alarming: bool, css: str = "text-red fw-bold") -> str:
    return format_html('<span class="{}">{}</span>', css, text) if alarming else text


def by_hand(words: str) -> SafeString:
    """The mark beside a figure that a person set; the app of the figure has the words."""
    return format_html(
        ' <span class="text-secondary" title="{}">{}<span class="visually-hidden">{}</span></span>',
        words,
        icon("hand-stop", "icon-sm"),
        words,
    )


class TerritoryColumn(ListColumn):
    slug = "territory"
    on_demand = True
    title = _("Territory")
    sort = "territory__name"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.select_related("territory")

    def cell(self, account: Account) -> str:
        return str(account.territory) if account.territory else MISSING

    def export_value(self, account: Account) -> Any:
        return str(account.territory) if account.territory else None


class OwnerColumn(ListColumn):
    slug = "owner"
    title = _("Sales rep")
    sort = "owner__last_name"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.select_related("owner")

    def cell(self, account: Account) -> str:
        return str(account.owner) if account.owner else MISSING

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
    sort = "facts__net_sales_12m"

    def cell(self, account: Account) -> str:
        facts = facts_of(account)
        return money_short(facts.net_sales_12m) if facts else MISSING

    def export_value(self, account: Account) -> Any:
        facts = facts_of(account)
        return facts.net_sales_12m if facts else None


class GrossProfitColumn(_FactsColumn):
    slug = "gross_profit"
    title = _("Gross profit, 12 months")
    sort = "facts__gross_profit_12m"

    def cell(self, account: Account) -> str:
        facts = facts_of(account)
        profit: Decimal | None = facts.gross_profit_12m if facts else None
        return emphasised(money_short(profit), profit is not None and profit < 0, "text-red")

    def export_value(self, account: Account) -> Any:
        facts = facts_of(account)
        return facts.gross_profit_12m if facts else None


class LastTradeColumn(_FactsColumn):
    slug = "last_trade"
    on_phone = True
    title = _("Last purchase")
    sort = "facts__last_traded_on"

    def cell(self, account: Account) -> str:
        facts = facts_of(account)
        return day(facts.last_traded_on) if facts else MISSING

    def export_value(self, account: Account) -> Any:
        facts = facts_of(account)
        return facts.last_traded_on if facts else None

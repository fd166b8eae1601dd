"""crm's own columns of the account list. The name comes first, before all slots."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from crm.panels import ListColumn
from crm.templatetags.ui import MISSING, day, icon, money_short

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from crm.models import Account
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
    reads = ("territory__name", "territory__name_zh")

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
    reads = ("owner__first_name", "owner__last_name", "owner__username")

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.select_related("owner")

    def cell(self, account: Account) -> str:
        return str(account.owner) if account.owner else MISSING

    def export_value(self, account: Account) -> Any:
        return str(account.owner) if account.owner else None


class NetSalesColumn(ListColumn):
    slug = "net_sales"
    align = "end"
    on_phone = True
    title = _("Sales, 12 months")
    sort = "sales_12m"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(sales_12m=F("facts__net_sales_12m"))

    def cell(self, account: Account) -> str:
        return money_short(account.sales_12m)  # type: ignore[attr-defined]

    def export_value(self, account: Account) -> Any:
        return account.sales_12m  # type: ignore[attr-defined]


class GrossProfitColumn(ListColumn):
    slug = "gross_profit"
    align = "end"
    title = _("Gross profit, 12 months")
    sort = "profit_12m"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(profit_12m=F("facts__gross_profit_12m"))

    def cell(self, account: Account) -> str:
        profit: Decimal | None = account.profit_12m  # type: ignore[attr-defined]
        return emphasised(money_short(profit), profit is not None and profit < 0, "text-red")

    def export_value(self, account: Account) -> Any:
        return account.profit_12m  # type: ignore[attr-defined]


class LastTradeColumn(ListColumn):
    slug = "last_trade"
    align = "end"
    on_phone = True
    title = _("Last purchase")
    sort = "last_trade"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(last_trade=F("facts__last_traded_on"))

    def cell(self, account: Account) -> str:
        return day(account.last_trade)  # type: ignore[attr-defined]

    def export_value(self, account: Account) -> Any:
        return account.last_trade  # type: ignore[attr-defined]

"""The trade ledger: every line sold, and its roll-up to one row per account and day.

A day is the purchase occasion of the models (all lines an account is billed for on one date), so figures for any
window ending on any date are exact sums over this one roll-up. See docs/decisions/roll-up-by-account-and-day.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest, Least, Round
from django.utils.translation import gettext_lazy as _

from crm.models.accounts import Account
from crm.models.products import Product
from crm.models.runs import UNCHECKED

if TYPE_CHECKING:
    from crm.models.people import User

MONEY = models.DecimalField(max_digits=18, decimal_places=4)


def _money(expression: Combinable) -> Round:
    return Round(expression, precision=4, output_field=MONEY)


def _list_price_gap() -> Case:
    """(list price - net price) x quantity, never against the sign of the quantity: a return takes its discount back."""
    gap = F("list_price") * F("quantity") - F("net_amount")
    zero = Value(0, output_field=MONEY)
    return Case(
        When(list_price__isnull=True, then=F("discount")),
        When(quantity__gt=0, then=Greatest(gap, zero)),
        When(quantity__lt=0, then=Least(gap, zero)),
        default=zero,
        output_field=models.DecimalField(max_digits=24, decimal_places=10),
    )


class TradeLineQuerySet(models.QuerySet["TradeLine"]):
    def visible_to(self, user: User) -> TradeLineQuerySet:
        return self.filter(account__in=Account.objects.visible_to(user))

    def counted(self) -> TradeLineQuerySet:
        """The lines that models look at: cancelled ones stay on record but count for nothing."""
        return self.filter(cancelled=False)


class TradeLine(models.Model):
    """One line of an order or invoice. Amounts as traded; the figures in the reporting currency follow from them."""

    # Its index is trade_line_account_day, which begins with the account.
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="trade_lines", db_index=False)
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="trade_lines"
    )
    source = models.CharField(_("source system"), max_length=40)
    external_id = models.CharField(_("external id"), max_length=120)
    traded_on = models.DateField(_("date"))
    order_number = models.CharField(_("order"), max_length=60, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    unit_price = models.DecimalField(_("unit price"), max_digits=18, decimal_places=6)
    list_price = models.DecimalField(_("list price"), max_digits=18, decimal_places=6, null=True, blank=True)
    discount = models.DecimalField(_("discount"), max_digits=18, decimal_places=4, default=0)
    # quantity x unit price - discount, or what the source system says it billed.
    net_amount = models.DecimalField(_("net amount"), max_digits=18, decimal_places=4)
    cost = models.DecimalField(_("cost"), max_digits=18, decimal_places=4, null=True, blank=True)
    marketing_cost = models.DecimalField(
        _("marketing cost"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    payment_days = models.IntegerField(_("days until paid"), null=True, blank=True)
    financing_rate = models.DecimalField(
        _("financing rate per year"), max_digits=7, decimal_places=4, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3)
    exchange_rate = models.DecimalField(
        _("rate to the reporting currency"), max_digits=18, decimal_places=8, default=1
    )
    cancelled = models.BooleanField(_("cancelled"), default=False)
    # Millions of lines a batch: the import itself sees to it that the batch exists; the index is trade_line_batch.
    import_batch = models.ForeignKey(
        "crm.ImportBatch",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        **UNCHECKED,
    )

    net_sales = models.GeneratedField(
        expression=_money(F("net_amount") * F("exchange_rate")), output_field=MONEY, db_persist=True
    )
    gross_profit = models.GeneratedField(
        expression=_money((F("net_amount") - F("cost")) * F("exchange_rate")),
        output_field=MONEY,
        db_persist=True,
    )
    sales_discount = models.GeneratedField(
        expression=_money(_list_price_gap() * F("exchange_rate")), output_field=MONEY, db_persist=True
    )
    financing_cost = models.GeneratedField(
        expression=_money(
            F("net_amount")
            * F("exchange_rate")
            * Greatest(F("payment_days"), Value(0))
            / Value(365)
            * F("financing_rate")
        ),
        output_field=MONEY,
        db_persist=True,
    )

    objects = TradeLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("trade line")
        verbose_name_plural = _("trade lines")
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="trade_line_external_id_once")
        ]
        indexes = [
            models.Index(fields=["account", "traded_on"], name="trade_line_account_day"),
            models.Index(
                fields=["import_batch"], name="trade_line_batch", condition=Q(import_batch__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.external_id}"


class TradeDay(models.Model):
    """The roll-up: what one account traded on one day, cancelled lines left out, in the reporting currency."""

    pk = models.CompositePrimaryKey("account_id", "traded_on")
    # Derived from lines that are themselves bound to their account: checking millions of derived rows again at every
    # import would cost more than the roll-up itself.
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="trade_days", **UNCHECKED)
    traded_on = models.DateField()
    lines = models.IntegerField()
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    net_sales = models.DecimalField(max_digits=18, decimal_places=4)
    # Profit of the lines whose cost is known, and number and sales of just those lines (for the cost coverage).
    gross_profit = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    costed_lines = models.IntegerField(default=0)
    costed_sales = models.DecimalField(max_digits=18, decimal_places=4)
    sales_discount = models.DecimalField(max_digits=18, decimal_places=4)
    marketing_cost = models.DecimalField(max_digits=18, decimal_places=4)
    financing_cost = models.DecimalField(max_digits=18, decimal_places=4)

    class Meta:
        verbose_name = _("trade day")
        verbose_name_plural = _("trade days")

    def __str__(self) -> str:
        return f"{self.account_id} {self.traded_on}"


class ExchangeRate(models.Model):
    """What one unit of `currency` is worth in the reporting currency from `valid_on` until the next rate."""

    currency = models.CharField(_("currency"), max_length=3)
    valid_on = models.DateField(_("valid from"))
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.UniqueConstraint(fields=["currency", "valid_on"], name="exchange_rate_once"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchange_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.valid_on}: {self.rate}"

"""One row per account: what its trade adds up to as of a run's date."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.accounts import Account
from crm.models.runs import UNCHECKED, Run


class TradeFacts(models.Model):
    """Columns shared by the published facts and those of a run in progress. Windows are (as_of - 365 days, as_of]."""

    occasions = models.IntegerField(_("purchase occasions"))
    occasions_24m = models.IntegerField(_("purchase occasions, 24 months"), default=0)
    first_traded_on = models.DateField(_("first purchase"), null=True)
    last_traded_on = models.DateField(_("last purchase"), null=True)
    lines_12m = models.IntegerField(_("lines, 12 months"))
    quantity_12m = models.FloatField(_("quantity, 12 months"))
    net_sales_12m = models.DecimalField(_("net sales, 12 months"), max_digits=18, decimal_places=4)
    gross_profit_12m = models.DecimalField(
        _("gross profit, 12 months"), max_digits=18, decimal_places=4, null=True
    )
    # Lines whose cost is known and their sales: the profit above is theirs alone.
    costed_lines_12m = models.IntegerField(default=0)
    costed_sales_12m = models.DecimalField(max_digits=18, decimal_places=4)
    sales_discount_12m = models.DecimalField(max_digits=18, decimal_places=4)
    marketing_cost_12m = models.DecimalField(max_digits=18, decimal_places=4)
    financing_cost_12m = models.DecimalField(max_digits=18, decimal_places=4)
    net_sales_prior_12m = models.DecimalField(
        _("net sales, the 12 months before"), max_digits=18, decimal_places=4
    )
    # Of everything up to the date. An occasion is a day with positive sales: returns alone are none.
    occasions_12m = models.IntegerField(default=0)
    occasion_sales = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    occasion_sales_12m = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    net_sales_ever = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    # Null where too few of all its lines have a cost.
    gross_profit_ever = models.DecimalField(max_digits=18, decimal_places=4, null=True)

    class Meta:
        abstract = True


class AccountFacts(TradeFacts):
    """The facts of the newest published run, for lists and pages. `run` is the run that last changed the row."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="facts")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", **UNCHECKED)

    class Meta:
        verbose_name = _("account facts")
        verbose_name_plural = _("account facts")
        # The orders of the account list that people ask for most.
        indexes = [
            models.Index(fields=["net_sales_12m"], name="account_facts_sales"),
            models.Index(fields=["gross_profit_12m"], name="account_facts_profit"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} @ {self.run_id}"


class StagedAccountFacts(TradeFacts):
    """The facts of a run that is not published yet (an unlogged table: a crash empties it and the run is redone)."""

    pk = models.CompositePrimaryKey("run_id", "account_id")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+", **UNCHECKED)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", **UNCHECKED)

    class Meta:
        verbose_name = _("staged account facts")
        verbose_name_plural = _("staged account facts")

    def __str__(self) -> str:
        return f"{self.account_id} @ {self.run_id}"

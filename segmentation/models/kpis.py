"""Key figures of a month, kept as they were: never computed again from later data."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Run, Territory, User
from crm.models.runs import UNCHECKED


class KpiMonth(models.Model):
    """New, lost, reactivated, upgraded and downgraded customers and average profitability (models.md section 16).

    One row per month's end, length of the period and everything one sums by: who owned the customers then, where they
    were, what they were graded. Every figure adds up, so any filter and any reader's own accounts are sums of rows.
    """

    month_end = models.DateField(_("month"))
    # Length of the period that ends with the month; compared with as many months before.
    months = models.SmallIntegerField(_("months"))
    # As they were: a key may outlive its row.
    owner = models.ForeignKey(User, on_delete=models.DO_NOTHING, null=True, related_name="+", **UNCHECKED)
    territory = models.ForeignKey(
        Territory, on_delete=models.DO_NOTHING, null=True, related_name="+", **UNCHECKED
    )
    region = models.CharField(max_length=80, blank=True)
    industry = models.CharField(max_length=120, blank=True)
    # Name of the grade at the month's end; empty: unrated.
    grade = models.CharField(max_length=20, blank=True)
    active_before = models.IntegerField()
    active = models.IntegerField()
    new = models.IntegerField()
    lost = models.IntegerField()
    reactivated = models.IntegerField()
    graded_at_both_ends = models.IntegerField()
    upgraded = models.IntegerField()
    downgraded = models.IntegerField()
    net_sales = models.DecimalField(max_digits=18, decimal_places=2)
    # Of active customers whose cost is known, and how many those are.
    gross_profit = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    cost_to_serve = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    costed = models.IntegerField(default=0)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", **UNCHECKED)

    class Meta:
        verbose_name = _("key figures of a month")
        verbose_name_plural = _("key figures of months")
        indexes = [models.Index(fields=["months", "month_end"], name="kpi_month")]

    def __str__(self) -> str:
        return f"{self.month_end} ({self.months})"

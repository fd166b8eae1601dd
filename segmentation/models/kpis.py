"""Key figures of a month, kept as they were: never computed again from later data."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Run
from crm.models.runs import UNCHECKED


class KpiDimension(models.TextChoices):
    ALL = "all", _("All")
    REP = "rep", _("Sales rep")
    TERRITORY = "territory", _("Territory")
    REGION = "region", _("Region")
    INDUSTRY = "industry", _("Industry")


class KpiMonth(models.Model):
    """New, lost, reactivated, upgraded and downgraded customers and average profitability (models.md section 16)."""

    month_end = models.DateField(_("month"))
    dimension = models.CharField(max_length=10, choices=KpiDimension)
    # Number of the rep or territory, name of the region or industry; empty for all.
    key = models.CharField(max_length=120, blank=True)
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
    gross_profit = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    cost_to_serve = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    costed = models.IntegerField(default=0)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", **UNCHECKED)

    class Meta:
        verbose_name = _("key figures of a month")
        verbose_name_plural = _("key figures of months")
        constraints = [
            models.UniqueConstraint(fields=["month_end", "dimension", "key"], name="kpi_month_once")
        ]

    def __str__(self) -> str:
        return f"{self.month_end} {self.dimension} {self.key}"

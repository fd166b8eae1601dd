"""The grade of each account with everything needed to recompute it by hand: published, staged, frozen."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Account, Run
from crm.models.history import SnapshotFigures, StagedFigures
from crm.models.runs import UNCHECKED
from segmentation.models.scoring_models import ScoringModelVersion


class GradeFigures(models.Model):
    """`grade` is the position in the version's thresholds (0 is best); null is "unrated", with the reason."""

    version = models.ForeignKey(ScoringModelVersion, on_delete=models.PROTECT, related_name="+", **UNCHECKED)
    grade = models.SmallIntegerField(_("grade"), null=True)
    computed_grade = models.SmallIntegerField(_("computed grade"), null=True)
    overridden = models.BooleanField(default=False)
    score = models.FloatField(_("score"), null=True)
    current_score = models.FloatField(_("current value"), null=True)
    future_score = models.FloatField(_("future value"), null=True)
    coverage = models.FloatField(_("share of the weights that could be scored"))
    # In the order of the version's indicators; null where missing.
    raw = ArrayField(models.FloatField(null=True), verbose_name=_("raw values"))
    points = ArrayField(models.FloatField(null=True), verbose_name=_("points"))
    reasons = ArrayField(models.SmallIntegerField(), verbose_name=_("reasons"))
    rank = models.IntegerField(_("rank"), null=True)
    reason = models.SmallIntegerField(default=0)

    class Meta:
        abstract = True


class GradeMoney(models.Model):
    """Copied from the facts of the same run, so that dashboards sum exact money by grade from one table."""

    net_sales_12m = models.DecimalField(_("net sales, 12 months"), max_digits=18, decimal_places=4)
    gross_profit_12m = models.DecimalField(
        _("gross profit, 12 months"), max_digits=18, decimal_places=4, null=True
    )

    class Meta:
        abstract = True


class AccountGrade(GradeMoney, GradeFigures):
    """Only customers: an account that never traded is a prospect and has no row here."""

    # No attribute on Account below, but a name to join by: the account list reads and sorts through it.
    account = models.OneToOneField(
        Account,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="+",
        related_query_name="current_grade",
    )
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", **UNCHECKED)

    class Meta:
        verbose_name = _("grade of an account")
        verbose_name_plural = _("grades of accounts")
        indexes = [
            # For the account list in order of score: the page is read off the index.
            models.Index(fields=["score"], name="account_grade_score_alone"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.grade}"


class StagedGrade(StagedFigures, GradeFigures):
    class Meta:
        verbose_name = _("staged grade")
        verbose_name_plural = _("staged grades")


class GradeSnapshot(SnapshotFigures, GradeMoney, GradeFigures):
    class Meta:
        verbose_name = _("grade at a month's end")
        verbose_name_plural = _("grades at months' ends")

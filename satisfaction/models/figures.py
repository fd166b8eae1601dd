"""Satisfaction per account: published, staged, frozen."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Account, Run
from crm.models.history import SnapshotFigures, StagedFigures
from crm.models.runs import UNCHECKED


class SatisfactionFigures(models.Model):
    """Null with a reason where it is not known. `reason` is a `crm.scoring.reasons.Reason`."""

    ratio = models.FloatField(_("satisfaction C = b/a"), null=True)
    mean_of_ratios = models.FloatField(null=True)
    difference = models.FloatField(_("perceived minus expected"), null=True)
    satisfaction_class = models.SmallIntegerField(_("class"), null=True)
    index = models.FloatField(_("satisfaction index (0 to 100)"), null=True)
    respondents = models.IntegerField(_("respondents"), default=0)
    spread = models.FloatField(null=True)
    answered_on = models.DateField(_("last answer"), null=True)
    reason = models.SmallIntegerField(default=0)

    class Meta:
        abstract = True


class AccountSatisfaction(SatisfactionFigures):
    """Only accounts somebody answered for: no row is "no survey"."""

    # No attribute on Account below, but a name to join by: the account list reads and sorts through it.
    account = models.OneToOneField(
        Account,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="+",
        related_query_name="current_satisfaction",
    )
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", **UNCHECKED)

    class Meta:
        verbose_name = _("satisfaction of an account")
        verbose_name_plural = _("satisfaction of accounts")

    def __str__(self) -> str:
        return f"{self.account_id}: {self.ratio}"


class StagedSatisfaction(StagedFigures, SatisfactionFigures):
    class Meta:
        verbose_name = _("staged satisfaction")
        verbose_name_plural = _("staged satisfaction")


class SatisfactionSnapshot(SnapshotFigures, SatisfactionFigures):
    class Meta:
        verbose_name = _("satisfaction at a month's end")
        verbose_name_plural = _("satisfaction at months' ends")

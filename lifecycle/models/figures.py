"""Stage and loyalty per account: published, staged, frozen. Enums stand in `lifecycle.scoring`."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Account, Run
from crm.models.history import SnapshotFigures, StagedFigures
from crm.models.runs import UNCHECKED


class LifecycleFigures(models.Model):
    # The stage shown (confirmed, or a person's override) and the one this run computed.
    stage = models.SmallIntegerField(_("stage"))
    computed_stage = models.SmallIntegerField(_("computed stage"))
    rule = models.SmallIntegerField(_("rule that decided"))
    overridden = models.BooleanField(default=False)
    occasions = models.IntegerField()
    first_traded_on = models.DateField(null=True)
    last_traded_on = models.DateField(null=True)
    own_interval = models.FloatField(_("own mean interval, days"), null=True)
    interval = models.FloatField(_("expected interval, days"), null=True)
    overdue_ratio = models.FloatField(_("overdue ratio"), null=True)
    window_value = models.FloatField(_("value in the window"), null=True)
    prior_value = models.FloatField(_("value in the window before"), null=True)
    growth = models.FloatField(_("growth"), null=True)

    loyalty = models.FloatField(_("loyalty index (0 to 100)"), null=True)
    loyalty_level = models.SmallIntegerField(_("loyalty level"), null=True)
    behaviour = models.FloatField(_("behavioural loyalty"), null=True)
    attitude = models.FloatField(_("attitudinal loyalty"), null=True)
    repeat_score = models.FloatField(null=True)
    rhythm_score = models.FloatField(null=True)
    wallet_score = models.FloatField(null=True)
    selection_score = models.FloatField(null=True)
    emotion_score = models.FloatField(null=True)
    referral_score = models.FloatField(null=True)
    competitor_score = models.FloatField(null=True)
    price_score = models.FloatField(null=True)
    loyalty_reason = models.SmallIntegerField(default=0)
    reason = models.SmallIntegerField(default=0)

    class Meta:
        abstract = True


class AccountLifecycle(LifecycleFigures):
    # No attribute on Account below, but a name to join by: the account list reads and sorts through it.
    account = models.OneToOneField(
        Account,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="+",
        related_query_name="current_lifecycle",
    )
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", **UNCHECKED)

    class Meta:
        verbose_name = _("lifecycle of an account")
        verbose_name_plural = _("lifecycle of accounts")
        # No index on what changes every night: with room on its page (a migration's fillfactor) a row is then
        # rewritten in place, three times as fast. A list in such an order is sorted when asked for.
        indexes = [models.Index(fields=["stage"], name="lifecycle_stage")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.stage}"


class StagedLifecycle(StagedFigures, LifecycleFigures):
    class Meta:
        verbose_name = _("staged lifecycle")
        verbose_name_plural = _("staged lifecycle")


class LifecycleSnapshot(SnapshotFigures, LifecycleFigures):
    class Meta:
        verbose_name = _("lifecycle at a month's end")
        verbose_name_plural = _("lifecycle at months' ends")

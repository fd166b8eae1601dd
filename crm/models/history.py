"""Abstract bases for what upper apps keep about accounts: figures of a run, intervals of history, overrides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.models.accounts import Account
from crm.models.runs import UNCHECKED, Run

if TYPE_CHECKING:
    import datetime as dt


class StagedFigures(models.Model):
    """Figures of a run in progress (an unlogged table: a crash empties it and the run is redone)."""

    pk = models.CompositePrimaryKey("run_id", "account_id")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+", **UNCHECKED)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", **UNCHECKED)

    class Meta:
        abstract = True


class SnapshotFigures(models.Model):
    """Figures frozen at a month's end: never changed by later runs for other dates."""

    pk = models.CompositePrimaryKey("month_end", "account_id")
    month_end = models.DateField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", **UNCHECKED)

    class Meta:
        abstract = True


class IntervalQuerySet(models.QuerySet):
    def on(self, day: dt.date) -> IntervalQuerySet:
        """What held on `day`: intervals are closed at the start and open at the end."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)

    def current(self) -> IntervalQuerySet:
        return self.filter(valid_to__isnull=True)


class Interval(models.Model):
    """A value (grade, stage, level) that held from one run's date until, and without, another's."""

    # The unique constraint below is the index.
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    value = models.SmallIntegerField()
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", **UNCHECKED)

    objects = IntervalQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["account", "valid_from"], name="%(class)s_starts_once"),
            models.UniqueConstraint(
                fields=["account"], condition=Q(valid_to__isnull=True), name="%(class)s_one_current"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="%(class)s_not_empty",
            ),
        ]


class OverrideState(models.TextChoices):
    PROPOSED = "proposed", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")


class Override(models.Model):
    """A person's word against the model's: with a reason and an end. The computed value stays visible beside it.

    Counts once a manager has approved it; a manager's own is approved at once.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(_("reason"), max_length=255)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"))
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=OverrideState,
        default=OverrideState.APPROVED,
        db_default=OverrideState.APPROVED,
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    # What the manager said to the proposal.
    decision = models.CharField(
        _("word on the decision"), max_length=255, blank=True, default="", db_default=""
    )
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gt=F("valid_from")), name="%(class)s_ends_after_start"
            ),
        ]

    def holds_on(self, day: Any) -> bool:
        approved = self.state == OverrideState.APPROVED
        return approved and self.revoked_at is None and self.valid_from <= day < self.valid_to

"""Duplicates: which pairs were looked at, which accounts became one, and what it takes to undo that."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.accounts import Account


class DistinctAccounts(models.Model):
    """Two accounts that look alike and are not the same: never proposed again. `first` has the lower id."""

    first = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("pair of different accounts")
        verbose_name_plural = _("pairs of different accounts")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="distinct_accounts_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="distinct_accounts_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ≠ {self.second_id}"


class AccountMerge(models.Model):
    """`merged` became part of `kept`. Both rows stay; `merged` is out of sight while `Account.merged_into` is set."""

    kept = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    merged = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # The fields of `kept` that the merge overwrote: {"name": [before, after]}.
    fields = models.JSONField(default=dict)
    # What the undo could not bring back, and why: [{"code": ..., ...}], worded by crm.duplicates.wording.
    leftovers = models.JSONField(default=list)
    merged_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("merge of accounts")
        verbose_name_plural = _("merges of accounts")
        constraints = [
            # An account is merged away once at a time.
            models.UniqueConstraint(
                fields=["merged"], condition=models.Q(undone_at__isnull=True), name="account_merge_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} → {self.kept_id}"


class MergedRows(models.Model):
    """One step of a merge in one column of one table: rows that got another value, or a row that gave way.

    Undone in the opposite order: the rows in `moved` that still hold `after` get `before` back, displaced rows return.
    """

    merge = models.ForeignKey(AccountMerge, on_delete=models.CASCADE, related_name="rows")
    table = models.CharField(max_length=63)
    column = models.CharField(max_length=63)
    # Primary keys of rows whose `column` held `before` and holds `after` since.
    moved = models.JSONField(default=list)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    # A row that could not move (a person with a position at both): [{"row": its content, "winner": the row that
    # stayed, "filled": what the winner took over from it, {"column": [before, after]}}].
    displaced = models.JSONField(default=list)

    class Meta:
        verbose_name = _("rows moved by a merge")
        verbose_name_plural = _("rows moved by merges")

    def __str__(self) -> str:
        return f"{self.table}: {len(self.moved)}"


class ScanState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class DuplicateScan(models.Model):
    """A search for duplicates among all accounts. The newest finished one is the review list."""

    state = models.CharField(_("state"), max_length=12, choices=ScanState, default=ScanState.QUEUED)
    progress = models.PositiveSmallIntegerField(_("progress in per cent"), default=0)
    accounts = models.PositiveIntegerField(_("accounts"), default=0)
    pairs = models.PositiveIntegerField(_("pairs"), default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("search for duplicates")
        verbose_name_plural = _("searches for duplicates")

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} ({self.get_state_display()})"


class DuplicatePair(models.Model):
    """Two accounts that may be one, as the newest scan found them. `first` has the lower id."""

    first = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    # 0 to 1; crm.scoring.likeness says how it comes about.
    score = models.FloatField(_("likeness"))
    # {"name": 0.91, "phone": true, ...}: what speaks for it and against it.
    reasons = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        indexes = [models.Index(fields=["-score", "id"], name="duplicate_pair_best")]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="duplicate_pair_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ≈ {self.second_id}"

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
    merged_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("merge of accounts")
        verbose_name_plural = _("merges of accounts")

    def __str__(self) -> str:
        return f"{self.merged_id} → {self.kept_id}"


class MergedRows(models.Model):
    """Which rows of one table hung on the merged account, by primary key; or a row that gave way to its double."""

    merge = models.ForeignKey(AccountMerge, on_delete=models.CASCADE, related_name="rows")
    table = models.CharField(max_length=63)
    column = models.CharField(max_length=63)
    moved = models.JSONField(default=list)
    # Rows that could not move (a person with a position at both): their content, to be put back.
    displaced = models.JSONField(default=list)

    class Meta:
        verbose_name = _("rows moved by a merge")
        verbose_name_plural = _("rows moved by merges")

    def __str__(self) -> str:
        return f"{self.table}: {len(self.moved)}"

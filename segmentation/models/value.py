"""Key accounts and customer equity: judgements with their evidence, and studies with their inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Account
from crm.models.activities import AccountRecordQuerySet

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def _mark(label: _StrPromise) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(label, null=True, blank=True, validators=[MaxValueValidator(5)])


class KeyAccountReview(models.Model):
    """The key-account checklist (models.md section 21): six scores of 0 to 5, each with its evidence."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    reviewed_on = models.DateField(_("reviewed on"))
    next_review_on = models.DateField(_("next review on"))
    volume = _mark(_("Business volume"))
    potential = _mark(_("Income potential"))
    represents = _mark(_("Represents a target industry or region"))
    value_buyer = _mark(_("Buys on value, with a large turnover"))
    profit = _mark(_("Profit in dealings"))
    preference = _mark(_("Prefers us"))
    # {"volume": "…"}: why each score was given.
    evidence = models.JSONField(_("evidence"), default=dict, blank=True)
    is_key = models.BooleanField(_("key account"), default=False)
    note = models.TextField(_("note"), blank=True)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("key-account review")
        verbose_name_plural = _("key-account reviews")
        constraints = [
            models.UniqueConstraint(fields=["account", "reviewed_on"], name="key_account_review_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.reviewed_on}"


class EquityStudy(models.Model):
    """A what-if on customer equity: the inputs as they were, so that the result can be worked out again."""

    name = models.CharField(_("name"), max_length=120)
    as_of = models.DateField(_("as of"))
    inputs = models.JSONField(default=dict)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("equity study")
        verbose_name_plural = _("equity studies")

    def __str__(self) -> str:
        return self.name

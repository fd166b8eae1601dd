"""Facts that the value models need beside trade: ratings of suppliers, cost to serve, referrals and shared gains."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.accounts import Account
from crm.models.activities import AccountRecordQuerySet
from crm.models.trends import Competitor


class EquityDriver(models.TextChoices):
    """What moves a customer towards a supplier: value, brand and retention (models.md section 12)."""

    QUALITY = "quality", _("Quality")
    PRICE = "price", _("Price")
    CONVENIENCE = "convenience", _("Convenience")
    AWARENESS = "awareness", _("Brand awareness")
    ATTITUDE = "attitude", _("Attitude to the brand")
    ETHICS = "ethics", _("Brand ethics")
    PROGRAMMES = "programmes", _("Retention programmes")
    RELATIONSHIP = "relationship", _("Relationship with our people")
    SWITCHING = "switching", _("Switching cost")


class SupplierRating(models.Model):
    """How an account rates a supplier: one row per supplier (no competitor: us) and day."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="supplier_ratings")
    competitor = models.ForeignKey(
        Competitor,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="ratings",
        verbose_name=_("competitor (empty: us)"),
    )
    rated_on = models.DateField(_("rated on"))
    # {"quality": 8, ...}, each 0 to 10; keys of EquityDriver.
    ratings = models.JSONField(_("ratings"), default=dict)
    bought_last = models.BooleanField(_("bought from them last time"), default=False)
    buys_next = models.BooleanField(_("would buy from them next time"), default=False)
    source = models.CharField(_("source"), max_length=200, blank=True)

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("rating of a supplier")
        verbose_name_plural = _("ratings of suppliers")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "competitor", "rated_on"],
                name="supplier_rating_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.rated_on}"


class CostKind(models.TextChoices):
    VISIT = "visit", _("Visits")
    SERVICE = "service", _("Service")
    LOGISTICS = "logistics", _("Logistics")
    RETENTION = "retention", _("Retention programme")
    ACQUISITION = "acquisition", _("Acquisition")


class CostToServe(models.Model):
    """What it cost to win, keep and serve. Without an account: the whole company's, shared out by gross profit."""

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, null=True, blank=True, related_name="costs_to_serve"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=CostKind)
    spent_on = models.DateField(_("date"))
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("cost to serve")
        verbose_name_plural = _("costs to serve")
        indexes = [models.Index(fields=["spent_on", "account"], name="cost_to_serve_day")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"


class ValueCaseKind(models.TextChoices):
    REFERRAL = "referral", _("Referral")
    INFORMATION = "information", _("Information")
    KNOWLEDGE = "knowledge", _("Knowledge or joint development")
    TRADE = "trade", _("Joint selling or market access")


class ValueCase(models.Model):
    """A recorded gain that an account brought us beside its own purchases, a year's worth."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="value_cases")
    kind = models.CharField(_("kind"), max_length=12, choices=ValueCaseKind)
    happened_on = models.DateField(_("date"))
    # The margin or saving it brings a year, and which part of it is ours.
    benefit = models.DecimalField(
        _("benefit a year"), max_digits=18, decimal_places=2, validators=[MinValueValidator(0)]
    )
    share = models.DecimalField(
        _("our share in %"),
        max_digits=5,
        decimal_places=2,
        default=100,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    # Of a referral: who came through it.
    referred = models.ForeignKey(
        Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="referred_by"
    )
    unsolicited = models.BooleanField(_("without being asked"), default=False)
    note = models.CharField(_("note"), max_length=255, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("recorded gain")
        verbose_name_plural = _("recorded gains")
        indexes = [models.Index(fields=["account", "-happened_on"], name="value_case_account_day")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.benefit}"

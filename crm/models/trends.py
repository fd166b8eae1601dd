"""Business trends of an account (经营动向): dated observations with figures, and whom else it buys from."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.accounts import Account
from crm.models.activities import AccountRecordQuerySet, Visit
from crm.models.naming import in_readers_language


class ObservationKind(models.TextChoices):
    PRODUCTS = "products", _("Product structure")
    MARKET = "market", _("Market and sales")
    FINANCE = "finance", _("Finances")
    CREDIT = "credit", _("Credit")
    COMPETITION = "competition", _("Competitors")
    STRATEGY = "strategy", _("Strategy and plans")


class Observation(models.Model):
    """What we learned about an account's business, when and from where."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="observations")
    kind = models.CharField(_("kind"), max_length=12, choices=ObservationKind)
    observed_on = models.DateField(_("as of"))
    title = models.CharField(_("in one line"), max_length=200)
    detail = models.TextField(_("details"), blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    visit = models.ForeignKey(
        Visit, on_delete=models.SET_NULL, null=True, blank=True, related_name="observations"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        indexes = [models.Index(fields=["account", "-observed_on"], name="observation_account_day")]

    def __str__(self) -> str:
        return self.title


class ObservationFigure(models.Model):
    """A number in an observation. Figures of one measure and unit make a series over time."""

    observation = models.ForeignKey(Observation, on_delete=models.CASCADE, related_name="figures")
    measure = models.CharField(_("measure"), max_length=80)
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=4)
    unit = models.CharField(_("unit"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        constraints = [
            models.UniqueConstraint(fields=["observation", "measure"], name="observation_figure_once")
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.value} {self.unit}".strip()


class Competitor(models.Model):
    """Somebody else who sells what we sell."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    english_name = models.CharField(_("English name"), max_length=120, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("competitor")
        verbose_name_plural = _("competitors")

    def __str__(self) -> str:
        return in_readers_language(self.name, english=self.english_name)


class CategorySpend(models.Model):
    """What an account spends a year on a product family (or on all we sell), whoever supplies it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="category_spends")
    family = models.ForeignKey(
        "crm.ProductFamily",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product family"),
    )
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(1990), MaxValueValidator(2100)]
    )
    amount = models.DecimalField(
        _("amount"), max_digits=18, decimal_places=2, validators=[MinValueValidator(0)]
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    estimated_on = models.DateField(_("estimated on"))

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("yearly demand")
        verbose_name_plural = _("yearly demands")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "family", "year"], name="category_spend_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="category_spend_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.year}: {self.amount}"


class CompetitorShare(models.Model):
    """How much of an account's yearly demand a competitor supplies: its share of wallet."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="competitor_shares")
    competitor = models.ForeignKey(Competitor, on_delete=models.PROTECT, related_name="shares")
    family = models.ForeignKey(
        "crm.ProductFamily",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product family"),
    )
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(1990), MaxValueValidator(2100)]
    )
    share = models.DecimalField(
        _("share of the demand in %"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    estimated_on = models.DateField(_("estimated on"))

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("share of a competitor")
        verbose_name_plural = _("shares of competitors")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "competitor", "family", "year"],
                name="competitor_share_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(share__gte=0, share__lte=100), name="competitor_share_is_percent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.competitor} {self.share} %"

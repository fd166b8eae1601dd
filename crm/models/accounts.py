"""Accounts: the companies we sell to, and how they hang together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Lower, NullIf
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models.naming import in_readers_language

if TYPE_CHECKING:
    from crm.models.people import User


# By the English name, else as `sort_name` has it: the order of lists for whoever reads no Chinese.
ENGLISH_ORDER = Lower(Coalesce(NullIf(F("english_name"), Value("")), F("sort_name")))


class AccountKind(models.TextChoices):
    CUSTOMER = "customer", _("Customer")
    DISTRIBUTOR = "distributor", _("Distributor")
    PROSPECT = "prospect", _("Prospect")
    INTERNAL = "internal", _("Internal customer")


class AccountChannel(models.TextChoices):
    DIRECT = "direct", _("Direct")
    INDIRECT = "indirect", _("Indirect: through a distributor")


class AccountQuerySet(models.QuerySet["Account"]):
    # Set by `visible_to` where somebody sees every account: figures are then read without asking which accounts there
    # are. Whatever narrows the queryset makes a new one, which has it no more.
    is_whole_base = False

    def visible_to(self, user: User) -> AccountQuerySet:
        from crm.access import visible_accounts

        return visible_accounts(self, user)

    def matching(self, text: str) -> AccountQuerySet:
        """Accounts whose names, pinyin, initials, numbers or phones resemble `text`, best first."""
        from crm.search import matching_accounts

        return matching_accounts(self, text)


class Account(models.Model):
    """A company, or the part of it that buys as one."""

    number = models.CharField(_("account number"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=80, blank=True)
    english_name = models.CharField(_("English name"), max_length=200, blank=True)
    former_name = models.CharField(_("former name"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=16, choices=AccountKind, default=AccountKind.CUSTOMER)
    channel = models.CharField(
        _("channel"), max_length=8, choices=AccountChannel, default=AccountChannel.DIRECT, db_default="direct"
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="subsidiaries",
        verbose_name=_("parent group"),
    )
    # Distributors resell to others: whose customer an indirect customer is.
    suppliers = models.ManyToManyField(
        "self",
        through="AccountSupply",
        through_fields=("customer", "supplier"),
        symmetrical=False,
        related_name="customers",
        verbose_name=_("buys through"),
    )
    owner = models.ForeignKey(
        "crm.User",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="accounts",
        verbose_name=_("sales rep"),
    )
    territory = models.ForeignKey(
        "crm.Territory",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="accounts",
        verbose_name=_("territory"),
    )

    registration_number = models.CharField(_("registration number"), max_length=40, blank=True)
    industry = models.CharField(_("industry"), max_length=120, blank=True)
    industry_code = models.CharField(_("industry code (GB/T 4754)"), max_length=10, blank=True)
    isic_code = models.CharField(_("industry code (ISIC)"), max_length=10, blank=True)
    country = models.CharField(_("country"), max_length=80, blank=True)
    region = models.CharField(_("province or state"), max_length=80, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    address = models.CharField(_("address"), max_length=255, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    fax = models.CharField(_("fax"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.URLField(_("web site"), blank=True)

    industry_position = models.PositiveSmallIntegerField(
        _("position in its industry (1 to 5, 5 leads)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    annual_revenue = models.DecimalField(
        _("annual revenue"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    first_contact_on = models.DateField(_("first contact"), null=True, blank=True)
    sole_source = models.BooleanField(_("we are the only source"), null=True, blank=True)
    viable_alternatives = models.PositiveSmallIntegerField(
        _("suppliers that could replace us"), null=True, blank=True
    )
    switching_cost = models.PositiveSmallIntegerField(
        _("cost of switching (1 to 5)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )
    contract_from = models.DateField(_("frame contract from"), null=True, blank=True)
    contract_to = models.DateField(_("frame contract to"), null=True, blank=True)
    payment_days = models.PositiveSmallIntegerField(_("payment term in days"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    custom = models.JSONField(_("further fields"), default=dict, blank=True)

    # Names, pinyin, initials, numbers and phones in one lower-case line; kept by crm.search.
    search_text = models.TextField(editable=False, blank=True)
    # Pinyin for Chinese names, the name itself otherwise: the order of lists in Chinese.
    sort_name = models.CharField(max_length=255, editable=False, blank=True, db_index=True)
    revision = models.PositiveIntegerField(default=0, editable=False)
    # Set while this row is a duplicate that was merged into another: out of sight, nothing hangs on it.
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="merged_accounts",
    )
    import_batch = models.ForeignKey(
        "crm.ImportBatch", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        indexes = [
            GinIndex(fields=["search_text"], name="account_search_trigram", opclasses=["gin_trgm_ops"]),
            models.Index(ENGLISH_ORDER, name="account_english_order"),
            # Whose account it is, without its row: a manager's list is counted in this index alone.
            models.Index(
                fields=["territory", "owner"], include=["id", "merged_into"], name="account_visibility"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="account_is_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return in_readers_language(self.name, english=self.english_name)

    def save(self, *args: object, **kwargs: object) -> None:
        from crm.search import names_of, remember_words, search_text_of, sort_name_of, words_of

        self.search_text = search_text_of(self)
        self.sort_name = sort_name_of(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]
        remember_words(words_of(names_of(self)))

    def get_absolute_url(self) -> str:
        return reverse("crm:account-detail", args=[self.pk])


class AccountIdentifier(models.Model):
    """What another system (ERP, web shop) calls the account. Two systems, two identifiers; so has a merged account."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="identifiers")
    source = models.CharField(_("source system"), max_length=40)
    external_id = models.CharField(_("external id"), max_length=120)

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="account_identifier_once")
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.external_id}"


class AccountSupply(models.Model):
    """`supplier` (a distributor) sells our goods on to `customer` (an indirect customer of ours)."""

    supplier = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="supplied")
    customer = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="supplied_by")
    since = models.DateField(_("since"), null=True, blank=True)

    class Meta:
        verbose_name = _("supply relation")
        verbose_name_plural = _("supply relations")
        constraints = [
            models.UniqueConstraint(fields=["supplier", "customer"], name="account_supply_once"),
            models.CheckConstraint(
                condition=~models.Q(supplier=models.F("customer")), name="account_does_not_supply_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier} → {self.customer}"

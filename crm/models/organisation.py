"""How an account is organised: its units as a tree, its further addresses and phones."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.accounts import Account
from crm.models.activities import AccountRecordQuerySet
from crm.models.naming import in_readers_language


class OrganisationUnit(models.Model):
    """A company, plant, department or team of the account. Positions hang on it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="units")
    parent = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )
    name = models.CharField(_("name"), max_length=120)
    english_name = models.CharField(_("English name"), max_length=120, blank=True)
    duties = models.CharField(_("what it does"), max_length=255, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit of an organisation")
        verbose_name_plural = _("units of an organisation")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="unit_is_not_its_own_parent",
            )
        ]

    def __str__(self) -> str:
        return in_readers_language(self.name, english=self.english_name)


class AddressKind(models.TextChoices):
    SITE = "site", _("Plant or site")
    OFFICE = "office", _("Office")
    DELIVERY = "delivery", _("Delivery")
    INVOICE = "invoice", _("Invoice")
    REGISTERED = "registered", _("Registered office")


class AccountAddress(models.Model):
    """A further address. The one people drive to stands on the account itself."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="addresses")
    kind = models.CharField(_("kind"), max_length=12, choices=AddressKind, default=AddressKind.SITE)
    country = models.CharField(_("country"), max_length=80, blank=True)
    region = models.CharField(_("province or state"), max_length=80, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    address = models.CharField(_("address"), max_length=255)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("further address")
        verbose_name_plural = _("further addresses")

    def __str__(self) -> str:
        return ", ".join(part for part in (self.address, self.city, self.country) if part)


class AccountPhone(models.Model):
    """A further phone number: the switchboard of a plant, the night porter."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="phones")
    label = models.CharField(_("whose phone"), max_length=80)
    number = models.CharField(_("phone"), max_length=60)

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("further phone")
        verbose_name_plural = _("further phones")

    def __str__(self) -> str:
        return f"{self.label} {self.number}"

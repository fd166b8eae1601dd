"""Sensitive personal data (PIPL, GDPR): under a right of its own, every read on record."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.contacts import Contact


class PersonalDetails(models.Model):
    contact = models.OneToOneField(
        Contact, on_delete=models.CASCADE, primary_key=True, related_name="personal_details"
    )
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    health = models.TextField(_("health"), blank=True)
    education = models.TextField(_("education"), blank=True)
    background = models.TextField(_("background"), blank=True)
    personality = models.TextField(_("personality"), blank=True)
    reach = models.TextField(_("influence outside the company"), blank=True)
    family = models.TextField(_("family"), blank=True)
    hobbies = models.TextField(_("hobbies"), blank=True)
    # On what ground the data is kept: what the person agreed to, and when.
    consent = models.CharField(_("consent"), max_length=255, blank=True)
    consented_on = models.DateField(_("consent given on"), null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("personal details")
        verbose_name_plural = _("personal details")

    def __str__(self) -> str:
        return str(self.contact_id)


class PersonalDataUse(models.TextChoices):
    READ = "read", _("Read")
    BIRTHDAY = "birthday", _("Birthday shown")
    CHANGE = "change", _("Changed")
    EXPORT = "export", _("Exported")
    ERASE = "erase", _("Erased")


class PersonalDataLog(models.Model):
    """Who read, changed, exported or erased whose details. Outlives the person's record, and names nobody in it."""

    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, related_name="personal_data_log"
    )
    contact_number = models.BigIntegerField(_("contact number"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    use = models.CharField(_("what was done"), max_length=12, choices=PersonalDataUse)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("use of personal details")
        verbose_name_plural = _("uses of personal details")
        indexes = [models.Index(fields=["contact_number", "-at"], name="personal_data_log_contact")]

    def __str__(self) -> str:
        return f"{self.contact_number} {self.use}"

"""What happens between us and an account besides trade: visits and complaints."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.accounts import Account
from crm.models.contacts import Contact

if TYPE_CHECKING:
    from crm.models.people import User


class VisitKind(models.TextChoices):
    VISIT = "visit", _("Visit")
    CALL = "call", _("Phone call")
    ONLINE = "online", _("Online meeting")
    EXHIBITION = "exhibition", _("Exhibition")
    MAIL = "mail", _("E-mail or message")


class VisitOutcome(models.TextChoices):
    ORDER = "order", _("Order or firm promise")
    PROGRESS = "progress", _("Progress")
    NO_CHANGE = "no_change", _("No change")
    SETBACK = "setback", _("Setback")
    ABSENT = "absent", _("Nobody there")


class AccountRecordQuerySet(models.QuerySet):
    """Rows that hang on an account are seen by whoever sees the account."""

    def visible_to(self, user: User) -> AccountRecordQuerySet:
        return self.filter(account__in=Account.objects.visible_to(user))


class Visit(models.Model):
    """A contact with an account, logged by a rep."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="visits")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="visits", verbose_name=_("sales rep")
    )
    contacts = models.ManyToManyField(
        Contact, blank=True, related_name="visits", verbose_name=_("people met")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=VisitKind, default=VisitKind.VISIT)
    happened_at = models.DateTimeField(_("when"))
    purpose = models.CharField(_("purpose"), max_length=120, blank=True)
    note = models.TextField(_("note"), blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=VisitOutcome, blank=True)
    # The rep's own judgement of the customer's mood, asked before any machine's.
    rating = models.SmallIntegerField(
        _("how did they feel about us?"),
        choices=[
            (-2, _("Angry")),
            (-1, _("Unhappy")),
            (0, _("Neutral")),
            (1, _("Pleased")),
            (2, _("Delighted")),
        ],
        null=True,
        blank=True,
    )
    # The note tells of a mood that has nothing to do with us: no sentiment is read from it.
    not_about_us = models.BooleanField(_("their mood is not about us"), default=False)
    competitor_news = models.TextField(_("news of competitors"), blank=True)
    expected_order_amount = models.DecimalField(
        _("expected order"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    expected_order_on = models.DateField(_("order expected on"), null=True, blank=True)
    opportunity = models.ForeignKey(
        "crm.Opportunity",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="visits",
        verbose_name=_("opportunity"),
    )
    # Where the device said it was when the rep checked in, and how far from the account's address.
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True, editable=False)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True, editable=False)
    location_accuracy = models.PositiveIntegerField(null=True, blank=True, editable=False)
    distance = models.PositiveIntegerField(_("distance to the address in metres"), null=True, editable=False)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_step_on = models.DateField(_("next step on"), null=True, blank=True)
    next_step_done_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Purpose, note, next step and news folded for search; kept by crm.search.
    search_text = models.TextField(editable=False, blank=True, default="", db_default="")
    # Made on the device: a retry of the same entry never becomes a second visit.
    client_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        indexes = [
            models.Index(fields=["account", "-happened_at"], name="visit_account_when"),
            models.Index(fields=["user", "-happened_at"], name="visit_user_when"),
            GinIndex(fields=["search_text"], name="visit_search_trigram", opclasses=["gin_trgm_ops"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(rating__isnull=True) | models.Q(rating__range=(-2, 2)),
                name="visit_rating_range",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.happened_at:%Y-%m-%d}"

    def save(self, *args: object, **kwargs: object) -> None:
        from crm.search import latin_words_of, prose_of, remember_words, search_text_of_visit

        self.search_text = search_text_of_visit(self)
        super().save(*args, **kwargs)  # type: ignore[arg-type]
        remember_words(latin_words_of(prose_of(self)))


class ComplaintKind(models.TextChoices):
    QUALITY = "quality", _("Product quality")
    DELIVERY = "delivery", _("Delivery")
    SERVICE = "service", _("Service")
    PRICE = "price", _("Price or invoice")
    OTHER = "other", _("Other")


class Complaint(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="complaints")
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="complaints"
    )
    product = models.ForeignKey(
        "crm.Product", on_delete=models.SET_NULL, null=True, blank=True, related_name="complaints"
    )
    opened_on = models.DateField(_("opened on"))
    kind = models.CharField(_("kind"), max_length=12, choices=ComplaintKind, default=ComplaintKind.QUALITY)
    severity = models.PositiveSmallIntegerField(
        _("severity"), choices=[(1, _("Minor")), (2, _("Serious")), (3, _("Critical"))], default=1
    )
    subject = models.CharField(_("subject"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    resolved_on = models.DateField(_("resolved on"), null=True, blank=True)
    resolution = models.TextField(_("resolution"), blank=True)
    satisfied_with_resolution = models.BooleanField(_("satisfied with the resolution"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        indexes = [models.Index(fields=["account", "-opened_on"], name="complaint_account_day")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(resolved_on__isnull=True)
                | models.Q(resolved_on__gte=models.F("opened_on")),
                name="complaint_resolved_after_opened",
            )
        ]

    def __str__(self) -> str:
        return self.subject

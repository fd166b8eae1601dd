"""Opportunities: long industrial decisions on their way from the first inquiry to won or lost."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models.accounts import Account
from crm.models.activities import AccountRecordQuerySet
from crm.models.decisions import BuyingProcess
from crm.models.naming import in_readers_language
from crm.models.trends import Competitor


class PipelineStage(models.Model):
    """A stage of the pipeline. Administrators keep the list; the first load brings a usual one."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=80, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), unique=True)
    probability = models.PositiveSmallIntegerField(
        _("usual probability in %"), validators=[MaxValueValidator(100)]
    )

    class Meta:
        verbose_name = _("stage of the pipeline")
        verbose_name_plural = _("stages of the pipeline")
        ordering = ["order"]

    def __str__(self) -> str:
        return in_readers_language(self.name, chinese=self.name_zh)


class ExitCriterion(models.Model):
    """What must be true before an opportunity leaves a stage."""

    stage = models.ForeignKey(PipelineStage, on_delete=models.CASCADE, related_name="criteria")
    text = models.CharField(_("criterion"), max_length=200)
    text_zh = models.CharField(_("Chinese text"), max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("exit criterion")
        verbose_name_plural = _("exit criteria")
        ordering = ["stage", "order", "pk"]

    def __str__(self) -> str:
        return in_readers_language(self.text, chinese=self.text_zh)


class OpportunityState(models.TextChoices):
    # Contexts: a complaint is open in another sense, a customer is lost in another one.
    OPEN = "open", pgettext_lazy("opportunity", "Open")
    WON = "won", pgettext_lazy("opportunity", "Won")
    LOST = "lost", pgettext_lazy("opportunity", "Lost")


class CloseReason(models.TextChoices):
    PRICE = "price", _("Price")
    QUALITY = "quality", _("Product or quality")
    DELIVERY = "delivery", _("Delivery time")
    SERVICE = "service", _("Service and support")
    RELATIONSHIP = "relationship", _("Relationship")
    NEED_GONE = "need_gone", _("The need is gone")
    BUDGET = "budget", _("Budget")
    OTHER = "other", _("Other")


class Opportunity(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="opportunities")
    name = models.CharField(_("name"), max_length=160)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="opportunities",
        verbose_name=_("sales rep"),
    )
    stage = models.ForeignKey(
        PipelineStage, on_delete=models.PROTECT, related_name="opportunities", verbose_name=_("stage")
    )
    family = models.ForeignKey(
        "crm.ProductFamily",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product family"),
    )
    amount = models.DecimalField(
        _("amount"), max_digits=18, decimal_places=2, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    # Null: the usual one of the stage.
    probability = models.PositiveSmallIntegerField(
        _("probability in %"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    inquired_on = models.DateField(_("inquiry on"), null=True, blank=True)
    quoted_on = models.DateField(_("quoted on"), null=True, blank=True)
    expected_on = models.DateField(_("decision expected on"))
    # The decision map of this deal.
    process = models.ForeignKey(
        BuyingProcess,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="opportunities",
        verbose_name=_("buying process"),
    )
    competitors = models.ManyToManyField(
        Competitor, blank=True, related_name="opportunities", verbose_name=_("competitors")
    )
    state = models.CharField(
        _("state"), max_length=6, choices=OpportunityState, default=OpportunityState.OPEN
    )
    closed_on = models.DateField(_("decided on"), null=True, blank=True)
    close_reason = models.CharField(_("why won or lost"), max_length=16, choices=CloseReason, blank=True)
    close_note = models.TextField(_("what we learned"), blank=True)
    lost_to = models.ForeignKey(
        Competitor,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lost to"),
    )
    note = models.TextField(_("note"), blank=True)
    # The name in every form that it is searched by; kept by crm.search.
    search_text = models.TextField(editable=False, blank=True, default="", db_default="")
    revision = models.PositiveIntegerField(default=0, editable=False)
    stage_since = models.DateField(_("in this stage since"))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        indexes = [
            models.Index(fields=["state", "stage", "expected_on"], name="opportunity_board"),
            GinIndex(fields=["search_text"], name="opportunity_search_trigram", opclasses=["gin_trgm_ops"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", closed_on__isnull=True)
                | (~models.Q(state="open") & models.Q(closed_on__isnull=False)),
                name="opportunity_closed_has_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(probability__isnull=True) | models.Q(probability__lte=100),
                name="opportunity_probability_is_percent",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        from crm.search import remember_words, search_text_of_opportunity, words_of

        self.search_text = search_text_of_opportunity(self)
        super().save(*args, **kwargs)  # type: ignore[arg-type]
        remember_words(words_of([self.name]))

    def get_absolute_url(self) -> str:
        return reverse("crm:opportunity-detail", args=[self.pk])


class CriterionMet(models.Model):
    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="criteria_met")
    criterion = models.ForeignKey(ExitCriterion, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    met_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("met criterion")
        verbose_name_plural = _("met criteria")
        constraints = [
            models.UniqueConstraint(fields=["opportunity", "criterion"], name="criterion_met_once")
        ]

    def __str__(self) -> str:
        return f"{self.opportunity_id}/{self.criterion_id}"


class OpportunityChange(models.Model):
    """The course of an opportunity: each move to another stage or state."""

    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="changes")
    stage = models.ForeignKey(PipelineStage, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=6, choices=OpportunityState)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    note = models.CharField(_("note"), max_length=255, blank=True)
    # Criteria of the stage left that were not met, as they read then: [English, Chinese] each.
    unmet = models.JSONField(default=list, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("step of an opportunity")
        verbose_name_plural = _("steps of an opportunity")

    def __str__(self) -> str:
        return f"{self.opportunity_id}: {self.stage_id} {self.state}"

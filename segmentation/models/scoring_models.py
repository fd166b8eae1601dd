"""Scoring models: which indicators make a grade, with which weights and scoring standards."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ScoringModel(models.Model):
    """A grading scheme with its versions. One is the default; others may serve a business line or region."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    is_default = models.BooleanField(_("used where nothing else applies"), default=False)

    class Meta:
        verbose_name = _("scoring model")
        verbose_name_plural = _("scoring models")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_scoring_model"
            )
        ]

    def __str__(self) -> str:
        from django.utils.translation import get_language

        return self.name_zh if self.name_zh and (get_language() or "").startswith("zh") else self.name


class ScoringModelVersion(models.Model):
    """Immutable once published. `definition` is a `segmentation.scoring.grading.GradingModel` as JSON."""

    model = models.ForeignKey(ScoringModel, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    definition = models.JSONField(_("definition"))
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("version of a scoring model")
        verbose_name_plural = _("versions of scoring models")
        constraints = [models.UniqueConstraint(fields=["model", "number"], name="scoring_model_version_once")]

    def __str__(self) -> str:
        return f"{self.model} v{self.number}"

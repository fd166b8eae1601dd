"""Service policies: what each grade of customer gets from us, and how often we call."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from segmentation.models.scoring_models import ScoringModel


class ServicePolicy(models.Model):
    """For one grade (its position in the model's thresholds, 0 is best); null is for the unrated."""

    model = models.ForeignKey(ScoringModel, on_delete=models.CASCADE, related_name="policies")
    grade = models.SmallIntegerField(_("grade"), null=True, blank=True)
    # Null: no visits by plan.
    visit_every_days = models.PositiveSmallIntegerField(
        _("a visit every … days"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    response_hours = models.PositiveSmallIntegerField(_("answer within … hours"), null=True, blank=True)
    discount_authority = models.DecimalField(
        _("discount a rep may give in %"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    credit_days = models.PositiveSmallIntegerField(_("credit term in days"), null=True, blank=True)
    financial_benefits = models.TextField(_("financial benefits"), blank=True)
    social_benefits = models.TextField(_("social benefits"), blank=True)
    structural_benefits = models.TextField(_("structural benefits"), blank=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("service policy")
        verbose_name_plural = _("service policies")
        constraints = [
            models.UniqueConstraint(
                fields=["model", "grade"], name="service_policy_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.grade}"


class ServicePolicyChange(models.Model):
    """Who changed what in a policy, and when."""

    policy = models.ForeignKey(ServicePolicy, on_delete=models.CASCADE, related_name="changes")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)
    # Field name -> [before, after], as text.
    values = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("change of a service policy")
        verbose_name_plural = _("changes of service policies")
        indexes = [models.Index(fields=["policy", "-at"], name="policy_change_when")]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.at:%Y-%m-%d}"

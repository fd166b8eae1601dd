"""Which grade held when, what changed it, and what a person set against the model."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Run
from crm.models.history import Interval, Override
from crm.models.runs import UNCHECKED
from segmentation.models.scoring_models import ScoringModelVersion


class GradeInterval(Interval):
    """`value` is the position in the version's thresholds (0 is best); -1 is unrated."""

    version = models.ForeignKey(ScoringModelVersion, on_delete=models.PROTECT, related_name="+", **UNCHECKED)
    # Null where an older date was recomputed later and cut the interval in two.
    score = models.FloatField(_("score at the start"), null=True)

    class Meta(Interval.Meta):
        abstract = False
        verbose_name = _("grade history")
        verbose_name_plural = _("grade history")


class GradeOverride(Override):
    value = models.SmallIntegerField(_("grade"))

    class Meta(Override.Meta):
        abstract = False
        verbose_name = _("grade set by a person")
        verbose_name_plural = _("grades set by a person")


class GradeChange(models.Model):
    """The feed that REST clients follow. Written inside the publishing transaction, which one run at a time holds,
    so ids appear in order and a cursor never skips a row. Rows outlive their account: a deletion is a tombstone."""

    account_id = models.BigIntegerField()
    account_number = models.CharField(max_length=40)
    # Null: no grade any more.
    grade = models.CharField(max_length=20, null=True)  # noqa: DJ001  (null is "no grade", "" would be a lie)
    previous_grade = models.CharField(max_length=20, null=True)  # noqa: DJ001
    score = models.FloatField(null=True)
    deleted = models.BooleanField(default=False)
    as_of = models.DateField()
    version = models.ForeignKey(ScoringModelVersion, on_delete=models.PROTECT, null=True, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("grade change")
        verbose_name_plural = _("grade changes")
        indexes = [models.Index(fields=["account_id", "id"], name="grade_change_account")]

    def __str__(self) -> str:
        return f"{self.account_number}: {self.previous_grade} → {self.grade}"

"""Runs: one recompute of every figure for one date, with its steps."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

# For keys of rows that a run writes by the hundred thousand: the run holds them right, and a check and an index entry
# per row would cost more than the figures themselves. Django still protects and cascades.
UNCHECKED: dict[str, Any] = {"db_constraint": False, "db_index": False}


class RunState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    PUBLISHED = "published", _("Published")
    FAILED = "failed", _("Failed")


class RunScope(models.TextChoices):
    FULL = "full", _("Every account")
    CHANGED = "changed", _("Changed accounts")


class Run(models.Model):
    """All figures as of one date. Readers see a run's figures only once it is published, and then all of them."""

    as_of = models.DateField(_("as of"))
    state = models.CharField(_("state"), max_length=12, choices=RunState, default=RunState.QUEUED)
    trigger = models.CharField(
        _("started by"),
        max_length=12,
        choices=[("schedule", _("Schedule")), ("command", _("Command line")), ("button", _("Button"))],
    )
    scope = models.CharField(_("accounts"), max_length=12, choices=RunScope, default=RunScope.FULL)
    # The full run whose date and populations a run of the changed accounts uses.
    base = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    # Which version of each model made the figures: {"segmentation.grade": 3, "lifecycle.stage": 1, ...}
    model_versions = models.JSONField(_("model versions"), default=dict)
    error = models.TextField(_("error"), blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        indexes = [models.Index(fields=["state", "as_of"], name="run_state_as_of")]

    def __str__(self) -> str:
        return f"{self.as_of} ({self.get_state_display()})"

    @property
    def is_finished(self) -> bool:
        return self.state in (RunState.PUBLISHED, RunState.FAILED)


class StepState(models.TextChoices):
    PENDING = "pending", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class RunStep(models.Model):
    """A stage of a run, e.g. "lifecycle.stages". `population` holds what the step computed once for everybody."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    slug = models.CharField(max_length=60)
    state = models.CharField(max_length=12, choices=StepState, default=StepState.PENDING)
    rows = models.BigIntegerField(default=0)
    milliseconds = models.BigIntegerField(default=0)
    parameters = models.JSONField(default=dict)
    # Sorted arrays that percentile ranks are looked up in, as numpy's own bytes.
    population = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.UniqueConstraint(fields=["run", "slug"], name="run_step_once"),
        ]

    def __str__(self) -> str:
        return self.slug


class RunRange(models.Model):
    """Accounts lower..upper of a step: the unit that a worker claims, computes and stages in one transaction."""

    step = models.ForeignKey(RunStep, on_delete=models.CASCADE, related_name="ranges")
    lower = models.BigIntegerField()
    upper = models.BigIntegerField()
    done = models.BooleanField(default=False)
    rows = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("range of accounts")
        verbose_name_plural = _("ranges of accounts")
        constraints = [models.UniqueConstraint(fields=["step", "lower"], name="run_range_once")]

    def __str__(self) -> str:
        return f"{self.step_id}: {self.lower}-{self.upper}"


class ChangedAccount(models.Model):
    """An account whose trade changed since the figures were last computed. `run` has taken it and will clear it."""

    account_id = models.BigIntegerField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="+", **UNCHECKED)

    class Meta:
        verbose_name = _("changed account")
        verbose_name_plural = _("changed accounts")

    def __str__(self) -> str:
        return str(self.account_id)


class ModelParameters(models.Model):
    """A published, immutable set of values for one model (`lifecycle.stage`, `satisfaction.ratio` ...)."""

    model = models.CharField(_("model"), max_length=60)
    version = models.PositiveIntegerField(_("version"))
    values = models.JSONField(_("values"))
    reason = models.CharField(_("reason"), max_length=255)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("model parameters")
        verbose_name_plural = _("model parameters")
        constraints = [
            models.UniqueConstraint(fields=["model", "version"], name="model_parameters_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.model} v{self.version}"

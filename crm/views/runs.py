"""Runs: what was computed when, a button to compute now, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.access import requires
from crm.models import Run, RunState, RunStep, StepState
from crm.paging import page_of
from crm.runs import request_run
from crm.steps import STEP_CLASSES

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from crm.models import User

TONES: dict[str, str] = {
    RunState.QUEUED: "secondary",
    RunState.RUNNING: "blue",
    RunState.PUBLISHED: "green",
    RunState.FAILED: "red",
    StepState.PENDING: "secondary",
    StepState.DONE: "green",
}


@dataclass(frozen=True)
class ShownRun:
    run: Run

    @property
    def tone(self) -> str:
        return TONES[self.run.state]

    @property
    def seconds(self) -> float | None:
        if self.run.started_at is None or self.run.finished_at is None:
            return None
        return (self.run.finished_at - self.run.started_at).total_seconds()


@dataclass(frozen=True)
class ShownStep:
    step: RunStep
    title: str | _StrPromise
    tone: str
    seconds: float | None
    version: str


def _shown_step(step: RunStep) -> ShownStep:
    known = STEP_CLASSES.get(step.slug)
    version = step.parameters.get("version")
    return ShownStep(
        step,
        known.title if known else step.slug,
        TONES[step.state],
        step.milliseconds / 1000 if step.state == StepState.DONE else None,
        "" if version is None else _("default") if version == 0 else f"v{version}",
    )


@require_safe
@requires("view_runs")
def run_list(request: HttpRequest) -> HttpResponse:
    runs = Run.objects.select_related("requested_by").order_by("-pk")
    page = page_of(runs, request.GET.get("page"))
    return render(
        request,
        "crm/runs/list.html",
        {"page": page, "runs": [ShownRun(run) for run in page], "today": timezone.localdate()},
    )


@require_safe
@requires("view_runs")
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole page, or for htmx only the part that moves."""
    run = get_object_or_404(Run.objects.select_related("requested_by"), pk=pk)
    steps = run.steps.annotate(
        ranges_total=Count("ranges"), ranges_done=Count("ranges", filter=Q(ranges__done=True))
    ).defer("population")
    template = "crm/runs/_progress.html" if request.headers.get("HX-Request") else "crm/runs/detail.html"
    return render(
        request,
        template,
        {
            "shown": ShownRun(run),
            "run": run,
            "steps": [_shown_step(step) for step in steps.order_by("position")],
        },
    )


@require_POST
@requires("start_runs")
def run_create(request: HttpRequest) -> HttpResponse:
    """As of today. Pressed twice it is one run: the unfinished one is shown."""
    user = cast("User", request.user)  # LoginRequiredMiddleware lets nobody else in
    run = request_run(as_of=timezone.localdate(), trigger="button", requested_by=user)
    return redirect("crm:run-detail", run.pk)

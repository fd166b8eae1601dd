"""The list of stages: reading it, keeping it, and why a stage cannot go."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, Max, Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import ExitCriterion, Opportunity, OpportunityChange, PipelineStage
from crm.operations import RefusedError
from crm.pipeline.usual import USUAL_STAGES


def stages() -> list[PipelineStage]:
    """All stages in their order with their criteria. Two queries."""
    criteria = ExitCriterion.objects.order_by("order", "pk")
    return list(PipelineStage.objects.order_by("order").prefetch_related(Prefetch("criteria", criteria)))


@transaction.atomic
def load_usual_stages() -> bool:
    """The usual list where there is none at all. False: there was one."""
    if PipelineStage.objects.exists():
        return False
    for order, usual in enumerate(USUAL_STAGES, start=1):
        stage = PipelineStage.objects.create(
            name=usual.name, name_zh=usual.name_zh, order=order, probability=usual.probability
        )
        ExitCriterion.objects.bulk_create(
            ExitCriterion(stage=stage, text=text, text_zh=text_zh, order=place)
            for place, (text, text_zh) in enumerate(usual.criteria)
        )
    return True


@transaction.atomic
def save_stage(*, stage: PipelineStage, criteria: Iterable[ExitCriterion], gone: Iterable[int]) -> None:
    """A stage with its criteria in their order; a new stage comes last. `gone`: ids of criteria struck out."""
    if stage.order is None:
        last = PipelineStage.objects.select_for_update().aggregate(last=Max("order"))["last"]
        stage.order = (last or 0) + 1
    stage.save()
    stage.criteria.filter(pk__in=list(gone)).delete()
    for place, criterion in enumerate(criteria):
        criterion.stage = stage
        criterion.order = place
        criterion.save()


@transaction.atomic
def shift_stage(*, stage_id: int, up: bool) -> None:
    """Change places with the neighbour. The orders are unique, so one of the two steps aside for a moment."""
    rows = list(PipelineStage.objects.select_for_update().order_by("order"))
    place = next(index for index, row in enumerate(rows) if row.pk == stage_id)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rows):
        return
    first, second = rows[place], rows[other]
    aside = max(row.order for row in rows) + 1
    PipelineStage.objects.filter(pk=first.pk).update(order=aside)
    PipelineStage.objects.filter(pk=second.pk).update(order=first.order)
    PipelineStage.objects.filter(pk=first.pk).update(order=second.order)


@transaction.atomic
def delete_stage(*, stage_id: int) -> None:
    """Only one that nothing stands or stood in: the course of an opportunity must stay readable."""
    stage = PipelineStage.objects.select_for_update().get(pk=stage_id)
    if reason := why_kept(stage):
        raise RefusedError(reason)
    stage.delete()


def why_kept(stage: PipelineStage) -> str:
    """Why the stage cannot be deleted; "" where it can."""
    if PipelineStage.objects.count() == 1:
        return _("It is the only stage.")
    here = Opportunity.objects.filter(stage=stage).count()
    if here:
        return ngettext(
            "%(count)s opportunity is in this stage.", "%(count)s opportunities are in this stage.", here
        ) % {"count": here}
    passed = OpportunityChange.objects.filter(stage=stage).aggregate(n=Count("opportunity", distinct=True))[
        "n"
    ]
    if passed:
        return ngettext(
            "%(count)s opportunity has been in this stage: its history needs it.",
            "%(count)s opportunities have been in this stage: their history needs it.",
            passed,
        ) % {"count": passed}
    return ""

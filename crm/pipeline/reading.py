"""What the pages of one opportunity and of one account show."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from crm.models import (
    Account,
    CriterionMet,
    ExitCriterion,
    Opportunity,
    OpportunityChange,
    OpportunityState,
    PipelineStage,
    User,
)
from crm.models.naming import reads_chinese
from crm.pipeline.norms import mark_stale
from crm.pipeline.stages import stages


@dataclass(frozen=True)
class Tick:
    criterion: ExitCriterion
    met: CriterionMet | None


@dataclass(frozen=True)
class Stop:
    """A stage on the way: passed, the present one, or ahead."""

    stage: PipelineStage
    ticks: list[Tick]
    place: str

    @property
    def open_count(self) -> int:
        return sum(tick.met is None for tick in self.ticks)


def chosen_account(user: User, number: str) -> Account:
    """The account that an address names; 404 where there is none in sight."""
    if not number.isdecimal() or len(number) > 17:
        raise Http404
    account: Account = get_object_or_404(Account.objects.visible_to(user), pk=number)
    return account


def criteria_of(opportunity: Opportunity, today: dt.date) -> dict[str, Any]:
    """The stages with their criteria as they stand, the probability in force, and what comes next."""
    met = {row.criterion_id: row for row in opportunity.criteria_met.select_related("user")}
    here = opportunity.stage.order
    stops, following = [], None
    for stage in stages():
        ticks = [Tick(criterion, met.get(criterion.pk)) for criterion in stage.criteria.all()]
        place = "passed" if stage.order < here else "here" if stage.order == here else "ahead"
        stops.append(Stop(stage, ticks, place))
        if place == "ahead" and following is None:
            following = stage
    mark_stale([opportunity], today)
    chance = opportunity.stage.probability if opportunity.probability is None else opportunity.probability
    return {
        "stops": stops,
        "present": next((stop for stop in stops if stop.place == "here"), None),
        "following": following,
        "chance": chance,
        "own_chance": opportunity.probability is not None,
        "weighted": opportunity.amount * chance / 100,
    }


def course_of(opportunity: Opportunity) -> list[OpportunityChange]:
    """Newest first; `what` says what kind of step it was, `unmet_here` what was open, in the reader's language."""
    chinese = reads_chinese()
    steps = list(opportunity.changes.select_related("stage", "user").order_by("at", "pk"))
    before: OpportunityChange | None = None
    for step in steps:
        marks: Any = step
        if before is None:
            marks.what = "created"
        elif step.state != before.state:
            marks.what = "reopened" if step.state == OpportunityState.OPEN else step.state
        elif step.stage_id != before.stage_id:
            marks.what = "moved" if step.stage.order > before.stage.order else "moved back"
        else:
            marks.what = "changed"
        marks.unmet_here = [pair[1] if chinese and pair[1] else pair[0] for pair in step.unmet]
        before = step
    return steps[::-1]


def of_account(account: Account, today: dt.date) -> dict[str, Any]:
    """Open ones by the day they are expected, decided ones newest first."""
    rows = account.opportunities.select_related("account", "stage", "owner", "lost_to")
    is_open = list(rows.filter(state=OpportunityState.OPEN).order_by("expected_on", "pk"))
    mark_stale(is_open, today)
    for row in is_open:
        marks: Any = row
        marks.chance = row.stage.probability if row.probability is None else row.probability
    decided = list(rows.exclude(state=OpportunityState.OPEN).order_by("-closed_on", "-pk")[:50])
    return {"open": is_open, "decided": decided}

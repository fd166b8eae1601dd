"""What happens to an opportunity: entered, changed, moved, decided, reopened. Atomic; every step is on record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import (
    Competitor,
    CriterionMet,
    ExitCriterion,
    Opportunity,
    OpportunityChange,
    OpportunityState,
    PipelineStage,
    User,
)
from crm.operations import RefusedError

# Changes of these are steps of the course too: amounts shrink and dates slip.
WATCHED = ("amount", "currency", "expected_on")


class ChangedMeanwhileError(Exception):
    """Somebody else changed the opportunity after it was read; `current` is how it stands now."""

    def __init__(self, current: Opportunity) -> None:
        super().__init__("changed meanwhile")
        self.current = current


class UnmetError(Exception):
    """Exit criteria of the stages to be left are open: the move needs a confirmation."""

    def __init__(self, unmet: list[ExitCriterion]) -> None:
        super().__init__("exit criteria are open")
        self.unmet = unmet


@transaction.atomic
def create_opportunity(
    *, opportunity: Opportunity, competitors: Iterable[Competitor], user: User, today: dt.date
) -> Opportunity:
    opportunity.stage_since = today
    opportunity.save()
    opportunity.competitors.set(competitors)
    _note(opportunity, user)
    return opportunity


@transaction.atomic
def update_opportunity(
    *,
    opportunity_id: int,
    revision: int,
    values: Mapping[str, Any],
    competitors: Iterable[Competitor] | None,
    user: User,
) -> Opportunity:
    """Write `values` over the revision that was read, or raise ChangedMeanwhileError and write nothing."""
    current = _locked(opportunity_id)
    if current.revision != revision:
        raise ChangedMeanwhileError(current)
    before = {name: getattr(current, name) for name in WATCHED}
    for name, value in values.items():
        setattr(current, name, value)
    _save(current)
    if competitors is not None:
        current.competitors.set(competitors)
    if what := _watched(before, current):
        _note(current, user, note=what)
    return current


def unmet_criteria(opportunity: Opportunity, stage: PipelineStage) -> list[ExitCriterion]:
    """What is still open in the stages that a move forward to `stage` leaves behind. Going back asks nothing."""
    if stage.order <= opportunity.stage.order:
        return []
    met = opportunity.criteria_met.values("criterion")
    passed = ExitCriterion.objects.filter(
        stage__order__gte=opportunity.stage.order, stage__order__lt=stage.order
    )
    return list(passed.exclude(pk__in=met).select_related("stage").order_by("stage__order", "order", "pk"))


@transaction.atomic
def move_opportunity(
    *,
    opportunity_id: int,
    stage: PipelineStage,
    user: User,
    today: dt.date,
    seen_in: int | None = None,
    confirmed: bool = False,
) -> Opportunity:
    """To another stage. `seen_in`: the stage where the mover saw it; elsewhere by now: ChangedMeanwhileError."""
    current = _locked(opportunity_id)
    if seen_in is not None and current.stage_id != seen_in:
        raise ChangedMeanwhileError(current)
    if current.state != OpportunityState.OPEN:
        raise RefusedError(_("It is decided. Reopen it first."))
    if current.stage_id == stage.pk:
        return current
    unmet = unmet_criteria(current, stage)
    if unmet and not confirmed:
        raise UnmetError(unmet)
    current.stage = stage
    current.stage_since = today
    _save(current)
    _note(current, user, unmet=unmet)
    return current


@transaction.atomic
def close_opportunity(
    *,
    opportunity_id: int,
    state: OpportunityState,
    closed_on: dt.date,
    reason: str,
    note: str,
    lost_to: Competitor | None,
    user: User,
) -> Opportunity:
    current = _locked(opportunity_id)
    if current.state != OpportunityState.OPEN:
        raise RefusedError(_("It is decided already."))
    current.state = state
    current.closed_on = closed_on
    current.close_reason = reason
    current.close_note = note
    current.lost_to = lost_to if state == OpportunityState.LOST else None
    _save(current)
    _note(current, user)
    return current


@transaction.atomic
def reopen_opportunity(*, opportunity_id: int, user: User, today: dt.date) -> Opportunity:
    """Back to the stage where it was decided. What was learned then stays in the history."""
    current = _locked(opportunity_id)
    if current.state == OpportunityState.OPEN:
        return current
    learned = " · ".join(filter(None, [current.get_close_reason_display(), current.close_note]))
    current.state = OpportunityState.OPEN
    current.closed_on = None
    current.close_reason = current.close_note = ""
    current.lost_to = None
    current.stage_since = today
    _save(current)
    _note(current, user, note=learned)
    return current


@transaction.atomic
def tick_criterion(*, opportunity_id: int, criterion: ExitCriterion, met: bool, user: User) -> None:
    """Set or take back one mark; twice the same is once."""
    current = _locked(opportunity_id)
    if met:
        CriterionMet.objects.get_or_create(opportunity=current, criterion=criterion, defaults={"user": user})
    else:
        CriterionMet.objects.filter(opportunity=current, criterion=criterion).delete()


def _locked(pk: int) -> Opportunity:
    return Opportunity.objects.select_for_update(of=("self",)).select_related("stage").get(pk=pk)


def _save(opportunity: Opportunity) -> None:
    opportunity.revision += 1
    opportunity.save()


def _note(
    opportunity: Opportunity, user: User, *, note: str = "", unmet: Iterable[ExitCriterion] = ()
) -> None:
    OpportunityChange.objects.create(
        opportunity=opportunity,
        stage=opportunity.stage,
        state=opportunity.state,
        amount=opportunity.amount,
        note=note[:255],
        unmet=[[criterion.text, criterion.text_zh] for criterion in unmet],
        user=user,
    )


def _watched(before: Mapping[str, Any], current: Opportunity) -> str:
    """ "100.00 → 120.00": read in any language."""
    old = _money(before["amount"], before["currency"])
    new = _money(current.amount, current.currency)
    parts = [] if old == new else [f"{old} → {new}"]
    if before["expected_on"] != current.expected_on:
        parts.append(f"{before['expected_on']} → {current.expected_on}")
    return "; ".join(parts)


def _money(amount: Any, currency: str) -> str:
    return f"{amount:,.2f} {currency}".strip()

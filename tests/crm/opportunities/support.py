"""Opportunities with a course, as tests need them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from crm.models import Account, Opportunity, OpportunityChange, OpportunityState, PipelineStage, User
from crm.pipeline.stages import load_usual_stages

TODAY = dt.date(2026, 6, 15)


def stage(order: int) -> PipelineStage:
    """The usual stages; a test that truncates its tables has taken them away."""
    load_usual_stages()
    return PipelineStage.objects.get(order=order)


def make_opportunity(
    account: Account, owner: User | None = None, order: int = 1, **fields: Any
) -> Opportunity:
    fields.setdefault("name", "Bearings for the new line")
    fields.setdefault("amount", Decimal(1000))
    fields.setdefault("currency", "CNY")
    fields.setdefault("expected_on", TODAY + dt.timedelta(days=30))
    fields.setdefault("stage_since", TODAY)
    if fields.get("state", "open") != "open":
        fields.setdefault("closed_on", TODAY)
    return Opportunity.objects.create(account=account, owner=owner, stage=stage(order), **fields)


def course(opportunity: Opportunity, user: User, *steps: tuple[int, str, dt.date]) -> None:
    """(order of the stage, state, day) of each step."""
    for order, state, day in steps:
        change = OpportunityChange.objects.create(
            opportunity=opportunity,
            stage=stage(order),
            state=OpportunityState(state),
            amount=opportunity.amount,
            user=user,
        )
        at = dt.datetime.combine(day, dt.time(9), dt.UTC)
        OpportunityChange.objects.filter(pk=change.pk).update(at=at)

"""How long is usual, by the opportunities that were won: what marks an open one as standing still."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.core.cache import cache
from django.db.models import F, Window
from django.db.models.functions import Lead

from crm.models import Opportunity, OpportunityChange, OpportunityState
from crm.scoring.pipeline import FEWEST, is_stale, medians

# Won longer ago than this is another time.
LOOK_BACK = dt.timedelta(days=3 * 365)
KEPT_SECONDS = 300


def passages(opportunities: Any) -> list[tuple[int, int, float]]:
    """(opportunity, stage, days in it) of decided opportunities: all the times in a stage together. One query."""
    steps = (
        OpportunityChange.objects.filter(opportunity__in=opportunities)
        .annotate(
            until=Window(Lead("at"), partition_by=F("opportunity"), order_by=[F("at").asc(), F("pk").asc()])
        )
        .values_list("opportunity", "stage", "state", "at", "until")
    )
    days: dict[tuple[int, int], float] = {}
    for opportunity, stage, state, begin, end in steps:
        if state == OpportunityState.OPEN and end is not None:
            key = (opportunity, stage)
            days[key] = days.get(key, 0.0) + (end - begin).total_seconds() / 86_400
    return [(opportunity, stage, spent) for (opportunity, stage), spent in days.items()]


def stage_medians(rows: Sequence[tuple[int, int, float]], fewest: int = 1) -> dict[int, float]:
    """Median days by stage; no entry where fewer than `fewest` have passed."""
    ids = sorted({stage for _opportunity, stage, _days in rows})
    places = {stage: place for place, stage in enumerate(ids)}
    found = medians(
        [places[stage] for _opportunity, stage, _days in rows], len(ids), [row[2] for row in rows], fewest
    )
    return {stage: float(days) for stage, days in zip(ids, found, strict=True) if not np.isnan(days)}


def usual_days(today: dt.date) -> dict[int, float]:
    """The company's own norm by stage, whoever asks: a rep alone has won too few to have one. Kept for minutes."""
    key = f"pipeline-norm:{today}"
    norm: dict[int, float] | None = cache.get(key)
    if norm is None:
        won = Opportunity.objects.filter(state=OpportunityState.WON, closed_on__gte=today - LOOK_BACK)
        norm = stage_medians(passages(won.values("pk")), FEWEST)
        cache.set(key, norm, KEPT_SECONDS)
    return norm


def mark_stale(opportunities: Sequence[Opportunity], today: dt.date) -> None:
    """Leaves `days_in_stage`, `usual_days` (None: unknown), `days_late` and `is_stale` on the open ones."""
    norm = usual_days(today)
    here = [(today - row.stage_since).days for row in opportunities]
    usual = [norm.get(row.stage_id, np.nan) for row in opportunities]
    late = [(today - row.expected_on).days for row in opportunities]
    stale = is_stale(here, usual, late)
    for place, row in enumerate(opportunities):
        marks: Any = row
        marks.days_in_stage = here[place]
        marks.usual_days = None if np.isnan(usual[place]) else round(usual[place])
        marks.days_late = max(late[place], 0)
        marks.is_stale = bool(stale[place]) and row.state == OpportunityState.OPEN
        marks.is_slow = marks.usual_days is not None and here[place] > usual[place]

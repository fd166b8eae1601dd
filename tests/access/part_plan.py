"""My day, the calendar, service policies."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from crm.models import PlannedVisit
from crm.plan.digest import stop_token
from crm.plan.operations import new_feed
from segmentation.models import ScoringModel
from tests.factories import make_visit
from tests.fixtures import World


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    plan = PlannedVisit.objects.create(
        account=world.account, user=world.rep, planned_on=tomorrow, proposed=True
    )
    step = make_visit(
        world.account,
        world.rep,
        dt.datetime(2025, 6, 5, 9, tzinfo=dt.UTC),
        next_step="Send the offer",
        next_step_on=tomorrow,
    )
    return {
        "owner": world.rep.pk,
        "plan": plan.pk,
        "step": step.pk,
        "feed": new_feed(user=world.rep, now=timezone.now())[1],
        "digest_off": stop_token(world.rep),
        "scoring_model": ScoringModel.objects.get(is_default=True).pk,
    }


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    later = str(timezone.localdate() + dt.timedelta(days=3))
    return {
        "here": {"latitude": "31.2", "longitude": "121.5"},
        "plan": {"planned_on": later, "starts_at": "09:30", "purpose": "Quarterly review"},
        "step": {"action": "postpone", "until": later},
        "settings": {"language": "en", "visits_a_day": "5"},
        "policy": {"visit_every_days": "365"},
        "cadence": {"kinds": ["visit"], "lead_percent": "10", "lead_most_days": "7", "reason": "Fewer"},
    }

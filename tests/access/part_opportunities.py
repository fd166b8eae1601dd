"""One opportunity of the owner's account, and what the pipeline's forms send."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from tests.crm.opportunities.support import make_opportunity, stage
from tests.fixtures import World


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    first = stage(1)
    return {
        "opportunity": make_opportunity(world.account, world.rep).pk,
        "stage": stage(6).pk,
        "criterion": first.criteria.all()[0].pk,
    }


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    later = str(timezone.localdate() + dt.timedelta(days=30))
    deal = {"name": "Spindle bearings", "amount": "10", "currency": "CNY", "expected_on": later}
    return {
        "opportunity": {**deal, "stage": stage(1).pk, "revision": "0"},
        "stage_move": {"stage": stage(2).pk, "confirmed": "1"},
        "met": {"met": "1"},
        "decision": {"closed_on": str(timezone.localdate()), "close_reason": "price"},
        "stage_new": {
            "name": "New stage", "probability": "5", "criteria-TOTAL_FORMS": "0", "criteria-INITIAL_FORMS": "0",
        },
        "up": {"to": "up"},
        "api_opportunity": {"account_id": world.account.pk, "name": "New", "amount": "5", "expected_on": later},
        "api_opportunity_patch": {"revision": 0, "name": "Changed"},
    }  # fmt: skip

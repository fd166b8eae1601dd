"""A recorded gain and a cost of the owner's account, and what the forms of lifetime value send."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crm.models import CostToServe, ValueCase
from tests.fixtures import World

DAY = dt.date(2025, 5, 1)


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    gain = ValueCase.objects.create(
        account=world.account, kind="knowledge", happened_on=DAY, benefit=500, user=world.rep
    )
    cost = CostToServe.objects.create(account=world.account, kind="visit", spent_on=DAY, amount=80)
    shared = CostToServe.objects.create(kind="retention", spent_on=DAY, amount=900)
    return {"lt_gain": gain.pk, "lt_cost": cost.pk, "lt_company_cost": shared.pk}


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return {
        "lt_judgement": {"value": "35", "reason": "They told us"},
        "lt_gain": {"kind": "trade", "happened_on": str(DAY), "benefit": "900", "share": "50"},
        "lt_cost": {"kind": "service", "spent_on": str(DAY), "amount": "70"},
    }

"""Rows and bodies for the addresses of the decision map and the organisation."""

from __future__ import annotations

from typing import Any

from crm.models import BuyingProcess, DecisionStep, Faction, Influence, OrganisationUnit, Position
from tests.factories import make_contact
from tests.fixtures import World


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    account = world.account
    other = Position.objects.get(contact=make_contact(account, "Second person"))
    arrow = Influence.objects.create(source=other, target_id=rows["position"])
    process = BuyingProcess.objects.create(account=account, name="Spare parts")
    return {
        "second_position": other.pk,
        "influence": arrow.pk,
        "buying_process": process.pk,
        "decision_step": DecisionStep.objects.create(process=process, name="Offer", order=1).pk,
        "faction": Faction.objects.create(account=account, name="Engineers").pk,
        "org_unit": OrganisationUnit.objects.create(account=account, name="Purchasing").pk,
    }


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return {
        "map_arrow": {"source": rows["position"], "target": rows["second_position"], "strength": "3"},
        "map_strength": {"strength": "1"},
        "map_place": {"level": "2"},
        "map_stance": {"stance": "1", "source": "said"},
        "map_faction": {"name": "Camp", "colour": "1"},
        "map_process": {"name": "New line"},
        "map_step": {"name": "Trial", "usual_days": "9"},
        "map_limits": {"unmet_days": "60", "stale_months": "4", "key_influence": "4", "reason": "x"},
        "map_unit": {"name": "Plant"},
    }

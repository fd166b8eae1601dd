"""Rows and bodies of the addresses about suppliers' ratings, competition and customer equity."""

from __future__ import annotations

from typing import Any

from crm.models import SupplierRating
from crm.suppliers.operations import fingerprint
from tests.fixtures import World

DAY = "2025-06-02"


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    rating = SupplierRating.objects.create(account=world.account, rated_on=DAY, ratings={"quality": 7})
    rating.refresh_from_db()
    return {"rating": rating.pk}


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    rating = SupplierRating.objects.get(pk=rows["rating"])
    return {
        "rating": {"rated_on": "2025-06-03", "quality": "5"},
        "rating_edit": {"rated_on": DAY, "quality": "5", "shown": fingerprint(rating)},
    }

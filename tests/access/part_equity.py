"""Rows and bodies of the addresses about suppliers' ratings, competition and customer equity."""

from __future__ import annotations

from typing import Any

from crm.models import SupplierRating
from crm.suppliers.operations import fingerprint
from segmentation.equity.ratings import DRIVERS
from segmentation.models import EquityStudy
from tests.fixtures import World

DAY = "2025-06-02"
INPUTS = {
    "question": {"driver": "quality", "marks": 1.0, "cost": 1000.0, "years": 1},
    "scope": {},
    "weights": {"estimated": False},
    "result": {
        "customers": 1,
        "before": 5000.0,
        "gain": 1500.0,
        "low": 800.0,
        "high": 2000.0,
        "spend": 1000.0,
        "roi": 0.5,
        "roi_low": -0.2,
        "roi_high": 1.0,
    },
}


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    rating = SupplierRating.objects.create(account=world.account, rated_on=DAY, ratings={"quality": 7})
    rating.refresh_from_db()
    study = EquityStudy.objects.create(name="Study", as_of=DAY, author=world.manager, inputs=INPUTS)
    return {"rating": rating.pk, "study": study.pk}


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    rating = SupplierRating.objects.get(pk=rows["rating"])
    return {
        "rating": {"rated_on": "2025-06-03", "quality": "5"},
        "rating_edit": {"rated_on": DAY, "quality": "5", "shown": fingerprint(rating)},
        "study": {"driver": "quality", "marks": "1", "cost": "1000", "years": "1", "name": "Better steel"},
        "judgements": {
            **dict.fromkeys(DRIVERS, "1"),
            "inertia": "1.5",
            "effect": "0.4",
            "horizon": "3",
            "discount": "10",
            "unknown": "50",
            "reason": "First guess",
            "shown": "0",
        },
    }

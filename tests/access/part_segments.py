"""Segments: one by rule, one to archive, a search for groups that waits."""

from __future__ import annotations

import datetime as dt
from typing import Any

from segmentation.models import Clustering, Segment
from segmentation.segments.operations import QUEUED
from tests.fixtures import World

RULE = {"match": "all", "rules": [{"field": "kind", "op": "in", "values": ["customer"], "window": 365}]}


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    waiting = {"state": QUEUED, "purpose": "marketing"}
    return {
        "segment": Segment.objects.create(name="Customers", rule=RULE).pk,
        "segment_search": Clustering.objects.create(
            as_of=dt.date(2025, 6, 30), reason="Yearly", model=waiting
        ).pk,
    }


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    rule = {
        "node": ["r", "r-0"],
        "r.match": "all",
        "r-0.field": "kind",
        "r-0.was": "kind",
        "r-0.op": "in",
        "r-0.value": ["customer"],
    }
    seen = Segment.objects.get(pk=rows["segment"]).updated_at.isoformat()
    return {
        "segment": {**rule, "seen": seen, "name": "New segment", "purpose": "marketing", "action": "save"},
        "segment_rule": {**rule, "action": "condition:r"},
        "segment_search": {"reason": "Yearly look", "purpose": "marketing"},
    }

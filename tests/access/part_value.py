"""Value pages and key accounts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from segmentation.value.key_reading import CRITERIA
from tests.fixtures import World


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return {}


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    marks = dict.fromkeys(CRITERIA, "4") | {f"{name}_evidence": "Seen" for name in CRITERIA}
    following = timezone.localdate() + dt.timedelta(days=300)
    return {"key_review": {**marks, "is_key": "yes", "next_review_on": str(following)}}

"""Movement, monthly figures and the meeting: a month's end before the newest, to compare with."""

from __future__ import annotations

import datetime as dt
from typing import Any

from segmentation.models import GradeSnapshot
from tests.fixtures import World


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    earlier = list(GradeSnapshot.objects.all())
    for row in earlier:
        row.month_end = dt.date(2025, 5, 31)
    GradeSnapshot.objects.bulk_create(earlier)
    return {}


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return {}

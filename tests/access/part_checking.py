"""A model that was tested against the past."""

from __future__ import annotations

import datetime as dt
from typing import Any

from segmentation.modelling.backtests import back_test
from segmentation.models import ScoringModel
from segmentation.operations import publish_version
from segmentation.scoring.grading import DEFAULT_MODEL
from tests.fixtures import World


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    model = ScoringModel.objects.create(name="Tested")
    version = publish_version(model=model, definition=DEFAULT_MODEL, reason="test")
    back_test(version, dt.date(2024, 6, 30), dt.date(2025, 6, 30))
    return {"back_tested": model.pk}


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return {}

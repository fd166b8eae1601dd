"""A model that was tested against the past, proposals of a rep that wait for a decision."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from crm.models import CustomField
from crm.models.history import OverrideState
from lifecycle.models import StageOverride
from segmentation.modelling.backtests import back_test
from segmentation.models import GradeOverride, ScoringModel
from segmentation.operations import publish_version
from segmentation.scoring.grading import DEFAULT_MODEL
from tests.fixtures import World


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    model = ScoringModel.objects.create(name="Tested")
    version = publish_version(model=model, definition=DEFAULT_MODEL, reason="test")
    back_test(version, dt.date(2024, 6, 30), dt.date(2025, 6, 30))
    today = timezone.localdate()
    proposals = {}
    for name, override in (("grade", GradeOverride), ("stage", StageOverride)):
        proposals[f"{name}_proposal"] = override.objects.create(
            account=world.account,
            value=2,
            reason="Proposed",
            author=world.rep,
            valid_from=today,
            valid_to=today + dt.timedelta(days=20),
            state=OverrideState.PROPOSED,
        ).pk
    field = CustomField.objects.create(code="lines", name="Production lines", kind="number")
    return {"back_tested": model.pk, "custom_field": field.pk, **proposals}


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    choices = {"choices-TOTAL_FORMS": "0", "choices-INITIAL_FORMS": "0"}
    return {
        "decision": {"decision": "approve"},
        "custom_field": {"name": "Machines", "code": "machines", "kind": "number", **choices},
    }

"""Scoring models: the default one with its version, a draft of it, and a spare model."""

from __future__ import annotations

from typing import Any

from segmentation.modelling.drafts import open_draft
from segmentation.models import ScoringModel
from segmentation.operations import ensure_default_model
from tests.fixtures import World


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    version = ensure_default_model()
    return {
        "model": version.model_id,
        "model_version": version.pk,
        "model_spare": ScoringModel.objects.create(name="Spare").pk,
        "draft": open_draft(model=version.model, user=world.manager).pk,
    }


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": {"name": "New model", "priority": "1"},
        "reason": {"reason": "Because"},
        "revision": {"revision": "0"},
        "publish": {"revision": "0", "reason": "Because"},
    }

"""A sentiment model that is not in use, and the reason to put it there."""

from __future__ import annotations

from typing import Any

from satisfaction.models import SentimentHead
from satisfaction.sentiment.registry import register_delivered
from tests.fixtures import World


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    register_delivered()
    return {"sentiment_head": SentimentHead.objects.get(encoder="use").pk}


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return {"sentiment_reason": {"reason": "Tried on last month's notes"}}

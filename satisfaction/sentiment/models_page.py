"""The sentiment models there are, with their reports, for the page of those who look after them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from satisfaction.models import SentimentHead
from satisfaction.sentiment.heads import DIRECTORY, HeadBroken
from satisfaction.sentiment.registry import head_of


@dataclass(frozen=True)
class HeadRow:
    head: SentimentHead
    delivered: bool
    usable: bool
    trial: dict[str, Any] | None
    scores: dict[str, Any]
    activations: list[dict[str, Any]]


@cache
def _delivered_scores() -> dict[str, dict[str, Any]]:
    found = {}
    for path in DIRECTORY.glob("*.json"):
        stored = json.loads(path.read_text("utf-8"))
        found[stored["version"]] = stored.get("scores", {})
    return found


def head_rows() -> list[HeadRow]:
    """The one in use first, then the newest."""
    return [_row(head) for head in SentimentHead.objects.order_by("-active", "-pk")]


def _row(head: SentimentHead) -> HeadRow:
    try:
        head_of(head)
        usable = True
    except HeadBroken:
        usable = False
    return HeadRow(
        head=head,
        delivered=not head.weights,
        usable=usable,
        trial=head.report.get("trial"),
        scores=_delivered_scores().get(head.version, {}),
        activations=list(reversed(head.report.get("activations", []))),
    )

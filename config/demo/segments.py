"""Segments of the demo company: rules before its figures are computed, groups from behaviour once they stand."""

from __future__ import annotations

from typing import Any

from crm.models import Role, User
from crm.snapshots import shown_run
from segmentation.models import Clustering, Segment, SegmentPurpose
from segmentation.segments.operations import DONE, adopt, request_clustering, run_clustering, save_segment
from segmentation.segments.rules import node_of


def _number(field: str, op: str, *values: float, window: int = 365) -> dict[str, Any]:
    return {"field": field, "op": op, "values": list(values), "window": window}


def _choice(field: str, *values: object, op: str = "in") -> dict[str, Any]:
    return {"field": field, "op": op, "values": [str(value) for value in values], "window": 365}


def _group(match: str, *rules: dict[str, Any]) -> dict[str, Any]:
    return {"match": match, "rules": list(rules)}


# Purpose, names, note, rule. Grades 0 and 1 are A and B; stages 2 to 5 formation, stability, decline, lost.
RULES: list[tuple[str, str, str, str, dict[str, Any]]] = [
    (
        SegmentPurpose.STRATEGIC,
        "Backbone customers",
        "支柱客户",
        "Kept at any price: a director calls once a quarter.",
        _group("all", _choice("grade", 0, 1), _choice("stage", 2, 3)),
    ),
    (
        SegmentPurpose.STRATEGIC,
        "Leaders of their industry to develop",
        "待开发的行业龙头",
        "行业地位高，但我们做得还不多：每半年评审一次。",
        _group("all", _number("industry_position", "ge", 4), _group("none", _choice("grade", 0))),
    ),
    (
        SegmentPurpose.MARKETING,
        "Win back",
        "挽回名单",
        "Bought a lot within three years and is slipping away.",
        _group(
            "all",
            _number("net_sales", "ge", 50_000, window=1096),
            _group("any", _choice("stage", 4, 5), _number("recency", "ge", 180)),
        ),
    ),
    (
        SegmentPurpose.MARKETING,
        "Could recommend us",
        "转介绍对象",
        "满意又忠诚的客户：邀请参加转介绍计划。",
        _group("all", _number("satisfaction", "ge", 75), _number("loyalty", "ge", 50)),
    ),
    (
        SegmentPurpose.MARKETING,
        "Room in the margin",
        "毛利偏低",
        "Large enough to talk prices and discounts.",
        _group("all", _number("margin", "lt", 20), _number("net_sales", "ge", 100_000)),
    ),
]


def _manager() -> User | None:
    return User.objects.filter(role=Role.MANAGER, is_active=True).order_by("pk").first()


def make_segments() -> int:
    """Rules; their members come with every run. Returns how many."""
    user = _manager()
    for purpose, name, name_zh, note, rule in RULES:
        segment = Segment(purpose=purpose, name=name, name_zh=name_zh, note=note)
        save_segment(segment, rule=node_of(rule), user=user)
    return len(RULES)


def make_groups() -> int:
    """Groups found from behaviour as of the figures on show, in use; 0 where there are too few customers."""
    run, user = shown_run(), _manager()
    if run is None or user is None:
        return 0
    asked = request_clustering(
        run=run,
        reason="年度客户行为分析",
        purpose=SegmentPurpose.MARKETING,
        user=user,
    )
    run_clustering(asked.pk)
    found = Clustering.objects.get(pk=asked.pk)
    return len(adopt(found, names={}, user=user)) if found.model["state"] == DONE else 0

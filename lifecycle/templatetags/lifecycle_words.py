"""Stages and loyalty in words, for templates."""

from __future__ import annotations

from typing import Any

from django import template

from lifecycle.wording import BADGE_TONES, level_name, stage_name

register = template.Library()


@register.inclusion_tag("components/badge.html")
def stage_badge(stage: int | None) -> dict[str, Any]:
    tone = BADGE_TONES.get(-1 if stage is None else stage, "secondary")
    return {"text": stage_name(stage) or "–", "tone": tone, "title": ""}


@register.filter
def loyalty_level(level: int | None) -> str:
    return level_name(level)

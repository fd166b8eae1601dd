"""Satisfaction in words, for templates."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from satisfaction.sentiment.figures import Figure
from satisfaction.wording import BADGE_TONES, class_name

register = template.Library()


@register.inclusion_tag("components/badge.html")
def satisfaction_badge(code: int | None) -> dict[str, SafeString | str]:
    return {
        "text": class_name(code),
        "tone": BADGE_TONES.get(-1 if code is None else code, "secondary"),
        "title": "",
    }


@register.filter
def satisfaction_class(code: int | None) -> str:
    return class_name(code)


@register.inclusion_tag("satisfaction/sentiment/_picture.html")
def mood_picture(figure: Figure) -> dict[str, Figure]:
    """The index on a line from 0 to 100, with its band."""
    return {"figure": figure}

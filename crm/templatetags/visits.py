"""Words about visits in templates."""

from __future__ import annotations

from django import template

from crm.visits.wording import distance_words

register = template.Library()


@register.filter
def distance(metres: int | None) -> str:
    return distance_words(metres)

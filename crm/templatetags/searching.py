"""What a search found, with the matched part marked."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from crm.models import Visit
from crm.search.marking import marked, snippet
from crm.search.text import HAN

register = template.Library()


@register.filter
def mark(value: Any, query: str) -> SafeString:
    return marked(str(value), query)


@register.filter
def other_name(row: Any) -> str:
    """The name in the other script: what was typed may have matched that one."""
    shown = str(row)
    other = row.name if shown != row.name else getattr(row, "english_name", "")
    return other if other and (HAN.search(other) or HAN.search(shown)) else ""


@register.filter
def noted(visit: Visit, query: str) -> SafeString:
    """The words of a visit round what matched."""
    for text in (visit.purpose, visit.note, visit.next_step, visit.competitor_news):
        found = snippet(text, query)
        if "<mark>" in found:
            return found
    return snippet(visit.note or visit.purpose, query)

"""A colleague saved first: what the colleague changed, beside what this editor typed."""

from __future__ import annotations

import json
from typing import Any

from django.http import QueryDict

from crm.forms.opportunities import OpportunityForm


def compared(shown: OpportunityForm, posted: QueryDict) -> tuple[QueryDict, list[dict[str, Any]]]:
    """The form's data with the colleague's work in it, and the differences in words. `shown` is how the row stands.

    Fields that only the colleague touched come in as the colleague left them; where both changed one, the editor's
    text stays. Nothing is written before the editor saves again.
    """
    try:
        base = json.loads(posted.get("base", "")) or {}
    except ValueError:
        base = {}
    if not isinstance(base, dict):
        base = {}
    theirs = shown.as_shown()
    merged = posted.copy()
    rows = []
    for name, field in shown.own_fields():
        mine: Any = sorted(posted.getlist(name)) if isinstance(theirs[name], list) else posted.get(name, "")
        if mine == theirs[name]:
            continue
        untouched = name in base and base[name] == mine
        if untouched and isinstance(theirs[name], list):
            merged.setlist(name, theirs[name])
        elif untouched:
            merged[name] = theirs[name]
        rows.append(
            {
                "label": shown[name].label,
                "theirs": _words(field, theirs[name]),
                "mine": _words(field, mine),
                "untouched": untouched,
            }
        )
    merged["revision"] = str(shown.instance.revision)
    merged["base"] = json.dumps(theirs)
    return merged, rows


def _words(field: Any, value: Any) -> str:
    """A choice by its label, everything else as typed."""
    labels = {str(key): str(label).strip() for key, label in getattr(field, "choices", [])}
    values: list[str] = value if isinstance(value, list) else [value]
    return ", ".join(labels.get(one, one) for one in values if one) or "–"

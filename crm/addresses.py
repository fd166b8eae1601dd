"""Addresses of lists: the reader's own parameters, some of them changed."""

from __future__ import annotations

from django.http import QueryDict


def changed_query(parameters: QueryDict, **changes: str | None) -> str:
    """The parameters with some set, or with None taken out; without the page number, which belongs to the old list."""
    changed = parameters.copy()
    changed.pop("page", None)
    for key, value in changes.items():
        if value is None:
            changed.pop(key, None)
        else:
            changed[key] = value
    return changed.urlencode()

"""What the page shell needs on every page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from crm.panels import permitted


def shell(request: HttpRequest) -> dict[str, Any]:
    context: dict[str, Any] = {"reporting_currency": settings.REPORTING_CURRENCY}
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        here = request.resolver_match.view_name if request.resolver_match else ""
        context["navigation"] = _menu(permitted("CRM_NAVIGATION", user), here)
    return context


def _menu(entries: list[Any], here: str) -> list[dict[str, Any]]:
    """Single entries and drop-downs; a drop-down stands where its first entry would."""
    menu: list[dict[str, Any]] = []
    groups: dict[str, dict[str, Any]] = {}
    for entry in entries:
        item = {
            "title": entry.title,
            "icon": entry.icon,
            "url_name": entry.url_name,
            "active": entry.url_name == here,
        }
        if entry.group is None:
            menu.append(item)
            continue
        group = groups.get(entry.group.slug)
        if group is None:
            group = {"title": entry.group.title, "icon": entry.group.icon, "entries": [], "active": False}
            group["slug"] = entry.group.slug
            groups[entry.group.slug] = group
            menu.append(group)
        group["entries"].append(item)
        group["active"] |= item["active"]
    return menu

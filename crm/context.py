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
        context["navigation"] = [
            {
                "title": entry.title,
                "icon": entry.icon,
                "url_name": entry.url_name,
                "active": entry.url_name == here,
            }
            for entry in permitted("CRM_NAVIGATION", user)
        ]
    return context

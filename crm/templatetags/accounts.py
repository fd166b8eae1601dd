"""The pages of one account, side by side."""

from __future__ import annotations

from typing import Any

from django import template

from crm.models import Account
from crm.panels import permitted

register = template.Library()


@register.inclusion_tag("crm/accounts/_tabs.html", takes_context=True)
def account_tabs(context: dict[str, Any], account: Account, shown: str) -> dict[str, Any]:
    """The pages that the reader may open; `shown` is the slug of the one on screen."""
    user = context["request"].user
    return {"account": account, "pages": permitted("CRM_ACCOUNT_PAGES", user), "shown": shown}

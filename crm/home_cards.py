"""crm's own cards of the home page."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from crm.panels import HomeCard
from crm.queries import open_complaints, recent_accounts

if TYPE_CHECKING:
    from crm.models import User

SHOWN = 6


class RecentAccountsCard(HomeCard):
    slug = "recent-accounts"
    title = _("Accounts I dealt with last")
    icon = "building-factory-2"
    template_name = "crm/cards/recent_accounts.html"

    def get_context(self, *, user: User, today: dt.date) -> dict[str, Any]:
        return {"accounts": recent_accounts(user)}


class OpenComplaintsCard(HomeCard):
    slug = "open-complaints"
    title = _("Open complaints")
    icon = "message-exclamation"
    template_name = "crm/cards/open_complaints.html"

    def get_context(self, *, user: User, today: dt.date) -> dict[str, Any]:
        complaints = list(open_complaints(user)[: SHOWN + 1])
        return {"complaints": complaints[:SHOWN], "more": len(complaints) > SHOWN, "today": today}

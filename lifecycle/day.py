"""Customers at risk, for my day: late buyers and those in decline, by what they earn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Account
from crm.panels import DayItem, DayLink, DaySource
from crm.templatetags.ui import money_short, number
from lifecycle.queries import at_risk_among, is_late
from lifecycle.wording import stage_name

if TYPE_CHECKING:
    from crm.models import User
    from lifecycle.models import AccountLifecycle

SHOWN = 8


class AtRiskSource(DaySource):
    """The user's own customers in decline or late by the measure that leads to it, as the newest run has them."""

    slug = "at-risk"
    title = gettext_lazy("Customers at risk")
    icon = "alert-triangle"

    def items(self, *, user: User, today: dt.date) -> list[DayItem]:
        own = Account.objects.visible_to(user).filter(owner=user)
        return [_item(row) for row in at_risk_among(own, SHOWN)]

    def links(self, *, user: User) -> Sequence[DayLink]:
        address = f"{reverse('crm:account-list')}?stage=at_risk&owner=me"
        return [DayLink(_("All customers at risk"), "list", address)]


def _item(row: AccountLifecycle) -> DayItem:
    words = [str(stage_name(row.stage))]
    if is_late(row):
        words.append(
            _("%(ratio)s times its usual interval without an order") % {"ratio": number(row.overdue_ratio, 1)}
        )
    if row.growth is not None and row.growth < 0:
        words.append(_("sales %(change)s%%") % {"change": number(row.growth * 100)})
    profit = row.account.facts.gross_profit_12m if hasattr(row.account, "facts") else None
    return DayItem(
        account=row.account,
        title=" · ".join(words),
        url=row.account.get_absolute_url(),
        detail=""
        if profit is None
        else _("gross profit, 12 months: %(profit)s") % {"profit": money_short(profit)},
        tone="bad",
    )

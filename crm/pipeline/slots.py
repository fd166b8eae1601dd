"""Opportunities on "My day" and on an account's timeline."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, ngettext

from crm.models import Opportunity, OpportunityChange, OpportunityState
from crm.panels import DayItem, DaySource, TimelineEntry, TimelineSource
from crm.templatetags.ui import money_whole

if TYPE_CHECKING:
    from crm.models import Account, User

SHOWN = 30
SOON = dt.timedelta(days=7)


class DecisionsDue(DaySource):
    """Own opportunities whose expected date has passed, and those to be decided within a week."""

    slug = "opportunities"
    title = gettext_lazy("Opportunities to be decided")
    icon = "target-arrow"

    def items(self, *, user: User, today: dt.date) -> list[DayItem]:
        rows = (
            Opportunity.objects.visible_to(user)
            .filter(owner=user, state=OpportunityState.OPEN, expected_on__lte=today + SOON)
            .select_related("account", "stage")
            .order_by("expected_on", "-amount", "pk")[:SHOWN]
        )
        return [self._item(row, today) for row in rows]

    def _item(self, row: Opportunity, today: dt.date) -> DayItem:
        late = (today - row.expected_on).days
        if late > 0:
            title = ngettext(
                "%(name)s: the expected date passed %(days)d day ago",
                "%(name)s: the expected date passed %(days)d days ago",
                late,
            ) % {"name": row.name, "days": late}
        elif late == 0:
            title = gettext("%(name)s: decision expected today") % {"name": row.name}
        else:
            title = ngettext(
                "%(name)s: decision expected in %(days)d day",
                "%(name)s: decision expected in %(days)d days",
                -late,
            ) % {"name": row.name, "days": -late}
        return DayItem(
            account=row.account,
            title=title,
            url=row.get_absolute_url(),
            due_on=row.expected_on,
            detail=f"{row.stage} · {money_whole(row.amount, row.currency)}",
            tone="bad" if late > 0 else "warn",
        )


class OpportunitiesOfAccount(TimelineSource):
    """Each entry into the pipeline, move and decision."""

    slug = "opportunities"
    title = gettext_lazy("Opportunities")

    def entries(self, *, account: Account, user: User, before: dt.datetime, most: int) -> list[TimelineEntry]:
        steps = (
            OpportunityChange.objects.filter(opportunity__account=account, at__lt=before)
            .select_related("opportunity", "stage", "user")
            .order_by("-at", "-pk")[:most]
        )
        return [self._entry(step) for step in steps]

    def _entry(self, step: OpportunityChange) -> TimelineEntry:
        won, lost = step.state == OpportunityState.WON, step.state == OpportunityState.LOST
        text = step.get_state_display() if won or lost else str(step.stage)
        amount = money_whole(step.amount, step.opportunity.currency)
        return TimelineEntry(
            at=step.at,
            title=f"{step.opportunity.name}: {text}",
            icon="trophy" if won else "thumb-down" if lost else "target-arrow",
            text=" · ".join(filter(None, [amount, step.note])),
            url=reverse("crm:opportunity-detail", args=[step.opportunity_id]),
            tone="good" if won else "bad" if lost else "",
            who=str(step.user),
        )

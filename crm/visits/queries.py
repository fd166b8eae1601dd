"""What the visit form offers: whom to visit, whom one met, what it was about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Max, Q, QuerySet

from crm.models import Account, Contact, Opportunity, OpportunityState, PlannedVisit, Position, User, Visit

PURPOSES = 6
PURPOSES_FROM = 60


@dataclass
class Person:
    """Somebody who may have been met: a tick on the form, and how the person stands now."""

    id: int
    name: str
    title: str
    met: bool = False
    stance: Any = ""
    left: bool = False


@dataclass
class FormChoices:
    people: list[Person] = field(default_factory=list)
    opportunities: list[Opportunity] = field(default_factory=list)
    purposes: list[str] = field(default_factory=list)


def positions_offered(account_id: int, visit: Visit | None = None) -> QuerySet[Position]:
    """Who works at the account; on a visit's own form also whoever was met then and has left since."""
    offered = Q(left_on=None)
    if visit is not None and visit.pk:
        offered |= Q(contact__visits=visit)
    positions = Position.objects.filter(offered, account=account_id).select_related("contact").distinct()
    return positions.order_by("-is_primary", F("influence").desc(nulls_last=True), "contact__name", "pk")


def contacts_ever(account_id: int) -> QuerySet[Contact]:
    """Whoever has or had a position there: an entry that waited on a phone may name somebody who left meanwhile."""
    return Contact.objects.filter(positions__account=account_id).distinct()


def open_opportunities(account_ids: Sequence[int]) -> QuerySet[Opportunity]:
    found = Opportunity.objects.filter(account__in=account_ids, state=OpportunityState.OPEN)
    return found.order_by("expected_on", "pk")


def recent_purposes(user: User) -> list[str]:
    """What the user's latest visits were about, each once, the latest first."""
    latest = Visit.objects.filter(user=user).exclude(purpose="").order_by("-happened_at")
    return list(dict.fromkeys(latest.values_list("purpose", flat=True)[:PURPOSES_FROM]))[:PURPOSES]


def planned_visits(user: User, first: dt.date, last: dt.date) -> QuerySet[PlannedVisit]:
    """The user's open plans of these days, in the order of the day."""
    visible = Account.objects.visible_to(user)
    plans = PlannedVisit.objects.filter(
        user=user, planned_on__range=(first, last), visit=None, cancelled_at=None, account__in=visible
    )
    return plans.order_by("planned_on", F("starts_at").asc(nulls_last=True), "pk")


def last_visit(user: User, account: Account) -> Visit | None:
    return Visit.objects.filter(user=user, account=account).order_by("-happened_at", "-pk").first()


def accounts_of_interest(user: User, today: dt.date, *, days: int, most: int) -> list[int]:
    """Ids of the accounts that a phone keeps: planned, visited last, own, then what else is in sight."""
    visible = Account.objects.visible_to(user)
    plans = planned_visits(user, today, today + dt.timedelta(days=days)).values_list("account", flat=True)
    visited = (
        Visit.objects.filter(user=user, account__in=visible)
        .values("account")
        .annotate(last=Max("happened_at"))
        .order_by("-last", "account")
        .values_list("account", flat=True)
    )
    own = visible.filter(owner=user).order_by("sort_name", "pk").values_list("pk", flat=True)
    other = visible.exclude(owner=user).order_by("-updated_at", "pk").values_list("pk", flat=True)
    found: dict[int, None] = {}
    for ids in (plans, visited, own, other):
        if len(found) < most:
            found.update(dict.fromkeys(ids[:most]))
    return list(found)[:most]

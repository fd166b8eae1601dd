"""What a phone keeps so that visits can be logged without network: as little about people as the form needs."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import defaultdict
from typing import Any

from django.conf import settings
from django.db.models import F

from crm.models import Account, Position, User, Visit
from crm.visits.queries import accounts_of_interest, open_opportunities, planned_visits, recent_purposes
from crm.visits.rules import SCHEMA

MOST_ACCOUNTS = 2000
DAYS_AHEAD = 7
OF_AN_ACCOUNT = ("number", "name", "english_name", "city", "latitude", "longitude", "search_text")


def offline_bundle(user: User, today: dt.date) -> dict[str, Any]:
    """Accounts in the order of interest, their people, plans and choices. A constant number of queries."""
    ids = accounts_of_interest(user, today, days=DAYS_AHEAD, most=MOST_ACCOUNTS)
    rows = {row.pk: row for row in Account.objects.filter(pk__in=ids).only(*OF_AN_ACCOUNT)}
    people, deals, last = _people(ids), _deals(ids), _last_visits(user, ids)
    return {
        "schema": SCHEMA,
        "user": user.pk,
        "zone": settings.TIME_ZONE,
        "today": today.isoformat(),
        "purposes": recent_purposes(user),
        "plan": [
            {
                "account": plan.account_id,
                "on": plan.planned_on.isoformat(),
                "at": f"{plan.starts_at:%H:%M}" if plan.starts_at else "",
                "purpose": plan.purpose,
            }
            for plan in planned_visits(user, today, today + dt.timedelta(days=DAYS_AHEAD))
        ],
        "accounts": [_account(rows[pk], people[pk], deals[pk], last.get(pk)) for pk in ids if pk in rows],
    }


def serialised(bundle: dict[str, Any]) -> tuple[bytes, str]:
    """The bytes that travel, and their ETag."""
    body = json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _account(
    account: Account, people: list[Any], deals: list[Any], last: dict[str, Any] | None
) -> dict[str, Any]:
    placed = account.latitude is not None and account.longitude is not None
    return {
        "id": account.pk,
        "name": str(account),
        "number": account.number,
        "city": account.city,
        "search": account.search_text.strip(),
        "place": [float(account.latitude or 0), float(account.longitude or 0)] if placed else None,
        "people": people,
        "opportunities": deals,
        "last": last,
    }


def _people(ids: list[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    positions = Position.objects.filter(account__in=ids, left_on=None).select_related("contact")
    for position in positions.order_by(
        "-is_primary", F("influence").desc(nulls_last=True), "contact__name", "pk"
    ):
        found[position.account_id].append([position.contact_id, str(position.contact), position.title])
    return found


def _deals(ids: list[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for deal in open_opportunities(ids).only("account_id", "name"):
        found[deal.account_id].append([deal.pk, deal.name])
    return found


def _last_visits(user: User, ids: list[int]) -> dict[int, dict[str, Any]]:
    """Kind, purpose and people of the user's last visit to each account."""
    latest = Visit.objects.filter(user=user, account__in=ids).order_by("account", "-happened_at", "-pk")
    rows = list(latest.distinct("account").values_list("pk", "account", "kind", "purpose"))
    met: dict[int, list[int]] = defaultdict(list)
    through = Visit.contacts.through.objects.filter(visit__in=[row[0] for row in rows])
    for visit, contact in through.order_by("pk").values_list("visit", "contact"):
        met[visit].append(contact)
    return {
        account: {"kind": kind, "purpose": purpose, "contacts": met[pk]}
        for pk, account, kind, purpose in rows
    }

"""Overrides of every kind in one list: what waits for a decision, what holds, what is due to be looked at again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import CharField, F, Q, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from crm.models import Account, User
from crm.models.history import Override, OverrideState
from crm.override_pages import OverrideKind
from segmentation.overriding import KINDS

TABS = {"waiting": _("To decide"), "running": _("In force now"), "due": _("Due for review")}
# How long before its end an override is looked at again, and how long after it is still listed.
DUE_WITHIN = dt.timedelta(days=30)
ENDED_WITHIN = dt.timedelta(days=90)
PAGE_SIZE = 50


@dataclass(frozen=True)
class Line:
    kind: OverrideKind
    override: Any
    name: str
    computed: str
    # Days to the end; negative: it has ended.
    days_left: int

    @property
    def agrees(self) -> bool:
        """The model has come to say the same: the override is not needed any more."""
        return bool(self.name) and self.name == self.computed


def in_tab(overrides: QuerySet[Any], tab: str, today: dt.date) -> QuerySet[Any]:
    there = overrides.filter(revoked_at__isnull=True)
    if tab == "waiting":
        return there.filter(state=OverrideState.PROPOSED)
    approved = there.filter(state=OverrideState.APPROVED)
    if tab == "running":
        return approved.filter(valid_from__lte=today, valid_to__gt=today)
    return approved.filter(valid_to__gt=today - ENDED_WITHIN, valid_to__lte=today + DUE_WITHIN)


def review(
    user: User, tab: str, today: dt.date, number: Any, size: int = PAGE_SIZE
) -> tuple[Page[Any], list[Line], int]:
    """A page of keys, its lines, and how many wait for a decision. What ends first stands first."""
    accounts = Account.objects.visible_to(user)

    def keys(which: str) -> QuerySet[Any]:
        parts = [
            in_tab(kind.model._default_manager.filter(account__in=accounts), which, today)
            .order_by()
            .annotate(kind=Value(kind.slug, CharField()), key=F("pk"), until=F("valid_to"))
            .values_list("until", "kind", "key")
            for kind in KINDS.values()
        ]
        return parts[0].union(*parts[1:], all=True).order_by("until", "kind", "key")

    page = Paginator(keys(tab), size).get_page(number)
    waiting = page.paginator.count if tab == "waiting" else keys("waiting").count()
    return page, lines_of([(kind, key) for _until, kind, key in page], today), waiting


def lines_of(keys: Sequence[tuple[str, int]], today: dt.date) -> list[Line]:
    """In the order of the keys. A constant number of queries."""
    found: dict[tuple[str, int], Line] = {}
    for slug, kind in KINDS.items():
        wanted = [key for name, key in keys if name == slug]
        rows: list[Override] = list(
            kind.model._default_manager.filter(pk__in=wanted).select_related(
                "account", "author", "decided_by"
            )
        )
        names = kind.names(rows)
        for row in rows:
            name, computed = names[row.pk]
            found[slug, row.pk] = Line(kind, row, name, computed, (row.valid_to - today).days)
    return [found[key] for key in keys if key in found]


def to_see_to(user: User, today: dt.date, soon: dt.timedelta, most: int) -> list[Line]:
    """For a leader's day: what waits, then what ends within `soon`, of the accounts in sight."""
    accounts = Account.objects.visible_to(user)
    keys: list[tuple[int, dt.date, str, int]] = []
    for slug, kind in KINDS.items():
        rows = kind.model._default_manager.filter(account__in=accounts, revoked_at__isnull=True).filter(
            Q(state=OverrideState.PROPOSED)
            | Q(state=OverrideState.APPROVED, valid_to__gt=today, valid_to__lte=today + soon)
        )
        for pk, state, until in rows.order_by("valid_to", "pk").values_list("pk", "state", "valid_to")[:most]:
            keys.append((int(state != OverrideState.PROPOSED), until, slug, pk))
    return lines_of([(slug, pk) for _place, _until, slug, pk in sorted(keys)[:most]], today)

"""Filters of the account list by lifecycle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from crm.panels import ListFilter
from crm.snapshots import last_month_end, move_words, narrow_to_move, parse_move
from lifecycle.models import AccountLifecycle, LifecycleSnapshot
from lifecycle.queries import at_risk, shown_as_of
from lifecycle.wording import LEVELS, STAGE_SLUGS, STAGES

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from crm.models import User
    from crm.models.accounts import AccountQuerySet

BY_SLUG = {slug: stage for stage, slug in STAGE_SLUGS.items()}


class StageFilter(ListFilter):
    slug = "stage"
    title = _("Stage")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return [
            *((STAGE_SLUGS[stage], name) for stage, name in STAGES.items()),
            ("at_risk", _("Decline or overdue")),
        ]

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        if value == "at_risk":
            return accounts.filter(pk__in=at_risk().values("account_id"))
        if value not in BY_SLUG:
            return accounts.none()
        stage = AccountLifecycle.objects.filter(stage=BY_SLUG[value])
        return accounts.filter(pk__in=stage.values("account_id"))


class StageBeforeFilter(ListFilter):
    """Where the account stood at the last month's end; with `stage` it names a cell of the flow table."""

    slug = "stage_before"
    title = _("Stage last month")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return [(STAGE_SLUGS[stage], name) for stage, name in STAGES.items()]

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        """`value` is a stage, or a stage and a month's end ("decline@2024-05-31")."""
        slug, _at, day = value.partition("@")
        as_of = shown_as_of()
        if slug not in BY_SLUG or as_of is None:
            return accounts.none()
        try:
            month_end = dt.date.fromisoformat(day) if day else last_month_end(LifecycleSnapshot, as_of)
        except ValueError:
            return accounts.none()
        if month_end is None:
            return accounts.none()
        before = LifecycleSnapshot.objects.filter(month_end=month_end, stage=BY_SLUG[slug])
        return accounts.filter(pk__in=before.values("account_id"))


class StageMovedFilter(ListFilter):
    """A cell of the movement table: "formation>stability@2024-05-31..2025-05-31" (crm.snapshots.Asked); without a date
    since last month's end.
    """

    slug = "stage_moved"
    title = _("Stage moved")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return [
            ("~>decline", _("Into decline since last month's end")),
            ("~>lost", _("Lost since last month's end")),
        ]

    def words(self, value: str) -> str:
        return move_words(value, {STAGE_SLUGS[stage]: name for stage, name in STAGES.items()})

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        as_of = shown_as_of()
        usual = last_month_end(LifecycleSnapshot, as_of) if as_of and "@" not in value else None
        asked = parse_move(value, usual)
        if asked is None:
            return accounts.none()
        return narrow_to_move(accounts, AccountLifecycle, LifecycleSnapshot, "stage", BY_SLUG, asked)


class LoyaltyFilter(ListFilter):
    slug = "loyalty"
    title = _("Loyalty")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return [*((str(int(level)), name) for level, name in LEVELS.items()), ("unknown", _("Not known"))]

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        known = AccountLifecycle.objects.filter(loyalty_level__gte=1)
        if value == "unknown":
            return accounts.exclude(pk__in=known.values("account_id"))
        if value not in {str(int(level)) for level in LEVELS}:
            return accounts.none()
        return accounts.filter(pk__in=known.filter(loyalty_level=int(value)).values("account_id"))

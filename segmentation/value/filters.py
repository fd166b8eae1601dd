"""Filters of the account list by the value matrix and by key accounts: where the value pages lead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from django.contrib.postgres.fields import ArrayField
from django.core.cache import cache
from django.db.models import BigIntegerField, BooleanField, F, Func, Value
from django.utils.translation import gettext_lazy as _

from crm.panels import ListFilter
from crm.remember import SECONDS
from crm.scoring.arrays import CodeArray, IntArray
from crm.snapshots import move_words, shown_run
from segmentation.filters import last_frozen_month
from segmentation.scoring.matrix import Quadrant
from segmentation.value.key_reading import KEY, key_ids
from segmentation.value.reading import aligned, kept_key, standing
from segmentation.value.wording import QUADRANT_SLUGS, QUADRANTS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from crm.models import User
    from crm.models.accounts import AccountQuerySet

BY_SLUG = {slug: quadrant for quadrant, slug in QUADRANT_SLUGS.items()}


class QuadrantFilter(ListFilter):
    slug = "quadrant"
    title = _("Value matrix")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return [(slug, QUADRANTS[quadrant]) for quadrant, slug in QUADRANT_SLUGS.items()]

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        if value not in BY_SLUG:
            return accounts.none()
        ids, quadrants = quadrants_of()
        return _among(accounts, ids[quadrants == BY_SLUG[value]])


class QuadrantMovedFilter(ListFilter):
    """A cell of the matrix's movement ("iron>platinum@2024-05-31"), or all who changed ("any")."""

    slug = "quadrant_moved"
    title = _("Quadrant changed")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return [("any", _("Since last month's end"))]

    def words(self, value: str) -> str:
        return move_words(value, {slug: str(QUADRANTS[quadrant]) for slug, quadrant in BY_SLUG.items()})

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        what, _at, day = value.partition("@")
        month_end = _date(day) if day else last_frozen_month()
        before, arrow, now = what.partition(">")
        one_cell = bool(arrow) and before in BY_SLUG and now in BY_SLUG
        if month_end is None or not (one_cell or what == "any"):
            return accounts.none()
        ids, quadrants = quadrants_of()
        then = aligned(ids, *quadrants_of(month_end))
        if one_cell:
            chosen = (then == BY_SLUG[before]) & (quadrants == BY_SLUG[now])
        else:
            rated = (then != Quadrant.UNRATED) & (quadrants != Quadrant.UNRATED)
            chosen = rated & (then != quadrants)
        return _among(accounts, ids[chosen])


class KeyAccountFilter(ListFilter):
    slug = "key_account"
    title = _("Key account")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return [(KEY, _("Key accounts"))]

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        return accounts.filter(pk__in=key_ids()) if value == KEY else accounts.none()


def quadrants_of(month_end: dt.date | None = None) -> tuple[IntArray, CodeArray]:
    """Ids and quadrants of all customers, kept for the run: a list is paged through, and asks for each page."""
    run = shown_run()
    if run is None:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int8)
    key = kept_key("quadrants", run, month_end)
    kept: tuple[IntArray, CodeArray] | None = cache.get(key)
    if kept is None:
        found = standing(run.as_of, month_end)
        kept = (found.account_id, found.matrix.quadrant)
        cache.set(key, kept, SECONDS)
    return kept


def _among(accounts: AccountQuerySet, ids: IntArray) -> AccountQuerySet:
    """One array instead of a list of parameters, which has an end."""
    array = Value(ids.tolist(), ArrayField(BigIntegerField()))
    return accounts.filter(
        Func(F("pk"), array, template="(%(expressions)s))", arg_joiner=" = ANY(", output_field=BooleanField())
    )


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None

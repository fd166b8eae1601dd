"""Filters of the account list by satisfaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from crm.panels import ListFilter
from satisfaction.models import AccountSatisfaction, AccountSentiment
from satisfaction.sentiment.figures import BAD, GOOD, index_of
from satisfaction.wording import CLASSES

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from crm.models import User
    from crm.models.accounts import AccountQuerySet

UNKNOWN = "unknown"


class SatisfactionClassFilter(ListFilter):
    slug = "satisfaction"
    title = _("Satisfaction")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return [*((str(int(code)), name) for code, name in CLASSES.items()), (UNKNOWN, _("Not known"))]

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        known = AccountSatisfaction.objects.filter(satisfaction_class__gte=0)
        if value == UNKNOWN:
            return accounts.exclude(pk__in=known.values("account_id"))
        if value not in {str(int(code)) for code in CLASSES}:
            return accounts.none()
        return accounts.filter(pk__in=known.filter(satisfaction_class=int(value)).values("account_id"))


class SentimentFilter(ListFilter):
    slug = "sentiment"
    title = _("Mood")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return [
            ("negative", _("Negative mood")),
            ("falling", _("Getting worse")),
            ("positive", _("Positive mood")),
            (UNKNOWN, _("Not enough data")),
        ]

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        known = AccountSentiment.objects.exclude(index=None)
        if value == UNKNOWN:
            return accounts.exclude(pk__in=known.values("account_id"))
        narrowed = {
            "negative": known.filter(index__lt=index_of(BAD)),
            "positive": known.filter(index__gt=index_of(GOOD)),
            "falling": known.filter(trend=-1),
        }
        if value not in narrowed:
            return accounts.none()
        return accounts.filter(pk__in=narrowed[value].values("account_id"))

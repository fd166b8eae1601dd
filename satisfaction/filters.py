"""Filters of the account list by satisfaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from crm.panels import ListFilter
from satisfaction.models import AccountSatisfaction
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

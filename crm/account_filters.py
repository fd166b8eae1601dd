"""crm's own filters of the account list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _

from crm.access import SEES_EVERYTHING
from crm.models import Account, AccountKind, Territory, User
from crm.panels import ListFilter

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from crm.models.accounts import AccountQuerySet

NONE = "none"
MINE = "me"


def offered_territories(user: User) -> list[Territory]:
    """The territories a reader may choose among, in the order of the tree, in one query."""
    territories = Territory.objects.all()
    if user.role not in SEES_EVERYTHING:
        territories = territories.within(user.territory_paths)
    return tree_order(list(territories))


def tree_order(territories: list[Territory]) -> list[Territory]:
    """Parents before their children, siblings by name."""
    names = {territory.pk: str(territory) for territory in territories}

    def key(territory: Territory) -> list[str]:
        return [names.get(int(part), part) for part in territory.path.split(".") if part]

    return sorted(territories, key=key)


def indented(territory: Territory) -> str:
    return "\u2003" * territory.depth + str(territory)


class TerritoryFilter(ListFilter):
    slug = "territory"
    title = _("Territory")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        tree = [(str(territory.pk), indented(territory)) for territory in offered_territories(user)]
        return [*tree, (NONE, _("Without territory"))]

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        """A territory and everything below it."""
        if value == NONE:
            return accounts.filter(territory=None)
        path = Territory.objects.filter(pk=as_id(value)).values_list("path", flat=True).first()
        return accounts.filter(territory__in=Territory.objects.within([path] if path else []))


class OwnerFilter(ListFilter):
    slug = "owner"
    title = _("Sales rep")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        colleagues = User.objects.visible_to(user).exclude(pk=user.pk).order_by("last_name", "username")
        return [
            (MINE, _("My own")),
            *((str(colleague.pk), str(colleague)) for colleague in colleagues),
            (NONE, _("Nobody")),
        ]

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        if value == NONE:
            return accounts.filter(owner=None)
        return accounts.filter(owner=user.pk if value == MINE else as_id(value))


class KindFilter(ListFilter):
    slug = "kind"
    title = _("Kind")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return AccountKind.choices

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        return accounts.filter(kind=value)


class WordFilter(ListFilter):
    """One of the words that stand in a column of the visible accounts."""

    column: ClassVar[str]

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        words = Account.objects.visible_to(user).exclude(**{self.column: ""})
        distinct = words.order_by(self.column).values_list(self.column, flat=True).distinct()
        return [(word, word) for word in distinct]

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        return accounts.filter(**{self.column: value})


class CountryFilter(WordFilter):
    slug = column = "country"
    title = _("Country")


class RegionFilter(WordFilter):
    slug = column = "region"
    title = _("Province or state")


class IndustryFilter(WordFilter):
    slug = column = "industry"
    title = _("Industry")


def as_id(value: str) -> int:
    """0 is nobody's id: what is no number narrows to nothing."""
    return int(value) if value.isdecimal() and len(value) < 18 else 0

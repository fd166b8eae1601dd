"""Slots: what upper apps put on crm's pages. Classes named in settings by dotted path, in page order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django.http import QueryDict
    from django.utils.functional import _StrPromise
    from django.utils.safestring import SafeString

    from crm.models import Account, User, Visit
    from crm.models.accounts import AccountQuerySet


@dataclass(frozen=True)
class MenuGroup:
    slug: str
    title: str | _StrPromise
    icon: str


INSIGHT = MenuGroup("insight", _("Insight"), "chart-bar")
VALUE = MenuGroup("value", pgettext_lazy("menu", "Value"), "diamond")
ADMINISTRATION = MenuGroup("administration", _("Administration"), "settings")


class Panel:
    """A card on the account page. A lazy one is fetched by htmx after the page stands.

    The page draws the card and its header (icon, title); the template is what stands inside: a `card-body`, a list
    group or a table. `panel` and `account` are in its context beside what `get_context` returns.
    """

    slug: ClassVar[str]
    title: ClassVar[str | _StrPromise]
    icon: ClassVar[str] = "square"
    capability: ClassVar[str] = "view_accounts"
    template_name: ClassVar[str]
    lazy: ClassVar[bool] = False
    # The slug of the panel that this one is a part of: that one's template fetches it when the reader comes to it.
    within: ClassVar[str] = ""
    # "main" is the wide column, "side" the narrow one; a phone shows one column in the order of the slots.
    column: ClassVar[str] = "main"

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        """What the template needs. Costs a constant number of queries."""
        return {}


class ListColumn:
    """A column of the account list: annotates the queryset once, never queries per row.

    Columns of a slot are classes; those of further fields are made for each field.
    """

    slug: str
    title: str | _StrPromise
    # An annotation or field to sort by; "" where sorting makes no sense.
    sort: str = ""
    align: str = "start"
    # A phone shows the few columns that a rep decides by.
    on_phone: ClassVar[bool] = False
    # Shown only to whoever asks for it: a screen holds about ten columns.
    on_demand: ClassVar[bool] = False
    # Fields of the account that a cell reads beside what `annotate` adds: the page fetches no others.
    reads: ClassVar[tuple[str, ...]] = ()

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts

    def cell(self, account: Account) -> str:
        """What stands in the account's row, escaped where it is no SafeString.

        Put together in Python: hundreds of cells stand on a page, and a template for each cost more than all queries.
        """
        raise NotImplementedError

    def export_value(self, account: Account) -> Any:
        """The plain value for CSV and XLSX: text, number, date or None."""
        raise NotImplementedError


class ListFilter:
    """A filter of the account list, and the target of a dashboard's drill-down (?slug=value)."""

    slug: str
    title: str | _StrPromise
    # What the form of all filters shows: "select", "several" (boxes to tick), "number", "date" or "text".
    control: str = "select"

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return []

    def value_of(self, parameters: QueryDict) -> str:
        """What the address asks for; "" for nothing."""
        return parameters.get(self.slug, "")

    def words(self, value: str) -> str:
        """A value that is none of the choices in words: where a dashboard led."""
        return value

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        """Narrow the list; an unknown value narrows to nothing rather than being ignored."""
        raise NotImplementedError


class VisitMark:
    """Something another app knows about visits, shown beside what the rep entered."""

    def marks(self, visits: Sequence[Visit]) -> dict[int, SafeString]:
        """Ready to show, by the visit's id; a constant number of queries."""
        raise NotImplementedError


class HomeCard:
    """A card on the home page: as with panels, the page draws the card and its header, the template what is inside."""

    slug: ClassVar[str]
    title: ClassVar[str | _StrPromise]
    icon: ClassVar[str] = "square"
    capability: ClassVar[str] = "view_accounts"
    template_name: ClassVar[str]

    def get_context(self, *, user: User, today: dt.date) -> dict[str, Any]:
        return {}


class AccountPage:
    """A page of one account, shown as a tab. Its template extends crm/accounts/page.html."""

    slug: ClassVar[str]
    title: ClassVar[str | _StrPromise]
    icon: ClassVar[str]
    # Takes the account's pk.
    url_name: ClassVar[str]
    capability: ClassVar[str] = "view_accounts"


class NavigationEntry:
    """An entry of the main menu. Entries of one group share a drop-down."""

    title: ClassVar[str | _StrPromise]
    icon: ClassVar[str]
    url_name: ClassVar[str]
    capability: ClassVar[str] = "view_accounts"
    group: ClassVar[MenuGroup | None] = None


@dataclass(frozen=True)
class DayAction:
    """A button of an entry of "My day": it posts `fields` to `url` and comes back."""

    title: str | _StrPromise
    icon: str
    url: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DayItem:
    """One thing a person should see to."""

    account: Account
    # Why it stands here, in the reader's language: "12 days overdue".
    title: str
    url: str
    due_on: dt.date | None = None
    detail: str = ""
    # "bad" (late, at risk), "warn" (due), "" (good to know).
    tone: str = ""
    # Beside what every entry of an account offers: call, log a visit, plan one.
    actions: tuple[DayAction, ...] = ()


@dataclass(frozen=True)
class DayLink:
    """Where a source of "My day" leads on: all of its entries, a page that plans them."""

    title: str | _StrPromise
    icon: str
    url: str


class DaySource:
    """One kind of entry of "My day" and of the morning mail. A home card of the same slug gives way to it."""

    slug: ClassVar[str]
    title: ClassVar[str | _StrPromise]
    icon: ClassVar[str]
    capability: ClassVar[str] = "view_accounts"
    # How its accounts enter today's route: "fixed" are driven to, "wish" fill the room that is left, "" do not.
    route: ClassVar[str] = ""

    def items(self, *, user: User, today: dt.date) -> list[DayItem]:
        """The most urgent first, only of accounts the user may see. A constant number of queries."""
        raise NotImplementedError

    def links(self, *, user: User) -> Sequence[DayLink]:
        """Below the entries, also where there are none. No query."""
        return ()


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened with an account. The title is in the reader's language."""

    at: dt.datetime
    title: str
    icon: str
    text: str = ""
    url: str = ""
    tone: str = ""
    who: str = ""


class TimelineSource:
    """One kind of entry of an account's timeline."""

    slug: ClassVar[str]
    title: ClassVar[str | _StrPromise]
    capability: ClassVar[str] = "view_accounts"

    def entries(self, *, account: Account, user: User, before: dt.datetime, most: int) -> list[TimelineEntry]:
        """At most `most` entries strictly before `before`, newest first. A constant number of queries."""
        raise NotImplementedError


@cache
def _load(paths: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(import_string(path)() for path in paths)


def load(setting: str) -> tuple[Any, ...]:
    """The contributions named by a setting, in its order."""
    return _load(tuple(getattr(settings, setting)))


def permitted(setting: str, user: User) -> list[Any]:
    return [entry for entry in load(setting) if user.can(entry.capability)]

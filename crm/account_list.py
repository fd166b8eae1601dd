"""The account list as the address asks for it: search, filters, columns, order. Page and export share it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.http import QueryDict
from django.utils.translation import gettext as _

from crm.models import Account
from crm.panels import ListColumn, ListFilter, load

if TYPE_CHECKING:
    from crm.models import User
    from crm.models.accounts import AccountQuerySet

NAME = "name"
CHUNK = 2000


@dataclass(frozen=True)
class ActiveFilter:
    """A filter in force, in words, and the query string without it."""

    title: Any
    label: Any
    query: str


@dataclass(frozen=True)
class Heading:
    """A column's head: its title and, where it sorts, the query string that a click leads to."""

    title: Any
    align: str
    query: str
    direction: str


@dataclass(frozen=True)
class AccountList:
    user: User
    parameters: QueryDict

    @property
    def text(self) -> str:
        return self.parameters.get("q", "").strip()

    @cached_property
    def filters(self) -> list[tuple[ListFilter, str]]:
        """Those that the address names, with their values."""
        found = ((entry, self.parameters.get(entry.slug, "")) for entry in load("CRM_ACCOUNT_FILTERS"))
        return [(entry, value) for entry, value in found if value]

    @property
    def columns(self) -> tuple[ListColumn, ...]:
        return load("CRM_ACCOUNT_COLUMNS")

    @property
    def sort(self) -> str:
        return self.parameters.get("sort", "")

    def accounts(self) -> AccountQuerySet:
        """Visible, narrowed and ordered. Costs a query only for a search text."""
        accounts = Account.objects.visible_to(self.user)
        for entry, value in self.filters:
            accounts = entry.apply(accounts, value, self.user)
        for column in self.columns:
            accounts = column.annotate(accounts)
        if self.text:
            accounts = accounts.matching(self.text)
        return self._ordered(accounts)

    def _ordered(self, accounts: AccountQuerySet) -> AccountQuerySet:
        slug = self.sort.removeprefix("-")
        field = {NAME: "sort_name"} | {column.slug: column.sort for column in self.columns if column.sort}
        if slug not in field:
            return accounts if self.text else accounts.order_by("sort_name", "pk")
        order = F(field[slug])
        # What is missing comes last in either direction.
        first = order.desc(nulls_last=True) if self.sort.startswith("-") else order.asc(nulls_last=True)
        return accounts.order_by(first, "sort_name", "pk")

    def active_filters(self) -> list[ActiveFilter]:
        active = []
        for entry, value in self.filters:
            labels = {str(key): label for key, label in entry.choices(self.user)}
            label = str(labels.get(value, value)).strip()
            active.append(ActiveFilter(entry.title, label, self.query(**{entry.slug: None})))
        return active

    def headings(self) -> list[Heading]:
        columns: list[tuple[str, Any, bool, str]] = [(NAME, _("Name"), True, "start")]
        columns += [(column.slug, column.title, bool(column.sort), column.align) for column in self.columns]
        return [self._heading(*column) for column in columns]

    def _heading(self, slug: str, title: Any, sortable: bool, align: str) -> Heading:
        if not sortable:
            return Heading(title, align, "", "")
        in_force = self.sort.removeprefix("-") == slug or (slug == NAME and not self.sort and not self.text)
        falling = self.sort.startswith("-")
        # Figures are asked for from the top, names from A.
        first = slug if align == "start" else f"-{slug}"
        other = slug if falling else f"-{slug}"
        direction = ("descending" if falling else "ascending") if in_force else ""
        return Heading(title, align, self.query(sort=other if in_force else first), direction)

    def query(self, **changes: str | None) -> str:
        """The address's own parameters, some changed, without the page number."""
        parameters = self.parameters.copy()
        parameters.pop("page", None)
        for key, value in changes.items():
            if value is None:
                parameters.pop(key, None)
            else:
                parameters[key] = value
        return parameters.urlencode()

    def export_headers(self) -> list[Any]:
        names = [_("Account number"), _("Name"), _("English name"), _("Kind")]
        places = [_("Country"), _("Province or state"), _("City"), _("Phone")]
        return [*names, *places, *(column.title for column in self.columns)]

    def export_rows(self) -> Iterator[list[Any]]:
        for account in self.accounts().iterator(chunk_size=CHUNK):
            own = [account.number, account.name, account.english_name, account.get_kind_display()]
            place = [account.country, account.region, account.city, account.phone]
            yield [*own, *place, *(column.export_value(account) for column in self.columns)]

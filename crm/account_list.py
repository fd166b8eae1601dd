"""The account list as the address asks for it: search, filters, columns, order. Page and export share it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page
from django.db.models import F
from django.http import QueryDict
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from crm.addresses import changed_query
from crm.custom_fields import listing as further
from crm.custom_fields.values import offered
from crm.models import Account
from crm.paging import CappedPaginator
from crm.panels import ListColumn, ListFilter, load
from crm.search import name_order

if TYPE_CHECKING:
    from crm.models import CustomField, User
    from crm.models.accounts import AccountQuerySet

NAME = "name"
COLUMNS = "columns"
CHUNK = 2000
# What the name's cell reads.
NAMED = ("name", "english_name", "number", "city", "kind")


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
        entries = [*load("CRM_ACCOUNT_FILTERS")]
        if any(further.is_further(key) and value for key, value in self.parameters.items()):
            entries += further.filters_named(self.further_fields, self.parameters)
        found = ((entry, entry.value_of(self.parameters)) for entry in entries)
        return [(entry, value) for entry, value in found if value]

    @cached_property
    def further_fields(self) -> list[CustomField]:
        """The further fields in use. Only a list that asks for one pays for this query."""
        return offered()

    @cached_property
    def chosen(self) -> list[str]:
        """The columns that the address names."""
        return self.parameters.getlist(COLUMNS)

    @cached_property
    def columns(self) -> tuple[ListColumn, ...]:
        """Those asked for, else the usual ones; and always the one that the list is sorted by."""
        sort = self.sort.removeprefix("-")
        asked = any(map(further.is_further, [*self.chosen, sort]))
        return tuple(
            column
            for column in (self.all_columns if asked else load("CRM_ACCOUNT_COLUMNS"))
            if column.slug == sort or (column.slug in self.chosen if self.chosen else not column.on_demand)
        )

    @cached_property
    def all_columns(self) -> tuple[ListColumn, ...]:
        return (*load("CRM_ACCOUNT_COLUMNS"), *further.columns_of(self.further_fields))

    def column_choices(self) -> list[tuple[ListColumn, bool]]:
        """Every column of a slot, and whether it is shown."""
        return [(column, column in self.columns) for column in load("CRM_ACCOUNT_COLUMNS")]

    def further_shown(self) -> list[tuple[ListColumn, bool]]:
        """The further fields among the columns: the choice of columns has them before all others are fetched."""
        return [(column, True) for column in self.columns if further.is_further(column.slug)]

    def further_choices(self) -> list[tuple[ListColumn, bool]]:
        """Every further field in use, and whether it is shown."""
        return [
            (column, column in self.columns) for column in self.all_columns if further.is_further(column.slug)
        ]

    def kept_beside_columns(self) -> list[tuple[str, str]]:
        """What a choice of columns leaves as it is."""
        apart = (COLUMNS, "page")
        return [
            (key, value) for key, values in self.parameters.lists() if key not in apart for value in values
        ]

    @property
    def sort(self) -> str:
        return self.parameters.get("sort", "")

    @property
    def falling(self) -> bool:
        return self.sort.startswith("-")

    @cached_property
    def sort_column(self) -> ListColumn | None:
        """The figure to sort by; None for the name, and where a search ranks what it found."""
        slug = self.sort.removeprefix("-")
        return next((column for column in self.columns if column.sort and column.slug == slug), None)

    @cached_property
    def found(self) -> AccountQuerySet:
        """Visible and narrowed, best first where there is a search text: only that costs a query."""
        accounts = Account.objects.visible_to(self.user)
        for entry, value in self.filters:
            accounts = entry.apply(accounts, value, self.user)
        return accounts.matching(self.text) if self.text else accounts

    def _by_name(self, accounts: AccountQuerySet) -> AccountQuerySet:
        if self.text and self.sort.removeprefix("-") != NAME:
            return accounts
        name = name_order()
        return accounts.order_by(name.desc() if self.sort == f"-{NAME}" else name, "pk")

    def accounts(self) -> AccountQuerySet:
        """All of them with the columns' figures, in order: for the export, which reads them as a stream."""
        accounts = self.found
        for column in self.export_columns:
            accounts = column.annotate(accounts)
        if self.sort_column is None:
            return self._by_name(accounts)
        order = F(self.sort_column.sort)
        # What is missing comes last in either direction.
        first = order.desc(nulls_last=True) if self.falling else order.asc(nulls_last=True)
        return accounts.order_by(first, name_order(), "pk")

    def page(self, number: Any) -> Page[Account]:
        return CappedPaginator(self.found, fetch=self.rows).get_page(number)

    def rows(self, first: int, last: int) -> list[Account]:
        """First which accounts stand on the page, then the figures of those alone, whatever the size of the base."""
        ids = self._ids(first, last)
        accounts = Account.objects.filter(pk__in=ids)
        accounts = accounts.only(*NAMED, *(field for column in self.columns for field in column.reads))
        for column in self.columns:
            accounts = column.annotate(accounts)
        rows = accounts.in_bulk()
        return [rows[pk] for pk in ids if pk in rows]

    def _ids(self, first: int, last: int) -> list[int]:
        column = self.sort_column
        if column is None:
            return list(self._by_name(self.found).values_list("pk", flat=True)[first:last])
        # Those with a figure by its index, those without after them by name: one order for both, with what is missing
        # last, would have to sort everything.
        accounts = column.annotate(self.found)
        order = F(column.sort)
        known = accounts.filter(**{f"{column.sort}__isnull": False}).order_by(
            order.desc() if self.falling else order.asc(), name_order(), "pk"
        )
        ids = list(known.values_list("pk", flat=True)[first:last])
        if len(ids) < last - first:
            before = first + len(ids) if ids or not first else known.count()
            missing = accounts.filter(**{f"{column.sort}__isnull": True}).order_by(name_order(), "pk")
            start, end = max(first - before, 0), last - before
            ids += missing.values_list("pk", flat=True)[start:end]
        return ids

    @cached_property
    def _cells(self) -> list[tuple[ListColumn, SafeString]]:
        """The columns with the tag that begins each of their cells."""
        tag = '<td class="text-{}{}" data-label="{}">'
        hidden = " not-on-phone"
        return [
            (column, format_html(tag, column.align, "" if column.on_phone else hidden, column.title))
            for column in self.columns
        ]

    def cells(self, account: Account) -> SafeString:
        """The account's row after its name."""
        cells = (f"{tag}{conditional_escape(column.cell(account))}</td>" for column, tag in self._cells)
        return mark_safe("".join(cells))  # noqa: S308  (every part is escaped)

    def active_filters(self) -> list[ActiveFilter]:
        active = []
        for entry, value in self.filters:
            labels = {str(key): label for key, label in entry.choices(self.user)}
            label = str(labels[value] if value in labels else entry.words(value)).strip()
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
        # Figures are asked for from the top, names from A.
        first = slug if align == "start" else f"-{slug}"
        other = slug if self.falling else f"-{slug}"
        direction = ("descending" if self.falling else "ascending") if in_force else ""
        return Heading(title, align, self.query(sort=other if in_force else first), direction)

    def query(self, **changes: str | None) -> str:
        """The address's own parameters, some changed, without the page number."""
        return changed_query(self.parameters, **changes)

    @property
    def export_columns(self) -> tuple[ListColumn, ...]:
        """A file has room for all."""
        return self.columns if self.chosen else self.all_columns

    def export_headers(self) -> list[Any]:
        names = [_("Account number"), _("Name"), _("English name"), _("Kind")]
        places = [_("Country"), _("Province or state"), _("City"), _("Phone")]
        return [*names, *places, *(column.title for column in self.export_columns)]

    def export_rows(self) -> Iterator[list[Any]]:
        for account in self.accounts().iterator(chunk_size=CHUNK):
            own = [account.number, account.name, account.english_name, account.get_kind_display()]
            place = [account.country, account.region, account.city, account.phone]
            yield [*own, *place, *(column.export_value(account) for column in self.export_columns)]

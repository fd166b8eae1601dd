"""One question to everything: accounts, people, visits, opportunities. For the dialog, so every step is bounded.

A word may stand in one row or in half of them, and the reader may see ten rows or all. Neither may make the answer
slow: each step takes a limited number of rows from an index, the best of them are chosen here, and readers who see
little are asked from their side ("which of my thousand accounts") rather than from the word's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.db.models import Prefetch, Q, QuerySet

from crm.access import SEES_EVERYTHING
from crm.models import Account, Contact, Opportunity, Position, User, Visit
from crm.search.matching import Guess, as_it_sounds, as_it_stands, contains, query_of
from crm.search.text import HAN, WORD, pairs

# Rows that one step looks at.
LOOKED_AT = 300
# Readers with fewer accounts than this are asked from their side.
FEW_ACCOUNTS = 2000
MANY_FOR_SECONDS = 300
# The newest visits are read through before the index is asked for a word that may stand in every other note.
NEWEST = 4000
VISITS_LOOKED_AT = 1500
OF_BEST_ACCOUNT = 3
LONGEST_PERSON = 4


@dataclass
class Found:
    text: str
    query: str
    accounts: list[Account] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    opportunities: list[Opportunity] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    # Nothing stood as it was typed: these resemble it.
    guessed: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.accounts or self.contacts or self.opportunities or self.visits)


class Sight:
    """What the reader may see, in the form that is cheapest to ask for."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.everything = user.is_active and user.role in SEES_EVERYTHING

    @cached_property
    def visible(self) -> QuerySet[Account]:
        return Account.objects.visible_to(self.user)

    @cached_property
    def ids(self) -> list[int] | None:
        """All visible accounts where they are few; None where they are many.

        Whether they are few is remembered for minutes: it decides the way, never what is found.
        """
        key = f"search-sees-many:{self.user.pk}"
        if self.everything or cache.get(key):
            return None
        found = list(self.visible.values_list("pk", flat=True)[: FEW_ACCOUNTS + 1])
        if len(found) <= FEW_ACCOUNTS:
            return found
        cache.set(key, True, MANY_FOR_SECONDS)
        return None

    @cached_property
    def accounts(self) -> QuerySet[Account]:
        return self.visible if self.ids is None else among(Account.objects.all(), "id", self.ids)

    @cached_property
    def contacts(self) -> QuerySet[Contact]:
        """People to look through. Only those of `seen_contacts` may be shown."""
        if self.ids is None:
            return Contact.objects.all()
        here = among(Position.objects.all(), "account_id", self.ids).values_list("contact", flat=True)
        return among(Contact.objects.all(), "id", sorted(set(here)))

    def seen_contacts(self, ids: Iterable[int]) -> set[int]:
        """Those who hold a position at an account in sight."""
        positions = self.records(among(Position.objects.all(), "contact_id", list(ids)))
        return set(positions.values_list("contact", flat=True))

    def records(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Rows that hang on an account in sight."""
        if self.everything:
            return rows.filter(account__merged_into=None)
        return (
            rows.filter(account__in=self.visible) if self.ids is None else among(rows, "account_id", self.ids)
        )


def among(rows: QuerySet[Any], column: str, ids: list[int]) -> QuerySet[Any]:
    """One array instead of a thousand parameters: PostgreSQL and Django both read it faster."""
    table = rows.model._meta.db_table
    return rows.extra(where=[f'"{table}"."{column}" = ANY(%s)'], params=[ids])  # noqa: S610  (our own names)


def everywhere(user: User, text: str, most: int) -> Found:
    """At most `most` of each kind, best first: as it stands, else as it sounds, else what resembles it."""
    query = query_of(text)
    found = Found(text, query)
    if not query:
        return found
    sight = Sight(user)
    ranked = _Ranked(sight, query, most)
    stands, sounds = as_it_stands(query), as_it_sounds(query)
    if sounds is not None and sight.ids is not None:
        # Few rows: both are asked for at once, and told apart here.
        ranked.fill(found, stands | sounds, prefer=_stands)
    else:
        ranked.fill(found, stands)
        if sounds is not None and not (found.accounts or found.contacts or found.opportunities):
            ranked.fill(found, sounds)
    found.visits = _visits(sight, query, most)
    if found.is_empty:
        ranked.resemble(found)
        found.guessed = not found.is_empty
    if not found.visits and found.accounts:
        latest = Visit.objects.filter(account=found.accounts[0]).order_by("-happened_at", "-pk")
        found.visits = list(latest.select_related("account", "user")[:OF_BEST_ACCOUNT])
    return found


def _stands(query: str, line: str) -> bool:
    """Whether the line has the words themselves, not only their sound."""
    return all((f" {' '.join(word)} " if HAN.match(word) else word) in line for word in WORD.findall(query))


def _narrower(query: str) -> list[Q]:
    """Where a word stands in too many rows to look at them all: those first that have it whole, or at a beginning."""
    if WORD.fullmatch(query) and not HAN.match(query):
        return [Q(search_text__contains=f" {query} "), Q(search_text__contains=f" {query}")]
    return [Q(search_text__startswith=f" {query}")]


class _Ranked:
    """Accounts, people and opportunities: rows with a line of names."""

    def __init__(self, sight: Sight, query: str, most: int) -> None:
        self.sight, self.query, self.most = sight, query, most

    @cached_property
    def sources(self) -> dict[str, QuerySet[Any]]:
        return {
            "accounts": self.sight.accounts,
            "contacts": self.sight.contacts,
            "opportunities": self.sight.records(Opportunity.objects.all()),
        }

    def fill(self, found: Found, condition: Q, prefer: Callable[[str, str], bool] | None = None) -> None:
        """With `prefer`: where any line passes it, only those that do."""
        lines = {name: self._lines(rows, condition) for name, rows in self.sources.items()}
        if prefer is not None and any(
            prefer(self.query, line) for rows in lines.values() for _pk, line in rows
        ):
            lines = {
                name: [row for row in rows if prefer(self.query, row[1])] for name, rows in lines.items()
            }
        for name, rows in lines.items():
            self._load(found, name, self._seen(name, [pk for pk, _line in sorted(rows, key=self._order)]))

    def resemble(self, found: Found) -> None:
        guess = Guess(self.query)
        # Nobody's name has more characters than this.
        too_long_for_a_person = HAN.match(self.query) and len(self.query) > LONGEST_PERSON
        for name, rows in self.sources.items():
            if name == "contacts" and too_long_for_a_person:
                continue
            self._load(found, name, self._seen(name, guess.ids(rows)))

    def _seen(self, name: str, ids: list[int]) -> list[int]:
        """The best of those in sight: people are looked up first and asked for their places of work afterwards."""
        if ids and name == "contacts":
            seen = self.sight.seen_contacts(ids)
            ids = [pk for pk in ids if pk in seen]
        return ids[: self.most]

    def _lines(self, rows: QuerySet[Any], condition: Q) -> list[tuple[int, str]]:
        best = dict(_lines(rows.filter(condition)))
        if len(best) == LOOKED_AT:
            for narrower in _narrower(self.query):
                best |= dict(_lines(rows.filter(narrower)))
        return list(best.items())

    def _order(self, row: tuple[int, str]) -> tuple[bool, bool, bool, int, int]:
        """Whole words, names that begin with it, words that begin with it, short lines."""
        (pk, line), query = row, self.query
        beginning = line.startswith(f" {query}")
        return f" {query} " not in line, not beginning, f" {query}" not in line, len(line), pk

    def _load(self, found: Found, name: str, ids: list[int]) -> None:
        if not ids:
            return
        rows: QuerySet[Any]
        if name == "accounts":
            rows = Account.objects.select_related("owner")
        elif name == "contacts":
            # People are found also through their other accounts, but only those in sight are named.
            here = self.sight.records(Position.objects.filter(left_on=None)).select_related("account")
            rows = Contact.objects.prefetch_related(Prefetch("positions", here, to_attr="known_positions"))
        else:
            rows = Opportunity.objects.select_related("account", "stage")
        by_id = rows.in_bulk(ids)
        setattr(found, name, [by_id[pk] for pk in ids if pk in by_id])


def _lines(rows: QuerySet[Any]) -> list[tuple[int, str]]:
    return list(rows.order_by().values_list("pk", "search_text")[:LOOKED_AT])


def _visits(sight: Sight, query: str, most: int) -> list[Visit]:
    """The newest whose purpose, note, next step or news hold all the words."""
    condition = Q()
    for word in WORD.findall(query):
        condition &= Q(search_text__contains=_in_prose(word)) if HAN.match(word) else contains(word)
    if len(query) < 2 and not HAN.match(query):
        return []
    rows = sight.records(Visit.objects.all())
    if sight.ids is not None:
        ids = list(rows.filter(condition).order_by("-happened_at", "-pk").values_list("pk", flat=True)[:most])
        return _visits_of(ids)
    newest = Visit.objects.order_by("-pk").values("pk")[:NEWEST]
    ids = list(rows.filter(pk__in=newest).filter(condition).values_list("pk", flat=True)[: most * 4])
    if len(ids) < most:
        # Rare enough for the index: whatever it finds is sorted here.
        found = rows.filter(condition).order_by().values_list("happened_at", "pk")[:VISITS_LOOKED_AT]
        ids = [pk for _when, pk in sorted(found, reverse=True)[:most]]
    return _visits_of(ids)[:most]


def _in_prose(run: str) -> str:
    """As crm.search.text.prose writes it: a pair stands whole, a single character begins one."""
    return f" {run}" if len(run) == 1 else f" {' '.join(pairs(run)[:-1])} "


def _visits_of(ids: list[int]) -> list[Visit]:
    return list(
        Visit.objects.filter(pk__in=ids).select_related("account", "user").order_by("-happened_at", "-pk")
    )

"""Rows that match a search text, as a queryset: for lists, which filter, page and export what was found.

Three attempts, each only where the one before found nothing: the words as they stand, then what sounds the same, then
the words of the dictionary that were probably meant (crm.search.words).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from django.db.models import Case, F, FloatField, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from crm.models.accounts import ENGLISH_ORDER
from crm.models.naming import reads_chinese
from crm.scoring.resemblance import edits_allowed, part_distances
from crm.search.text import HAN, WORD, fold, pinyin_of
from crm.search.words import corrections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.models.accounts import AccountQuerySet
    from crm.models.contacts import ContactQuerySet

Rows = TypeVar("Rows", bound="QuerySet[Any]")

LONGEST_QUERY = 80
# Of what resembles the query so many rows are looked at closely, and so many shown.
CANDIDATES = 200
RESEMBLING_SHOWN = 50
MOST_CHARACTERS = 8


def name_order() -> F | Lower:
    """What to order accounts by for the reader of the language in force: by the name that `str(account)` shows.

    The order by English names has an index of its own (`account_english_order`), written the same way.
    """
    if reads_chinese():
        return F("sort_name")
    return ENGLISH_ORDER


def matching_accounts(accounts: AccountQuerySet, text: str) -> AccountQuerySet:
    """Best first; `relevance` is left on the rows. No text: everything."""
    return _matching(accounts, text, "sort_name")


def matching_contacts(contacts: ContactQuerySet, text: str) -> ContactQuerySet:
    return _matching(contacts, text, "name")


def query_of(text: str) -> str:
    return fold(text)[:LONGEST_QUERY].strip()


def _matching(rows: Rows, text: str, order: str) -> Rows:
    query = query_of(text)
    if not query:
        return rows.annotate(relevance=Value(0.0, output_field=FloatField()))
    for attempt in (as_it_stands(query), as_it_sounds(query)):
        if attempt is not None:
            found = rows.filter(attempt)
            if found.exists():
                return _ranked(found, query, order)
    best = Guess(query).ids(rows)[:RESEMBLING_SHOWN]
    relevance = Case(
        *(When(pk=pk, then=Value(1 - place / 100)) for place, pk in enumerate(best)),
        default=Value(0.0),
        output_field=FloatField(),
    )
    return rows.filter(pk__in=best).annotate(relevance=relevance).order_by(F("relevance").desc(), order, "pk")


def as_it_stands(query: str) -> Q:
    """All words somewhere in the line; or the query with its blanks left out; or its digits as a phone number."""
    condition = Q()
    for word in WORD.findall(query):
        condition &= contains(word)
    compact = query.replace(" ", "")
    if compact != query and len(compact) >= 3 and not HAN.search(compact):
        condition |= Q(search_text__contains=compact)
    digits = re.sub(r"\D", "", query)
    if len(digits) >= 5 and not re.search(r"[^\d\s()+./-]", query):
        # However it is written: with or without the country's or the town's prefix.
        condition |= Q(search_text__contains=digits.lstrip("0"))
        if len(digits) > 9:
            condition |= Q(search_text__contains=digits[-8:])
    return condition


def as_it_sounds(query: str) -> Q | None:
    """Other characters of the same sound; None where there are no characters."""
    return Q(search_text__contains=pinyin_of(query)) if HAN.search(query) else None


def contains(word: str) -> Q:
    if HAN.match(word):
        return Q(search_text__contains=f" {' '.join(word)} ")
    # One or two letters anywhere would be anything; at the beginning of a word they mean something.
    return Q(search_text__contains=word if len(word) >= 3 else f" {word}")


def _ranked(rows: Rows, query: str, order: str) -> Rows:
    relevance = Case(
        When(search_text__startswith=f" {query}", then=Value(3.0)),
        When(search_text__contains=f" {query}", then=Value(2.5)),
        default=Value(2.0),
        output_field=FloatField(),
    )
    return rows.annotate(relevance=relevance).order_by(F("relevance").desc(), order, "pk")


@dataclass(frozen=True)
class _Words:
    """All of these words must be there, or one that each was probably meant for."""

    words: tuple[str, ...]
    condition: Q
    most_edits: int = 3

    def nearest(self, lines: Sequence[str]) -> list[int]:
        """Places of the lines that resemble the words, nearest first."""
        typed = [word for word in self.words if edits_allowed(len(word))]
        if not lines or not typed:
            return []
        edits = np.array([part_distances(word, lines) for word in typed])
        allowed = np.array([[min(edits_allowed(len(word)), self.most_edits)] for word in typed])
        alike = np.flatnonzero(np.all(edits <= allowed, axis=0))
        # Fewest edits first; among equals whoever has the words side by side, at the beginning of a word.
        whole = part_distances(f" {' '.join(self.words)}", [lines[int(place)] for place in alike])
        order = np.lexsort((whole, edits[:, alike].sum(axis=0)))
        return [int(place) for place in alike[order]]


class Guess:
    """What a query may have been meant for. The dictionary is asked once, however many kinds of rows follow."""

    def __init__(self, query: str) -> None:
        self.query = query

    def ids(self, rows: QuerySet[Any]) -> list[int]:
        """Ids of rows that a slip of the finger explains, nearest first. `rows` have a `search_text`."""
        if (wrong := self._one_character_wrong) is not None and (found := _lines(rows, wrong)):
            near = part_distances(self.query, [line for _pk, line in found])
            return [found[place][0] for place in np.argsort(near, kind="stable").tolist()]
        for attempt in self._attempts:
            found = _lines(rows, attempt.condition)
            places = attempt.nearest([line for _pk, line in found])
            if places:
                return [found[place][0] for place in places]
        return []

    @cached_property
    def _one_character_wrong(self) -> Q | None:
        """东万轴承: all characters but one, in their order, where it has a few. Longer ones are told by their sound."""
        run = "".join(WORD.findall(self.query))
        if not 3 <= len(run) <= MOST_CHARACTERS or not all(map(HAN.match, run)):
            return None
        condition = Q()
        for place in range(len(run)):
            anywhere = Q()
            for part in (run[:place], run[place + 1 :]):
                anywhere &= contains(part) if part else Q()
            condition |= anywhere
        return condition

    @cached_property
    def _attempts(self) -> list[_Words]:
        if HAN.search(self.query):
            # Characters are chosen one by one: their sound is hardly off by more than a letter.
            attempts = [_meant((pinyin_of(self.query),), most_edits=1)]
        else:
            words = tuple(self.query.split())
            attempts = [_meant(words)]
            if len(words) > 1:
                attempts.append(_meant(("".join(words),)))
        return [attempt for attempt in attempts if attempt is not None]


def _meant(words: tuple[str, ...], most_edits: int = 3) -> _Words | None:
    """None where the dictionary knows no other spelling."""
    condition, other = Q(), False
    for word in words:
        either = contains(word)
        if word.isalpha() and edits_allowed(len(word)):
            spellings = corrections(word)
            other |= bool(spellings)
            for spelling in spellings:
                either |= Q(search_text__contains=spelling)
        condition &= either
    return _Words(words, condition, most_edits) if other else None


def _lines(rows: QuerySet[Any], condition: Q) -> list[tuple[int, str]]:
    return list(rows.filter(condition).order_by().values_list("pk", "search_text")[:CANDIDATES])

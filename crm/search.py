"""Search by name in either script: 东方轴承 is found by "dongfang", "dfzc", "東方軸承", 东放轴承 or "dongfnag".

Every row keeps one line, `search_text`, under a trigram index. Three attempts, each only where the one before found
nothing: the words as they stand, then what sounds the same, then what resembles it (a slip of the finger).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connections, transaction
from django.db.models import Case, F, FloatField, Model, Q, QuerySet, Value, When
from django.db.models.functions import Lower
from django.utils.translation import get_language
from opencc import OpenCC
from pypinyin import Style, lazy_pinyin

from crm.models.accounts import ENGLISH_ORDER
from crm.scoring.resemblance import edits_allowed, part_distances

if TYPE_CHECKING:
    from crm.models.accounts import Account, AccountQuerySet
    from crm.models.contacts import Contact, ContactQuerySet
    from crm.models.opportunities import Opportunity

Rows = TypeVar("Rows", bound="QuerySet[Any]")

HAN_CLASS = "㐀-鿿"
HAN = re.compile(f"[{HAN_CLASS}]")
HAN_RUN = re.compile(f"[{HAN_CLASS}]+")
WORD = re.compile(f"[{HAN_CLASS}]+|[^\\s{HAN_CLASS}]+")
LONGEST_QUERY = 80
# What the index hands over for a closer look: "dnogfang" against "dongfang" scores 0.33, a slip in the middle of a
# short word spoils more of it: "nignbo" against "ningbo" 0.27.
CANDIDATE_SIMILARITY = 0.32
CANDIDATE_SIMILARITY_SHORT = 0.24
SHORT = 7
CANDIDATES = 400
RESEMBLING_SHOWN = 50

_to_simplified = OpenCC("t2s").convert


def fold(text: str) -> str:
    """Lower case, simplified characters, single blanks: both sides of every comparison go through here."""
    plain = text.replace("\0", "")
    if HAN.search(plain):
        plain = _to_simplified(plain)
    return " ".join(plain.lower().split())


def _letters(rest: str) -> list[str]:
    return list(rest.lower())


@lru_cache(maxsize=4096)
def _syllables(text: str) -> tuple[str, ...]:
    """One a character for Chinese, letter by letter for the rest."""
    return tuple(lazy_pinyin(text, style=Style.NORMAL, errors=_letters))  # type: ignore[arg-type]


def pinyin_of(text: str) -> str:
    """Run together, as people type it; brackets, dots and blanks left out."""
    return "".join(syllable for syllable in _syllables(text) if syllable.isalnum())


def pinyin_forms(name: str) -> list[str]:
    """Full pinyin, initials, and the characters one by one of a Chinese name; nothing for others.

    The single characters let the trigram index find a name by one or two characters.
    """
    if not HAN.search(name):
        return []
    initials = "".join(syllable[0] for syllable in _syllables(name) if syllable.isalnum())
    spaced = " ".join(character for run in HAN_RUN.findall(name) for character in run)
    return [pinyin_of(name), initials, spaced]


def searchable(names: list[str], others: list[str]) -> str:
    """The line to search in: every name, its pinyin and initials, then numbers and phones (digits run together).

    Begins and ends with a blank, so that " x" finds the beginning of any word.
    """
    parts: list[str] = []
    for name in names:
        if name:
            parts += [fold(name), *pinyin_forms(fold(name))]
    for other in others:
        if other:
            parts.append(fold(other))
            digits = re.sub(r"\D", "", other)
            if len(digits) >= 5 and digits != other:
                parts.append(digits)
    line = " ".join(dict.fromkeys(parts))
    return f" {line} " if line else ""


def search_text_of(account: Account) -> str:
    return searchable(
        [account.name, account.short_name, account.english_name, account.former_name],
        [account.number, account.registration_number, account.phone, account.city],
    )


def search_text_of_contact(contact: Contact) -> str:
    return searchable(
        [contact.name, contact.english_name],
        [contact.phone, contact.mobile, contact.email, contact.wechat],
    )


def search_text_of_opportunity(opportunity: Opportunity) -> str:
    return searchable([opportunity.name], [])


def sort_name_of(name: str) -> str:
    """Pinyin for Chinese names, so that a list reads A to Z in both languages."""
    folded = fold(name)
    if not HAN.search(folded):
        return folded[:255]
    return " ".join(lazy_pinyin(folded))[:255]


def name_order() -> F | Lower:
    """What to order accounts by for the reader of the language in force: by the name that `str(account)` shows.

    The order by English names has an index of its own (`account_english_order`), written the same way.
    """
    if (get_language() or "").startswith("zh"):
        return F("sort_name")
    return ENGLISH_ORDER


def matching_accounts(accounts: AccountQuerySet, text: str) -> AccountQuerySet:
    """Best first; `relevance` is left on the rows. No text: everything."""
    return _matching(accounts, text, "sort_name")


def matching_contacts(contacts: ContactQuerySet, text: str) -> ContactQuerySet:
    return _matching(contacts, text, "name")


def _matching(rows: Rows, text: str, order: str) -> Rows:
    query = fold(text)[:LONGEST_QUERY].strip()
    if not query:
        return rows.annotate(relevance=Value(0.0, output_field=FloatField()))
    attempts = [_as_it_stands(query)]
    if HAN.search(query):
        attempts.append(Q(search_text__contains=pinyin_of(query)))
    for attempt in attempts:
        found = rows.filter(attempt)
        if found.exists():
            return _ranked(found, query, order)
    return _resembling(rows, query, order)


def _as_it_stands(query: str) -> Q:
    """All words somewhere in the line; or the query with its blanks left out; or its digits as a phone number."""
    condition = Q()
    for word in WORD.findall(query):
        condition &= _contains(word)
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


def _contains(word: str) -> Q:
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


def _resembling(rows: Rows, query: str, order: str) -> Rows:
    """The index proposes what shares trigrams with the query; edit distance decides and ranks."""
    spelling = pinyin_of(query) if HAN.search(query) else query
    words = [word for word in spelling.split() if edits_allowed(len(word))]
    if not words:
        return rows.none().annotate(relevance=Value(0.0, output_field=FloatField()))
    proposed = _proposed(rows, spelling)
    lines = [line for _pk, line in proposed]
    edits = np.array([part_distances(word, lines) for word in words])
    allowed = np.array([[edits_allowed(len(word))] for word in words])
    alike = np.all(edits <= allowed, axis=0)
    # Fewest edits first; among equals whoever has the words side by side, at the beginning of a word.
    nearest = np.lexsort((part_distances(f" {spelling}", lines), edits.sum(axis=0)))
    best = [proposed[place][0] for place in nearest if alike[place]][:RESEMBLING_SHOWN]
    relevance = Case(
        *(When(pk=pk, then=Value(1 - place / 100)) for place, pk in enumerate(best)),
        default=Value(0.0),
        output_field=FloatField(),
    )
    return rows.filter(pk__in=best).annotate(relevance=relevance).order_by(F("relevance").desc(), order, "pk")


def _proposed(rows: QuerySet[Model], spelling: str) -> list[tuple[int, str]]:
    """Rows by trigram resemblance, nearest first. The threshold holds for this one statement only."""
    similarity = TrigramWordSimilarity(spelling, "search_text")
    candidates = (
        rows.filter(search_text__trigram_word_similar=spelling)
        .order_by(similarity.desc(), "pk")
        .values_list("pk", "search_text")[:CANDIDATES]
    )
    least = CANDIDATE_SIMILARITY_SHORT if len(spelling) <= SHORT else CANDIDATE_SIMILARITY
    with transaction.atomic(using=rows.db), connections[rows.db].cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(least)])
        return list(candidates)

"""Search by name in either script: 东方轴承 is found by "dongfang", "dfzc" or a misspelt part of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Case, F, FloatField, Q, Value, When
from django.db.models.functions import Greatest
from opencc import OpenCC
from pypinyin import Style, lazy_pinyin

if TYPE_CHECKING:
    from crm.models.accounts import Account, AccountQuerySet

HAN = re.compile(r"[㐀-鿿]")
# Below this word similarity a trigram match is noise. "dongfnag" against "dongfang" scores 0.4.
LEAST_SIMILARITY = 0.38

_to_simplified = OpenCC("t2s").convert


def fold(text: str) -> str:
    """Lower case, simplified characters, single blanks: both sides of every comparison go through here."""
    return " ".join(_to_simplified(text).lower().split())


def pinyin_forms(name: str) -> list[str]:
    """Full pinyin and initials of a Chinese name; nothing for others."""
    if not HAN.search(name):
        return []
    syllables = lazy_pinyin(name, style=Style.NORMAL, errors=lambda rest: list(rest.lower()))
    initials = "".join(syllable[0] for syllable in syllables if syllable.strip())
    return ["".join(syllables).replace(" ", ""), initials]


def searchable(names: list[str], others: list[str]) -> str:
    """One line to search in: every name, its pinyin and initials, then numbers and phones (digits run together)."""
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
    return " ".join(dict.fromkeys(parts))


def search_text_of(account: Account) -> str:
    return searchable(
        [account.name, account.short_name, account.english_name, account.former_name],
        [account.number, account.registration_number, account.phone, account.city],
    )


def sort_name_of(name: str) -> str:
    """Pinyin for Chinese names, so that a list reads A to Z in both languages."""
    folded = fold(name)
    return (" ".join(lazy_pinyin(folded)) if HAN.search(folded) else folded)[:255]


def matching_accounts(accounts: AccountQuerySet, text: str) -> AccountQuerySet:
    """Exact parts first, then resemblance; `relevance` is left on the rows for ordering."""
    query = fold(text)
    if not query:
        return accounts.annotate(relevance=Value(0.0, output_field=FloatField()))
    compact = query.replace(" ", "")
    contains = Q(search_text__contains=query) | Q(search_text__contains=compact)
    found = accounts.annotate(
        relevance=Greatest(
            Case(When(contains, then=Value(2.0)), default=Value(0.0), output_field=FloatField()),
            TrigramWordSimilarity(query, "search_text"),
        )
    )
    if len(query) < 3 or HAN.search(query):
        # Trigrams say nothing about one or two letters, and little about Chinese characters.
        resembling = contains | Q(search_text__trigram_word_similar=query) if len(query) >= 3 else contains
    else:
        resembling = contains | Q(search_text__trigram_word_similar=query)
    return (
        found.filter(resembling)
        .filter(Q(relevance__gte=LEAST_SIMILARITY))
        .order_by(F("relevance").desc(), "sort_name", "pk")
    )

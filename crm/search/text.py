"""What a row is searched by: one folded line, in either script, with pinyin and initials where the name is Chinese."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from opencc import OpenCC
from pypinyin import Style, lazy_pinyin

if TYPE_CHECKING:
    from crm.models.accounts import Account
    from crm.models.activities import Visit
    from crm.models.contacts import Contact
    from crm.models.opportunities import Opportunity

HAN_CLASS = "㐀-鿿"
HAN = re.compile(f"[{HAN_CLASS}]")
HAN_RUN = re.compile(f"[{HAN_CLASS}]+")
WORD = re.compile(f"[{HAN_CLASS}]+|[^\\s{HAN_CLASS}]+")
# Of a visit's note: nobody searches by its hundredth sentence.
LONGEST_PROSE = 4000

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
def syllables(text: str) -> tuple[str, ...]:
    """One a character for Chinese, letter by letter for the rest."""
    return tuple(lazy_pinyin(text, style=Style.NORMAL, errors=_letters))  # type: ignore[arg-type]


def pinyin_of(text: str) -> str:
    """Run together, as people type it; brackets, dots and blanks left out."""
    return "".join(syllable for syllable in syllables(text) if syllable.isalnum())


def pinyin_forms(name: str) -> list[str]:
    """Full pinyin, initials, and the characters one by one of a Chinese name; nothing for others.

    The single characters let the trigram index find a name by one or two characters.
    """
    if not HAN.search(name):
        return []
    initials = "".join(syllable[0] for syllable in syllables(name) if syllable.isalnum())
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


def prose(text: str) -> str:
    """The line of a longer text: words as they are, Chinese in overlapping pairs of characters.

    A pair makes trigrams of its own, so two characters are found by the index; single ones stand in half of all
    notes. Each run ends with its last character, so that one character finds it too. No pinyin: run together over a
    whole note it would match anything.
    """
    tokens: list[str] = []
    for word in WORD.findall(fold(text[:LONGEST_PROSE])):
        tokens += pairs(word) if HAN.match(word) else [word]
    return f" {' '.join(tokens)} " if tokens else ""


def pairs(run: str) -> list[str]:
    """发货单 -> 发货, 货单, 单."""
    return [run[place : place + 2] for place in range(len(run))]


def names_of(row: Account | Contact) -> list[str]:
    """Every name that it is found by."""
    names = [row.name, row.english_name]
    return [*names, getattr(row, "short_name", ""), getattr(row, "former_name", "")]


def search_text_of(account: Account) -> str:
    return searchable(
        [account.name, account.short_name, account.english_name, account.former_name],
        [account.number, account.registration_number, account.phone, account.city],
    )


def search_text_of_contact(contact: Contact) -> str:
    """Names and how to reach the person; personal details (birth, health, family, hobbies) are never searched."""
    return searchable(
        [contact.name, contact.english_name],
        [contact.phone, contact.mobile, contact.email, contact.wechat],
    )


def search_text_of_opportunity(opportunity: Opportunity) -> str:
    return searchable([opportunity.name], [])


def prose_of(visit: Visit) -> str:
    return "\n".join([visit.purpose, visit.note, visit.next_step, visit.competitor_news])


def search_text_of_visit(visit: Visit) -> str:
    return prose(prose_of(visit))


def sort_name_of(name: str) -> str:
    """Pinyin for Chinese names, so that a list reads A to Z in both languages."""
    folded = fold(name)
    if not HAN.search(folded):
        return folded[:255]
    return " ".join(lazy_pinyin(folded))[:255]

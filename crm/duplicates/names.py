"""What is left of a name, a phone and a registration number when everything is taken away that people write freely."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from pypinyin import Style, lazy_pinyin

from crm.search import HAN, fold

# What says only in which legal form a company exists, in the order in which endings are taken away.
_CHINESE_FORMS = re.compile(
    r"(?:股份有限公司|有限责任公司|有限公司|股份公司|(?<!分)公司|集团|控股|个体工商户|合伙企业)$"
)
_FORMS = frozenset({
    "co", "company", "ltd", "limited", "inc", "incorporated", "corp", "corporation", "llc", "llp", "lp",
    "plc", "gmbh", "mbh", "ag", "kg", "kgaa", "ohg", "gbr", "se", "ev", "ug", "sa", "sas", "sarl", "srl",
    "sl", "spa", "snc", "bv", "nv", "cv", "ab", "as", "asa", "aps", "oy", "oyj", "pty", "pte", "pvt",
    "private", "public", "kk", "gk", "yk", "sdn", "bhd", "jsc", "ooo", "oao", "zao", "pjsc", "kft", "zrt",
    "doo", "dd", "sro", "spol", "spzoo", "tic", "sti", "ltda", "group", "holding", "holdings", "and",
    "und", "et", "cia", "the",
})  # fmt: skip
_DOTTED = re.compile(r"(?<=\b\w)[./](?=\w\b)")
_NO_WORD = re.compile(r"[^\w\u3400-\u9fff]+|_+")
_BRANCH = re.compile(r"[()（）【】\[\]]")
_SEPARATE_PHONES = re.compile(r"[/,;、，；|]|\bor\b|或")
_EXTENSION = re.compile(r"(?:ext\.?|x|转|#)\s*\d+\s*$", re.IGNORECASE)
# Shorter ones are extensions or typing tests.
LEAST_DIGITS = 7
COMPARED_DIGITS = 9
LEAST_REGISTRATION = 5


@dataclass(frozen=True)
class NameKey:
    """`core`: characters without form, blanks and signs; `sound`: its pinyin (itself where nothing is Chinese).

    `words`: what the similarity of two names is measured on. `pieces`: what two names alike have in common, at least
    one rare one of them: pairs of syllables of a Chinese name, three letters in a row of another.
    """

    core: str
    sound: str
    words: str
    pieces: frozenset[str]


def core_words(name: str) -> str:
    """The name in lower case and simplified characters without its legal form: "SKF GmbH & Co. KG" -> "skf"."""
    text = _DOTTED.sub("", fold(name))
    text = _NO_WORD.sub(" ", _BRANCH.sub(" ", text)).strip()
    return _without_chinese_form(text) if HAN.search(text) else _without_form(text)


def _without_form(text: str) -> str:
    words = text.split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    while len(words) > 1 and words[-1] in _FORMS:
        words.pop()
    return " ".join(words)


def _without_chinese_form(text: str) -> str:
    compact = text
    while True:
        shorter = _CHINESE_FORMS.sub("", compact).rstrip()
        if shorter == compact or len(shorter) < 2:
            return compact
        compact = shorter


def key_of(name: str) -> NameKey | None:
    """None where nothing is left to compare."""
    words = core_words(name)
    core = words.replace(" ", "")
    if len(core) < 2:
        return None
    if not HAN.search(core):
        return NameKey(core, core, words, _trigrams(words))
    syllables = lazy_pinyin(core, style=Style.NORMAL, errors=list)  # type: ignore[arg-type]
    sound = "".join(syllables)
    return NameKey(core, sound, sound, frozenset(map("-".join, pairwise(syllables))))


def _trigrams(words: str) -> frozenset[str]:
    padded = [f"  {word} " for word in words.split()]
    return frozenset(word[place : place + 3] for word in padded for place in range(len(word) - 2))


def registration_key(number: str) -> str:
    """Letters and digits only; "" where it is too short to mean anything."""
    key = re.sub(r"[\W_]", "", fold(number))
    return key if len(key) >= LEAST_REGISTRATION else ""


def phone_keys(text: str) -> list[str]:
    """The last digits of every number written there: with or without the prefix of country and town."""
    keys = []
    for part in _SEPARATE_PHONES.split(text):
        digits = re.sub(r"\D", "", _EXTENSION.sub("", part))
        if len(digits) >= LEAST_DIGITS:
            keys.append(digits[-COMPARED_DIGITS:])
    return list(dict.fromkeys(keys))

"""What of a shown text the query matched: the characters themselves, or those whose pinyin or initials were typed."""

from __future__ import annotations

import re

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from crm.search.text import HAN, WORD, fold, syllables

# Letters of a note shown before and after what matched.
AROUND = 36


def marked(text: str, query: str) -> SafeString:
    """The text with <mark> round every part that the query matched; the whole text escaped."""
    spans = matched_spans(text, query)
    parts: list[str] = []
    end = 0
    for start, stop in spans:
        parts += [escape(text[end:start]), format_html("<mark>{}</mark>", text[start:stop])]
        end = stop
    return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308  (every part is escaped)


def snippet(text: str, query: str) -> SafeString:
    """The part of a longer text round the first match."""
    plain = " ".join(text.split())
    spans = matched_spans(plain, query)
    middle = spans[0][0] if spans else 0
    start = max(0, middle - AROUND)
    stop = min(len(plain), middle + 2 * AROUND)
    cut = marked(plain[start:stop], query)
    return format_html("{}{}{}", "…" if start else "", cut, "…" if stop < len(plain) else "")


def matched_spans(text: str, query: str) -> list[tuple[int, int]]:
    """(first, last + 1) of each match, in order, not overlapping. `query` is folded."""
    plain = _folded(text)
    spans: list[tuple[int, int]] = []
    for word in WORD.findall(query):
        place = plain.find(word)
        if place >= 0:
            spans.append((place, place + len(word)))
        elif word.isalpha() and word.isascii():
            spans += _spoken(plain, word)
        elif digits := re.sub(r"\D", "", word):
            spans += _dialled(plain, digits)
    if not spans and (compact := re.sub(r"\D", "", query)):
        spans = _dialled(plain, compact)
    if not spans and not HAN.search(query):
        spans = _spoken(plain, query.replace(" ", ""))
    return _merged(spans)


def _folded(text: str) -> str:
    """Character by character, so that places stay: simplified, lower case."""
    folded = fold(text)
    if len(folded) == len(text):
        return folded
    return "".join((fold(character) or " ")[0] for character in text)


def _spoken(plain: str, word: str) -> list[tuple[int, int]]:
    """The characters whose pinyin, or else whose initials, begin with the word."""
    readings = syllables(plain)
    if not word or not HAN.search(plain) or len(readings) != len(plain):
        return []
    for forms in (readings, [reading[:1] for reading in readings] if len(word) > 1 else []):
        for start in range(len(forms)):
            said = ""
            for stop in range(start, len(forms)):
                said += forms[stop]
                if said.startswith(word):
                    return [(start, stop + 1)]
                if not word.startswith(said):
                    break
    return []


def _dialled(plain: str, digits: str) -> list[tuple[int, int]]:
    """A number, however it is broken up."""
    if len(digits) < 3:
        return []
    found = re.search(r"[\s()+./-]*".join(digits), plain)
    if found is None and len(digits) > 9:
        found = re.search(r"[\s()+./-]*".join(digits[-8:]), plain)
    return [found.span()] if found else []


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], stop))
        else:
            merged.append((start, stop))
    return merged

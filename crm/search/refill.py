"""Search lines and the dictionary of rows that were written past save(), or before there was a line to keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from crm.search.text import (
    names_of,
    prose_of,
    search_text_of,
    search_text_of_contact,
    search_text_of_opportunity,
    search_text_of_visit,
)
from crm.search.words import latin_words_of, remember_words, words_of

PIECE = 5000


@dataclass(frozen=True)
class Source:
    table: str
    columns: tuple[str, ...]
    line: Callable[[Any], str]
    words: Callable[[Any], set[str]]


SOURCES = (
    Source(
        "crm_account",
        (
            "name",
            "english_name",
            "short_name",
            "former_name",
            "number",
            "registration_number",
            "phone",
            "city",
        ),
        search_text_of,
        lambda row: words_of(names_of(row)),
    ),
    Source(
        "crm_contact",
        ("name", "english_name", "phone", "mobile", "email", "wechat"),
        search_text_of_contact,
        lambda row: words_of(names_of(row)),
    ),
    Source("crm_opportunity", ("name",), search_text_of_opportunity, lambda row: words_of([row.name])),
    Source(
        "crm_visit",
        ("purpose", "note", "next_step", "competitor_news"),
        search_text_of_visit,
        lambda row: latin_words_of(prose_of(row)),
    ),
)


def refill(cursor: Any, say: Callable[[str], None] = lambda text: None) -> int:
    """Bring every line and the dictionary up to date, in pieces; says how many lines were not. Safe to run twice."""
    changed = 0
    for source in SOURCES:
        done, last, words = 0, 0, set[str]()
        while True:
            cursor.execute(
                f"SELECT id, {', '.join(source.columns)} FROM {source.table} "  # noqa: S608  (our own names)
                "WHERE id > %s ORDER BY id LIMIT %s",
                [last, PIECE],
            )
            rows = [
                SimpleNamespace(**dict(zip(("id", *source.columns), values, strict=True)))
                for values in cursor.fetchall()
            ]
            if not rows:
                break
            last = rows[-1].id
            for row in rows:
                words |= source.words(row)
            cursor.execute(
                f"UPDATE {source.table} t SET search_text = v.line "  # noqa: S608
                "FROM unnest(%s::bigint[], %s::text[]) AS v (id, line) "
                "WHERE t.id = v.id AND t.search_text IS DISTINCT FROM v.line",
                [[row.id for row in rows], [source.line(row) for row in rows]],
            )
            done += cursor.rowcount
        remember_words(words)
        say(f"{source.table}: {done} lines written, {len(words)} words")
        changed += done
    return changed

"""The search for duplicates among all accounts: keys from Python, pairs from SQL, scores from NumPy, one table out.

A probe of the trigram index per name would read most of the index for each: names of companies are made of the same
few words. Two names alike share one of their rarest pieces, so that only such names are compared at all.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from typing import Any

import numpy as np
from django.db import connection

from crm.duplicates.names import NameKey, key_of, phone_keys, registration_key
from crm.scoring.likeness import DEFAULT_LIKENESS, LikenessParameters, likeness

Progress = Callable[[int], None]

# A mark (a phone, a name) that so many share tells nothing about two of them.
MOST_SHARING = 25
# A piece of a name that more names have is no rare one; so many of its rarest pieces stand for a name; and one piece
# in common is enough to look closer where it is as rare as this.
COMMON = 250
RAREST = 6
RARE = 40

_TABLES = ("_dup_name", "_dup_mark", "_dup_piece", "_dup_rare", "_dup_pair", "_dup_found")

_ACCOUNTS = """
SELECT a.id, a.name, a.english_name, a.short_name, a.former_name, a.registration_number, a.phone,
    (SELECT string_agg(p.number, ';') FROM crm_accountphone p WHERE p.account_id = a.id)
FROM crm_account a WHERE a.merged_into_id IS NULL ORDER BY a.id
"""

# Equal marks: every pair of a small group.
_BY_MARK = """
INSERT INTO _dup_pair
SELECT DISTINCT a.account_id, b.account_id, NULL::real
FROM _dup_mark a JOIN _dup_mark b ON b.kind = a.kind AND b.value = a.value AND b.account_id > a.account_id
JOIN (SELECT kind, value FROM _dup_mark GROUP BY 1, 2 HAVING count(*) BETWEEN 2 AND %(most)s) g
    ON g.kind = a.kind AND g.value = a.value
"""

_RARE = """
CREATE TEMPORARY TABLE _dup_rare AS
SELECT name_id, piece, names FROM (
    SELECT p.name_id, p.piece, c.names,
        row_number() OVER (PARTITION BY p.name_id ORDER BY c.names, p.piece) AS place
    FROM _dup_piece p JOIN (
        SELECT piece, count(*) AS names FROM _dup_piece GROUP BY piece HAVING count(*) BETWEEN 2 AND %(common)s
    ) c USING (piece)
) ranked WHERE place <= %(rarest)s
"""

# The trigram similarity is worked out only for names that share a rare piece.
_BY_NAME = """
INSERT INTO _dup_pair
SELECT least(one, two), greatest(one, two), max(alike) FROM (
    SELECT a.account_id AS one, b.account_id AS two, similarity(a.words, b.words) AS alike
    FROM (
        SELECT a.name_id AS a_id, b.name_id AS b_id
        FROM _dup_rare a JOIN _dup_rare b ON b.piece = a.piece AND b.name_id > a.name_id
        GROUP BY 1, 2 HAVING count(*) > 1 OR min(a.names) <= %(rare)s
    ) p JOIN _dup_name a ON a.id = p.a_id JOIN _dup_name b ON b.id = p.b_id
    WHERE a.account_id <> b.account_id
) q WHERE alike >= %(least)s GROUP BY 1, 2
"""

# One row a pair, with what speaks for and against it; pairs that somebody told apart are left out.
_EVIDENCE = """
CREATE TEMPORARY TABLE _dup_found AS
SELECT p.first, p.second, p.alike,
    EXISTS (SELECT 1 FROM _dup_mark x JOIN _dup_mark y USING (kind, value)
        WHERE kind = 'name' AND x.account_id = p.first AND y.account_id = p.second) AS same_name,
    EXISTS (SELECT 1 FROM _dup_mark x JOIN _dup_mark y USING (kind, value)
        WHERE kind = 'sound' AND x.account_id = p.first AND y.account_id = p.second) AS same_sound,
    EXISTS (SELECT 1 FROM _dup_mark x JOIN _dup_mark y USING (kind, value)
        WHERE kind = 'phone' AND x.account_id = p.first AND y.account_id = p.second) AS same_phone,
    EXISTS (SELECT 1 FROM _dup_mark x JOIN _dup_mark y USING (kind, value)
        WHERE kind = 'registration' AND x.account_id = p.first AND y.account_id = p.second) AS same_registration,
    EXISTS (SELECT 1 FROM _dup_mark x JOIN _dup_mark y ON y.kind = x.kind AND y.value <> x.value
        WHERE x.kind = 'registration' AND x.account_id = p.first AND y.account_id = p.second) AS other_registration,
    lower(a.city) <> lower(b.city) AND a.city <> '' AND b.city <> '' AS other_city
FROM (SELECT first, second, max(alike) AS alike FROM _dup_pair GROUP BY 1, 2) p
JOIN crm_account a ON a.id = p.first JOIN crm_account b ON b.id = p.second
WHERE NOT EXISTS (
    SELECT 1 FROM crm_distinctaccounts d
    JOIN crm_account x ON x.id = d.first_id JOIN crm_account y ON y.id = d.second_id
    WHERE least(coalesce(x.merged_into_id, x.id), coalesce(y.merged_into_id, y.id)) = p.first
        AND greatest(coalesce(x.merged_into_id, x.id), coalesce(y.merged_into_id, y.id)) = p.second
)
"""
EVIDENCE = (
    "same_name",
    "same_sound",
    "same_phone",
    "same_registration",
    "other_registration",
    "other_city",
)


def find_pairs(
    cursor: Any, progress: Progress, parameters: LikenessParameters = DEFAULT_LIKENESS
) -> tuple[int, list[tuple[int, int, float, dict[str, Any]]]]:
    """Number of accounts looked at, and (first, second, score, reasons) of every pair likely enough, best first."""
    try:
        accounts = _stage_keys(cursor, progress)
        _find(cursor, progress, parameters)
        return accounts, _judge(cursor, parameters)
    finally:
        if not connection.needs_rollback:
            cursor.execute(f"DROP TABLE IF EXISTS {', '.join(_TABLES)}")


def _stage_keys(cursor: Any, progress: Progress) -> int:
    """Names, sounds, phones and registration numbers of every account, into two temporary tables."""
    cursor.execute(f"DROP TABLE IF EXISTS {', '.join(_TABLES)}")
    cursor.execute("SELECT count(*) FROM crm_account WHERE merged_into_id IS NULL")
    total = cursor.fetchone()[0] or 1
    cursor.execute("CREATE TEMPORARY TABLE _dup_name (id bigint, account_id bigint, words text)")
    cursor.execute("CREATE TEMPORARY TABLE _dup_piece (name_id bigint, piece text)")
    cursor.execute("CREATE TEMPORARY TABLE _dup_mark (account_id bigint, kind text, value text)")
    done = 0
    serial = count(1)
    tables = ("_dup_name", "_dup_piece", "_dup_mark")
    with ExitStack() as stack:
        files = [
            stack.enter_context(tempfile.TemporaryFile("w+", newline="", encoding="utf-8")) for _ in tables
        ]
        names, pieces, marks = map(csv.writer, files)
        with connection.chunked_cursor() as reader:
            reader.execute(_ACCOUNTS)
            while rows := reader.fetchmany(2000):
                for account_id, *texts in rows:
                    keys, own = _keys(*texts)
                    for key in keys:
                        name_id = next(serial)
                        names.writerow((name_id, account_id, key.words))
                        pieces.writerows((name_id, piece) for piece in sorted(key.pieces))
                    marks.writerows((account_id, kind, value) for kind, value in sorted(own))
                done += len(rows)
                progress(35 * done // total)
        for file, table in zip(files, tables, strict=True):
            file.seek(0)
            cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT csv)", file)
    cursor.execute("CREATE INDEX ON _dup_mark (account_id, kind)")
    cursor.execute("CREATE INDEX ON _dup_mark (kind, value)")
    cursor.execute("ANALYZE _dup_name, _dup_piece, _dup_mark")
    return done


def _keys(
    name: str,
    english: str,
    short: str,
    former: str,
    registration: str,
    phone: str,
    phones: str | None,
) -> tuple[list[NameKey], set[tuple[str, str]]]:
    """The names to compare by likeness, and what must be equal to count: (kind, value)."""
    words: dict[str, NameKey] = {}
    marks: set[tuple[str, str]] = set()
    for text in (name, english, former):
        if key := key_of(text):
            words[key.words] = key
    # A short name is shared by too many to be compared by likeness.
    named = [*words.values(), *([key] if (key := key_of(short)) else [])]
    marks |= {("name", key.core) for key in named} | {("sound", key.sound) for key in named}
    marks |= {("phone", key) for text in (phone, phones or "") for key in phone_keys(text)}
    if number := registration_key(registration):
        marks.add(("registration", number))
    return list(words.values()), marks


def _find(cursor: Any, progress: Progress, parameters: LikenessParameters) -> None:
    values = {
        "most": MOST_SHARING,
        "common": COMMON,
        "rarest": RAREST,
        "rare": RARE,
        "least": parameters.least_similarity,
    }
    cursor.execute("CREATE TEMPORARY TABLE _dup_pair (first bigint, second bigint, alike real)")
    cursor.execute(_BY_MARK, values)
    progress(45)
    cursor.execute(_RARE, values)
    cursor.execute("ANALYZE _dup_rare")
    progress(60)
    cursor.execute(_BY_NAME, values)
    cursor.execute("ANALYZE _dup_pair")
    progress(85)
    cursor.execute(_EVIDENCE)
    progress(95)


def _judge(cursor: Any, parameters: LikenessParameters) -> list[tuple[int, int, float, dict[str, Any]]]:
    names = ("first", "second", "alike", *EVIDENCE)
    cursor.execute(f"SELECT {', '.join(names)} FROM _dup_found ORDER BY first, second")  # noqa: S608
    rows = cursor.fetchall()
    if not rows:
        return []
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    similarity = [np.nan if value is None else value for value in columns["alike"]]
    scores = likeness(similarity, **{name: columns[name] for name in EVIDENCE}, parameters=parameters)
    found = []
    for place in np.argsort(-scores, kind="stable"):
        if scores[place] < parameters.shown_from:
            break
        row = rows[place]
        reasons: dict[str, Any] = {name: True for name, holds in zip(EVIDENCE, row[3:], strict=True) if holds}
        if row[2] is not None:
            reasons["similarity"] = round(float(row[2]), 2)
        found.append((row[0], row[1], float(scores[place]), reasons))
    return found

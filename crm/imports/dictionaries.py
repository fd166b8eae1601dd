"""Each different text of a column is understood once: read in Python or looked up in SQL, then joined back.

A million lines hold a few thousand dates, accounts and products; and the careful reading of numbers is needed
only for those PostgreSQL cannot read by itself.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.db import connection
from psycopg2.sql import SQL, Composable, Identifier, Literal

from crm.imports.fields import Field, FieldType
from crm.imports.job import MAIN, Job
from crm.imports.problems import ImportFileError
from crm.imports.tables import copy_in
from crm.imports.values import (
    BLANKS,
    AmbiguousDatesError,
    Decimals,
    day_order,
    evidence_of_decimals,
    parse_currency,
    parse_date,
    parse_number,
    parse_yes_no,
    tidy,
)
from crm.imports.words import CHOICE_WORDS

SQL_TYPES = {
    FieldType.NUMBER: "numeric",
    FieldType.INTEGER: "numeric",
    FieldType.DATE: "date",
    FieldType.BOOLEAN: "boolean",
    FieldType.CHOICE: "text",
    FieldType.CURRENCY: "text",
}
CAUSES = {
    FieldType.NUMBER: "not_a_number",
    FieldType.INTEGER: "not_a_number",
    FieldType.DATE: "not_a_date",
    FieldType.BOOLEAN: "not_yes_no",
    FieldType.CHOICE: "not_a_choice",
    FieldType.CURRENCY: "unknown_currency",
}
# What a reference is looked up by, in this order: (table with id, condition on the trimmed text).
REFERENCES: dict[FieldType, tuple[str, str]] = {
    FieldType.ACCOUNT: (
        "SELECT 1 AS rank, i.account_id AS id, k.key FROM import_keys k JOIN crm_accountidentifier i "
        "ON i.source = {source} AND i.external_id = k.key "
        # The number (and the name) of an account that was merged into another means the other.
        "UNION ALL SELECT 2, coalesce(a.merged_into_id, a.id), k.key FROM import_keys k "
        "JOIN crm_account a ON a.number = k.key "
        "UNION ALL SELECT 3, coalesce(a.merged_into_id, a.id), k.key FROM import_keys k "
        "JOIN crm_account a ON a.name = k.key",
        "account",
    ),
    FieldType.PRODUCT: (
        "SELECT 1 AS rank, p.id, k.key FROM import_keys k JOIN crm_product p "
        "ON p.source = {source} AND p.external_id = k.key AND p.external_id <> '' "
        "UNION ALL SELECT CASE WHEN p.source = {source} THEN 2 ELSE 3 END, p.id, k.key "
        "FROM import_keys k JOIN crm_product p ON p.code = k.key",
        "product",
    ),
    FieldType.PERSON: (
        "SELECT 1 AS rank, u.id, k.key FROM import_keys k JOIN crm_user u ON u.username = k.key AND u.is_active",
        "person",
    ),
    FieldType.TERRITORY: (
        "SELECT 1 AS rank, t.id, k.key FROM import_keys k JOIN crm_territory t ON k.key IN (t.name, t.name_zh)",
        "territory",
    ),
}


def dictionary_name(field: Field) -> str:
    return f"import_words_{field.name}"


def needs_dictionary(field: Field) -> bool:
    return field.type not in (FieldType.TEXT, FieldType.NUMBER, FieldType.INTEGER)


class Dictionaries:
    """Builds the tables import_words_<field>(raw, value, cause, key); `source` is the FROM with `texts` in it."""

    def __init__(self, job: Job, texts: dict[str, Composable], source: Composable) -> None:
        self.job = job
        self.texts = texts
        self.source = source
        # Number fields whose every cell PostgreSQL reads by itself have none.
        self.built: set[str] = set()
        self.decimals = Decimals(job.mapping.option("decimals") or Decimals.POINT)

    def build(self) -> None:
        fields = [field for name, field in self.job.fields.items() if name in self.texts]
        self._numbers([field for field in fields if field.type.is_numeric])
        for field in fields:
            if field.type.is_reference:
                self._reference(field)
            elif needs_dictionary(field):
                self._parsed(field)

    # Numbers

    def _canonical(self, text: Composable) -> Composable:
        """Whether the cast to numeric says what parse_number would; the soft check is five times the regex."""
        valid: Composable = SQL("{} ~ '^[+-]?[0-9]{{1,15}}([.][0-9]{{1,15}})?$'").format(text)
        if connection.cursor().connection.server_version >= 160000:
            valid = SQL("(length({text}) <= 40 AND pg_input_is_valid({text}, 'numeric'))").format(text=text)
        if self.decimals == Decimals.COMMA:
            valid = SQL("({} AND {} !~ '[.,]')").format(valid, text)
        return valid

    def _numbers(self, fields: list[Field]) -> None:
        odd = self._odd(fields)
        if odd and not self.job.mapping.option("decimals"):
            self.decimals = self._decide_decimals(odd)
            if self.decimals == Decimals.COMMA:
                odd = self._odd(fields)
        for field in odd:
            condition = SQL("NOT {}").format(self._canonical(self.texts[field.name]))
            self._parsed(field, condition)

    def _odd(self, fields: list[Field]) -> list[Field]:
        """The number fields with a cell that is not plainly a number: one scan for all."""
        if not fields:
            return []
        flags = SQL(", ").join(
            SQL("coalesce(bool_or(NOT {}), false)").format(self._canonical(self.texts[field.name]))
            for field in fields
        )
        found = self.job.row("SELECT {flags} FROM {source}", flags=flags, source=self.source)
        return [field for field, odd in zip(fields, found, strict=True) if odd]

    def _decide_decimals(self, odd: list[Field]) -> Decimals:
        point = comma = 0
        for field in odd:
            more = evidence_of_decimals(self._texts_of(field))
            point, comma = point + more[0], comma + more[1]
        if comma == point == 0 and getattr(self.job.main.content, "delimiter", "") == ";":
            return Decimals.COMMA
        return Decimals.COMMA if comma > point else Decimals.POINT

    # Texts read in Python

    def _texts_of(self, field: Field, condition: Composable | None = None) -> Iterator[str]:
        """Every different text of a column, in pieces; long ones cut (no value is that long)."""
        text = self.texts[field.name]
        query = SQL(
            "SELECT DISTINCT left({text}, 200) FROM {source} WHERE {text} IS NOT NULL AND {condition}"
        )
        self.job.cursor.execute(
            SQL("DECLARE import_texts NO SCROLL CURSOR FOR {}").format(
                query.format(text=text, source=self.source, condition=condition or SQL("true"))
            )
        )
        try:
            while True:
                self.job.cursor.execute("FETCH 10000 FROM import_texts")
                rows = self.job.cursor.fetchall()
                if not rows:
                    return
                yield from (row[0] for row in rows)
        finally:
            self.job.cursor.execute("CLOSE import_texts")

    def _parsed(self, field: Field, condition: Composable | None = None) -> None:
        name = dictionary_name(field)
        self.job.remember(name)
        self.job.run(
            "CREATE TEMP TABLE {name} (raw text, value {type}, cause text) ON COMMIT DROP",
            name=Identifier(name),
            type=SQL(SQL_TYPES[field.type]),
        )
        parse = self._parser(field)
        with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            for raw in self._texts_of(field, condition):
                value = parse(raw) if tidy(raw) else ""
                writer.writerow(
                    [raw, "" if value is None else value, CAUSES[field.type] if value is None else ""]
                )
            file.seek(0)
            command = SQL("COPY {} FROM STDIN (FORMAT csv, FORCE_NOT_NULL (raw))").format(Identifier(name))
            copy_in(self.job.cursor, command, file)
        self.job.run("ANALYZE {name}", name=Identifier(name))
        self.built.add(field.name)

    def _parser(self, field: Field) -> Callable[[str], Any]:
        if field.type.is_numeric:
            return lambda raw: _plain_number(parse_number(raw, self.decimals))
        if field.type == FieldType.DATE:
            order = self.job.mapping.option("date_format")
            if not order:
                try:
                    order = day_order(self._texts_of(field))
                except AmbiguousDatesError as error:
                    column = self.job.mapping.columns.get(field.name, field.name)
                    raise ImportFileError("ambiguous_dates", column=column, example=error.example) from error
            return lambda raw: parse_date(raw, order)
        if field.type == FieldType.BOOLEAN:
            return parse_yes_no
        if field.type == FieldType.CURRENCY:
            return parse_currency
        return lambda raw: parse_choice(field, raw)

    # References looked up in SQL

    def _reference(self, field: Field) -> None:
        query, word = REFERENCES[field.type]
        name = dictionary_name(field)
        self.job.table(
            "import_keys",
            "SELECT DISTINCT {text} AS raw, btrim({text}, {blanks}) AS key FROM {source} WHERE {text} IS NOT NULL",
            text=self.texts[field.name],
            source=self.source,
            blanks=BLANKS,
        )
        self.job.table(
            name,
            "WITH found AS ({query}), best AS (SELECT key, min(rank) AS rank FROM found GROUP BY key), "
            "one AS (SELECT key, min(id) AS id, count(DISTINCT id) AS many FROM found JOIN best USING (key, rank) "
            "GROUP BY key) "
            "SELECT k.raw, k.key, CASE WHEN o.many = 1 THEN o.id END AS value, "
            "CASE WHEN k.key = '' THEN NULL WHEN o.id IS NULL THEN {unknown} "
            "WHEN o.many > 1 THEN {ambiguous} END AS cause "
            "FROM import_keys k LEFT JOIN one o ON o.key = k.key",
            query=SQL(query).format(source=Literal(self.job.source)),
            unknown=f"unknown_{word}",
            ambiguous=_ambiguous(word),
        )
        self.built.add(field.name)


def _ambiguous(word: str) -> str:
    return f"ambiguous_{word}" if word in ("account", "product") else f"unknown_{word}"


def _plain_number(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def parse_choice(field: Field, raw: str) -> str | None:
    """The stored value of a choice given as that value, as its English name or as its Chinese word."""
    exact = tidy(raw[:200])
    word = exact.lower()
    if field.is_further:
        # Values may differ in nothing but large and small letters.
        return exact if exact in dict(field.choices) else dict(field.words).get(word)
    for value, name in field.choices:
        if word in (value.lower(), name.lower()) or CHOICE_WORDS.get(word) == value:
            return value
    return None


def lookup_join(job: Job) -> Composable:
    """FROM with the main file as m and each lookup as l0, l1 ..."""
    parts: list[Composable] = [SQL("{} m").format(Identifier(MAIN))]
    for place, lookup in enumerate(job.mapping.lookups):
        match = job.lookups[lookup.name].column(lookup.match)
        parts.append(
            SQL("LEFT JOIN {table} {alias} ON {alias}.{match} = m.{key}").format(
                table=Identifier(f"import_lookup_{place}"),
                alias=Identifier(f"l{place}"),
                match=Identifier(f"c{match}"),
                key=Identifier(f"c{job.main.column(lookup.key)}"),
            )
        )
    return SQL(" ").join(parts)

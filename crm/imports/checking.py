"""From staged text to typed, checked rows: import_rows holds what may go in, import_issues what is wrong.

One statement types every row and marks the suspects; only the suspects are then asked what is wrong with them.
"""

from __future__ import annotations

import json
from typing import Any

from psycopg2.sql import SQL, Composable, Identifier, Literal

from crm.imports.dictionaries import Dictionaries, dictionary_name, lookup_join, needs_dictionary
from crm.imports.fields import Field, FieldType, shown_limit
from crm.imports.job import ISSUES, MAIN, ROWS, Job
from crm.imports.mapping import LINE_CONTENT, parts_of
from crm.imports.tables import stage
from crm.imports.values import BLANKS

# Only fields of these names may not lie in the future: a contract or a rate may.
NOT_AFTER_TODAY = frozenset({"traded_on", "left_on", "first_contact_on"})


def stage_files(job: Job, part: tuple[int, int]) -> None:
    """COPY the main file and the lookups; progress runs through `part` per cent."""
    low, high = part
    job.temporary += [MAIN, f"{MAIN}_defects"]
    stage(job.cursor, job.main, MAIN, lambda done: job.progress(low + int((high - low) * done)))
    for place, lookup in enumerate(job.mapping.lookups):
        name = f"import_lookup_{place}"
        job.temporary += [name, f"{name}_defects"]
        table = job.lookups[lookup.name]
        stage(job.cursor, table, name)
        # Where a key stands twice in a lookup, its first row counts.
        job.run(
            "DELETE FROM {table} a USING {table} b WHERE a.{key} = b.{key} AND a.row_number > b.row_number",
            table=Identifier(name),
            key=Identifier(f"c{table.column(lookup.match)}"),
        )


class Checker:
    """Builds import_rows with one typed column per mapped field, and import_issues."""

    def __init__(self, job: Job, fallbacks: dict[str, str], create: frozenset[str]) -> None:
        self.job = job
        self.create = create
        self.texts = self._texts(fallbacks)
        self.fields = {name: field for name, field in job.fields.items() if name in self.texts}
        self.source = lookup_join(job)
        if LINE_CONTENT in job.mapping.columns.values():
            self.source = self._with_content()
        self.dictionaries = Dictionaries(job, self.texts, self.source)

    def run(self) -> None:
        self.job.remember(ISSUES)
        self.job.run(
            "CREATE TEMP TABLE import_issues (row_number bigint, field text, value text, cause text, "
            "parameters jsonb) ON COMMIT DROP"
        )
        self.dictionaries.build()
        for name in self.create:
            self._accept_unknown(self.fields[name])
        self.job.progress(45)
        kept: list[Composable] = [SQL("v.row_number")]
        for name in self.fields:
            kept += [_v(name)] + ([_v(f"{name}_key")] if name in self.create else [])
        causes = [*map(self._cause, self.fields.values()), *map(self._lost, self._joins)]
        self.job.table(
            ROWS,
            "SELECT {kept}, coalesce({causes}) IS NOT NULL AS suspect FROM ({typed}) v",
            kept=SQL(", ").join(kept),
            causes=SQL(", ").join(causes),
            typed=self._typed(),
        )
        self.job.progress(55)
        self._explain()
        self._defects()

    @property
    def _joins(self) -> range:
        return range(len(self.job.mapping.lookups))

    # The text of each field

    def _texts(self, fallbacks: dict[str, str]) -> dict[str, Composable]:
        mapping, texts = self.job.mapping, {}
        for name in self.job.fields:
            if name in mapping.columns:
                texts[name] = self._text(mapping.columns[name], name)
            elif name in mapping.constants:
                texts[name] = SQL("{}::text").format(Literal(mapping.constants[name]))
        own = dict(texts)
        for name, expression in fallbacks.items():
            spare = [own[part] for part in expression.split("/") if part in own]
            if len(spare) == len(expression.split("/")):
                joined: Composable = SQL(" || '/' || ").join(spare)
                texts[name] = SQL("coalesce({}, {})").format(own[name], joined) if name in own else joined
        return texts

    def _text(self, expression: str, target: str) -> Composable:
        if expression == LINE_CONTENT:
            return SQL("m.content_id")
        names = [lookup.name for lookup in self.job.mapping.lookups]
        pieces: list[Composable] = []
        for part in parts_of(expression, self.job.main, self.job.lookups, target):
            if not part.column:
                pieces.append(Literal(part.text))
            else:
                alias = f"l{names.index(part.lookup)}" if part.lookup else "m"
                pieces.append(SQL("{}.{}").format(Identifier(alias), Identifier(f"c{part.column}")))
        return pieces[0] if len(pieces) == 1 else SQL("({})").format(SQL(" || ").join(pieces))

    def _with_content(self) -> Composable:
        """Where no column identifies a line: what stands in it, and which of the equal lines it is."""
        cells = SQL(", ").join(Identifier(f"c{place}") for place in range(1, len(self.job.main.header) + 1))
        self.job.table(
            "import_content",
            "SELECT row_number, digest || '-' || row_number() OVER (PARTITION BY digest ORDER BY row_number) AS id "
            "FROM (SELECT row_number, md5(ROW({cells})::text) AS digest FROM import_main) d",
            cells=cells,
        )
        self.job.run("ALTER TABLE import_main ADD content_id text")
        self.job.run(
            "UPDATE import_main m SET content_id = c.id FROM import_content c WHERE c.row_number = m.row_number"
        )
        return self.source

    # Values and causes

    def _typed(self, *, suspects: bool = False) -> Composable:
        """Every row with its values, what is known against them, and (for suspects) the texts they came from."""
        columns: list[Composable] = [SQL("m.row_number")]
        for name, field in self.fields.items():
            columns.append(SQL("{} AS {}").format(self._value(field), Identifier(name)))
            if name in self.dictionaries.built:
                columns.append(SQL("{}.cause AS {}").format(self._alias(field), Identifier(f"{name}#cause")))
            if name in self.create:
                columns.append(SQL("{}.key AS {}").format(self._alias(field), Identifier(f"{name}_key")))
            if suspects:
                columns.append(SQL("{}::text AS {}").format(self.texts[name], Identifier(f"{name}#text")))
        for place, lookup in enumerate(self.job.mapping.lookups):
            columns.append(
                SQL("{}.row_number AS {}").format(Identifier(f"l{place}"), Identifier(f"lookup_{place}"))
            )
            key = Identifier(f"c{self.job.main.column(lookup.key)}")
            columns.append(SQL("m.{} AS {}").format(key, Identifier(f"lookup_key_{place}")))
        chosen = (
            "WHERE m.row_number IN (SELECT row_number FROM import_rows WHERE suspect) " if suspects else ""
        )
        # OFFSET 0: values are worked out once, however often the causes look at them.
        return SQL("SELECT {} FROM {} {} {}OFFSET 0").format(
            SQL(", ").join(columns), self.source, self._dictionary_joins(), SQL(chosen)
        )

    def _alias(self, field: Field) -> Identifier:
        return Identifier(f"d_{field.name}")

    def _value(self, field: Field) -> Composable:
        text = self.texts[field.name]
        if field.type == FieldType.TEXT:
            return SQL("nullif(btrim({}, {}), '')").format(text, Literal(BLANKS))
        if needs_dictionary(field):
            return SQL("{}.value").format(self._alias(field))
        if field.name in self.dictionaries.built:
            return SQL(
                "CASE WHEN {alias}.raw IS NOT NULL THEN {alias}.value ELSE {text}::numeric END"
            ).format(alias=self._alias(field), text=text)
        return SQL("{}::numeric").format(text)

    def _cause(self, field: Field) -> Composable:
        """NULL where the cell of v is fine."""
        value, cases = _v(field.name), []
        if field.name in self.dictionaries.built:
            cases.append(SQL("WHEN {0} IS NOT NULL THEN {0}").format(_v(f"{field.name}#cause")))
        if field.required:
            filled = (
                SQL("nullif({}, '')").format(_v(f"{field.name}_key")) if field.name in self.create else value
            )
            cases.append(SQL("WHEN {} IS NULL THEN 'missing'").format(filled))
        if field.limit:
            cases.append(SQL("WHEN length({}) > {} THEN 'too_long'").format(value, Literal(field.limit)))
        if field.type.is_numeric:
            cases.append(SQL("WHEN {} = 'NaN' THEN 'not_a_number'").format(value))
            if field.price:
                cases.append(SQL("WHEN {} < 0 THEN 'negative_price'").format(value))
            limits = (value, Literal(field.low), Literal(field.high))
            cases.append(SQL("WHEN NOT ({} BETWEEN {} AND {}) THEN 'out_of_range'").format(*limits))
        if field.type == FieldType.INTEGER:
            cases.append(SQL("WHEN {0} <> trunc({0}) THEN 'not_whole'").format(value))
        if field.name in NOT_AFTER_TODAY:
            cases.append(SQL("WHEN {} > {} THEN 'future_date'").format(value, Literal(self.job.today)))
        return SQL("CASE {} END").format(SQL(" ").join(cases)) if cases else SQL("NULL::text")

    def _lost(self, place: int) -> Composable:
        return SQL("CASE WHEN {} IS NULL THEN 'lookup_missing' END").format(_v(f"lookup_{place}"))

    def _parameters(self, field: Field) -> dict[str, Any]:
        known: dict[str, Any] = {"today": self.job.today.isoformat()} if field.name in NOT_AFTER_TODAY else {}
        if field.limit:
            known["limit"] = field.limit
        if field.type.is_numeric:
            known |= {"low": shown_limit(field.low), "high": shown_limit(field.high)}
        if field.choices:
            known["choices"] = ", ".join(name for _value, name in field.choices)
        return known

    def _dictionary_joins(self) -> Composable:
        joins = [
            SQL("LEFT JOIN {table} {alias} ON {alias}.raw = {text}").format(
                table=Identifier(dictionary_name(field)),
                alias=self._alias(field),
                text=self._joined_text(field),
            )
            for name, field in self.fields.items()
            if name in self.dictionaries.built
        ]
        return SQL(" ").join(joins)

    def _joined_text(self, field: Field) -> Composable:
        """References keep their whole text; parsed values were cut at 200 characters."""
        text = self.texts[field.name]
        return text if field.type.is_reference else SQL("left({}, 200)").format(text)

    def _accept_unknown(self, field: Field) -> None:
        """Accounts or products that are to be created are no mistake, unless their number is too long for one."""
        self.job.run(
            "UPDATE {table} SET cause = CASE WHEN length(key) > {limit} THEN 'too_long' END WHERE cause = {cause}",
            cause=f"unknown_{field.type}",
            limit=40 if field.type == FieldType.ACCOUNT else 60,
            table=Identifier(dictionary_name(field)),
        )

    # What is wrong

    def _explain(self) -> None:
        """Every cause of every suspect row, with the cell as it stood in the file."""
        entries = [
            SQL("({}, {}::text, {}, {}::jsonb)").format(
                Literal(field.name),
                _v(f"{field.name}#text"),
                self._cause(field),
                Literal(json.dumps(self._parameters(field))),
            )
            for field in self.fields.values()
        ]
        for place, lookup in enumerate(self.job.mapping.lookups):
            entries.append(
                SQL("({}, {}, {}, {}::jsonb)").format(
                    Literal(f"={lookup.key}"),
                    _v(f"lookup_key_{place}"),
                    self._lost(place),
                    Literal(json.dumps({"file": lookup.file or lookup.name})),
                )
            )
        self.job.run(
            "INSERT INTO import_issues SELECT v.row_number, w.field, w.value, w.cause, w.parameters FROM ({typed}) v "
            "CROSS JOIN LATERAL (VALUES {entries}) w(field, value, cause, parameters) WHERE w.cause IS NOT NULL",
            typed=self._typed(suspects=True),
            entries=SQL(", ").join(entries),
        )
        if self.job.mapping.lookups:
            # A row without its lookup lacks the lookup's fields too: one cause is enough.
            self.job.run(
                "DELETE FROM import_issues i USING import_issues l WHERE l.row_number = i.row_number "
                "AND l.cause = 'lookup_missing' AND i.cause = 'missing'"
            )

    def _defects(self) -> None:
        """Rows that were no rows of this table, and spreadsheet cells without a value in a column that is used."""
        self.job.run(
            "INSERT INTO import_issues SELECT row_number, '', NULL, cause, parameters FROM import_main_defects "
            "WHERE column_number IS NULL"
        )
        for name, expression in self.job.mapping.columns.items():
            if name not in self.fields or expression == LINE_CONTENT:
                continue
            used = [part.column for part in self._parts(expression, name) if part.column and not part.lookup]
            self.job.run(
                "INSERT INTO import_issues SELECT row_number, {field}, value, cause, '{{}}'::jsonb "
                "FROM import_main_defects WHERE column_number = ANY({used}::int[])",
                field=name,
                used=used,
            )
        # A formula is also "not a number" or "not a date": its own cause says more.
        self.job.run(
            "DELETE FROM import_issues i USING import_issues f WHERE f.row_number = i.row_number AND f.field = i.field "
            "AND f.cause IN ('formula_without_value', 'spreadsheet_error') AND i.cause <> f.cause"
        )

    def _parts(self, expression: str, target: str) -> list[Any]:
        return parts_of(expression, self.job.main, self.job.lookups, target)


def _v(name: str) -> Composable:
    return SQL("v.{}").format(Identifier(name))

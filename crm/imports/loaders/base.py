"""From checked rows to a table: what is new, what changed, what was there already. Shared by every kind."""

from __future__ import annotations

from typing import ClassVar

from django.apps import apps
from django.db import connection, models
from psycopg2.sql import SQL, Composable, Identifier, Literal

from crm.imports.fields import FieldType
from crm.imports.job import EXISTING, ROWS, Job

I = SQL("i.{}").format  # noqa: E741


class Loader:
    """One kind of import. `columns` maps what the file gives to columns of the table."""

    model: ClassVar[type[models.Model]]
    # Fields that name a row within a file, each group unique.
    keys: ClassVar[tuple[tuple[str, ...], ...]] = (("external_id",),)
    # Where a cell is empty, this field's (or these fields', joined by "/") stands in.
    fallbacks: ClassVar[dict[str, str]] = {}

    def __init__(self, job: Job) -> None:
        self.job = job
        self.created = self.updated = self.unchanged = 0

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def creates(self) -> frozenset[str]:
        """Reference fields whose unknown values are created rather than refused."""
        return frozenset()

    def check(self) -> None:
        """Further checks over import_rows; adds issues."""

    def before(self) -> None:
        """Work inside the transaction of the writes, before they happen."""

    def columns(self) -> dict[str, Composable]:
        """Column of the table -> expression over import_rows i, for what the file gives: written and compared."""
        raise NotImplementedError

    def objects(self) -> dict[str, dict[str, Composable]]:
        """JSON column -> key -> expression over import_rows i. NULL takes the key away; other keys stay."""
        return {}

    def fixed(self) -> dict[str, Composable]:
        """Columns given to new rows only (the source and external id, for example)."""
        return {}

    def match(self) -> Composable:
        """Which row t of the table is meant by row i of the file."""
        raise NotImplementedError

    def after(self) -> None:
        """Dependent rows, roll-ups, search texts."""

    def summarise(self) -> None:
        """Sums and counts for the summary of a dry run or an import."""

    # The way in

    def has(self, name: str) -> bool:
        """Whether the file has the field, by a column, a constant or a fallback."""
        if name in self.job.mapping.mapped:
            return True
        spare = self.fallbacks.get(name, "")
        return bool(spare) and all(part in self.job.mapping.mapped for part in spare.split("/"))

    def given(self, *names: str) -> dict[str, Composable]:
        return {name: I(Identifier(name)) for name in names if self.has(name)}

    def apply(self) -> None:
        self.before()
        self._find_existing()
        self.job.progress(65)
        self._update()
        self._insert()
        self.job.progress(85)
        self.after()
        self.job.progress(97)

    def _written(self, *, over: bool) -> dict[str, Composable]:
        """What the file gives, as the table will hold it; `over` what stands in row t already."""
        written = {name: self._typed(name, value) for name, value in self.columns().items()}
        for column, values in self.objects().items():
            # One at a time: a function takes at most 100 arguments, a file gives 400 columns.
            parts = [
                SQL("jsonb_build_object({}, {})").format(Literal(key), value) for key, value in values.items()
            ]
            given = SQL("jsonb_strip_nulls({})").format(SQL(" || ").join(parts))
            rest = SQL("(t.{} - {}::text[])").format(Identifier(column), Literal(list(values)))
            written[column] = SQL("{} || {}").format(rest, given) if over else given
        return written

    def _typed(self, column: str, expression: Composable) -> Composable:
        """As the table will hold it: rounded, and "" instead of NULL where the column is never NULL."""
        field = next(item for item in self.model._meta.concrete_fields if item.column == column)
        cast = SQL("({})::{}").format(expression, SQL(field.db_type(connection) or "text"))
        if field.null or not (field.has_default() or isinstance(field, models.CharField | models.TextField)):
            return cast
        return SQL("coalesce({}, {})").format(cast, self._default(field))

    @staticmethod
    def _default(field: models.Field) -> Composable:
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
            return SQL("now()")
        if field.null:
            return SQL("NULL")
        if isinstance(field, models.JSONField):
            return SQL("'{{}}'::jsonb").format()
        default = field.get_default()
        return Literal("" if default is None else default.value if hasattr(default, "value") else default)

    def _find_existing(self) -> None:
        differ: list[Composable] = [
            SQL("t.{} IS DISTINCT FROM ({})").format(Identifier(name), value)
            for name, value in self._written(over=True).items()
        ]
        # One row of the table for each row of the file, and one row of the file for each row of the table.
        self.job.table(
            EXISTING,
            "SELECT DISTINCT ON (row_id) * FROM (SELECT DISTINCT ON (i.row_number) i.row_number, t.id AS row_id, "
            "({differ}) AS changed FROM import_rows i JOIN {table} t ON {match} ORDER BY i.row_number, t.id) e "
            "ORDER BY row_id, row_number",
            differ=SQL(" OR ").join(differ) if differ else SQL("false"),
            table=Identifier(self.table),
            match=self.match(),
        )
        total, changed = self.job.row(
            "SELECT count(*), count(*) FILTER (WHERE changed) FROM {table}", table=Identifier(EXISTING)
        )
        if not self.job.update_existing:
            self.job.run("UPDATE {table} SET changed = false WHERE changed", table=Identifier(EXISTING))
            self.job.summary["kept"] = changed
            changed = 0
        self.updated, self.unchanged = changed, total - changed

    def _update(self) -> None:
        if not self.updated:
            return
        keep_before(self.job, self.table, "t.id IN (SELECT row_id FROM import_existing WHERE changed)")
        names = {field.column for field in self.model._meta.concrete_fields}
        changes: list[Composable] = [
            SQL("{} = {}").format(Identifier(name), value) for name, value in self._written(over=True).items()
        ]
        if "import_batch_id" in names:
            changes.append(SQL("import_batch_id = {}").format(Literal(self.job.batch_id)))
        if "updated_at" in names:
            changes.append(SQL("updated_at = now()"))
        if "revision" in names:
            changes.append(SQL("revision = t.revision + 1"))
        self.job.run(
            "UPDATE {table} t SET {changes} FROM import_rows i JOIN import_existing e USING (row_number) "
            "WHERE e.changed AND t.id = e.row_id",
            table=Identifier(self.table),
            changes=SQL(", ").join(changes),
        )

    def _insert(self) -> None:
        fixed = {name: self._typed(name, value) for name, value in self.fixed().items()}
        values = {**self._written(over=False), **fixed}
        for field in self.model._meta.concrete_fields:
            if field.primary_key or field.generated or field.column in values:
                continue
            values[str(field.column)] = (
                Literal(self.job.batch_id) if field.column == "import_batch_id" else self._default(field)
            )
        known = self.updated + self.unchanged
        self.created = self.job.run(
            "INSERT INTO {table} ({names}) SELECT {values} FROM import_rows i {unknown}",
            table=Identifier(self.table),
            names=SQL(", ").join(map(Identifier, values)),
            values=SQL(", ").join(values.values()),
            unknown=SQL("WHERE NOT EXISTS (SELECT FROM import_existing e WHERE e.row_number = i.row_number)")
            if known
            else SQL(""),
        )

    def count_rows(self) -> int:
        return int(self.job.row("SELECT count(*) FROM {rows}", rows=Identifier(ROWS))[0])

    def reference_names(self) -> list[str]:
        return [name for name, field in self.job.fields.items() if field.type == FieldType.ACCOUNT]


def keep_before(job: Job, table: str, condition: str, /, **values: object) -> None:
    """Note rows as they are, for the undo. Generated columns follow from the others."""
    model = next(entry for entry in apps.get_models() if entry._meta.db_table == table)
    generated = [field.column for field in model._meta.concrete_fields if field.generated]
    job.run(
        'INSERT INTO crm_importreplacement (batch_id, "table", row_id, before) '
        "SELECT {batch}, {name}, t.id, to_jsonb(t) - {generated}::text[] FROM {table} t WHERE {condition}",
        batch=job.batch_id,
        name=table,
        generated=generated,
        table=Identifier(table),
        condition=SQL(condition).format(**{name: Literal(value) for name, value in values.items()}),
    )


def note_created(job: Job, table: str, ids: str) -> None:
    """Note rows this batch adds to a table that does not say which batch made a row: an empty "before"."""
    job.run(
        'INSERT INTO crm_importreplacement (batch_id, "table", row_id, before) '
        "SELECT {batch}, {name}, made.id, '{{}}'::jsonb FROM ({ids}) made(id)",
        batch=job.batch_id,
        name=table,
        ids=SQL(ids).format(),
    )

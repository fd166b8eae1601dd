"""Taking the steps of a merge back, last one first; what cannot be taken back is said, never forced."""

from __future__ import annotations

import json
from typing import Any

from django.apps import apps
from django.db import models
from psycopg2.sql import SQL, Composable, Identifier

from crm.models import AccountMerge


def take_back(cursor: Any, merge: AccountMerge) -> list[dict[str, Any]]:
    """Undo every recorded step; returns what was left over: [{"code": ..., "table": ..., ...}]."""
    left: list[dict[str, Any]] = []
    steps = merge.rows.order_by("-pk").values_list("pk", "table", "column", "moved")
    for pk, table, column, moved in steps:
        if moved:
            returned = _return_rows(cursor, pk, table, column)
            if returned < len(moved):
                left.append({"code": "rows", "table": table, "count": len(moved) - returned})
        else:
            left += _bring_back(cursor, pk, table)
    return left


def model_of(table: str) -> type[models.Model] | None:
    """The model of a table on record; None where a later version has dropped it."""
    named = (model for model in apps.get_models(include_auto_created=True) if model._meta.db_table == table)
    return next(named, None)


def _typed(table: str, column: str, value: Composable) -> Composable:
    """A JSON value as the column's own type."""
    return SQL("(jsonb_populate_record(NULL::{}, jsonb_build_object(%s, {}))).{}").format(
        Identifier(table), value, Identifier(column)
    )


def _return_rows(cursor: Any, step: int, table: str, column: str) -> int:
    model = model_of(table)
    if model is None:
        return 0
    sets: list[Composable] = [
        SQL("{} = {}").format(Identifier(column), _typed(table, column, SQL("m.before")))
    ]
    sets += [
        SQL("{} = now()").format(Identifier(str(field.column)))
        for field in model._meta.concrete_fields
        if getattr(field, "auto_now", False)
    ]
    cursor.execute(
        SQL(
            "UPDATE {table} t SET {sets} FROM crm_mergedrows m WHERE m.id = %s "
            "AND t.{key} IN (SELECT e::bigint FROM jsonb_array_elements_text(m.moved) e) "
            "AND t.{column} IS NOT DISTINCT FROM {after}"
        ).format(
            table=Identifier(table),
            sets=SQL(", ").join(sets),
            key=Identifier(str(model._meta.pk.column)),
            column=Identifier(column),
            after=_typed(table, column, SQL("m.after")),
        ),
        [column, step, column],
    )
    return int(cursor.rowcount)


def _bring_back(cursor: Any, step: int, table: str) -> list[dict[str, Any]]:
    """Put the row of a step back into its table, and take back what its winner had taken over."""
    model = model_of(table)
    if model is None:
        return [{"code": "displaced", "table": table}]
    lost, gone = _missing(cursor, step, model)
    if gone:
        return [{"code": "displaced", "table": table}]
    columns = [
        Identifier(str(field.column))
        for field in model._meta.concrete_fields
        if not field.generated and field.column
    ]
    cursor.execute(
        SQL(
            "INSERT INTO {table} ({columns}) SELECT {values} FROM crm_mergedrows m, "
            "LATERAL jsonb_populate_record(NULL::{table}, (m.displaced -> 0 -> 'row') - %s::text[]) r "
            "WHERE m.id = %s ON CONFLICT DO NOTHING"
        ).format(
            table=Identifier(table),
            columns=SQL(", ").join(columns),
            values=SQL(", ").join(SQL("r.{}").format(name) for name in columns),
        ),
        [lost, step],
    )
    if cursor.rowcount == 0:
        return [{"code": "displaced", "table": table}]
    return _take_from_winner(cursor, step, model)


def _missing(cursor: Any, step: int, model: type[models.Model]) -> tuple[list[str], bool]:
    """Columns of the row that point at rows deleted since; and whether one of them may not be empty."""
    lost, gone = [], False
    for field in model._meta.concrete_fields:
        if not isinstance(field, models.ForeignKey):
            continue
        cursor.execute(
            SQL(
                "SELECT 1 FROM crm_mergedrows m WHERE m.id = %s AND m.displaced #>> %s IS NOT NULL AND NOT EXISTS "
                "(SELECT 1 FROM {} o WHERE o.{} = (m.displaced #>> %s)::bigint)"
            ).format(
                Identifier(field.related_model._meta.db_table), Identifier(str(field.target_field.column))
            ),
            [step, path := ["0", "row", str(field.column)], path],
        )
        if cursor.fetchone():
            lost.append(str(field.column))
            gone = gone or not field.null
    return lost, gone


def _take_from_winner(cursor: Any, step: int, model: type[models.Model]) -> list[dict[str, Any]]:
    table = model._meta.db_table
    cursor.execute(
        "SELECT (displaced #>> '{0,winner}')::bigint, displaced #>> '{0,filled}' FROM crm_mergedrows WHERE id = %s",
        [step],
    )
    winner, filled = cursor.fetchone()
    left = []
    for column in json.loads(filled):
        name = Identifier(column)
        value = "m.displaced #> ARRAY['0', 'filled', {}, {}]"
        before, after = (
            _typed(table, column, SQL(value).format(SQL("%s"), SQL(f"'{place}'"))) for place in (0, 1)
        )
        cursor.execute(
            SQL(
                "UPDATE {} t SET {} = {} FROM crm_mergedrows m WHERE m.id = %s AND t.{} = %s "
                "AND t.{} IS NOT DISTINCT FROM {}"
            ).format(Identifier(table), name, before, Identifier(str(model._meta.pk.column)), name, after),
            [column, column, step, winner, column, column],
        )
        if cursor.rowcount == 0:
            left.append({"code": "row_field", "table": table, "column": column})
    return left

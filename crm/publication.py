"""Moving staged figures to where readers see them, in set-based SQL that writes only rows that changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model

from crm.steps import Publication

_FACTS = "crm_stagedaccountfacts"


def figure_columns(staged: type[Model]) -> list[str]:
    """The columns that staged, current and frozen figures have in common."""
    columns = [field.column for field in staged._meta.concrete_fields if field.column]
    return [column for column in columns if column not in ("run_id", "account_id")]


def publish_figures(
    cursor: Any,
    publication: Publication,
    staged: type[Model],
    current: type[Model],
    snapshot: type[Model] | None = None,
    *,
    source: str = "",
    extra_columns: Iterable[str] = (),
) -> None:
    """Replace the current figures if the run is the newest, and the snapshot if its date is a month's end.

    `source`: a query for the staged rows where the staged table alone does not do; it gives account_id, the figure
    columns and `extra_columns`. Accounts that the run covered (it has facts of them) and gives no row for lose theirs.
    """
    columns = [*figure_columns(staged), *extra_columns]
    rows = f"SELECT * FROM {staged._meta.db_table} WHERE run_id = %(run)s"  # noqa: S608
    source = source or rows
    parameters = {"run": publication.run_id, "as_of": publication.as_of}
    if publication.newest:
        _merge(cursor, current._meta.db_table, source, columns, parameters, [])
        _remove_uncovered(cursor, current._meta.db_table, rows, publication, parameters, "")
    if snapshot is not None and publication.month_end:
        _merge(cursor, snapshot._meta.db_table, source, columns, parameters, ["month_end"])
        _remove_uncovered(
            cursor,
            snapshot._meta.db_table,
            rows,
            publication,
            parameters,
            "AND t.month_end = %(as_of)s",
        )


def _merge(
    cursor: Any, table: str, source: str, columns: list[str], parameters: dict[str, Any], dated: list[str]
) -> None:
    match = "t.account_id = s.account_id" + "".join(f" AND t.{name} = %(as_of)s" for name in dated)
    names = [*dated, "account_id", "run_id", *columns]
    values = [*("%(as_of)s" for _ in dated), "s.account_id", "%(run)s", *(f"s.{name}" for name in columns)]
    ours, theirs = (", ".join(f"{alias}.{name}" for name in columns) for alias in "ts")
    cursor.execute(
        f"""
        MERGE INTO {table} t
        USING (SELECT q.* FROM ({source}) q JOIN crm_account a ON a.id = q.account_id) s ON {match}
        WHEN MATCHED AND ({ours}) IS DISTINCT FROM ({theirs}) THEN
            UPDATE SET run_id = %(run)s, {", ".join(f"{name} = s.{name}" for name in columns)}
        WHEN NOT MATCHED THEN
            INSERT ({", ".join(names)}) VALUES ({", ".join(values)})
        """,  # noqa: S608
        parameters,
    )


def _remove_uncovered(
    cursor: Any,
    table: str,
    source: str,
    publication: Publication,
    parameters: dict[str, Any],
    condition: str,
) -> None:
    """Rows of accounts that have no figures any more: all of them, or among the accounts of a partial run.

    A partial run has no facts of an account that was merged into another: it is known by that.
    """
    # An array, so that the few accounts are looked up in the index whatever the planner thinks of the tables.
    covered = (
        f"AND t.account_id = ANY(ARRAY(SELECT account_id FROM {_FACTS} WHERE run_id = %(run)s"  # noqa: S608
        " UNION ALL SELECT id FROM crm_account WHERE merged_into_id IS NOT NULL))"
        if publication.context.only_changed
        else ""
    )
    cursor.execute(
        f"""
        DELETE FROM {table} t
        WHERE NOT EXISTS (SELECT 1 FROM ({source}) s WHERE s.account_id = t.account_id) {covered} {condition}
        """,  # noqa: S608
        parameters,
    )

"""Rows refused for what only their company or the ledger tells: duplicates, and what the loaders find."""

from __future__ import annotations

from typing import Any

from psycopg2.sql import SQL, Identifier

from crm.imports.job import Job


def refuse(job: Job, query: str, /, **values: Any) -> int:
    """Add issues found by a SELECT of (row_number, field, value, cause, parameters)."""
    return job.run("INSERT INTO import_issues " + query, **values)


def refuse_duplicates(job: Job, keys: tuple[str, ...]) -> None:
    """The first row with an external id counts, later ones are refused, whatever becomes of the first."""
    columns = SQL(", ").join(map(Identifier, keys))
    found = job.table(
        "import_duplicates",
        "SELECT {keys}, min(row_number) AS first_row FROM import_rows GROUP BY {keys} HAVING count(*) > 1",
        keys=columns,
    )
    if found:
        refuse(
            job,
            "SELECT r.row_number, {field}, r.{key}::text, 'duplicate', jsonb_build_object('first', d.first_row) "
            "FROM import_rows r JOIN import_duplicates d USING ({keys}) WHERE r.row_number > d.first_row",
            field=keys[0],
            key=Identifier(keys[0]),
            keys=columns,
        )


def drop_refused(job: Job) -> None:
    """Only rows without an issue stay in import_rows."""
    if job.row("SELECT EXISTS (SELECT FROM import_issues)")[0]:
        job.run("DELETE FROM import_rows r USING import_issues i WHERE i.row_number = r.row_number")

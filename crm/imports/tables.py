"""A file as a table: its shape for the mapping page, and its way into PostgreSQL's staging tables."""

from __future__ import annotations

import csv
import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg2.sql import SQL, Composed, Identifier, Literal

from crm.imports.delimited import Delimited, read_delimited
from crm.imports.encodings import opened
from crm.imports.problems import ImportFileError
from crm.imports.spreadsheets import Spreadsheet, is_spreadsheet, read_spreadsheet

MOST_COLUMNS = 400
# The columns a file of rejected rows has in addition: no part of the file's own shape.
ADDED = "#"


@dataclass
class FileTable:
    """A readable file: the header, some rows, and how it came to be read."""

    content: Delimited | Spreadsheet
    header: list[str]

    @property
    def sample(self) -> list[list[str]]:
        return self.content.sample

    @property
    def encoding(self) -> str:
        return self.content.facts.encoding if isinstance(self.content, Delimited) else "spreadsheet"

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.header)

    def column(self, header: str) -> int | None:
        """Its position from 1: the exact header first, then regardless of case and blanks."""
        if header in self.header:
            return self.header.index(header) + 1
        wanted = _plain(header)
        return next(
            (place for place, name in enumerate(self.header, start=1) if _plain(name) == wanted), None
        )

    def sample_of(self, column: int) -> list[str]:
        return [row[column - 1] for row in self.sample if len(row) >= column]


def _plain(header: str) -> str:
    return "".join(header.split()).casefold()


def fingerprint(header: list[str]) -> str:
    """The same for every file with these columns in this order."""
    names = [_plain(name) for name in header if not name.startswith(ADDED)]
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()


def read_table(path: Path, *, encoding: str = "", delimiter: str = "", sheet: str = "") -> FileTable:
    """Look at a file; ImportFileError says what is wrong with it as a whole."""
    limit = settings.IMPORT_MAX_BYTES
    if path.stat().st_size > limit:
        raise ImportFileError("too_large", limit=limit >> 20)
    with opened(path) as file:
        start = file.read(8)
    content: Delimited | Spreadsheet
    if is_spreadsheet(start):
        content = read_spreadsheet(path, sheet=sheet, limit=limit)
    else:
        content = read_delimited(path, encoding=encoding, delimiter=delimiter, limit=limit)
    if len(content.header) > MOST_COLUMNS:
        raise ImportFileError("too_many_columns", found=len(content.header), limit=MOST_COLUMNS)
    if not content.sample:
        raise ImportFileError("no_rows")
    return FileTable(content, _distinct(content.header))


def _distinct(header: list[str]) -> list[str]:
    """Headers as shown: trimmed, numbered where they repeat, named where they are empty."""
    seen: dict[str, int] = {}
    names = []
    for place, name in enumerate(header, start=1):
        name = " ".join(name.split()) or f"Column {place}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def stage(
    cursor: CursorWrapper, table: FileTable, name: str, progress: Callable[[float], None] = lambda part: None
) -> None:
    """COPY a file into the temporary table `name` (row_number, c1 ... cn) and `name`_defects."""
    width = len(table.header)
    columns = SQL(", ").join([Identifier(f"c{place}") for place in range(1, width + 1)])
    typed = SQL(", ").join([SQL("{} text").format(Identifier(f"c{place}")) for place in range(1, width + 1)])
    target, defects, serial = Identifier(name), Identifier(f"{name}_defects"), Identifier(f"{name}_serial")
    drop(cursor, name)
    cursor.execute(
        SQL(
            "CREATE TEMP TABLE {defects} (row_number bigint, cause text, parameters jsonb, original jsonb, "
            "column_number int, value text) ON COMMIT DROP; "
            "CREATE TEMP TABLE {target} (row_number bigint, {typed}) ON COMMIT DROP"
        ).format(target=target, defects=defects, typed=typed)
    )
    content = table.content
    if isinstance(content, Delimited) and content.direct:
        try:
            with transaction.atomic():
                _copy_as_it_is(cursor, content, target, columns, serial, progress)
            cursor.execute(SQL("ANALYZE {}").format(target))
            return
        except DatabaseError as error:
            if getattr(error.__cause__, "pgcode", "") not in NOT_PLAIN:
                raise
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as refused:
        rows = content.rows(refused, progress) if isinstance(content, Delimited) else content.rows(progress)
        every = SQL("row_number, {}").format(columns)
        copy_in(cursor, _copy_command(cursor, target, every, columns, ","), rows)
        if isinstance(content, Spreadsheet):
            _cell_defects(content, refused)
        refused.seek(0)
        count = "row_number, cause, parameters, original"
        if isinstance(content, Spreadsheet):
            count = "row_number, cause, column_number, value"
        copy_in(cursor, SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(defects, SQL(count)), refused)
    cursor.execute(SQL("ANALYZE {}").format(target))


# COPY's refusals that only mean "this file is not as plain as it looked": a row of another width, mostly.
NOT_PLAIN = frozenset({"22P04", "22P02", "22021", "22000", "22023"})


def _copy_as_it_is(
    cursor: CursorWrapper,
    content: Delimited,
    target: Identifier,
    columns: Composed,
    serial: Identifier,
    progress: Callable[[float], None],
) -> None:
    cursor.execute(
        SQL(
            "CREATE TEMP SEQUENCE {serial} START 2 CACHE 10000; "
            "ALTER TABLE {target} ALTER row_number SET DEFAULT nextval({name})"
        ).format(serial=serial, target=target, name=Literal(serial.string))
    )
    command = _copy_command(cursor, target, columns, columns, content.delimiter)
    copy_in(cursor, command, content.raw(progress))


def _copy_command(
    cursor: CursorWrapper, target: Identifier, columns: Any, nullable: Any, delimiter: str
) -> Composed:
    return SQL("COPY {} ({}) FROM STDIN (FORMAT csv, DELIMITER {}, ENCODING 'UTF8', FORCE_NULL ({}))").format(
        target, columns, Literal(delimiter), nullable
    )


def copy_in(cursor: CursorWrapper, command: Any, stream: IO[Any]) -> None:
    """COPY FROM STDIN; psycopg2's errors become Django's, as with every other statement."""
    with connection.wrap_database_errors:
        cursor.copy_expert(command, stream, 1 << 20)


def _cell_defects(content: Spreadsheet, refused: IO[str]) -> None:
    writer = csv.writer(refused)
    for (row, column), defect in sorted(content.defects.items()):
        writer.writerow([row, defect.cause, column, defect.value])


def drop(cursor: CursorWrapper, name: str) -> None:
    cursor.execute(
        SQL("DROP TABLE IF EXISTS pg_temp.{}, pg_temp.{}; DROP SEQUENCE IF EXISTS pg_temp.{}").format(
            Identifier(name), Identifier(f"{name}_defects"), Identifier(f"{name}_serial")
        )
    )


def preview(table: FileTable, rows: int = 8, characters: int = 60) -> list[list[str]]:
    """The first rows for the mapping page, long cells cut."""
    return [
        [cell if len(cell) <= characters else cell[:characters] + "…" for cell in row]
        for row in table.sample[:rows]
    ]

"""Bulk transfer between numpy and PostgreSQL by COPY.

Millions of cells cross without a Python loop over them: where a table's column types allow it, arrays go in as
COPY's binary format, laid out by numpy. Text, dates as objects and decimals go as COPY's text format.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from numpy.typing import ArrayLike, NDArray

from crm.binary_copy import ENCODERS, WHOLE_NUMBERS, decode_rows, encode_rows

# Rows per COPY message buffer: bounds memory whatever the table's size.
_CHUNK = 200_000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_columns(cursor: Any, table: str, columns: Sequence[str], arrays: Sequence[ArrayLike]) -> int:
    """Append rows given as one array per column; returns how many.

    NaN, NaT and None are NULL. A two-dimensional array fills a column of arrays (NaN inside is a NULL element); for
    a column of whole numbers a float array is accepted, NaN being NULL. ValueError when lengths differ.
    """
    values = [np.asarray(array) for array in arrays]
    if len(values) != len(columns):
        raise ValueError(f"{len(columns)} columns but {len(values)} arrays")
    if len({len(array) for array in values}) > 1:
        raise ValueError(f"arrays of different lengths: {[len(array) for array in values]}")
    rows = len(values[0]) if values else 0
    types = _column_types(cursor, table, columns)
    binary = all(
        kind in ENCODERS and array.dtype.kind in "biufM" for kind, array in zip(types, values, strict=True)
    )
    for start in range(0, rows, _CHUNK):
        chunk = [array[start : start + _CHUNK] for array in values]
        data = encode_rows(types, chunk) if binary else _text_rows(types, chunk)
        _copy_in(cursor, table, columns, data, "binary" if binary else "text")
    return rows


def copy_rows(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Append rows of plain Python values (streamed, so `rows` may be a generator); returns how many.

    None and NaN are NULL, a list or tuple is an array, everything else is what `str` makes of it.
    """
    reader = _RowReader(rows)
    cursor.copy_expert(_statement(table, columns, "text"), reader)
    return reader.count


def read_columns(
    cursor: Any, query: str, parameters: Mapping[str, Any] | Sequence[Any] | None, columns: Mapping[str, str]
) -> dict[str, NDArray[Any]]:
    """The result of `query` as one array per column, without a Python object per cell.

    `columns` gives name -> kind in the query's order: "float" (NULL becomes NaN), "int" (int64; NULL is an error
    of the query), "bool" (NULL is false), "date" (datetime64[D]; NULL becomes NaT).
    """
    casts = {
        "float": "coalesce({0}::float8, 'NaN'::float8)",
        "int": "{0}::int8",
        "bool": "coalesce({0}::bool, false)",
        "date": "coalesce({0}::date, 'infinity'::date)",
    }
    selected = ", ".join(casts[kind].format(f'q."{name}"') for name, kind in columns.items())
    statement = cursor.mogrify(query, parameters)
    inner = statement.decode() if isinstance(statement, bytes) else statement
    names = ", ".join(f'"{name}"' for name in columns)
    buffer = io.BytesIO()
    cursor.copy_expert(
        f"COPY (SELECT {selected} FROM ({inner}) AS q({names})) TO STDOUT WITH (FORMAT binary)",  # noqa: S608
        buffer,
    )
    return decode_rows(buffer.getvalue(), columns)


def read_queryset(rows: QuerySet[Any, Any], columns: Mapping[str, str]) -> dict[str, NDArray[Any]]:
    """The values of a `values_list` queryset as `read_columns` gives those of a query."""
    try:
        query, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        query, parameters = f"SELECT {', '.join(['NULL'] * len(columns))} WHERE false", ()
    with connection.cursor() as cursor:
        return read_columns(cursor, query, parameters, columns)


def _column_types(cursor: Any, table: str, columns: Sequence[str]) -> list[str]:
    cursor.execute(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        [table],
    )
    known = dict(cursor.fetchall())
    missing = [column for column in columns if column not in known]
    if missing:
        raise ValueError(f"{table} has no column {missing[0]}")
    return [known[column] for column in columns]


def _statement(table: str, columns: Sequence[str], form: str) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    return f"COPY {table} ({names}) FROM STDIN WITH (FORMAT {form})"


def _copy_in(cursor: Any, table: str, columns: Sequence[str], data: bytes, form: str) -> None:
    cursor.copy_expert(_statement(table, columns, form), io.BytesIO(data))


def _text_rows(types: Sequence[str], arrays: Sequence[NDArray[Any]]) -> bytes:
    cells = [_text_cells(kind, array) for kind, array in zip(types, arrays, strict=True)]
    return "".join("\t".join(row) + "\n" for row in zip(*cells, strict=True)).encode()


def _text_cells(kind: str, array: NDArray[Any]) -> list[str]:
    if array.ndim > 1:
        return [_text(list(row)) for row in array.tolist()]
    if array.dtype.kind == "f":
        form = "{:.0f}".format if kind in WHOLE_NUMBERS else repr
        return [r"\N" if value != value else form(value) for value in array.tolist()]
    if array.dtype.kind == "M":
        return [
            r"\N" if value == "NaT" else value for value in array.astype("datetime64[D]").astype(str).tolist()
        ]
    return [_text(value) for value in array.tolist()]


def _text(value: Any) -> str:
    if value is None or value != value:
        return r"\N"
    if isinstance(value, (list, tuple)):
        return "{" + ",".join(_element(element) for element in value) + "}"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return r"\\x" + bytes(value).hex()
    return str(value).translate(_ESCAPES)


def _element(value: Any) -> str:
    if value is None or value != value:
        return "NULL"
    if isinstance(value, (int, float)):
        return str(value)
    # Quoted for the array, then escaped for COPY.
    quoted = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'.translate(_ESCAPES)


class _RowReader(io.RawIOBase):
    """A file whose content is made from the rows as it is read."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self.rows = iter(rows)
        self.rest = b""
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        parts, length = [self.rest], len(self.rest)
        while size < 0 or length < size:
            lines = []
            for row in self.rows:
                lines.append("\t".join([_text(value) for value in row]) + "\n")
                if len(lines) == 1000:
                    break
            if not lines:
                break
            self.count += len(lines)
            parts.append("".join(lines).encode())
            length += len(parts[-1])
        data = b"".join(parts)
        if size < 0:
            self.rest = b""
            return data
        self.rest = data[size:]
        return data[:size]

"""COPY's binary format, laid out and read by numpy.

A row is a count of fields, then per field a length (-1 for NULL) and its bytes, all big-endian. Rows are built at
their full width and the bytes of NULLs are then masked out, so nothing loops over cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
# PostgreSQL counts days from 2000-01-01.
_EPOCH = np.datetime64("2000-01-01", "D")
_INFINITE_DATE = 2**31 - 1

# Type name -> numpy's big-endian layout.
_SCALARS = {
    "smallint": ">i2",
    "integer": ">i4",
    "bigint": ">i8",
    "double precision": ">f8",
    "boolean": ">i1",
    "date": ">i4",
}
# Array type -> layout and object id of the elements.
_ARRAYS = {"double precision[]": (">f8", 701), "smallint[]": (">i2", 21), "integer[]": (">i4", 23)}
WHOLE_NUMBERS = frozenset({"smallint", "integer", "bigint"})
ENCODERS = frozenset(_SCALARS) | frozenset(_ARRAYS)


def encode_rows(types: Sequence[str], arrays: Sequence[NDArray[Any]]) -> bytes:
    """The bytes of a whole COPY ... (FORMAT binary) stream for arrays of equal length."""
    rows = len(arrays[0])
    blocks: list[Bytes] = [_bytes_of(np.full(rows, len(types), dtype=">i2"))]
    masks: list[Mask] = [np.ones((rows, 2), dtype=np.bool_)]
    for kind, array in zip(types, arrays, strict=True):
        block, mask = _array_field(kind, array) if kind in _ARRAYS else _scalar_field(kind, array)
        blocks.append(block)
        masks.append(mask)
    data = np.concatenate(blocks, axis=1)
    mask = np.concatenate(masks, axis=1)
    body = data.tobytes() if mask.all() else data[mask].tobytes()
    return _SIGNATURE + body + _TRAILER


def _scalar_field(kind: str, array: NDArray[Any]) -> tuple[Bytes, Mask]:
    layout = np.dtype(_SCALARS[kind])
    if array.ndim != 1:
        raise ValueError(f"a column of {kind} takes a one-dimensional array, not {array.ndim} dimensions")
    values, null = _plain(kind, array)
    length = np.where(null, -1, layout.itemsize).astype(">i4")
    block = np.concatenate([_bytes_of(length), _bytes_of(_checked(values, layout))], axis=1)
    mask = np.ones(block.shape, dtype=np.bool_)
    mask[null, 4:] = False
    return block, mask


def _plain(kind: str, array: NDArray[Any]) -> tuple[NDArray[Any], Mask]:
    """Values without NaN or NaT, and where those were."""
    if array.dtype.kind == "M":
        null = np.isnat(array)
        days = (np.where(null, _EPOCH, array).astype("datetime64[D]") - _EPOCH).astype(np.int64)
        return days, null
    if kind == "date":
        raise ValueError("a column of dates takes an array of datetime64")
    if array.dtype.kind == "f":
        null = np.isnan(array)
        return np.where(null, 0.0, array), null
    return array, np.zeros(array.shape, dtype=np.bool_)


def _checked(values: NDArray[Any], layout: np.dtype[Any]) -> NDArray[Any]:
    """Whole numbers must be whole and fit: a silent wrap-around would be a wrong figure."""
    if layout.kind == "i" and values.size:
        limits = np.iinfo(layout)
        if values.min() < limits.min or values.max() > limits.max:
            raise ValueError(f"a value does not fit {layout.itemsize * 8} bits")
        if values.dtype.kind == "f" and (values != np.trunc(values)).any():
            raise ValueError("a fraction in a column of whole numbers")
    return values.astype(layout)


def _array_field(kind: str, array: NDArray[Any]) -> tuple[Bytes, Mask]:
    name, element_type = _ARRAYS[kind]
    layout = np.dtype(name)
    if array.ndim != 2:
        raise ValueError(f"a column of {kind} takes a two-dimensional array, not {array.ndim} dimension(s)")
    rows, width = array.shape
    values, null = _plain(kind, array)
    elements = _checked(values, layout)
    stored = (4 + np.where(null, 0, layout.itemsize)).sum(axis=1) if width else np.zeros(rows, dtype=np.int64)
    if width:
        header = np.empty((rows, 6), dtype=">i4")
        header[:] = (0, 1, 0, element_type, width, 1)  # length, dimensions, any NULL, type, size, lower bound
        header[:, 0] = 20 + stored
        header[:, 2] = null.any(axis=1)
    else:
        header = np.empty((rows, 4), dtype=">i4")
        header[:] = (12, 0, 0, element_type)
    head = np.ascontiguousarray(header).view(np.uint8).reshape(rows, -1)
    cells = np.empty((rows, width, 4 + layout.itemsize), dtype=np.uint8)
    lengths = np.where(null, -1, layout.itemsize).astype(">i4")
    cells[:, :, :4] = np.ascontiguousarray(lengths).view(np.uint8).reshape(rows, width, 4)
    cells[:, :, 4:] = np.ascontiguousarray(elements).view(np.uint8).reshape(rows, width, layout.itemsize)
    mask = np.ones(cells.shape, dtype=np.bool_)
    mask[null, 4:] = False
    block = np.concatenate([head, cells.reshape(rows, -1)], axis=1)
    return block, np.concatenate([np.ones(head.shape, dtype=np.bool_), mask.reshape(rows, -1)], axis=1)


def _bytes_of(column: NDArray[Any]) -> Bytes:
    return np.ascontiguousarray(column).view(np.uint8).reshape(len(column), column.dtype.itemsize)


_READ = {"float": ">f8", "int": ">i8", "bool": ">i1", "date": ">i4"}


def decode_rows(data: bytes, columns: Mapping[str, str]) -> dict[str, NDArray[Any]]:
    """Arrays from a binary COPY stream without NULLs (see `crm.copying.read_columns`)."""
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for i, kind in enumerate(columns.values()):
        layout += [(f"length{i}", ">i4"), (f"value{i}", _READ[kind])]
    record = np.dtype(layout)
    start, stop = len(_SIGNATURE), len(data) - len(_TRAILER)
    if (stop - start) % record.itemsize:
        raise ValueError("a NULL where the query promised none")
    table = np.frombuffer(data[start:stop], dtype=record)
    return {name: _native(table[f"value{i}"], kind) for i, (name, kind) in enumerate(columns.items())}


def _native(values: NDArray[Any], kind: str) -> NDArray[Any]:
    if kind == "float":
        return values.astype(np.float64)
    if kind == "int":
        return values.astype(np.int64)
    if kind == "bool":
        return values.astype(np.bool_)
    days = values.astype(np.int64)
    dates = _EPOCH + days.astype("timedelta64[D]")
    return np.where(days == _INFINITE_DATE, np.datetime64("NaT", "D"), dates)

"""A first mapping from the headers and the first rows: English and Chinese, CamelCase and snake_case."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from crm.imports.fields import Field, FieldType, fields_of
from crm.imports.mapping import Lookup, Mapping
from crm.imports.tables import FileTable
from crm.imports.values import (
    YEAR_LAST,
    parse_currency,
    parse_date,
    parse_number,
    parse_yes_no,
    tidy,
)
from crm.imports.words import LINE_NUMBER, WORDS
from crm.models import ImportKind

CHECKED_ROWS = 100


def plain(header: str) -> str:
    """OrderQuantity, order_quantity, "Order quantity" and 数量(件) in one form."""
    header = re.sub(r"[(（\[【].*?[)）\]】]", "", header)
    return re.sub(r"[\W_]+", "", tidy(header).lower())


def guess(kind: str, main: FileTable, lookups: dict[str, FileTable] | None = None) -> Mapping:
    """The best reading of the headers for one kind; fields without a likely column stay open."""
    lookups = lookups or {}
    mapping = Mapping(kind=kind, lookups=[])
    joined: list[tuple[str, FileTable]] = [("", main)]
    for name, table in lookups.items():
        if join := _guess_join(name, main, table):
            mapping.lookups.append(join)
            joined.append((f"{name}.", table))
    used: set[str] = set()
    # A company's own field before the words by which others go, but not before their names.
    fields = sorted(fields_of(kind).values(), key=lambda field: not field.is_further)
    names = {plain(field.name) for field in fields if not field.is_further}
    # For each word in turn, main file first: "order date" in a lookup never beats "date" in the main file.
    for prefix, table in joined:
        for field in fields:
            if field.name in mapping.columns:
                continue
            own = tuple(word for word in map(plain, field.headers) if word and word not in names)
            for word in own or WORDS[kind].get(field.name, ()):
                column = _find(word, table, field)
                if column and (name := prefix + table.header[column - 1]) not in used:
                    mapping.columns[field.name] = name
                    used.add(name)
                    break
    _settle(mapping, main)
    return mapping


def _find(word: str, table: FileTable, field: Field) -> int | None:
    for column, header in enumerate(table.header, start=1):
        name = plain(header)
        # Data warehouses call an id a key.
        if word in (name, re.sub("key$", "id", name)) and looks_like(
            field, table.sample_of(column)[:CHECKED_ROWS]
        ):
            return column
    return None


def looks_like(field: Field, cells: Iterable[str]) -> bool:
    """Whether most of the filled cells can be values of the field. No filled cell proves nothing."""
    filled = [cell for cell in cells if tidy(cell[:200])]
    good = sum(_fits(field, cell) for cell in filled)
    return not filled or good * 2 >= len(filled)


def _fits(field: Field, cell: str) -> bool:
    if field.type.is_numeric:
        value = parse_number(cell)
        if value is None:
            return bool(re.fullmatch(r"[-\d., ]+", tidy(cell[:100])))
        if field.name == "discount_fraction":
            return 0 <= value <= 1
        return field.name != "discount_percent" or value == 0 or Decimal(1) < value <= 100
    if field.type == FieldType.DATE:
        return parse_date(cell) is not None or bool(YEAR_LAST.fullmatch(tidy(cell[:100])))
    if field.type == FieldType.CURRENCY:
        return parse_currency(cell) is not None
    if field.type == FieldType.BOOLEAN:
        return parse_yes_no(cell) is not None
    return True


def _settle(mapping: Mapping, main: FileTable) -> None:
    """What follows from other guesses: one discount, the id of a line made of order and line number."""
    columns = mapping.columns
    for name in ("discount_fraction", "discount_percent"):
        if "discount" in columns:
            columns.pop(name, None)
    if "discount_fraction" in columns:
        columns.pop("discount_percent", None)
    if mapping.kind == ImportKind.TRADE_LINES and "external_id" not in columns and "order_number" in columns:
        line = next((name for name in main.header if plain(name) in LINE_NUMBER), None)
        second = line or columns.get("product")
        if second:
            columns["external_id"] = f"{{{columns['order_number']}}}-{{{second}}}"
    if mapping.kind == ImportKind.TRADE_LINES and "account" not in columns and "account_name" in columns:
        columns["account"] = columns["account_name"]


def _guess_join(name: str, main: FileTable, table: FileTable) -> Lookup | None:
    """The first column both files have whose values are all different in the lookup."""
    for header in main.header:
        column = table.column(header)
        if column is None:
            continue
        cells = table.sample_of(column)
        if cells and len(set(cells)) == len(cells):
            return Lookup(name=name, file="", key=header, match=table.header[column - 1])
    return None


def guess_kind(main: FileTable, lookups: dict[str, FileTable] | None = None) -> str:
    """The kind all of whose needed fields are found, the richest one; "" where none fits."""
    best, most = "", 0
    for kind in ImportKind.values:
        mapping = guess(kind, main, lookups)
        found = len(mapping.columns)
        if not mapping.missing() and found > most:
            best, most = kind, found
    return best

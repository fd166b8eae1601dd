"""The rejected rows as a file: as they came, with what is wrong behind them, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import groupby

from django.utils import translation

from crm.exports import DANGEROUS
from crm.imports.fields import FIELDS
from crm.imports.problems import sentence, shown
from crm.models import ImportBatch, ImportRejection

ADDED_HEADERS = ["#row", "#column", "#value", "#cause"]
HARMLESS = re.compile(r"[+-]?[\d.,]+%?")


def neutral(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay numbers."""
    return f"'{cell}" if cell.startswith(DANGEROUS) and not HARMLESS.fullmatch(cell) else cell


def column_of(batch: ImportBatch, rejection: ImportRejection) -> str:
    """The header as the file has it, or the field's own name."""
    name = rejection.column
    if name.startswith("="):
        return name[1:]
    columns = batch.mapping.get("columns", {})
    labels = {field.name: field.label for field in FIELDS[batch.kind]}
    return str(columns.get(name) or labels.get(name, name))


def cause_of(rejection: ImportRejection) -> str:
    return sentence(rejection.cause, rejection.parameters)


def rejected_csv(batch: ImportBatch, language: str | None = None) -> Iterator[str]:
    """Piece by piece, one line for each row, however many things are wrong with it.

    A response is streamed after the request's language has been put away: name the `language`.
    """
    yield "\ufeff" + _line([*batch.summary.get("header", []), *ADDED_HEADERS])
    width = len(batch.summary.get("header", []))
    found = batch.rejections.order_by("row_number", "pk").iterator(chunk_size=2000)
    for row, group in groupby(found, key=lambda entry: entry.row_number):
        entries = list(group)
        cells = [cell or "" for cell in entries[0].original]
        cells += [""] * (width - len(cells))
        with translation.override(language or translation.get_language()):
            columns = "; ".join(dict.fromkeys(filter(None, (column_of(batch, entry) for entry in entries))))
            wrong = "; ".join(cause_of(entry) for entry in entries)
        yield _line([*cells, str(row), columns, "; ".join(shown(entry.value) for entry in entries), wrong])


def _line(cells: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([neutral(cell) for cell in cells])
    return buffer.getvalue()

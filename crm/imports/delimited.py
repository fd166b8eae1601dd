"""Delimited text: the dialect, the header, and a stream that PostgreSQL's COPY can swallow.

A file without quotation marks, blank lines and other subtleties goes to COPY as it is. Every other file is read by
Python's csv module, which knows them all, and handed on row by row; rows of a wrong width are set aside.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from crm.imports.encodings import TextFacts, chunks, examine, opened
from crm.imports.problems import ImportFileError

csv.field_size_limit(1 << 30)
DELIMITERS = ",;\t|"
SAMPLE_ROWS = 200


@dataclass(frozen=True)
class Defect:
    """A row that has no place in the table: too wide, too narrow, not text."""

    row_number: int
    cause: str
    parameters: dict[str, Any]
    cells: list[str]


@dataclass
class Delimited:
    path: Path
    facts: TextFacts
    delimiter: str
    header: list[str]
    sample: list[list[str]] = field(default_factory=list)

    @property
    def direct(self) -> bool:
        """Whether COPY reads the file exactly as the csv module would."""
        return self.facts.plain and not self.facts.quotes and self.facts.encoding in ("utf-8", "utf-8-sig")

    def raw(self, progress: Callable[[float], None]) -> IO[bytes]:
        """The lines after the header, as they are."""
        return Stream(self._raw_chunks(progress))

    def _raw_chunks(self, progress: Callable[[float], None]) -> Iterator[bytes]:
        seen, in_header = 0, True
        for piece in chunks(self.path):
            seen += len(piece)
            progress(seen / max(1, self.facts.size))
            if in_header:
                end = piece.find(b"\n")
                if end < 0:
                    continue
                in_header, piece = False, piece[end + 1 :]
            yield piece

    def records(self) -> Iterator[list[str]]:
        """Every record with the header; a blank line is an empty list."""
        with opened(self.path) as binary:
            text = io.TextIOWrapper(binary, encoding=self.facts.encoding, newline="")
            reader = csv.reader(text, delimiter=self.delimiter)
            row = line = span = 0
            for record in reader:
                yield record
                row += 1
                line, span = reader.line_num, reader.line_num - line
            if self.facts.quotes % 2 and span > 1:
                # The rest of the file was taken for one cell: nothing of it is imported.
                raise ImportFileError("open_quote", row=row)

    def rows(self, defects: IO[str], progress: Callable[[float], None]) -> IO[bytes]:
        """CSV for COPY with the row number in front; rows that do not fit go to `defects` instead."""
        return Stream(self._row_chunks(defects, progress))

    def _row_chunks(self, defects: IO[str], progress: Callable[[float], None]) -> Iterator[bytes]:
        width, lines = len(self.header), max(1, self.facts.lines)
        refused = csv.writer(defects)
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        in_header = True
        for number, cells in enumerate(self.records(), start=1):
            if not cells:
                continue
            if in_header:
                in_header = False
                continue
            if len(cells) != width:
                parameters = {"expected": width, "found": len(cells)}
                refused.writerow(defect_row(Defect(number, "wrong_column_count", parameters, cells)))
                continue
            if any("\0" in cell for cell in cells):
                clean = [cell.replace("\0", "␀") for cell in cells]
                refused.writerow(defect_row(Defect(number, "nul_byte", {}, clean)))
                continue
            writer.writerow([number, *cells])
            if buffer.tell() > 1 << 18:
                yield buffer.getvalue().encode()
                buffer.seek(0)
                buffer.truncate()
                progress(min(1.0, number / lines))
        yield buffer.getvalue().encode()


def defect_row(defect: Defect) -> list[str]:
    cells = [cell.replace("\0", "␀") for cell in defect.cells]
    return [
        str(defect.row_number),
        defect.cause,
        json.dumps(defect.parameters),
        json.dumps(cells, ensure_ascii=False),
    ]


class Stream(io.RawIOBase, IO[bytes]):
    """A file made of the pieces of a generator, for psycopg2's COPY."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        taken, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return taken


def read_delimited(path: Path, *, encoding: str = "", delimiter: str = "", limit: int = 0) -> Delimited:
    facts = examine(path, encoding, limit)
    found = Delimited(path, facts, delimiter or _delimiter(path, facts.encoding), [])
    sample: list[list[str]] = []
    for record in found.records():
        if record or sample:
            sample.append(record)
        if len(sample) > SAMPLE_ROWS:
            break
    if not sample:
        raise ImportFileError("empty_file")
    found.header, found.sample = sample[0], [row for row in sample[1:] if row]
    return found


def _delimiter(path: Path, encoding: str) -> str:
    """The separator that splits the first lines most often and most evenly."""
    with opened(path) as binary:
        text = io.TextIOWrapper(binary, encoding=encoding, newline="")
        start = text.read(1 << 16)
    best, most = ",", 1
    for candidate in DELIMITERS:
        records = list(csv.reader(io.StringIO(start, newline=""), delimiter=candidate))[:20]
        width = len(records[0]) if records else 1
        even = sum(len(record) == width for record in records) / max(1, len(records))
        if width > 1 and width * even > most:
            best, most = candidate, width * even  # type: ignore[assignment]
    return best

"""XLSX and XLS: read by calamine, looked over for formulas that were never calculated."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from crm.imports.delimited import SAMPLE_ROWS, Stream
from crm.imports.problems import ImportFileError

ZIP_MARK, OLE_MARK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
CELL = re.compile(r"([A-Z]{1,3})(\d+)")


@dataclass(frozen=True)
class CellDefect:
    cause: str
    value: str


@dataclass
class Spreadsheet:
    path: Path
    sheet: str
    header: list[str]
    size: int
    sample: list[list[str]] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    defects: dict[tuple[int, int], CellDefect] = field(default_factory=dict)

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Row number as the spreadsheet shows it, and the cells as text."""
        sheet = _open(self.path).get_sheet_by_name(self.sheet)
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            yield number, [as_text(cell) for cell in cells]

    def rows(self, progress: Callable[[float], None]) -> IO[bytes]:
        return Stream(self._chunks(progress))

    def _chunks(self, progress: Callable[[float], None]) -> Iterator[bytes]:
        width = len(self.header)
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        header_seen = False
        for number, cells in self.records():
            if not any(cells):
                if not any((number, column) in self.defects for column in range(1, width + 1)):
                    continue
            elif not header_seen:
                header_seen = True
                continue
            cells = (cells + [""] * width)[:width]
            for column in range(1, width + 1) if self.defects else ():
                if defect := self.defects.get((number, column)):
                    cells[column - 1] = defect.value
            writer.writerow([number, *cells])
            if buffer.tell() > 1 << 18:
                yield buffer.getvalue().encode()
                buffer.seek(0)
                buffer.truncate()
                progress(number / max(1, self.size))
        yield buffer.getvalue().encode()


def as_text(cell: Any) -> str:
    """As a person reads it: whole numbers without .0, ISO dates."""
    if isinstance(cell, str):
        return cell.replace("\0", "␀")
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    return "" if cell is None else str(cell)


def is_spreadsheet(start: bytes) -> bool:
    return start.startswith((ZIP_MARK, OLE_MARK))


def read_spreadsheet(path: Path, *, sheet: str = "", limit: int = 0) -> Spreadsheet:
    _refuse_bombs(path, limit)
    book = _open(path)
    names = list(book.sheet_names)
    if sheet and sheet not in names:
        raise ImportFileError("unknown_sheet", sheet=sheet)
    for name in [sheet] if sheet else names:
        found = Spreadsheet(path, name, [], 0, sheets=names)
        sample: list[list[str]] = []
        for _number, cells in found.records():
            if any(cells):
                sample.append(cells)
            if len(sample) > SAMPLE_ROWS:
                break
        if sample:
            found.header, found.sample = sample[0], sample[1:]
            while found.header and not found.header[-1]:
                found.header.pop()
            found.size = book.get_sheet_by_name(name).total_height
            # calamine leaves out the empty columns on the left, but not the empty rows above.
            left = (book.get_sheet_by_name(name).start or (0, 0))[1]
            found.defects = {
                (row, column - left): defect for (row, column), defect in _cell_defects(path, name).items()
            }
            return found
    raise ImportFileError("empty_file")


def _open(path: Path) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(str(path))
    except PasswordError as error:
        raise ImportFileError("password") from error
    except (CalamineError, OSError, ValueError) as error:
        raise ImportFileError("damaged_file") from error


def _refuse_bombs(path: Path, limit: int) -> None:
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        if limit and sum(item.file_size for item in archive.infolist()) > 4 * limit:
            raise ImportFileError("too_large", limit=limit >> 20)
        if "xl/workbook.xml" not in archive.namelist():
            raise ImportFileError("unknown_format")


def _cell_defects(path: Path, sheet: str) -> dict[tuple[int, int], CellDefect]:
    """Formulas without a stored value and cells that show an error: calamine gives both as empty."""
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        name = _part_of(archive, sheet)
        if not name:
            return {}
        with archive.open(name) as part:
            tail, suspicious = b"", False
            while piece := part.read(1 << 20):
                joined = tail + piece
                if b"<f" in joined or b't="e"' in joined:
                    suspicious = True
                    break
                tail = piece[-8:]
        if not suspicious:
            return {}
        with archive.open(name) as part:
            return _Cells().of(part)


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    relation, targets = "", {}

    def book(tag: str, attributes: dict[str, str]) -> None:
        nonlocal relation
        if tag.split(":")[-1] == "sheet" and attributes.get("name") == sheet:
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")

    def rels(tag: str, attributes: dict[str, str]) -> None:
        if tag.split(":")[-1] == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    for handler, name in ((book, "xl/workbook.xml"), (rels, "xl/_rels/workbook.xml.rels")):
        if name not in archive.namelist():
            return ""
        parser = expat.ParserCreate()
        parser.StartElementHandler = handler
        parser.Parse(archive.read(name), True)
    target = targets.get(relation, "")
    full = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return full if full in archive.namelist() else ""


class _Cells:
    """Streams through a sheet's XML; holds one cell at a time."""

    def of(self, part: IO[bytes]) -> dict[tuple[int, int], CellDefect]:
        self.found: dict[tuple[int, int], CellDefect] = {}
        self.where, self.kind = "", ""
        self.inside = ""
        self.formula: str | None = None
        self.value: str | None = None
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        try:
            parser.ParseFile(part)
        except expat.ExpatError as error:
            raise ImportFileError("damaged_file") from error
        return self.found

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self.where, self.kind = attributes.get("r", ""), attributes.get("t", "")
            self.formula = self.value = None
        self.inside = tag
        if tag == "f":
            self.formula = ""

    def text(self, data: str) -> None:
        if self.inside == "f" and self.formula is not None:
            self.formula += data
        elif self.inside in ("v", "t"):
            self.value = (self.value or "") + data

    def end(self, tag: str) -> None:
        self.inside = ""
        if tag != "c" or not (place := CELL.fullmatch(self.where)):
            return
        column = 0
        for letter in place[1]:
            column = column * 26 + ord(letter) - 64
        key = (int(place[2]), column)
        if self.kind == "e":
            self.found[key] = CellDefect("spreadsheet_error", self.value or "#")
        elif self.formula is not None and not self.value and self.kind != "str":
            self.found[key] = CellDefect("formula_without_value", f"={self.formula}")

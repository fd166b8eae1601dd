"""Which encoding a text file has, found strictly: the whole file must fit, or the error names the place."""

from __future__ import annotations

import codecs
import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crm.imports.problems import ImportFileError

CHUNK = 1 << 20
GZIP_MARK = b"\x1f\x8b"
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Two Chinese characters, or an accented letter within a word. GB18030 text looks like this only by rare accident.
CLEARLY_UTF8 = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){2}|[A-Za-z][\xc3-\xc5][\x80-\xbf][a-z]")
CHOICES = ("utf-8", "gb18030", "utf-16", "cp1252")


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked where it is gzip; damage is told as such."""
    with path.open("rb") as plain:
        packed = plain.read(2) == GZIP_MARK
        plain.seek(0)
        try:
            if packed:
                with gzip.open(plain, "rb") as unpacked:
                    yield unpacked  # type: ignore[misc]
            else:
                yield plain
        except (EOFError, gzip.BadGzipFile, OSError) as error:
            if packed and not getattr(error, "errno", None):
                raise ImportFileError("damaged_file") from error
            raise


def chunks(path: Path, limit: int = 0) -> Iterator[bytes]:
    """The unpacked bytes piece by piece. More than `limit` (a bomb, or too much) is refused."""
    total = 0
    with opened(path) as file:
        while piece := file.read(CHUNK):
            total += len(piece)
            if limit and total > limit:
                raise ImportFileError("too_large", limit=limit >> 20)
            yield piece


@dataclass
class TextFacts:
    """What one pass over the bytes tells; it decides whether PostgreSQL may read the file by itself."""

    encoding: str = "utf-8"
    size: int = 0
    quotes: int = 0
    lines: int = 0
    plain: bool = True  # no NUL, no blank line, no `\\.`, one kind of line end


def examine(path: Path, encoding: str = "", limit: int = 0) -> TextFacts:
    """Find (or, where named, confirm) the encoding, and count on the way."""
    facts = TextFacts()
    start = next(chunks(path), b"")
    if not start.strip():
        raise ImportFileError("empty_file")
    named = encoding or next((name for mark, name in MARKS if start.startswith(mark)), "")
    if not named and start[:4096].count(0) > len(start[:4096]) // 5:
        raise ImportFileError("utf16_without_mark")
    if named == "utf-8" and start.startswith(codecs.BOM_UTF8):
        named = "utf-8-sig"
    decoder = codecs.getincrementaldecoder(named or "utf-8")()
    before = b"\n"
    returns = pairs = 0
    for piece in chunks(path, limit):
        pending = decoder.getstate()[0]
        try:
            decoder.decode(piece)
        except UnicodeDecodeError as error:
            place = facts.size - len(pending) + error.start
            if named:
                raise _not_in(named, path, place) from error
            _accept_gb18030(path)
            return examine(path, "gb18030", limit)
        joined = before + piece
        facts.quotes += piece.count(b'"')
        facts.lines += piece.count(b"\n")
        returns += piece.count(b"\r")
        pairs += (before[-1:] + piece).count(b"\r\n")
        if facts.plain:
            facts.plain = not (
                b"\0" in piece or b"\n\n" in joined or b"\n\r\n" in joined or b"\n\\." in joined
            )
        facts.size += len(piece)
        before = joined[-2:]
    try:
        decoder.decode(b"", True)
    except UnicodeDecodeError as error:
        raise _not_in(named or "utf-8", path, facts.size) from error
    facts.encoding = named or "utf-8"
    facts.plain &= returns in (0, facts.lines) and returns == pairs
    return facts


def _not_in(encoding: str, path: Path, place: int) -> ImportFileError:
    return ImportFileError(
        "not_in_encoding", byte=place + 1, row=_row_of(path, place), encoding=encoding.upper()
    )


def _row_of(path: Path, place: int) -> int:
    """The line that holds the byte, counted from 1."""
    row, seen = 1, 0
    for piece in chunks(path):
        if seen + len(piece) > place:
            return row + piece[: place - seen].count(b"\n")
        row += piece.count(b"\n")
        seen += len(piece)
    return row


def _accept_gb18030(path: Path) -> None:
    """Pass where the whole file is GB18030 and no line of it is clearly UTF-8; else say where it goes wrong."""
    place = 0
    seen = ""
    with opened(path) as file:
        for row, line in enumerate(file, start=1):
            kind = "" if line.isascii() else _kind(line)
            if kind == "neither":
                bad = place + _first_bad_byte(line)
                raise ImportFileError("not_decodable", byte=bad + 1, row=row)
            if kind and seen and kind != seen:
                raise ImportFileError("mixed_encodings", row=row - 1, byte=place + 1, first=seen)
            seen = kind or seen
            place += len(line)


def _kind(line: bytes) -> str:
    if _fits(line, "utf-8"):
        return "UTF-8" if CLEARLY_UTF8.search(line) else ""
    return "GB18030" if _fits(line, "gb18030") else "neither"


def _first_bad_byte(line: bytes) -> int:
    try:
        line.decode("gb18030")
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _fits(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True

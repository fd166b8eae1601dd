"""Lists as CSV and XLSX: streamed, and with nothing in them that a spreadsheet would run."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO, Any
from urllib.parse import quote

import xlsxwriter
from django.http import FileResponse, Http404, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone, translation

# A cell that begins so is a formula to some spreadsheet: it gets an apostrophe before it.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")
FORMATS = ("csv", "xlsx")
MOST_XLSX_ROWS = 1_048_575
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def harmless(value: Any) -> Any:
    """Text that no spreadsheet takes for a formula; numbers and dates as they are."""
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return f"'{value}"
    return value


def export_response(
    kind: str, name: str, headers: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> HttpResponseBase:
    """`rows` of text, numbers, dates, booleans or None; `kind` is csv or xlsx. Rows are pulled as they are sent."""
    if kind not in FORMATS:
        raise Http404
    titles = [str(header) for header in headers]
    filename = f"{name}.{kind}"
    response: HttpResponseBase
    if kind == "csv":
        language = translation.get_language()
        response = StreamingHttpResponse(_csv(titles, rows, language), content_type="text/csv; charset=utf-8")
    else:
        response = FileResponse(_xlsx(titles, rows), content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, value: str) -> str:
        return value


def _csv(titles: Sequence[str], rows: Iterable[Sequence[Any]], language: str | None) -> Iterator[bytes]:
    # The byte order mark tells Excel that this is UTF-8.
    yield b"\xef\xbb\xbf"
    writer = csv.writer(_Echo())
    yield writer.writerow([harmless(title) for title in titles]).encode()
    # The rows are made after the view has returned: the reader's language must still hold then.
    with translation.override(language):
        for row in rows:
            yield writer.writerow([harmless(_plain(value)) for value in row]).encode()


def _xlsx(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    date_format = book.add_format({"num_format": "yyyy-mm-dd"})
    time_format = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(0, len(titles) - 1), 18)
    for column, title in enumerate(titles):
        sheet.write_string(0, column, title, bold)
    for number, row in enumerate(rows, start=1):
        if number > MOST_XLSX_ROWS:
            break
        for column, value in enumerate(row):
            if value is None or value == "":
                continue
            if isinstance(value, bool):
                sheet.write_boolean(number, column, value)
            elif isinstance(value, int | float | Decimal):
                sheet.write_number(number, column, float(value))
            elif isinstance(value, dt.datetime):
                sheet.write_datetime(
                    number, column, timezone.localtime(value).replace(tzinfo=None), time_format
                )
            elif isinstance(value, dt.date):
                sheet.write_datetime(number, column, value, date_format)
            else:
                # Always as text: a spreadsheet does not run it, so it can stay as it is.
                sheet.write_string(number, column, str(value)[:32767])
    book.close()
    file.seek(0)
    return file


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, dt.date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, bool | int | float | Decimal):
        return value
    return str(value)

"""Cells as people write them: numbers, dates, yes and no, currencies. Pure functions, no clock, no database."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache

from babel import Locale

# No number or date is longer; a 10-MB cell is refused before any pattern looks at it.
LONGEST = 100
BLANKS = " \t\r\n\u00a0\u2002\u2003\u2007\u2009\u202f\u3000\ufeff"
SERIAL_DAY_ZERO = dt.date(1899, 12, 30)  # Excel's, with its leap day of 1900 taken into account
SIGNS = {"−": "-", "‐": "-", "–": "-", "﹣": "-"}
MONEY_SIGNS = re.compile(r"^([+-]?)\s*(?:[¥￥$€£₽元]|RMB|CNY|USD|EUR)\s*|\s*(?:[¥￥$€£₽元]|RMB|CNY|USD|EUR)$")
PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE)
POINT_GROUPED = re.compile(r"[+-]?\d{1,3}([, '’]\d{3})+(\.\d*)?")
COMMA_GROUPED = re.compile(r"[+-]?\d{1,3}([. '’]\d{3})+(,\d*)?")
COMMA_PLAIN = re.compile(r"[+-]?(\d+(,\d*)?|,\d+)")


class Decimals(StrEnum):
    POINT = "point"
    COMMA = "comma"


def tidy(text: str) -> str:
    """Full-width digits and letters become plain ones, odd signs and blanks their usual forms."""
    text = unicodedata.normalize("NFKC", text.strip(BLANKS))
    return "".join(SIGNS.get(letter, " " if letter in BLANKS else letter) for letter in text).strip()


def parse_number(text: str, decimals: Decimals = Decimals.POINT) -> Decimal | None:
    """1,234.50 or 1.234,50 (by `decimals`), (12), 12-, ¥12, 12 %; None for what is no number."""
    if len(text) > LONGEST:
        return None
    text = tidy(text)
    negative = False
    if text.startswith("(") and text.endswith(")"):
        negative, text = True, text[1:-1].strip()
    text = MONEY_SIGNS.sub(r"\1", text, count=1).strip()
    divisor = 1
    if text.endswith("%"):
        divisor, text = 100, text[:-1].strip()
    if text.endswith("-") and not text.startswith("-"):  # SAP writes 12.50-
        negative, text = not negative, text[:-1].strip()
    if decimals == Decimals.COMMA:
        if COMMA_GROUPED.fullmatch(text):
            text = re.sub(r"[. '’]", "", text)
        elif not COMMA_PLAIN.fullmatch(text):
            return None
        text = text.replace(",", ".")
    elif POINT_GROUPED.fullmatch(text):
        text = re.sub(r"[, '’]", "", text)
    if not PLAIN.fullmatch(text):
        return None
    try:
        value = Decimal(text) / divisor
    except InvalidOperation:
        return None
    return -value if negative else value


def evidence_of_decimals(texts: Iterable[str]) -> tuple[int, int]:
    """How many cells can only have a decimal point, and how many only a decimal comma."""
    point = comma = 0
    for text in texts:
        cell = re.sub(r"[^\d.,]", "", tidy(text[:LONGEST]))
        last_point, last_comma = cell.rfind("."), cell.rfind(",")
        if last_point >= 0 and last_comma >= 0:
            point, comma = (point + 1, comma) if last_point > last_comma else (point, comma + 1)
        elif cell.count(",") == 1 and len(cell) - last_comma != 4:
            comma += 1
        elif cell.count(".") == 1 and len(cell) - last_point != 4:
            point += 1
    return point, comma


class DayOrder(StrEnum):
    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
YEAR_LAST = re.compile(r"(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{4})")
CLOCK = re.compile(r"(?:T|\s+)\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(am|pm|z|[+-]\d{2}:?\d{2})?$", re.IGNORECASE)
SERIAL = re.compile(r"(\d{5})(\.\d+)?")


def _date_text(text: str) -> str:
    return CLOCK.sub("", tidy(text[:LONGEST])).strip() if len(text) <= LONGEST else ""


def parse_date(text: str, order: str = "") -> dt.date | None:
    """A date in any of the usual forms. `order` decides 03/04/2024; a strptime pattern reads just that form."""
    text = _date_text(text)
    if "%" in order:
        try:
            return dt.datetime.strptime(text, CLOCK_CODES.sub("", order).strip()).date()  # noqa: DTZ007
        except ValueError:
            return None
    if found := YEAR_FIRST.fullmatch(text) or COMPACT.fullmatch(text):
        return _date(found[1], found[2], found[3])
    if found := YEAR_LAST.fullmatch(text):
        if order == DayOrder.MONTH_FIRST and found[2] != ".":
            return _date(found[4], found[1], found[3])
        return _date(found[4], found[3], found[1])
    if (found := SERIAL.fullmatch(text)) and 20_000 <= int(found[1]) <= 80_000:
        return SERIAL_DAY_ZERO + dt.timedelta(days=int(found[1]))
    return None


CLOCK_CODES = re.compile(r"[T\s]*%[HI](?:[:.]?%[MSfpz])*.*$")


def _date(year: str, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


class AmbiguousDatesError(Exception):
    def __init__(self, example: str) -> None:
        self.example = example
        super().__init__(example)


def day_order(texts: Iterable[str]) -> str:
    """Day or month first, decided over a whole column; AmbiguousDatesError where nothing decides it."""
    day_first = month_first = 0
    example = ""
    for text in texts:
        found = YEAR_LAST.fullmatch(_date_text(text))
        if not found or found[2] == ".":
            continue
        first, second = int(found[1]), int(found[3])
        if first > 12 >= second:
            day_first += 1
        elif second > 12 >= first:
            month_first += 1
        elif first != second:
            example = example or text
    if bool(day_first) != bool(month_first):
        return DayOrder.DAY_FIRST if day_first else DayOrder.MONTH_FIRST
    if example or (day_first and month_first):
        raise AmbiguousDatesError(example or "13/01/2024, 01/13/2024")
    return ""


YES = frozenset(
    {"1", "true", "t", "yes", "y", "x", "是", "真", "√", "✓", "对", "已取消", "cancelled", "canceled"}
)
NO = frozenset({"0", "false", "f", "no", "n", "-", "否", "假", "×", "✗", "未取消"})


def parse_yes_no(text: str) -> bool | None:
    word = tidy(text[:LONGEST]).lower()
    return True if word in YES else False if word in NO else None


CURRENCY_NAMES = {
    "人民币": "CNY", "人民币元": "CNY", "元": "CNY", "RMB": "CNY", "¥": "CNY", "CNH": "CNY",
    "美元": "USD", "美金": "USD", "$": "USD", "US$": "USD", "欧元": "EUR", "€": "EUR", "英镑": "GBP", "£": "GBP",
    "日元": "JPY", "港币": "HKD", "港元": "HKD", "HK$": "HKD", "卢布": "RUB", "韩元": "KRW", "新台币": "TWD",
}  # fmt: skip


@cache
def _codes() -> frozenset[str]:
    return frozenset(Locale("en").currencies)


def parse_currency(text: str) -> str | None:
    """The ISO 4217 code of a code, sign or Chinese name."""
    word = tidy(text[:LONGEST]).upper()
    word = CURRENCY_NAMES.get(word, word)
    return word if len(word) == 3 and word in _codes() else None

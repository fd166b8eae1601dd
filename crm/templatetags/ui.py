"""Small typed pieces that every template may use: icons, badges, money, charts, pagers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from babel.numbers import (
    format_compact_currency,
    get_currency_precision,
    get_currency_symbol,
)
from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from crm.charts import Chart
from crm.models.naming import reads_chinese

register = template.Library()

Number = int | float | Decimal
MISSING = "–"
# By whether the reader reads Chinese.
LOCALES = {False: Locale.parse("en"), True: Locale.parse("zh_Hans_CN")}


def _locale() -> Locale:
    return LOCALES[reads_chinese()]


@lru_cache(maxsize=256)
def _symbol(currency: str, locale: str) -> str:
    return get_currency_symbol(currency, locale)


def _written(value: Number, digits: int) -> str:
    """Grouped by commas, with a decimal point: the custom of both languages. A list has hundreds of numbers, so
    this does not pass through Babel's patterns (tests hold it equal to them)."""
    return f"{Decimal(str(unsigned_zero(value, digits))):,.{digits}f}"


def _amount(value: Number, currency: str, digits: int) -> str:
    text = _written(value, digits)
    sign, digits_only = ("-", text[1:]) if text.startswith("-") else ("", text)
    return f"{sign}{_symbol(currency, str(_locale()))}{digits_only}"


@lru_cache(maxsize=512)
def _icon_source(name: str) -> str:
    path = settings.ICON_DIR / f"{name}.svg"
    if not path.is_file():
        raise template.TemplateSyntaxError(f"There is no Tabler icon {name!r}.")
    text = path.read_text(encoding="utf-8")
    start = text.index("<svg")
    inner = text[text.index(">", start) + 1 : text.rindex("</svg>")].strip()
    return (
        '<svg class="icon {}" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" '
        f'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{inner}</svg>'
    )


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """A Tabler outline icon, drawn inline. Decorative: give the button or link its own words."""
    return mark_safe(_icon_source(name).replace("{}", css, 1))  # noqa: S308  (our own package's file)


@register.filter
def money(value: Number | None, currency: str | None = None) -> str:
    """Full amount in the reporting currency; a dash for what is not known (never 0)."""
    if value is None:
        return MISSING
    code = currency or settings.REPORTING_CURRENCY
    return _amount(value, code, get_currency_precision(code))


@register.filter
def money_short(value: Number | None) -> str:
    """For tiles and axes: ¥12.3M, ¥1230万."""
    if value is None:
        return MISSING
    if abs(float(value)) < 10_000:
        return _amount(value, settings.REPORTING_CURRENCY, 0)
    return _compact(value, settings.REPORTING_CURRENCY, reads_chinese())


@lru_cache(maxsize=8192)
def _compact(value: Number, currency: str, chinese: bool) -> str:
    """Babel takes its time over a pattern, and the next reader of a list sees the same amounts."""
    return format_compact_currency(value, currency, locale=LOCALES[chinese], fraction_digits=1)


def unsigned_zero(value: Number, digits: int) -> Number:
    """What would be shown as "-0.0" is 0: no one can tell a sign from it."""
    exact = Decimal(str(value))
    if exact.is_finite() and not round(exact, digits):
        return 0
    return value


@register.filter
def money_whole(value: Number | None, currency: str | None = None) -> str:
    """An amount without cents: a company's revenue, sums that are read across."""
    if value is None:
        return MISSING
    return _amount(value, currency or settings.REPORTING_CURRENCY, 0)


@register.filter
def number(value: Number | None, digits: int = 0) -> str:
    if value is None:
        return MISSING
    return _written(value, digits)


@register.filter
def percent(value: Number | None, digits: int = 1) -> str:
    """A fraction as a percentage: 0.123 -> 12.3 %."""
    if value is None:
        return MISSING
    return f"{_written(Decimal(str(value)) * 100, digits)}%"


@register.filter
def day(value: dt.date | None) -> str:
    """ISO dates: the same in both languages and sortable."""
    return MISSING if value is None else f"{value:%Y-%m-%d}"


@register.inclusion_tag("components/badge.html")
def badge(text: Any, tone: str = "secondary", title: Any = "") -> dict[str, Any]:
    """A small label; tone is a Tabler colour (green, yellow, red, blue, secondary ...)."""
    return {"text": text, "tone": tone, "title": title}


@register.inclusion_tag("components/stat.html")
def stat(label: Any, value: Any, note: Any = "", tone: str = "", url: str = "") -> dict[str, Any]:
    """A tile with one figure."""
    return {"label": label, "value": value, "note": note, "tone": tone, "url": url}


@register.inclusion_tag("components/empty.html")
def empty(
    title: Any, hint: Any = "", icon_name: str = "mood-empty", url: str = "", action: Any = ""
) -> dict[str, Any]:
    """An empty state: says what is missing and what to do next."""
    return {"title": title, "hint": hint, "icon_name": icon_name, "url": url, "action": action}


@register.inclusion_tag("components/chart.html")
def chart(data: Chart) -> dict[str, Any]:
    return {"chart": data, "option_id": f"chart-{data.slug}-option"}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: dict[str, Any], page: Any) -> dict[str, Any]:
    return {"page": page, "request": context["request"]}


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The current address's query string with some parameters changed; None removes one."""
    current = {key: values for key, values in context["request"].GET.lists() if key not in changes}
    current |= {key: [value] for key, value in changes.items() if value is not None}
    return "?" + urlencode(current, doseq=True)


@register.simple_tag
def signed(value: Number | None, digits: int = 1) -> SafeString:
    """A change with its sign and colour."""
    if value is None:
        return format_html("{}", MISSING)
    near = unsigned_zero(value, digits)
    tone = "text-green" if near > 0 else "text-red" if near < 0 else "text-secondary"
    return format_html('<span class="{}">{}{}</span>', tone, "+" if near > 0 else "", number(near, digits))

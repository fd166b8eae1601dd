"""What a scoring model may weigh: every indicator's name, unit, and how its raw value follows from what is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from crm.models import CustomField, CustomFieldKind
from segmentation.indicators import values
from segmentation.indicators.fields import CUSTOM, Field, Readings

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

WEIGHABLE = (CustomFieldKind.NUMBER, CustomFieldKind.CHOICE)


@dataclass(frozen=True)
class IndicatorKind:
    """One thing that can be weighed. `fields`: what must be read for it, given the window in days."""

    code: str
    title: str | _StrPromise
    # "money", "percent", "mark" (1 to 5), "years", "days", "index" (0 to 100), "number".
    unit: str
    fields: Callable[[int], tuple[Field, ...]]
    raw: Callable[[Readings, int], values.Raw]
    # Whether a window can be chosen; without one the value is as of the date.
    windowed: bool = False
    higher_is_better: bool = True
    # Whether somebody can do something about it before the next run.
    lever: bool = False
    # The values it can have, for a lookup table: ((1, "…"), …); empty for a measured quantity.
    choices: tuple[tuple[float, str], ...] = ()


def _of(*names: str) -> Callable[[int], tuple[Field, ...]]:
    """Sums over the window."""
    return lambda window: tuple(Field(name, window) for name in names)


def _plain(*names: str) -> Callable[[int], tuple[Field, ...]]:
    """Values as of the date."""
    return lambda window: tuple(Field(name) for name in names)


_PROFIT = ("gross_profit", "lines", "costed_lines")

BUILT_IN: tuple[IndicatorKind, ...] = (
    IndicatorKind(
        "gross_profit", _("Gross profit"), "money", _of(*_PROFIT), values.profit_of, windowed=True, lever=True
    ),
    IndicatorKind(
        "net_sales",
        _("Net sales"),
        "money",
        _of("net_sales"),
        values.summed("net_sales"),
        windowed=True,
        lever=True,
    ),
    IndicatorKind(
        "quantity",
        _("Quantity sold"),
        "number",
        _of("quantity"),
        values.summed("quantity"),
        windowed=True,
        lever=True,
    ),
    IndicatorKind(
        "margin",
        _("Gross margin"),
        "percent",
        _of(*_PROFIT, "net_sales"),
        values.margin,
        windowed=True,
        lever=True,
    ),
    IndicatorKind(
        "marketing_cost_ratio",
        _("Marketing cost / net sales"),
        "percent",
        _of("sales_discount", "financing_cost", "net_sales"),
        values.marketing_cost_ratio,
        windowed=True,
        higher_is_better=False,
        lever=True,
    ),
    IndicatorKind(
        "marketing_cost",
        _("Marketing cost"),
        "money",
        _of("sales_discount", "financing_cost"),
        lambda read, window: (values.marketing_cost(read, window), None),
        windowed=True,
        higher_is_better=False,
        lever=True,
    ),
    IndicatorKind(
        "growth",
        _("Growth of sales"),
        "percent",
        _of("net_sales", "net_sales_before"),
        values.growth,
        windowed=True,
        lever=True,
    ),
    IndicatorKind(
        "occasions",
        _("Purchase occasions"),
        "number",
        _of("occasions"),
        values.summed("occasions"),
        windowed=True,
        lever=True,
    ),
    IndicatorKind(
        "recency",
        _("Days since the last purchase"),
        "days",
        _plain("last_traded_on"),
        values.recency,
        higher_is_better=False,
    ),
    IndicatorKind(
        "cooperation_years",
        _("Years of cooperation"),
        "years",
        _plain("first_traded_on"),
        values.cooperation_years,
    ),
    IndicatorKind(
        "industry_position",
        _("Position in its industry"),
        "mark",
        _plain("industry_position"),
        values.alone("industry_position"),
        choices=tuple((float(mark), str(mark)) for mark in range(1, 6)),
    ),
    IndicatorKind(
        "satisfaction",
        _("Satisfaction"),
        "index",
        _plain("satisfaction", "satisfaction_reason"),
        values.with_reason("satisfaction", "satisfaction_reason"),
        lever=True,
    ),
    IndicatorKind(
        "loyalty",
        _("Loyalty"),
        "index",
        _plain("loyalty", "loyalty_reason"),
        values.with_reason("loyalty", "loyalty_reason"),
        lever=True,
    ),
    IndicatorKind(
        "share_of_wallet",
        _("Our share of its demand"),
        "percent",
        _plain("demand", "demand_sales"),
        values.share_of_wallet,
        lever=True,
    ),
    IndicatorKind(
        "predicted_value",
        _("Predicted value"),
        "money",
        _plain("predicted_value", "predicted_reason"),
        values.known_or_why("predicted_value", "predicted_reason"),
    ),
    IndicatorKind(
        "lifetime_value",
        _("Lifetime value"),
        "money",
        _plain("lifetime_value", "lifetime_reason"),
        values.known_or_why("lifetime_value", "lifetime_reason"),
    ),
    IndicatorKind(
        "payment_days",
        _("Days until paid"),
        "days",
        _of("payment_days"),
        values.summed("payment_days"),
        windowed=True,
        higher_is_better=False,
        lever=True,
    ),
    IndicatorKind(
        "complaint_rate",
        _("Complaints per purchase"),
        "percent",
        _of("complaints", "occasions"),
        values.complaint_rate,
        windowed=True,
        higher_is_better=False,
        lever=True,
    ),
)
_BY_CODE = {kind.code: kind for kind in BUILT_IN}


class UnknownIndicator(KeyError):  # noqa: N818 - reads as a sentence where it is raised
    """A scoring model names something that cannot be weighed."""


def kind_of(code: str) -> IndicatorKind:
    """The built-in indicator, or the further field of accounts that `custom:<code>` names (one query).

    A field that is gone has no values any more: grades made with it can still be read, and a run does not stop.
    """
    if code in _BY_CODE:
        return _BY_CODE[code]
    if not code.startswith(CUSTOM):
        raise UnknownIndicator(code)
    slug = code.removeprefix(CUSTOM)
    return _of_field(code, CustomField.objects.filter(code=slug).first() or CustomField(code=slug, name=slug))


def is_known(code: str) -> bool:
    """Whether a new version of a model may weigh it."""
    return code in _BY_CODE or code in {kind.code for kind in custom_kinds()}


def custom_kinds() -> list[IndicatorKind]:
    """The further fields of accounts that can be weighed: numbers and choices in use. One query."""
    fields = CustomField.objects.filter(kind__in=WEIGHABLE, archived_at=None).order_by("order", "pk")
    return [_of_field(f"{CUSTOM}{field.code}", field) for field in fields]


def _of_field(code: str, field: CustomField) -> IndicatorKind:
    marks = field.marks
    read = Field(code, choices=tuple(sorted(marks.items())))
    return IndicatorKind(
        code,
        str(field),
        "choice" if marks else "number",
        lambda window: (read,),
        values.alone(code),
        lever=True,
        choices=tuple((mark, field.label_of(value)) for value, mark in marks.items()),
    )


def fields_of(weighed: Iterable[tuple[str, int]]) -> tuple[Field, ...]:
    """Everything that must be read for pairs of (code, window), each once, in a fixed order."""
    needed = {field for code, window in weighed for field in kind_of(code).fields(window)}
    return tuple(sorted(needed))

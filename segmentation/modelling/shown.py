"""A definition as the editor and the version page show it: rows with words, whatever state it is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segmentation.indicators.catalogue import BUILT_IN, custom_kinds, is_known, kind_of
from segmentation.wording import indicator_name

STANDARDS = {
    "percentile": gettext_lazy("Rank among all customers"),
    "bands": gettext_lazy("Table of bands"),
    "linear": gettext_lazy("Straight line"),
    "lookup": gettext_lazy("Points per mark"),
    "identity": gettext_lazy("The index itself (0 to 100)"),
}
WINDOWS = (
    (90, gettext_lazy("3 months")),
    (180, gettext_lazy("6 months")),
    (365, gettext_lazy("12 months")),
    (730, gettext_lazy("24 months")),
    (1096, gettext_lazy("36 months")),
)


@dataclass(frozen=True)
class Row:
    """One indicator in the editor. Numbers as they are typed."""

    place: int
    code: str
    name: str
    weight: str
    half: str
    missing: str
    window: int | str
    windowed: bool
    kind: str
    direction: str
    lo: str
    hi: str
    bands: list[dict[str, Any]]
    marks: list[dict[str, str]]
    problems: list[str]

    @property
    def standard(self) -> str:
        return str(STANDARDS.get(self.kind, self.kind))

    @property
    def windows(self) -> list[tuple[int, str]]:
        """The usual windows, and the one in force where it is another."""
        listed = [(days, str(name)) for days, name in WINDOWS]
        if isinstance(self.window, int) and self.window not in dict(listed):
            listed.append((self.window, _("%(days)s days") % {"days": self.window}))
        return listed


def rows_of(definition: Mapping[str, Any], problems: Mapping[str, list[str]]) -> list[Row]:
    """`problems`: texts by indicator code."""
    return [
        _row(place, indicator, problems.get(indicator.get("code", ""), []))
        for place, indicator in enumerate(definition.get("indicators", []))
    ]


def _row(place: int, indicator: Mapping[str, Any], problems: list[str]) -> Row:
    code = indicator.get("code", "")
    standard = indicator.get("standard", {})
    names = dict(kind_of(code).choices) if is_known(code) else {}
    rows = standard.get("rows", []) if standard.get("kind") == "bands" else []
    return Row(
        place=place,
        code=code,
        name=indicator_name(code),
        weight=in_percent(indicator.get("weight")),
        half=indicator.get("half", "current"),
        missing=indicator.get("missing", "exclude"),
        window=indicator.get("window", 365),
        windowed=is_known(code) and kind_of(code).windowed,
        kind=standard.get("kind", "percentile"),
        direction=standard.get("direction", "+"),
        lo=plain(standard.get("lo")),
        hi=plain(standard.get("hi")),
        bands=[
            {
                "lower": plain(lower),
                "upper": plain(upper),
                "points": plain(points),
                "last": i == len(rows) - 1,
            }
            for i, (lower, upper, points) in enumerate(rows)
        ],
        marks=[
            {"mark": plain(mark), "name": names.get(mark, plain(mark)), "points": plain(points)}
            for mark, points in standard.get("table", [])
        ]
        if standard.get("kind") == "lookup"
        else [],
        problems=problems,
    )


@dataclass(frozen=True)
class GradeRow:
    place: int
    name: str
    cut: str
    title: str
    title_zh: str
    is_last: bool


def grades_of(definition: Mapping[str, Any]) -> list[GradeRow]:
    rows = definition.get("thresholds", [])
    by_share = definition.get("grade_by") == "share"
    shown = []
    for place, row in enumerate(rows):
        name, cut, title, title_zh = [*row, "", ""][:4]
        text = in_percent(cut) if by_share else plain(cut)
        shown.append(GradeRow(place, name, text, title, title_zh, place == len(rows) - 1))
    return shown


def weight_sum(definition: Mapping[str, Any]) -> float:
    weights = [indicator.get("weight") for indicator in definition.get("indicators", [])]
    return sum(weight for weight in weights if isinstance(weight, int | float))


def offered(definition: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Indicators that are not in the model yet."""
    used = {indicator.get("code") for indicator in definition.get("indicators", [])}
    return [(kind.code, str(kind.title)) for kind in [*BUILT_IN, *custom_kinds()] if kind.code not in used]


def in_percent(value: Any) -> str:
    return plain(round(value * 100, 8)) if isinstance(value, int | float) else plain(value)


def plain(value: Any) -> str:
    """A number without a needless ".0"; text as it was typed; nothing for None."""
    if value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, int | float) else str(value)

"""What stands in the editor's fields, as a definition; and back. What is no number stays as it was typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import QueryDict

from segmentation.scoring.problems import Problem

Definition = dict[str, Any]
KINDS = ("percentile", "bands", "linear", "lookup", "identity")


def definition_of(data: QueryDict) -> Definition:
    """Rows come in the order of the hidden fields `row`; each row's fields begin with `<row>-`."""
    rows = [row for row in data.getlist("row") if re.fullmatch(r"\d{1,3}", row)]
    by_share = data.get("grade_by") == "share"
    return {
        "indicators": [_indicator(data, row) for row in rows],
        "grade_by": "share" if by_share else "score",
        "thresholds": list(_thresholds(data, by_share)),
        "min_coverage": percent(data.get("min_coverage", "")),
        "hysteresis": number(data.get("hysteresis", "")),
    }


def scope_of(data: QueryDict) -> dict[str, list[Any]]:
    """Which accounts; what is not chosen does not narrow."""
    territories = sorted({int(value) for value in data.getlist("territories") if value.isdecimal()})
    chosen: dict[str, list[Any]] = {
        "territories": territories,
        "industries": sorted(set(filter(None, data.getlist("industries")))),
        "kinds": sorted(set(filter(None, data.getlist("kinds")))),
    }
    return {name: values for name, values in chosen.items() if values}


def number(text: str) -> Any:
    """A float; None where nothing was typed; the text itself where it is no number (commas group thousands)."""
    plain = text.strip().replace(",", "").replace("，", "")
    if not plain:
        return None
    try:
        value = float(plain)
    except ValueError:
        return text.strip()[:40]
    return value if abs(value) < 1e15 else text.strip()[:40]


def percent(text: str) -> Any:
    """A share from percents."""
    value = number(text.replace("%", ""))
    return round(value / 100, 10) if isinstance(value, float) else value


def _indicator(data: QueryDict, row: str) -> dict[str, Any]:
    def field(name: str) -> str:
        return data.get(f"{row}-{name}", "")

    window = number(field("window"))
    return {
        "code": field("code"),
        "weight": percent(field("weight")),
        "half": "future" if field("half") == "future" else "current",
        "missing": "lowest" if field("missing") == "lowest" else "exclude",
        "window": int(window) if isinstance(window, float) else window if window is not None else 365,
        "standard": _standard(data, row, field("kind"), "-" if field("direction") == "-" else "+"),
    }


def _standard(data: QueryDict, row: str, kind: str, direction: str) -> dict[str, Any]:
    standard: dict[str, Any] = {"kind": kind if kind in KINDS else "percentile", "direction": direction}
    match standard["kind"]:
        case "linear":
            standard |= {"lo": number(data.get(f"{row}-lo", "")), "hi": number(data.get(f"{row}-hi", ""))}
        case "lookup":
            marks, points = data.getlist(f"{row}-mark"), data.getlist(f"{row}-mark-points")
            standard["table"] = [[number(m), number(p)] for m, p in zip(marks, points, strict=False)]
        case "bands":
            # The upper edge of each band but the last, which is open; a band begins where the one before ends.
            edges = [number(text) for text in data.getlist(f"{row}-edge")]
            points = [number(text) for text in data.getlist(f"{row}-points")]
            limits = [None, *edges[: max(len(points) - 1, 0)], None]
            standard["rows"] = [[limits[i], limits[i + 1], p] for i, p in enumerate(points)]
    return standard


def _thresholds(data: QueryDict, by_share: bool) -> Iterator[list[Any]]:
    names, cuts = data.getlist("grade"), data.getlist("cut")
    titles, titles_zh = data.getlist("grade-title"), data.getlist("grade-title-zh")
    last = len(names) - 1
    for place, name in enumerate(names):
        cut = None
        if place < last:
            typed = cuts[place] if place < len(cuts) else ""
            cut = percent(typed) if by_share else number(typed)
        title = titles[place] if place < len(titles) else ""
        title_zh = titles_zh[place] if place < len(titles_zh) else ""
        yield [name.strip()[:20], cut, title.strip()[:40], title_zh.strip()[:40]]


def unreadable(definition: Mapping[str, Any]) -> list[Problem]:
    """Fields that hold no number where one is needed: named by indicator and field, before anything is computed."""
    found = []
    for indicator in definition.get("indicators", []):
        code, standard = indicator.get("code", ""), indicator.get("standard", {})
        wanted = [("weight", indicator.get("weight")), ("window", indicator.get("window"))]
        match standard.get("kind"):
            case "linear":
                wanted += [("lo", standard.get("lo")), ("hi", standard.get("hi"))]
            case "lookup":
                wanted += [("mark", mark) for mark, _points in standard.get("table", [])]
                wanted += [("points", points) for _mark, points in standard.get("table", [])]
            case "bands":
                rows = standard.get("rows", [])
                wanted += [("edge", upper) for _lower, upper, _points in rows[:-1]]
                wanted += [("points", points) for _lower, _upper, points in rows]
        found += [_not_a_number(code, name, value) for name, value in wanted if not _is_number(value)]
    thresholds = definition.get("thresholds", [])
    found += [_not_a_number("", "cut", row[1]) for row in thresholds[:-1] if not _is_number(row[1])]
    found += [Problem("grade_unnamed") for row in thresholds if not row[0]]
    for name in ("min_coverage", "hysteresis"):
        if not _is_number(definition.get(name, 0.0)):
            found.append(_not_a_number("", name, definition.get(name)))
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _not_a_number(code: str, field: str, value: Any) -> Problem:
    if value is None:
        return Problem("number_missing", code, {"field": field})
    return Problem("number_unreadable", code, {"field": field, "text": str(value)})

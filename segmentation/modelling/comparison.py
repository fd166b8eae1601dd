"""Two versions of a model side by side: what was added, taken out and changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from crm.tables import Cell, Column, Table
from segmentation.modelling.shown import GradeRow, Row, grades_of, in_percent, plain, rows_of


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Table]:
    """Indicators and grades; a changed row says from what to what."""
    return [_indicators(before, after), _grades(before, after)]


def _indicators(before: Mapping[str, Any], after: Mapping[str, Any]) -> Table:
    then = {row.code: row for row in rows_of(before, {})}
    now = {row.code: row for row in rows_of(after, {})}
    columns = [
        Column(_("Indicator"), "name"),
        Column(_("Weight before")),
        Column(_("Weight after")),
        Column(_("What changed")),
    ]
    rows = []
    for code in [*now, *(code for code in then if code not in now)]:
        old, new = then.get(code), now.get(code)
        changed = _changes(old, new)
        rows.append(
            [
                (new or old).name,  # type: ignore[union-attr]
                f"{old.weight} %" if old else None,
                f"{new.weight} %" if new else None,
                Cell(changed or _("unchanged"), css="" if changed else "text-secondary"),
            ]
        )
    return Table("indicators", _("Indicators"), columns, rows)


def _changes(old: Row | None, new: Row | None) -> str:
    if old is None:
        return _("added")
    if new is None:
        return _("taken out")
    parts = []
    if old.weight != new.weight:
        parts.append(_("weight %(before)s → %(after)s %%") % {"before": old.weight, "after": new.weight})
    if _standard(old) != _standard(new):
        parts.append(f"{_standard(old)} → {_standard(new)}")
    if old.window != new.window:
        parts.append(_("window %(before)s → %(after)s days") % {"before": old.window, "after": new.window})
    if old.half != new.half:
        parts.append(_("moved to the other half"))
    if old.missing != new.missing:
        parts.append(_("rule for missing values"))
    if old.direction != new.direction:
        parts.append(_("direction"))
    return "; ".join(parts)


def _standard(row: Row) -> str:
    match row.kind:
        case "bands":
            limits = [f"<{band['upper']}: {band['points']}" for band in row.bands if band["upper"]]
            return "; ".join([*limits, *(f"≥: {band['points']}" for band in row.bands if band["last"])])
        case "linear":
            return f"{row.lo}…{row.hi}"
        case "lookup":
            return " ".join(f"{mark['mark']}:{mark['points']}" for mark in row.marks)
        case _:
            return row.standard


def _grades(before: Mapping[str, Any], after: Mapping[str, Any]) -> Table:
    then, now = ({row.name: row for row in grades_of(one)} for one in (before, after))
    units = [" %" if one.get("grade_by") == "share" else "" for one in (before, after)]
    columns = [Column(_("Grade"), "name"), Column(_("Threshold before")), Column(_("Threshold after"))]
    rows: list[list[Any]] = [
        [name, _cut(then.get(name), units[0]), _cut(now.get(name), units[1])]
        for name in [*now, *(name for name in then if name not in now)]
    ]
    for label, name in ((_("Least share of the weights"), "min_coverage"),):
        rows.append([label, f"{in_percent(before.get(name))} %", f"{in_percent(after.get(name))} %"])
    rows.append(
        [_("Points beyond a threshold"), plain(before.get("hysteresis")), plain(after.get("hysteresis"))]
    )
    return Table("grades", _("Grades"), columns, rows)


def _cut(row: GradeRow | None, unit: str) -> str | None:
    if row is None:
        return None
    return _("the rest") if row.is_last else f"{row.cut}{unit}"

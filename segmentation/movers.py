"""Who moved between grades, and which indicator moved them most."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from crm.tables import Cell, Column, Table
from segmentation.explanations import grade_name, weigh
from segmentation.queries import Move
from segmentation.scoring.grading import GradingModel
from segmentation.scoring.movement import Migration, driver
from segmentation.wording import indicator_name


def movers_table(moves: list[Move], direction: str) -> Table:
    columns = [
        Column(_("Account"), "name"),
        Column(_("Grade")),
        Column(_("Score"), "change"),
        Column(_("Changed most")),
        Column(_("Gross profit"), "money"),
    ]
    title = _("Moved up") if direction == "up" else _("Moved down")
    models = {}
    for figures in [figures for move in moves for figures in (move.now, move.before)]:
        if figures.version_id not in models:
            models[figures.version_id] = GradingModel.from_dict(figures.version.definition)
    rows = [_row(move, models[move.now.version_id], models[move.before.version_id]) for move in moves]
    return Table(f"movers-{direction}", title, columns, rows)


def kpi_table(moves: Migration) -> Table:
    """Upgraded and downgraded customers, as shares of those graded at both ends (models.md section 16)."""
    columns = [Column(_("Indicator")), Column(_("Accounts"), "integer"), Column(_("Share"), "percent")]
    both = moves.graded_at_both_ends
    rows = [
        [_("Graded at both ends"), both, None],
        [_("Upgraded"), moves.upgraded, moves.upgrade_rate if both else None],
        [_("Downgraded"), moves.downgraded, moves.downgrade_rate if both else None],
        [_("Unchanged"), moves.unchanged, moves.unchanged / both if both else None],
    ]
    return Table("kpi", _("Key figures of movement"), columns, rows)


def driver_of(move: Move, model: GradingModel, then: GradingModel) -> tuple[str, float]:
    """The indicator that moved the score, and by how many points of it."""
    earlier = {line.code: line.contribution for line in weigh(then, move.before).indicators}
    later = {line.code: line.contribution for line in weigh(model, move.now).indicators}
    change = {code: later.get(code, 0.0) - earlier.get(code, 0.0) for code in {**later, **earlier}}
    code = driver(change)
    return code, change[code]


def _grades(move: Move, grades: str) -> str:
    """From which grade to which; and why, where the change of the score does not say it."""
    now, before = move.now, move.before
    if now.overridden:
        return _("%(grades)s (set by hand)") % {"grades": grades}
    if before.overridden:
        return _("%(grades)s (was set by hand)") % {"grades": grades}
    if None not in (before.computed_grade, before.grade, now.grade):
        due = before.computed_grade - before.grade  # type: ignore[operator]
        if due * (now.grade - before.grade) > 0:  # type: ignore[operator]
            return _("%(grades)s (confirmed)") % {"grades": grades}
    return grades


def _row(move: Move, model: GradingModel, then: GradingModel) -> list[Any]:
    """`model` made the later grade, `then` the earlier one."""
    code, points = driver_of(move, model, then)
    scores = (move.now.score, move.before.score)
    return [
        Cell(str(move.now.account), move.now.account.get_absolute_url()),
        _grades(move, f"{grade_name(then, move.before.grade)} → {grade_name(model, move.now.grade)}"),
        None if None in scores else scores[0] - scores[1],  # type: ignore[operator]
        f"{indicator_name(code)} {points:+.1f}",
        move.now.gross_profit_12m,
    ]

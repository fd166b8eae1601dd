"""What drives the choice of a supplier: our marks beside the competitors', the weights, and how sure we are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.models import EquityDriver
from crm.scoring.arrays import FloatArray
from crm.tables import Column, Table
from segmentation.equity.assumptions import Weights
from segmentation.equity.ratings import DRIVERS, US, Rounds
from segmentation.scoring.affinity import goes_with
from segmentation.scoring.equity import equity_scores, group_importance, observed_matrix

SURE = 1.645  # |weight| / error: nine times in ten not by chance


@dataclass(frozen=True)
class Standing:
    """Mean marks of the newest comparison of each account, (k,) each, NaN where nobody was asked."""

    rounds: Rounds

    @property
    def ours(self) -> FloatArray:
        return _mean(self.rounds.marks[:, US, :])

    @property
    def theirs(self) -> FloatArray:
        """Of all competitors rated, each account counting once."""
        return _mean(_mean(self.rounds.marks[:, 1:, :], axis=1))

    @property
    def lead(self) -> FloatArray:
        """(n, k) ours less the best other's, per account."""
        others = self.rounds.marks[:, 1:, :]
        best = np.where(np.isnan(others), -np.inf, others).max(axis=1, initial=-np.inf)
        return np.where(np.isinf(best), np.nan, self.rounds.marks[:, US, :] - best)

    def lead_over(self, competitor: int) -> float | None:
        """Affinity to us against one competitor: mean gap of the marks that both got, accounts counting alike."""
        theirs = self.rounds.supplier == competitor
        rows = theirs.any(axis=1)
        if not rows.any():
            return None
        place = theirs[rows].argmax(axis=1)
        gap = self.rounds.marks[rows, US] - self.rounds.marks[rows, place]
        return known(_mean(_mean(gap, axis=1)))

    def scores(self, weights: Weights) -> dict[str, float | None]:
        """Value, brand and retention equity of ours, 0 to 100."""
        marks = {name: mark for name, mark in zip(DRIVERS, self.ours.tolist(), strict=True) if mark == mark}
        pulls = dict(zip(DRIVERS, np.maximum(weights.logit.weights, 0.0).tolist(), strict=True))
        return {group: known(score) for group, score in equity_scores(marks, pulls).items()}


def importance(weights: Weights) -> dict[str, float | None]:
    """Share of each of the three equities in the choice; without marks that vary, by the weights alone."""
    spread = weights.estimate.spread
    if spread is None or not (spread > 0).any() or not weights.estimated:
        spread = np.ones(len(DRIVERS))
    return {
        group: known(share)
        for group, share in group_importance(weights.logit.weights, spread, DRIVERS).items()
    }


def drivers_table(standing: Standing, weights: Weights, shares: FloatArray) -> Table:
    """`shares` (n,): our share of wallet at each account of the standing, NaN not known."""
    columns = [
        Column(_("Driver"), "name"),
        Column(_("We"), "score"),
        Column(_("Competitors"), "score"),
        Column(_("Our lead"), "change"),
        Column(_("Weight"), "ratio"),
        Column(_("± (90 %)"), "ratio"),
        Column(_("Odds per mark"), "ratio"),
        Column(_("Goes with our share (r)"), "ratio"),
        Column(_("Evidence")),
    ]
    logit, along = weights.logit, goes_with(shares, standing.lead)
    ours, theirs = standing.ours, standing.theirs
    answers = weights.estimate.answers
    rows: list[list[Any]] = []
    for place, driver in enumerate(EquityDriver):
        weight = float(logit.weights[place])
        error = None if logit.errors is None else SURE * float(logit.errors[place + 1])
        rows.append(
            [
                driver.label,
                known(ours[place]),
                known(theirs[place]),
                known(ours[place] - theirs[place]),
                weight,
                error,
                float(np.exp(weight)),
                known(along[place]),
                _evidence(weight, error, 0 if answers is None else int(answers[place])),
            ]
        )
    return Table("drivers", _("What drives the choice"), columns, rows)


def _evidence(weight: float, error: float | None, answers: int) -> str:
    if not answers:
        return _("nobody was asked")
    if error is None:
        return _("judged; %(n)s marks") % {"n": answers}
    if not error:
        return _("never told suppliers apart; %(n)s marks") % {"n": answers}
    if abs(weight) < error:
        return _("not told from chance; %(n)s marks") % {"n": answers}
    if weight < 0:
        # Drivers that move together take each other's weight: no reason to get worse at this one.
        return _("overlaps with other drivers; %(n)s marks") % {"n": answers}
    return _("sure; %(n)s marks") % {"n": answers}


def switching_table(rounds: Rounds) -> Table:
    """Where those go next who bought from us last, and from another: counts, and shares with half an answer added to
    each so that few answers do not look certain."""
    columns = [
        Column(_("Bought last"), "name"),
        Column(_("Decisions"), "integer"),
        Column(_("Next from us"), "percent"),
        Column(_("Next from another"), "percent"),
    ]
    use = rounds.at(rounds.decisions & (rounds.last.sum(axis=1) == 1))
    last, following = (1 - side[:, US].astype(np.int64) for side in (use.last, use.following))
    moves = observed_matrix(last, following, 2)
    rows = [
        [name, int((last == place).sum()), *moves[place].tolist()]
        for place, name in enumerate((_("from us"), _("from another")))
    ]
    return Table("switching", _("Who stays and who switches"), columns, rows if len(use) else [])


def drivers_chart(table: Table) -> Chart:
    names = [str(row[0]) for row in table.rows]
    option = {
        "legend": {"top": 0, "left": 0},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        "grid": {"left": 8, "right": 24, "top": 32, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "value", "min": 0, "max": 10},
        "yAxis": {
            "type": "category",
            "data": names,
            "inverse": True,
            "axisLabel": {"width": 110, "overflow": "break"},
        },
        "series": [
            _bars(_("We"), [row[1] for row in table.rows], tone="primary"),
            _bars(_("Competitors"), [row[2] for row in table.rows], color="#f4b942"),
        ],
    }
    asked = any(row[1] is not None or row[2] is not None for row in table.rows)
    return Chart(table.slug, table.title, option, table.headers, table.texts() if asked else [], "rows-12")


def _bars(name: str, values: list[float | None], **look: str) -> dict[str, Any]:
    return {"name": name, "type": "bar", "data": values, "format": "score", "barMaxWidth": 14, **look}


def known(value: Any) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)


def _mean(values: FloatArray, axis: int = 0) -> FloatArray:
    there = ~np.isnan(values)
    count = there.sum(axis=axis)
    total = np.where(there, values, 0.0).sum(axis=axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)

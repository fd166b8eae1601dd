"""The picture of the value matrix: accounts as points, and the table behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.models import Account
from crm.scoring.arrays import BoolArray, IntArray, known
from crm.tables import Cell, Column, Table
from segmentation.scoring.matrix import CurrentBasis, PotentialBasis, Quadrant
from segmentation.value.reading import Standing
from segmentation.value.wording import CURRENT_BASES, POTENTIAL_BASES, QUADRANTS

# More points than this hide each other, and no table of them is read.
MOST = 300
# The axis of value counts in powers of ten; what is below this part of the cut-off stands on its bottom line.
FLOOR = 1e-3


@dataclass(frozen=True)
class Points:
    at: Standing
    shown: BoolArray

    @cached_property
    def places(self) -> IntArray:
        """The most valuable, and those with most to gain among the rest."""
        rated = np.flatnonzero(self.shown & (self.at.matrix.quadrant != Quadrant.UNRATED))
        if len(rated) <= MOST:
            return rated
        worth, rank = self.at.current.values, self.at.potential.values
        first = rated[np.argsort(-worth[rated], kind="stable")[: MOST * 2 // 3]]
        rest = np.setdiff1d(rated, first)
        return np.concatenate((first, rest[np.argsort(-rank[rest], kind="stable")[: MOST - len(first)]]))

    @cached_property
    def accounts(self) -> list[tuple[int, Account]]:
        """Places with their accounts, the most valuable first."""
        at = self.at
        found = Account.objects.in_bulk([int(pk) for pk in at.account_id[self.places]])
        order = self.places[np.argsort(-at.current.values[self.places], kind="stable")]
        return [(int(place), found[pk]) for place in order if (pk := int(at.account_id[place])) in found]

    @cached_property
    def table(self) -> Table:
        columns = [
            Column(_("Account"), "name"),
            Column(_("Quadrant")),
            Column(_("Current value"), "money"),
            Column(_("Worked out from")),
            Column(_("Potential rank"), "score"),
            Column(_("Worked out from")),
            Column(_("Obtainable"), "money"),
            Column(_("Gross profit"), "money"),
        ]
        at = self.at
        rows = [
            [
                Cell(str(account), account.get_absolute_url()),
                str(QUADRANTS[Quadrant(at.matrix.quadrant[place])]),
                float(at.current.values[place]),
                str(CURRENT_BASES[CurrentBasis(at.current.basis[place])]),
                float(at.potential.values[place]),
                str(POTENTIAL_BASES[PotentialBasis(at.potential.basis[place])]),
                known(at.obtainable[place]),
                known(at.profit[place]),
            ]
            for place, account in self.accounts
        ]
        return Table("accounts", _("Current value and growth potential"), columns, rows)

    @property
    def chart(self) -> Chart:
        at, table = self.at, self.table
        cut = at.matrix.current_cut
        floor = max(cut * FLOOR, 1.0) if not np.isnan(cut) else 1.0
        series = [
            self._series(quadrant, floor)
            for quadrant in (Quadrant.PLATINUM, Quadrant.GOLD, Quadrant.IRON, Quadrant.LEAD)
        ]
        lines: list[dict[str, float]] = [{"xAxis": 50}]
        if not np.isnan(cut):
            lines.append({"yAxis": cut})
        series[0]["markLine"] = {
            "silent": True,
            "symbol": "none",
            "data": lines,
            "lineStyle": {"color": "#7a869a", "type": "dashed"},
            "label": {"show": False},
        }
        option = {
            "legend": {"top": 0, "left": 0},
            "tooltip": {"trigger": "item", "confine": True},
            "grid": {"left": 8, "right": 24, "top": 36, "bottom": 28, "containLabel": True},
            "xAxis": {
                "type": "value",
                "min": 0,
                "max": 100,
                "name": _("rank of growth potential"),
                "nameLocation": "middle",
                "nameGap": 28,
            },
            "yAxis": {"type": "log", "min": floor, "format": "compact"},
            "series": series,
        }
        rows = table.texts() if table.rows else []
        drill = reverse("crm:account-detail", args=[0]).replace("0", "{name}")
        return Chart("matrix", table.title, option, table.headers, rows, "lg", drill_url=drill)

    def _series(self, quadrant: Quadrant, floor: float) -> dict[str, Any]:
        at = self.at
        data = [
            {
                "value": [
                    round(float(at.potential.values[place]), 1),
                    max(float(at.current.values[place]), floor),
                ],
                "name": str(account),
                "key": account.pk,
            }
            for place, account in self.accounts
            if at.matrix.quadrant[place] == quadrant
        ]
        return {
            "name": str(QUADRANTS[quadrant]),
            "type": "scatter",
            "symbolSize": 10,
            "tone": f"grade-{int(quadrant)}",
            "format": "compact",
            "itemStyle": {"opacity": 0.75},
            "data": data,
        }

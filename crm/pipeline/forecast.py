"""The weighted forecast: what open opportunities are worth by expected month and rep, beside what is won."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.charts import Chart
from crm.models import OpportunityState
from crm.pipeline.listing import CHANCE, TEAM, OpportunityList
from crm.queries import months_before
from crm.scoring.pipeline import Sums, sums_by
from crm.tables import Cell, Column, Table

BACK, AHEAD = 3, 12
BY_REP_AHEAD = 6


def month_index(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


@dataclass(frozen=True)
class Forecast:
    """Months run from `BACK` before this one to `AHEAD` after it; what is expected later stands in `later`.

    Places of `by_month`: 0 is overdue (the expected date has passed), then this month and those after it, the last
    one is later.
    """

    listed: OpportunityList

    @cached_property
    def _open(self) -> list[tuple[Any, ...]]:
        rows = self.listed.in_sight.filter(state=OpportunityState.OPEN).annotate(chance=CHANCE)
        return list(rows.values_list("expected_on", "owner", "amount", "currency", "chance"))

    @cached_property
    def _won(self) -> list[tuple[Any, ...]]:
        rows = self.listed.in_sight.filter(
            state=OpportunityState.WON, closed_on__gte=self.first_month, closed_on__lte=self.today
        )
        return list(rows.values_list("closed_on", "owner", "amount", "currency"))

    @property
    def today(self) -> dt.date:
        return self.listed.today

    @property
    def first_month(self) -> dt.date:
        return months_before(self.today.replace(day=1), BACK)

    @cached_property
    def months(self) -> list[dt.date]:
        return [months_before(self.first_month, -step) for step in range(BACK + AHEAD + 1)]

    @cached_property
    def missing(self) -> list[str]:
        currencies = [row[3] for row in (*self._open, *self._won)]
        return self.listed.rates.missing(currencies)

    @cached_property
    def unknown(self) -> int:
        """Opportunities that no sum holds, for want of an exchange rate."""
        return int(self.by_month.unknown.sum() + self.won_by_month.unknown.sum())

    def _place(self, expected: dt.date) -> int:
        if expected < self.today:
            return 0
        return min(month_index(expected) - month_index(self.today), AHEAD + 1) + 1

    def _sums(self, groups: Sequence[int], size: int, rows: Sequence[tuple[Any, ...]]) -> Sums:
        amounts = [self.listed.rates.value(row[2], row[3]) for row in rows]
        chances = [row[4] if len(row) > 4 else 100 for row in rows]
        return sums_by(groups, size, amounts, chances)

    @cached_property
    def by_month(self) -> Sums:
        return self._sums([self._place(row[0]) for row in self._open], AHEAD + 3, self._open)

    @cached_property
    def won_by_month(self) -> Sums:
        start = month_index(self.first_month)
        return self._sums([month_index(row[0]) - start for row in self._won], BACK + 1, self._won)

    @property
    def overdue(self) -> dict[str, Any]:
        return {
            "count": int(self.by_month.count[0]),
            "amount": float(self.by_month.amount[0]),
            "weighted": float(self.by_month.weighted[0]),
        }

    @property
    def weighted(self) -> float:
        """Of what is not overdue."""
        return float(self.by_month.weighted[1:].sum())

    @property
    def amount(self) -> float:
        return float(self.by_month.amount[1:].sum())

    @property
    def won(self) -> float:
        return float(self.won_by_month.amount.sum())

    def list_url(self, **parameters: str) -> str:
        return f"{reverse('crm:opportunity-list')}?{self.listed.query(**parameters)}"

    @cached_property
    def month_table(self) -> Table:
        columns = [
            Column(_("Month"), "name"), Column(OpportunityState.WON.label, "money"), Column(_("Weighted"), "money"),
            Column(_("Full amount"), "money"), Column(_("Opportunities"), "integer"),
        ]  # fmt: skip
        sums = self.by_month
        rows: list[list[Any]] = []
        for place, month in enumerate(self.months):
            ahead = place - BACK + 1
            won = float(self.won_by_month.amount[place]) if place <= BACK else None
            name = Cell(f"{month:%Y-%m}", self.list_url(month=f"{month:%Y-%m}", state="open"))
            if ahead < 1:
                rows.append([Cell(f"{month:%Y-%m}"), won, None, None, None])
            else:
                figures = [float(sums.weighted[ahead]), float(sums.amount[ahead]), int(sums.count[ahead])]
                rows.append([name, won, *figures])
        last = len(sums.count) - 1
        if sums.count[last]:
            later = [float(sums.weighted[last]), float(sums.amount[last]), int(sums.count[last])]
            rows.append([_("later"), None, *later])
        total = [_("Total"), self.won, self.weighted, self.amount, int(sums.count[1:].sum())]
        return Table("months", _("Forecast by month"), columns, rows, total)

    @cached_property
    def rep_table(self) -> Table:
        """A row a rep: overdue, the next months, later, all together, and what was won."""
        reps = self._reps()
        places = {rep: place for place, (rep, _name) in enumerate(reps)}
        size = BY_REP_AHEAD + 2  # overdue, the months, later
        groups = [places[row[1]] * size + min(self._place(row[0]), BY_REP_AHEAD + 1) for row in self._open]
        cells = self._sums(groups, size * len(reps), self._open).weighted.reshape(len(reps), size)
        won = self._sums([places[row[1]] for row in self._won], len(reps), self._won).amount
        months = self.months[BACK : BACK + BY_REP_AHEAD]
        columns = [
            Column(_("Sales rep"), "name"), Column(pgettext("opportunity", "Overdue"), "money"),
            *(Column(f"{month:%Y-%m}", "money") for month in months),
            Column(_("later"), "money"), Column(_("Weighted, not overdue"), "money"),
            Column(_("Won since %(month)s") % {"month": f"{self.first_month:%Y-%m}"}, "money"),
        ]  # fmt: skip
        rows = []
        for place in np.argsort(-cells[:, 1:].sum(axis=1), kind="stable"):
            rep, name = reps[place]
            link = self.list_url(owner=str(rep or "none"), who=TEAM, state="open")
            figures = [float(value) for value in cells[place]]
            rows.append([Cell(name, link), *figures, sum(figures[1:]), float(won[place])])
        total: list[Any] = []
        if rows:
            sums = cells.sum(axis=0)
            total = [_("Total"), *map(float, sums), float(sums[1:].sum()), float(won.sum())]
        return Table("reps", _("Weighted forecast by sales rep"), columns, rows, total)

    def _reps(self) -> list[tuple[int | None, str]]:
        from crm.models import User

        ids = {row[1] for row in (*self._open, *self._won)}
        people = User.objects.in_bulk([pk for pk in ids if pk is not None])
        named = sorted(((pk, str(person)) for pk, person in people.items()), key=lambda rep: rep[1])
        return [*named, *([(None, _("Nobody"))] if None in ids else [])]

    @cached_property
    def chart(self) -> Chart:
        table = self.month_table
        empty = not self._open and not self._won
        names = [f"{month:%Y-%m}" for month in self.months]
        ahead = slice(1, AHEAD + 2)
        won = [float(value) for value in self.won_by_month.amount] + [None] * AHEAD
        blank: list[Any] = [None] * BACK
        series = [
            _bars(OpportunityState.WON.label, won, "good", "stack"),
            _bars(_("Weighted"), blank + [float(v) for v in self.by_month.weighted[ahead]], "primary", "stack"),
            {
                "name": _("Full amount"), "type": "line", "tone": "muted", "format": "compact",
                "data": blank + [float(v) for v in self.by_month.amount[ahead]], "symbolSize": 7,
            },
        ]  # fmt: skip
        option = {
            "legend": {"top": 0, "left": 0},
            "grid": {"left": 8, "right": 16, "top": 36, "bottom": 8, "containLabel": True},
            "xAxis": {"type": "category", "data": names},
            "yAxis": {"type": "value", "format": "compact"},
            "series": series,
        }
        rows = [] if empty else table.texts()
        return Chart("forecast-months", table.title, option, table.headers, rows)

    def table(self, slug: str) -> Table:
        return {"months": self.month_table, "reps": self.rep_table}[slug]


def _bars(name: Any, data: list[Any], tone: str, stack: str) -> dict[str, Any]:
    return {
        "name": str(name), "type": "bar", "data": data, "tone": tone, "stack": stack, "format": "compact",
        "barMaxWidth": 32,
    }  # fmt: skip

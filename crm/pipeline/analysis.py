"""What decided opportunities teach: win rates, times, reasons, competitors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm.charting import Bar, paired_bars
from crm.charts import Chart
from crm.models import CloseReason, Opportunity, OpportunityState, User
from crm.pipeline.listing import OpportunityList
from crm.pipeline.norms import passages
from crm.queries import months_before
from crm.scoring.pipeline import Rates, medians, win_rates
from crm.tables import Column, Table

WON, LOST = OpportunityState.WON, OpportunityState.LOST
PERIODS = (12, 24, 36)


def known(value: float) -> float | None:
    """A figure for a table: None, shown as a dash, where there is none."""
    return None if math.isnan(value) else float(value)


@dataclass(frozen=True)
class Analysis:
    """Decisions of the last `months` (0: all)."""

    listed: OpportunityList
    months: int

    @cached_property
    def _decided(self) -> QuerySet[Opportunity]:
        rows = self.listed.in_sight.exclude(state=OpportunityState.OPEN)
        if self.months:
            rows = rows.filter(closed_on__gte=months_before(self.listed.today.replace(day=1), self.months))
        return rows

    @cached_property
    def _rows(self) -> list[Opportunity]:
        fields = (
            "state",
            "amount",
            "currency",
            "inquired_on",
            "closed_on",
            "close_reason",
            "owner_id",
            "lost_to_id",
        )
        return list(self._decided.only("pk", *fields).prefetch_related("competitors", "lost_to"))

    @cached_property
    def won(self) -> list[bool]:
        return [row.state == WON for row in self._rows]

    @cached_property
    def _amounts(self) -> list[float]:
        return [self.listed.rates.value(row.amount, row.currency) for row in self._rows]

    @cached_property
    def missing(self) -> list[str]:
        return self.listed.rates.missing(row.currency for row in self._rows)

    def _rates(self, groups: Sequence[int], size: int, rows: Sequence[int] | None = None) -> Rates:
        chosen = range(len(self._rows)) if rows is None else rows
        return win_rates(
            groups, size, [self.won[row] for row in chosen], [self._amounts[row] for row in chosen]
        )

    @cached_property
    def total(self) -> dict[str, Any]:
        rates = self._rates([0] * len(self._rows), 1)
        return {
            "decided": len(self._rows),
            "won": int(rates.won[0]),
            "lost": int(rates.lost[0]),
            "won_amount": float(rates.won_amount[0]),
            "lost_amount": float(rates.lost_amount[0]),
            "by_count": known(rates.by_count[0]),
            "by_amount": known(rates.by_amount[0]),
        }

    @cached_property
    def selection_days(self) -> dict[str, Any]:
        """Median days from the inquiry to the decision, all and by outcome; of how many the inquiry is known."""
        days = [
            (row.closed_on - row.inquired_on).days if row.inquired_on and row.closed_on else np.nan
            for row in self._rows
        ]
        by_outcome = medians([int(won) for won in self.won], 2, days)
        everything = medians([0] * len(days), 1, days)
        return {
            "all": known(everything[0]),
            "won": known(by_outcome[1]),
            "lost": known(by_outcome[0]),
            "count": int(np.count_nonzero(~np.isnan(np.asarray(days, dtype=np.float64)))),
        }

    @cached_property
    def reason_table(self) -> Table:
        codes = [*CloseReason.values, ""]
        places = {code: place for place, code in enumerate(codes)}
        rates = self._rates([places.get(row.close_reason, len(codes) - 1) for row in self._rows], len(codes))
        labels = [*(str(label) for label in CloseReason.labels), _("not on record")]
        rows: list[list[Any]] = [
            [label, int(rates.won[i]), float(rates.won_amount[i]), int(rates.lost[i]), float(rates.lost_amount[i])]
            for i, label in enumerate(labels)
            if rates.won[i] + rates.lost[i]
        ]  # fmt: skip
        rows.sort(key=lambda row: -(row[1] + row[3]))
        columns = [
            Column(_("Reason"), "name"), Column(WON.label, "integer"), Column(_("Amount won"), "money"),
            Column(LOST.label, "integer"), Column(_("Amount lost"), "money"),
        ]  # fmt: skip
        return Table("reasons", _("Why we win and lose"), columns, rows)

    @cached_property
    def competitor_table(self) -> Table:
        """An opportunity with several competitors counts for each of them."""
        pairs: list[tuple[str, int]] = []
        taken: dict[str, int] = {}
        for place, row in enumerate(self._rows):
            names = {str(competitor) for competitor in row.competitors.all()}
            if row.lost_to is not None:
                names.add(str(row.lost_to))
                taken[str(row.lost_to)] = taken.get(str(row.lost_to), 0) + 1
            pairs += [(name, place) for name in sorted(names or {""})]
        return self._win_table(
            "competitors", _("By competitor"), _("Competitor"), pairs, _("no competitor on record"), taken
        )

    @cached_property
    def rep_table(self) -> Table:
        people = User.objects.in_bulk({row.owner_id for row in self._rows if row.owner_id})
        pairs = [
            (str(people[row.owner_id]) if row.owner_id else "", place) for place, row in enumerate(self._rows)
        ]
        return self._win_table("reps", _("By sales rep"), _("Sales rep"), pairs, _("Nobody"))

    def _win_table(
        self,
        slug: str,
        title: str,
        head: str,
        pairs: Sequence[tuple[str, int]],
        unnamed: str,
        taken: dict[str, int] | None = None,
    ) -> Table:
        names = sorted({name for name, _row in pairs})
        places = {name: place for place, name in enumerate(names)}
        rates = self._rates([places[name] for name, _row in pairs], len(names), [row for _name, row in pairs])
        columns = [
            Column(head, "name"), Column(WON.label, "integer"), Column(LOST.label, "integer"),
            *([Column(_("lost to them"), "integer")] if taken is not None else []),
            Column(_("Win rate"), "percent"), Column(_("Win rate by amount"), "percent"),
            Column(_("Amount won"), "money"), Column(_("Amount lost"), "money"),
        ]  # fmt: skip
        rows: list[list[Any]] = [
            [
                name or unnamed, int(rates.won[i]), int(rates.lost[i]),
                *([taken.get(name, 0)] if taken is not None else []),
                known(rates.by_count[i]), known(rates.by_amount[i]),
                float(rates.won_amount[i]), float(rates.lost_amount[i]),
            ]
            for i, name in enumerate(names)
        ]  # fmt: skip
        rows.sort(key=lambda row: -(row[1] + row[2]))
        return Table(slug, title, columns, rows)

    @cached_property
    def stage_table(self) -> Table:
        """Median days in each stage, of won and of lost ones."""
        won = {row.pk for row, is_won in zip(self._rows, self.won, strict=True) if is_won}
        ids = [stage.pk for stage in self.listed.stages]
        places = {pk: 2 * place for place, pk in enumerate(ids)}
        found = passages(self._decided.values("pk"))
        groups = [places[stage] + (0 if row in won else 1) for row, stage, _days in found]
        days = medians(groups, 2 * len(ids), [days for _row, _stage, days in found])
        counts = np.bincount(np.asarray(groups, dtype=np.intp), minlength=2 * len(ids))
        columns = [
            Column(_("Stage"), "name"), Column(_("Median days, won"), "score"), Column(WON.label, "integer"),
            Column(_("Median days, lost"), "score"), Column(LOST.label, "integer"),
        ]  # fmt: skip
        rows = [
            [
                str(stage), known(days[2 * i]), int(counts[2 * i]), known(days[2 * i + 1]), int(counts[2 * i + 1])
            ]
            for i, stage in enumerate(self.listed.stages)
        ]  # fmt: skip
        return Table("stages", _("Time in each stage"), columns, rows if counts.any() else [])

    @cached_property
    def reason_chart(self) -> Chart:
        bars = [Bar(row[0], "", "", row[1], row[3]) for row in self.reason_table.rows]
        return replace(
            paired_bars(self.reason_table, bars, WON.label, LOST.label),
            height="rows-8",
        )

    @cached_property
    def stage_chart(self) -> Chart:
        bars = [Bar(row[0], "", "", row[1], row[3]) for row in self.stage_table.rows]
        chart = paired_bars(self.stage_table, bars, _("Median days, won"), _("Median days, lost"))
        return replace(chart, height="rows-8")

    def table(self, slug: str) -> Table:
        tables = {
            "reasons": lambda: self.reason_table,
            "competitors": lambda: self.competitor_table,
            "reps": lambda: self.rep_table,
            "stages": lambda: self.stage_table,
        }
        return tables[slug]()


def period_of(value: str) -> int:
    """The months to look back, as the address says: 24 where it says nothing known."""
    if value == "all":
        return 0
    return int(value) if value.isdecimal() and int(value) in PERIODS else 24

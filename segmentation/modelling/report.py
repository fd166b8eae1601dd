"""A preview as tables and charts: grades before and after, who moves, what each rep's team gets to do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.models import Run, User
from crm.tables import Cell, Column, Table
from segmentation.modelling.preview import Preview
from segmentation.models import ScoringModel
from segmentation.policies import policies
from segmentation.wording import indicator_name

MOVERS = 30
DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True)
class PreviewReport:
    preview: Preview
    run: Run
    model: ScoringModel

    @property
    def labels(self) -> list[str]:
        return [*self.preview.names, _("Unrated")]

    @property
    def used(self) -> list[int]:
        """Grades that anybody has before or after."""
        counts = self.preview.counts(self.preview.before) + self.preview.counts(self.preview.after)
        return [int(place) for place in np.flatnonzero(counts)]

    @property
    def moved(self) -> int:
        return int(self.preview.changed.sum())

    @property
    def accounts(self) -> int:
        return len(self.preview.account_id)

    @property
    def upgraded(self) -> int:
        return self.preview.migration.upgraded

    @property
    def downgraded(self) -> int:
        return self.preview.migration.downgraded

    @cached_property
    def grades_table(self) -> Table:
        seen = self.preview
        before, after = seen.counts(seen.before), seen.counts(seen.after)
        profit_before, profit_after = seen.profits(seen.before), seen.profits(seen.after)
        columns = [
            Column(_("Grade"), "name"),
            Column(_("Accounts before"), "integer"),
            Column(_("Accounts after"), "integer"),
            Column(_("Gross profit before"), "money"),
            Column(_("Gross profit after"), "money"),
        ]
        rows = [
            [self.labels[i], int(before[i]), int(after[i]), float(profit_before[i]), float(profit_after[i])]
            for i in self.used
        ]
        sums = [
            _("Total"),
            int(before.sum()),
            int(after.sum()),
            float(profit_before.sum()),
            float(profit_after.sum()),
        ]
        return Table("grades", _("Grades before and after"), columns, rows, sums)

    @property
    def grades_chart(self) -> Chart:
        seen = self.preview
        before, after = seen.counts(seen.before), seen.counts(seen.after)
        option = {
            "legend": {"top": 0},
            "tooltip": {"trigger": "axis", "confine": True},
            "xAxis": {"type": "category", "data": [self.labels[i] for i in self.used]},
            "yAxis": {"type": "value", "format": "integer"},
            "series": [
                _bar(_("Before"), [int(before[i]) for i in self.used], "muted"),
                _bar(_("After"), [int(after[i]) for i in self.used], "primary"),
            ],
        }
        table = self.grades_table
        return Chart("preview-grades", table.title, option, table.headers, table.texts(), height="sm")

    @cached_property
    def matrix_table(self) -> Table:
        """Rows: the grade now; columns: the grade by the draft."""
        columns = [Column(_("Now / by the draft"))] + [Column(self.labels[i], "integer") for i in self.used]
        matrix = self.preview.migration.matrix
        rows: list[list[Any]] = []
        for i in self.used:
            cells = [Cell(int(matrix[i, j]), css=_tone(i, j, len(self.labels) - 1)) for j in self.used]
            rows.append([self.labels[i], *cells])
        return Table("matrix", _("Movement between grades"), columns, rows)

    def movers_table(self, most: int | None = MOVERS) -> Table:
        columns = [
            Column(_("Account"), "name"),
            Column(_("Grade")),
            Column(_("Score now"), "score"),
            Column(_("Score by the draft"), "score"),
            Column(_("Changed most")),
            Column(_("Gross profit"), "money"),
        ]
        rows = [
            [
                Cell(str(mover.account), mover.account.get_absolute_url()),
                f"{mover.before or _('Unrated')} → {mover.after or _('Unrated')}",
                mover.score_before,
                mover.score_after,
                f"{indicator_name(mover.driver)} {mover.driver_points:+.1f}",
                mover.gross_profit,
            ]
            for mover in self.preview.movers(most)
        ]
        return Table("movers", _("Who would move"), columns, rows)

    @property
    def movers(self) -> Table:
        return self.movers_table()

    @cached_property
    def reps_table(self) -> Table:
        """Accounts and planned visits a month per rep, by the service policies of the grades."""
        per_owner = self.preview.per_owner()
        people = User.objects.in_bulk([pk for pk in per_owner if pk > 0])
        load = self._visits_a_month()
        columns = [
            Column(_("Sales rep"), "name"),
            Column(_("Accounts"), "integer"),
            Column(_("Move up"), "integer"),
            Column(_("Move down"), "integer"),
            Column(_("Visits a month now"), "score"),
            Column(_("Visits a month then"), "score"),
        ]
        seen = self.preview
        up = seen.changed & (seen.before >= 0) & (seen.after >= 0) & (seen.after < seen.before)
        down = seen.changed & (seen.before >= 0) & (seen.after >= 0) & (seen.after > seen.before)
        rows: list[list[Any]] = []
        for owner, (before, after) in per_owner.items():
            mine = seen.owner_id == owner
            rows.append(
                [
                    str(people[owner]) if owner in people else _("Nobody's"),
                    int(before.sum()),
                    int((up & mine).sum()),
                    int((down & mine).sum()),
                    float(before @ load),
                    float(after @ load),
                ]
            )
        rows.sort(key=lambda row: (-abs(row[5] - row[4]), str(row[0])))
        return Table("reps", _("What it means for each rep"), columns, rows)

    def _visits_a_month(self) -> np.ndarray[Any, Any]:
        """By the policy of each grade's name; a grade without one, and the unrated, bring no visits."""
        days = {
            entry.grade: entry.policy.visit_every_days
            for entry in policies()
            if entry.model.pk == self.model.pk and entry.grade is not None
        }
        load = np.zeros(len(self.labels))
        for place, name in enumerate(self.preview.names):
            if name not in self.preview.model.grades:
                continue
            # A grade that the model gets only now: like the last one it has.
            grade = min(self.preview.model.grades.index(name), max(days, default=0))
            if interval := days.get(grade):
                load[place] = DAYS_A_MONTH / interval
        return load


def _bar(name: str, data: list[int], tone: str) -> dict[str, Any]:
    return {"type": "bar", "name": name, "data": data, "tone": tone, "format": "integer", "barMaxWidth": 36}


def _tone(i: int, j: int, unrated: int) -> str:
    if i == j:
        return "move-same"
    if unrated in (i, j):
        return ""
    return "move-up" if j < i else "move-down"

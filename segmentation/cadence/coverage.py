"""Do the reps reach their customers as often as the policies ask, and can they? Per rep, with names behind it."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import Count
from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.models import Account, PlannedVisit, User, Visit
from crm.tables import Cell, Column, Table
from segmentation.cadence.standing import Standing, counting, rules, standing
from segmentation.cadence.wording import SLUGS, STATES, due_date
from segmentation.scoring.cadence import CadenceState

IN_PLAN = (CadenceState.OVERDUE, CadenceState.NEVER, CadenceState.DUE, CadenceState.ON_TRACK)
CHART_TONES = {
    CadenceState.OVERDUE: "bad",
    CadenceState.NEVER: "explore",
    CadenceState.DUE: "warn",
    CadenceState.ON_TRACK: "good",
}
OVERDUE_SHOWN = 20
OVERDUE_EXPORTED = 10_000
DAYS_NAMED = 5


@dataclass(frozen=True)
class Coverage:
    """Figures are read when a page or an export asks for them, each once."""

    form: Any
    user: User
    today: dt.date

    @cached_property
    def rules(self) -> Any:
        return rules()

    @cached_property
    def at(self) -> Standing:
        """The accounts in scope that somebody owns and that are visited by plan."""
        return standing(self.form.accounts().filter(owner__isnull=False), self.today, self.rules)

    @cached_property
    def planned(self) -> np.ndarray:
        return self.at.among(IN_PLAN)

    @cached_property
    def reps(self) -> list[User]:
        """Whoever owns an account in plan and may be named; by name."""
        owners = {int(pk) for pk in self.at.owner_ids[self.planned]}
        people = User.objects.visible_to(self.user).filter(pk__in=owners).distinct()
        return list(people.order_by("last_name", "first_name", "username"))

    @property
    def is_empty(self) -> bool:
        return not len(self.planned)

    @property
    def month(self) -> tuple[dt.date, dt.date]:
        first = self.today.replace(day=1)
        return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])

    def count(self, *states: CadenceState) -> int:
        return len(self.at.among(states))

    def states_of(self, places: np.ndarray) -> Counter[int]:
        return Counter(int(state) for state in self.at.cadence.state[places])

    @cached_property
    def states_table(self) -> Table:
        columns = [
            Column(_("Sales rep"), "name"),
            Column(_("Accounts in plan"), "integer"),
            *(Column(STATES[state], "integer") for state in IN_PLAN),
            Column(_("Reached in time"), "percent"),
        ]
        rows: list[list[Any]] = []
        sums: Counter[int] = Counter()
        for rep in self.reps:
            counted = self.states_of(self.planned[self.at.owner_ids[self.planned] == rep.pk])
            sums.update(counted)
            rows.append(self._states_row(str(rep), counted, owner=rep.pk))
        total = [_("Total"), *(value.value for value in self._states_row("", sums)[1:-1]), _in_time(sums)]
        return Table("reps", _("Customers by state of their visits"), columns, rows, total)

    def _states_row(self, name: str, counted: Counter[int], **scope: Any) -> list[Any]:
        cells = [
            Cell(counted[state], self.form.list_url(visit=SLUGS[state], **scope) if counted[state] else "")
            for state in IN_PLAN
        ]
        return [name, Cell(counted.total()), *cells, _in_time(counted)]

    @cached_property
    def grades_table(self) -> Table:
        # A matrix on a phone too: not a card for each of its many rows.
        columns = [
            Column(_("Sales rep")),
            Column(_("Grade")),
            Column(_("A visit every … days"), "integer"),
            Column(_("Accounts in plan"), "integer"),
            *(Column(STATES[state], "integer") for state in IN_PLAN),
            Column(_("Reached in time"), "percent"),
        ]
        rows: list[list[Any]] = []
        for rep in self.reps:
            own = self.planned[self.at.owner_ids[self.planned] == rep.pk]
            for entry in self.rules.policies:
                if entry.key not in self.rules.every:
                    continue
                wanted = (self.at.models[own] == entry.model.pk) & (
                    self.at.grades[own] == (-1 if entry.grade is None else entry.grade)
                )
                if not wanted.any():
                    continue
                grade = "unrated" if entry.grade is None else entry.name
                row = self._states_row(str(rep), self.states_of(own[wanted]), owner=rep.pk, grade=grade)
                rows.append([row[0], entry.name, self.rules.every[entry.key], *row[1:]])
        return Table("grades", _("By grade"), columns, rows)

    @cached_property
    def load_table(self) -> Table:
        """Visits the policies ask for this month against what fits, what is made and what is planned."""
        first, last = self.month
        working = int(np.busday_count(np.datetime64(first), np.datetime64(last) + 1))
        made, planned = self._made(first), self._planned(last)
        columns = [
            Column(_("Sales rep"), "name"),
            Column(_("Visits needed"), "score"),
            Column(_("Visits that fit"), "integer"),
            Column(_("Load"), "percent"),
            Column(_("Made so far"), "integer"),
            Column(_("Planned still"), "integer"),
            Column(_("Too full"), "text"),
        ]
        rows: list[list[Any]] = []
        every, owners = self.at.every[self.planned], self.at.owner_ids[self.planned]
        for rep in self.reps:
            needed = float((last.day / every[owners == rep.pk]).sum())
            fits = working * rep.visits_a_day
            days = planned.get(rep.pk, {})
            full = sorted(day for day, visits in days.items() if visits > rep.visits_a_day)
            named = ", ".join(f"{day:%m-%d} ({days[day]})" for day in full[:DAYS_NAMED])
            more = f" +{len(full) - DAYS_NAMED}" if len(full) > DAYS_NAMED else ""
            load = needed / fits if fits else None
            too_much = load is not None and load > 1
            rows.append(
                [
                    str(rep),
                    needed,
                    fits,
                    Cell(load, "", "text-red fw-bold") if too_much else load,
                    made.get(rep.pk, 0),
                    sum(days.values()),
                    Cell(named + more, "", "text-red") if full else None,
                ]
            )
        return Table("load", _("Visits this month"), columns, rows)

    def _made(self, first: dt.date) -> dict[int, int]:
        """Visits of this month that count, by rep."""
        visits = Visit.objects.filter(user__in=self.reps, happened_at__date__range=(first, self.today))
        counted = counting(visits, self.rules).order_by()
        return dict(counted.values_list("user").annotate(visits=Count("pk")))

    def _planned(self, last: dt.date) -> dict[int, dict[dt.date, int]]:
        """Open plans from today to the month's end, by rep and day."""
        plans = PlannedVisit.objects.filter(
            user__in=self.reps, cancelled_at=None, visit=None, planned_on__range=(self.today, last)
        )
        found: dict[int, dict[dt.date, int]] = {}
        for user, day, visits in plans.order_by().values_list("user", "planned_on").annotate(n=Count("pk")):
            found.setdefault(user, {})[day] = visits
        return found

    @property
    def overdue(self) -> Table:
        return self.overdue_table(OVERDUE_SHOWN)

    @property
    def all_overdue_url(self) -> str:
        url: str = self.form.list_url(visit=SLUGS[CadenceState.OVERDUE])
        return url

    def overdue_table(self, most: int) -> Table:
        """The most urgent first."""
        places = self.at.most_urgent_first(self.at.among([CadenceState.OVERDUE]))[:most]
        accounts = (
            Account.objects.select_related("owner").in_bulk([int(self.at.account_ids[place]) for place in places])
        )  # fmt: skip
        columns = [
            Column(_("Account"), "name"),
            Column(_("Grade")),
            Column(_("Sales rep")),
            Column(_("Due on"), "date"),
            Column(_("Days late"), "integer"),
        ]
        rows = []
        for place in places:
            account = accounts.get(int(self.at.account_ids[place]))
            if account is not None:
                rows.append(
                    [
                        Cell(str(account), account.get_absolute_url()),
                        self.rules.name(*self.at.key(place)),
                        str(account.owner),
                        due_date(self.at.cadence, place),
                        int(self.at.cadence.days_late[place]),
                    ]
                )
        return Table("overdue", _("Overdue visits"), columns, rows)

    @property
    def chart(self) -> Chart:
        """One bar a rep, its parts the states; a click leads to the rep's accounts."""
        rows = self.states_table.rows
        series = [
            {
                "name": str(STATES[state]),
                "type": "bar",
                "stack": "states",
                "tone": CHART_TONES[state],
                "barMaxWidth": 26,
                "format": "integer",
                "data": [
                    {"value": row[2 + place].value, "key": str(rep.pk)}
                    for rep, row in zip(self.reps, rows, strict=True)
                ],
            }
            for place, state in enumerate(IN_PLAN)
        ]
        option = {
            "legend": {"top": 0, "left": 0, "selectedMode": False},
            "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
            "grid": {"left": 8, "right": 16, "top": 32, "bottom": 8, "containLabel": True},
            "xAxis": {"type": "value", "format": "integer", "minInterval": 1},
            "yAxis": {
                "type": "category",
                "data": [str(rep) for rep in self.reps],
                "inverse": True,
                "axisLabel": {"width": 92, "overflow": "truncate"},
            },
            "series": series,
        }
        table = self.states_table
        height = next((size for size in (4, 8, 12, 16) if len(rows) <= size), 24)
        return Chart(
            "coverage",
            table.title,
            option,
            table.headers,
            table.texts(),
            f"rows-{height}",
            drill_url=f"{self.form.list_url(owner='{name}', visit='needed')}",
        )

    def table(self, slug: str) -> Table:
        """The table an export asks for; KeyError for one that does not exist."""
        return {
            "reps": lambda: self.states_table,
            "grades": lambda: self.grades_table,
            "load": lambda: self.load_table,
            "overdue": lambda: self.overdue_table(OVERDUE_EXPORTED),
        }[slug]()


def _in_time(counted: Counter[int]) -> float | None:
    """Due is still in time."""
    if not counted.total():
        return None
    return (counted[CadenceState.ON_TRACK] + counted[CadenceState.DUE]) / counted.total()

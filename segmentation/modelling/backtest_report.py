"""Back-tests as tables and a chart: what one version foresaw, date by date, and beside it another version."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.http import urlencode
from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.tables import Column, Table
from segmentation.modelling.backtest_jobs import FAILED, QUEUED
from segmentation.models import ModelBackTest, ScoringModelVersion

HALVES = ("whole", "current", "future")
DECILES = 10
TONES = ("primary", "warn")

Reading = Callable[[dict[str, Any]], float | None]


@dataclass(frozen=True)
class Findings:
    """One version and what was found of it, oldest date first."""

    version: ScoringModelVersion
    tests: tuple[ModelBackTest, ...]

    @classmethod
    def of(cls, version: ScoringModelVersion) -> Findings:
        tests = ModelBackTest.objects.filter(version=version).order_by("as_of")
        return cls(version, tuple(tests))

    @property
    def done(self) -> list[ModelBackTest]:
        return [test for test in self.tests if "whole" in test.result]

    @property
    def waiting(self) -> int:
        return sum(test.result.get("state") == QUEUED for test in self.tests)

    @property
    def failed(self) -> int:
        return sum(test.result.get("state") == FAILED for test in self.tests)

    @property
    def by_sales(self) -> bool:
        return any(test.result.get("measure") == "net_sales" for test in self.done)

    @property
    def unrated(self) -> bool:
        """Graded nobody at any date: too little of what the model weighs was known then."""
        return bool(self.done) and not any(test.result.get("rated", 1) for test in self.done)

    def at(self, dates: Sequence[tuple[Any, Any]]) -> list[dict[str, Any]]:
        return [test.result for test in self.done if (test.as_of, test.until) in dates]


@dataclass(frozen=True)
class Report:
    first: Findings
    second: Findings | None = None

    @cached_property
    def sides(self) -> list[Findings]:
        return [self.first, *([self.second] if self.second else [])]

    @cached_property
    def dates(self) -> list[tuple[Any, Any]]:
        """Where both versions were tested: only the same dates can be compared."""
        pairs = [{(test.as_of, test.until) for test in side.done} for side in self.sides]
        return sorted(set.intersection(*pairs))

    @property
    def planned(self) -> int:
        return sum(len(side.tests) for side in self.sides)

    @property
    def waiting(self) -> int:
        return sum(side.waiting for side in self.sides)

    @property
    def finished(self) -> int:
        return self.planned - self.waiting

    @property
    def failed(self) -> int:
        return sum(side.failed for side in self.sides)

    @property
    def query(self) -> str:
        """What is chosen, for the addresses of the page's parts."""
        return urlencode(
            dict(zip(("version", "with"), (side.version.pk for side in self.sides), strict=False))
        )

    @property
    def is_ready(self) -> bool:
        return bool(self.dates)

    @property
    def same_accounts(self) -> bool:
        counts = [[result["accounts"] for result in side.at(self.dates)] for side in self.sides]
        return all(count == counts[0] for count in counts)

    def mean(self, side: Findings, read: Reading) -> float | None:
        """Over the dates at which it is known."""
        values = [value for value in map(read, side.at(self.dates)) if value is not None]
        return sum(values) / len(values) if values else None

    @cached_property
    def summary(self) -> Table:
        columns = [Column(_("Figure"), "name"), *(Column(str(side.version), "ratio") for side in self.sides)]
        if self.second:
            columns.append(Column(_("Difference"), "ratio"))
        rows = []
        for name, read in self._figures():
            means = [self.mean(side, read) for side in self.sides]
            if self.second:
                first, second = means
                means.append(None if first is None or second is None else first - second)
            rows.append([name, *means])
        return Table("summary", _("How well it foresaw"), columns, rows)

    def _figures(self) -> Iterator[tuple[str, Reading]]:
        titles = {
            "whole": _("Whole score"),
            "current": _("Current value alone"),
            "future": _("Future value alone"),
        }
        names = {"lift": _("lift"), "gini": _("Gini"), "top_capture": _("top 20 % capture")}
        for half in HALVES:
            for key, name in names.items():
                yield _("%(half)s: %(figure)s") % {"half": titles[half], "figure": name}, _reader(half, key)
        yield _("Most that any ranking could capture in 20 %"), _reader("whole", "best_capture")
        yield _("Customers who kept their grade"), lambda result: result["stability"]

    @cached_property
    def by_date(self) -> Table:
        columns = [
            Column(_("Graded as of"), "date"),
            Column(_("Judged until"), "date"),
            Column(_("Version")),
            Column(_("Customers graded"), "integer"),
            Column(_("Lift"), "ratio"),
            Column(_("Gini"), "ratio"),
            Column(_("Top 20 % capture"), "percent"),
            Column(_("Possible"), "percent"),
            Column(_("Lift, future value"), "ratio"),
            Column(_("Gini, future value"), "ratio"),
            Column(_("Kept their grade"), "percent"),
        ]
        rows = []
        for as_of, until in reversed(self.dates):
            for side in self.sides:
                for result in side.at([(as_of, until)]):
                    whole, future = result["whole"], result["future"]
                    rows.append(
                        [as_of, until, str(side.version), result["accounts"], whole["lift"], whole["gini"],
                         whole["top_capture"], whole["best_capture"], future["lift"], future["gini"],
                         result["stability"]]
                    )  # fmt: skip
        return Table("dates", _("Date by date"), columns, rows)

    @cached_property
    def grades(self) -> Table:
        """What each grade brought, of all dates together: shares and lift, no amounts."""
        columns = [
            Column(_("Version"), "name"),
            Column(_("Grade")),
            Column(_("Share of customers"), "percent"),
            Column(_("Share of what followed"), "percent"),
            Column(_("Lift"), "ratio"),
        ]
        rows = [[str(side.version), *row] for side in self.sides for row in _outcome(side.at(self.dates))]
        return Table("grades", _("What each grade brought"), columns, rows)

    @cached_property
    def transitions(self) -> Table:
        """The newest date: grade then against grade at the end of the time it was judged by."""
        result = self.first.at(self.dates[-1:])[0] if self.dates else {}
        matrix = result.get("transitions") or []
        names = [*result.get("grades", []), _("Unrated")]
        used = [i for i in range(len(matrix)) if sum(matrix[i]) or sum(row[i] for row in matrix)]
        columns = [Column(_("Grade then")), *(Column(names[i], "percent") for i in used)]
        rows = []
        for i in used:
            whole = sum(matrix[i])
            rows.append([names[i], *((matrix[i][j] / whole if whole else None) for j in used)])
        return Table("transitions", _("Stability of the grades"), columns, rows)

    @cached_property
    def gains(self) -> Table:
        titles = [str(side.version) for side in self.sides]
        columns = [Column(_("Best scored"))]
        for title in titles:
            columns += [
                Column(_("%(version)s, whole") % {"version": title}, "percent"),
                Column(_("%(version)s, future value") % {"version": title}, "percent"),
            ]
        rows: list[list[Any]] = []
        for place in range(DECILES):
            row: list[Any] = [_("First %(share)s") % {"share": f"{(place + 1) / DECILES:.0%}"}]
            for side in self.sides:
                row += [self.mean(side, _gain(half, place)) for half in ("whole", "future")]
            rows.append(row)
        return Table("gains", _("Cumulative gains"), columns, rows)

    @cached_property
    def chart(self) -> Chart:
        table = self.gains
        series = [_line(_("by chance"), [[0, 0], [1, 1]], "muted", dashed=True)]
        for place, column in enumerate(table.columns[1:]):
            points: list[list[float]] = [[0.0, 0.0]]
            points += [
                [(i + 1) / DECILES, row[place + 1]]
                for i, row in enumerate(table.rows)
                if row[place + 1] is not None
            ]
            if len(points) > 1:
                # Both lines of a version in one colour, its future value alone dashed.
                series.append(_line(str(column.title), points, TONES[place // 2], dashed=place % 2 == 1))
        axis = {"type": "value", "min": 0, "max": 1, "format": "percent"}
        option = {
            "legend": {"top": 0, "left": 0},
            "grid": {"left": 8, "right": 24, "top": 64, "bottom": 28, "containLabel": True},
            "xAxis": {
                **axis,
                "name": _("share of customers, best scored first"),
                "nameLocation": "middle",
                "nameGap": 28,
                "axisPointer": {"label": {"show": False}},
            },
            "yAxis": axis,
            "series": series,
        }
        return Chart("gains", table.title, option, table.headers, table.texts())

    def table(self, slug: str) -> Table:
        tables = (self.summary, self.by_date, self.grades, self.transitions, self.gains)
        return {table.slug: table for table in tables}[slug]


def _reader(half: str, key: str) -> Reading:
    return lambda result: result[half][key]


def _gain(half: str, place: int) -> Reading:
    return lambda result: result[half]["gains"][place]


def _line(name: str, data: list[list[float]], tone: str, *, dashed: bool) -> dict[str, Any]:
    style = {"type": "dashed" if dashed else "solid", "width": 2}
    return {"name": name, "type": "line", "showSymbol": False, "data": data, "format": "percent",
            "tone": tone, "lineStyle": style}  # fmt: skip


def _outcome(results: list[dict[str, Any]]) -> Iterator[list[Any]]:
    """Per grade: its share of the customers, of what followed, and the one over the other."""
    if not results:
        return
    names = [*results[-1]["grades"], _("Unrated")]
    counts = [sum(result["outcome"]["accounts"][i] for result in results) for i in range(len(names))]
    money = [sum(result["outcome"]["profit"][i] or 0 for result in results) for i in range(len(names))]
    people, whole = sum(counts), sum(money)
    for name, count, brought in zip(names, counts, money, strict=True):
        if count:
            share = brought / whole if whole > 0 else None
            yield [name, count / people, share, share / (count / people) if share is not None else None]

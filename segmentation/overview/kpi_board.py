"""The page of monthly figures: over the months, and one month divided by rep, territory, region, industry or grade."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from crm.account_filters import NONE
from crm.charts import Chart
from crm.models import Run, Territory, User
from crm.snapshots import shown_run
from crm.tables import Cell, Column, Table
from segmentation.overview import kpi_charts
from segmentation.overview.filters import kpi_value
from segmentation.overview.forms import GRADE, INDUSTRY, REGION, REP, TERRITORY, KpiForm
from segmentation.overview.kpis import Kpi, first_trade, frozen_months, is_early, narrowed, sums, together

SHOWN, DRAWN = 24, 12
COLUMNS = {REP: "owner", TERRITORY: "territory", REGION: "region", INDUSTRY: "industry", GRADE: "grade"}


@dataclass(frozen=True)
class KpiBoard:
    """Figures are read when a page or an export asks for them, each once."""

    form: KpiForm
    run: Run
    user: User

    @property
    def period(self) -> int:
        return self.form.period

    @property
    def month_end(self) -> dt.date | None:
        return self.form.month_end

    @cached_property
    def rows(self) -> Any:
        return narrowed(self.form).filter(months=self.period)

    @cached_property
    def months(self) -> list[Kpi]:
        """Newest first."""
        ends = self.form.month_ends[:SHOWN]
        return sums(self.rows.filter(month_end__in=ends), "month_end")[::-1]

    @property
    def newest(self) -> Kpi | None:
        return self.months[0] if self.months else None

    @cached_property
    def early(self) -> set[dt.date]:
        """Months whose comparison reaches back before the records: everybody looks new."""
        first = first_trade()
        return {kpi.key for kpi in self.months if is_early(kpi.key, self.period, first)}

    @cached_property
    def parts(self) -> list[Kpi]:
        if self.month_end is None:
            return []
        found = sums(self.rows.filter(month_end=self.month_end), COLUMNS[self.form.dimension])
        return sorted(found, key=lambda kpi: (-kpi.active, str(kpi.key)))

    @property
    def drawn(self) -> list[Kpi]:
        return self.months[:DRAWN]

    @property
    def won_lost_chart(self) -> Chart:
        return kpi_charts.won_lost_chart(self.drawn)

    @property
    def moves_chart(self) -> Chart:
        return kpi_charts.moves_chart(self.drawn)

    @property
    def profitability_chart(self) -> Chart:
        return kpi_charts.profitability_chart(self.drawn)

    @property
    def months_table(self) -> Table:
        columns = [Column(_("Month"), "date"), *_figures()]
        rows: list[list[Any]] = []
        for kpi in self.months:
            css = "text-secondary" if kpi.key in self.early else ""
            rows.append([Cell(kpi.key, css=css), *self._row(kpi, kpi.key, {})])
        if self.early:
            columns.append(Column(_("Remark")))
            rows = [[*row, _("begin of the records") if row[0].value in self.early else ""] for row in rows]
        return Table("months", _("Key figures by month"), columns, rows)

    @property
    def parts_table(self) -> Table:
        title = str(dict(self.form.fields["by"].choices)[self.form.dimension])  # type: ignore[attr-defined]
        columns = [Column(title, "name"), *_figures()]
        names = self._names()
        leaves = self._leaves() if self.form.dimension == TERRITORY else set()
        rows = []
        for kpi in self.parts:
            where = self._where(kpi.key, leaves)
            name = names.get(kpi.key) or (str(kpi.key) if isinstance(kpi.key, str) else "")
            rows.append([name or _("Not known"), *self._row(kpi, self.month_end, where)])
        whole = together(self.parts)
        total = [_("Total"), *(cell.value for cell in self._row(whole, self.month_end, None))]
        return Table("parts", _("Key figures divided"), columns, rows, total if rows else ())

    def _row(self, kpi: Kpi, month_end: Any, where: dict[str, Any] | None) -> list[Cell]:
        """`where`: what narrows the list to this part; None: no list has it."""

        def counted(what: str) -> Cell:
            number = getattr(kpi, what)
            if where is None or not number:
                return Cell(number)
            narrow = dict(where)
            grade = narrow.pop(GRADE, None)
            value = kpi_value(what, month_end, self.period, grade)
            return Cell(number, self.form.list_url(kpi=value, **narrow))

        return [
            counted("active"),
            counted("new"),
            counted("lost"),
            counted("reactivated"),
            Cell(kpi.retention),
            counted("upgraded"),
            counted("downgraded"),
            Cell(kpi.profitability),
            Cell(kpi.costed),
        ]

    def _where(self, key: Any, leaves: set[int]) -> dict[str, Any] | None:
        match self.form.dimension:
            case "rep":
                return {"owner": NONE if key is None else key}
            case "territory" if key is None:
                return {"territory": NONE}
            case "territory":
                # The list counts what lies below a territory too.
                return {"territory": key} if key in leaves else None
            case "grade":
                return {GRADE: key}
        return {self.form.dimension: key} if key else None

    def _names(self) -> dict[Any, str]:
        keys = [kpi.key for kpi in self.parts]
        match self.form.dimension:
            case "rep":
                return {
                    None: _("Nobody"),
                    **{user.pk: str(user) for user in User.objects.filter(pk__in=keys)},
                }
            case "territory":
                found = Territory.objects.filter(pk__in=keys)
                return {None: _("Without territory"), **{place.pk: str(place) for place in found}}
            case "grade":
                return {"": _("Unrated")}
        return {}

    def _leaves(self) -> set[int]:
        return set(Territory.objects.filter(children=None).values_list("pk", flat=True))

    def table(self, slug: str) -> Table:
        """The table an export asks for; KeyError for one that does not exist."""
        return {
            "months": lambda: self.months_table,
            "parts": lambda: self.parts_table,
            "won-lost": lambda: kpi_charts.won_lost_table(self.months),
            "moves": lambda: kpi_charts.moves_table(self.months),
            "profitability": lambda: kpi_charts.profitability_table(self.months),
        }[slug]()


def _figures() -> list[Column]:
    return [
        Column(_("Active customers"), "integer"),
        Column(_("New customers"), "integer"),
        Column(_("Lost customers"), "integer"),
        Column(_("Reactivated"), "integer"),
        Column(_("Retention rate"), "percent"),
        Column(_("Upgraded"), "integer"),
        Column(_("Downgraded"), "integer"),
        Column(_("Average profitability"), "money"),
        Column(_("Cost known"), "integer"),
    ]


def kpi_board(user: User, data: Any) -> tuple[KpiForm | None, KpiBoard | None]:
    """The filters, and the board unless no month was frozen yet."""
    run, ends = shown_run(), frozen_months()
    if run is None or not ends:
        return None, None
    form = KpiForm(data, user=user, month_ends=ends)
    form.is_valid()
    return form, KpiBoard(form, run, user)

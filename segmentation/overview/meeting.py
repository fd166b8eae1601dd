"""A month on paper for the meeting: tiers, movement, key figures, movers, risk, dependence, coverage."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext as _

from crm import parameters
from crm.models import Account, Run, User
from crm.snapshots import Flow, among, month_ends, shown_run
from crm.tables import Cell, Column, Table
from crm.templatetags.ui import money_short, number
from lifecycle.queries import EquityMonth, at_risk, equity_by_month
from lifecycle.wording import stage_name
from segmentation import queries
from segmentation.cadence.coverage import Coverage
from segmentation.models import GradeSnapshot, ScoringModelVersion
from segmentation.movers import movers_table
from segmentation.overview.drawings import Drawing, bars, columns
from segmentation.overview.forms import MeetingForm
from segmentation.overview.kpi_sql import USUAL_PERIOD
from segmentation.overview.kpis import Kpi, narrowed, sums
from segmentation.overview.scales import Movement, Scale, grade_scale, versions_differ
from segmentation.overview.tier_table import Totals, profit_of, tier_table
from segmentation.overview.trends import equity_table
from segmentation.scoring.grading import GradingModel
from segmentation.scoring.movement import Migration
from segmentation.scoring.pareto import Dependence, DependenceParameters, Pareto, dependence, pareto
from segmentation.value.concentration import PARAMETERS as DEPENDENCE

MOVERS, RISKY, LARGEST, MONTHS = 8, 12, 5, 6


@dataclass(frozen=True)
class Meeting:
    """Everything as frozen at one month's end, against the one before; visits and names as they are today."""

    form: MeetingForm
    run: Run
    version: ScoringModelVersion
    user: User
    today: dt.date
    month_end: dt.date

    @cached_property
    def accounts(self) -> Any:
        return self.form.accounts()

    @cached_property
    def before(self) -> dt.date | None:
        return next((end for end in self.form.month_ends if end < self.month_end), None)

    @cached_property
    def scale(self) -> Scale:
        return grade_scale(GradingModel.from_dict(self.version.definition).grades)

    @cached_property
    def _totals(self) -> dict[dt.date, dict[int | None, queries.GradeTotal]]:
        ends = [end for end in (self.month_end, self.before) if end]
        return queries.grade_totals_by_month(self.accounts, ends)

    @property
    def totals(self) -> Totals:
        return self._totals.get(self.month_end, {})

    @property
    def is_empty(self) -> bool:
        return not self.totals

    @cached_property
    def tiers(self) -> Table:
        return tier_table(self.scale, self.totals, self._totals.get(self.before, {}) if self.before else None)

    @property
    def tiers_drawing(self) -> Drawing:
        rows = [
            (level.name, level.tone, float(total.gross_profit or 0), money_short(total.gross_profit))
            for level in self.scale.levels
            if (total := self.totals.get(level.value))
        ]
        return bars(_("Gross profit per grade"), rows)

    @property
    def gross_profit(self) -> Any:
        return profit_of(self.totals)

    @cached_property
    def flows(self) -> list[Flow]:
        if self.before is None:
            return []
        return queries.grade_flows(self.accounts, self.before, self.month_end)

    @cached_property
    def migration(self) -> Migration:
        return queries.migration_of(self.flows, len(self.scale.levels) - 1)

    @cached_property
    def movement(self) -> Table:
        return Movement.of(self.scale, self.flows).table(lambda what: "")

    @property
    def model_changed(self) -> bool:
        return self.before is not None and versions_differ(self.before, self.month_end, self.version)

    @cached_property
    def movers(self) -> list[Table]:
        if self.before is None:
            return []
        return [
            movers_table(
                queries.movers(self.accounts, self.before, direction, MOVERS, self.month_end), direction
            )
            for direction in ("up", "down")
        ]

    @cached_property
    def months(self) -> list[Kpi]:
        """Newest first, the usual period to each month's end."""
        ends = [end for end in self.form.month_ends if end <= self.month_end][:MONTHS]
        rows = narrowed(self.form).filter(months=USUAL_PERIOD, month_end__in=ends)
        return sums(rows, "month_end")[::-1]

    @property
    def kpi(self) -> Kpi | None:
        """Of the month itself; None where it was not frozen."""
        return next((kpi for kpi in self.months if kpi.key == self.month_end), None)

    @property
    def kpis(self) -> Table:
        heads = [
            Column(_("Month")),
            Column(_("Active customers"), "integer"),
            Column(_("New customers"), "integer"),
            Column(_("Lost customers"), "integer"),
            Column(_("Reactivated"), "integer"),
            Column(_("Retention rate"), "percent"),
            Column(_("Upgraded"), "integer"),
            Column(_("Downgraded"), "integer"),
            Column(_("Average profitability"), "money"),
        ]
        rows = [
            [
                f"{kpi.key:%Y-%m}",
                kpi.active,
                kpi.new,
                kpi.lost,
                kpi.reactivated,
                kpi.retention,
                kpi.upgraded,
                kpi.downgraded,
                kpi.profitability,
            ]
            for kpi in self.months
        ]
        return Table("kpis", _("Key figures by month"), heads, rows)

    @property
    def kpis_drawing(self) -> Drawing:
        months = list(reversed(self.months))
        series = [
            ("good", [kpi.new for kpi in months]),
            ("explore", [kpi.reactivated for kpi in months]),
            ("bad", [-kpi.lost for kpi in months]),
        ]
        return columns(_("Customers won and lost"), [f"{kpi.key:%y-%m}" for kpi in months], series)

    @cached_property
    def risky(self) -> Table:
        """In decline or overdue at the month's end, those that earn most first."""
        money = GradeSnapshot.objects.filter(month_end=self.month_end, account_id=OuterRef("account_id"))
        rows = (
            among(at_risk(self.month_end), self.accounts)
            .annotate(profit=Subquery(money.values("gross_profit_12m")[:1]))
            .select_related("account__owner")
            .order_by(F("profit").desc(nulls_last=True), "account_id")[:RISKY]
        )
        heads = [
            Column(_("Account"), "name"),
            Column(_("Stage")),
            Column(_("Sales rep")),
            Column(_("Last purchase"), "date"),
            Column(_("Overdue ratio"), "score"),
            Column(_("Gross profit"), "money"),
        ]
        found = [
            [
                Cell(str(row.account), row.account.get_absolute_url()),
                stage_name(row.stage),
                str(row.account.owner or ""),
                row.last_traded_on,
                row.overdue_ratio,
                row.profit,
            ]
            for row in rows
        ]
        return Table("at-risk", _("In decline or overdue"), heads, found)

    @cached_property
    def earnings(self) -> queries.Earnings:
        return queries.earnings(self.accounts, "gross_profit_12m", self.month_end)

    @cached_property
    def pareto(self) -> Pareto:
        return pareto(self.earnings.values)

    @cached_property
    def dependence(self) -> Dependence:
        limits, _version = parameters.load(DEPENDENCE, DependenceParameters)
        return dependence(self.earnings.values, limits)

    @property
    def largest_share(self) -> float | None:
        return _known(self.dependence.largest_share)

    @property
    def five_share(self) -> float | None:
        return _known(self.dependence.five_share)

    @property
    def top_share(self) -> float | None:
        return _known(self.pareto.top_share)

    @cached_property
    def largest(self) -> Table:
        places = self.pareto.order[:LARGEST]
        accounts = Account.objects.select_related("owner").in_bulk(
            [int(self.earnings.account_ids[place]) for place in places]
        )
        heads = [
            Column(_("Account"), "name"),
            Column(_("Sales rep")),
            Column(_("Gross profit"), "money"),
            Column(_("Cumulative share"), "percent"),
        ]
        rows = []
        for rank, place in enumerate(places):
            account = accounts.get(int(self.earnings.account_ids[place]))
            if account is not None:
                rows.append(
                    [
                        Cell(str(account), account.get_absolute_url()),
                        str(account.owner or ""),
                        float(self.earnings.values[place]),
                        _known(float(self.pareto.cumulative_share[rank])),
                    ]
                )
        return Table("largest", _("The largest customers"), heads, rows)

    @cached_property
    def coverage(self) -> Table | None:
        """Visits against the policies, as of today: a cadence is not frozen."""
        if not self.user.can("view_coverage"):
            return None
        board = Coverage(self.form, self.user, self.today)
        return None if board.is_empty else board.states_table

    @cached_property
    def equity(self) -> Table | None:
        months: list[EquityMonth] = [
            month for month in equity_by_month(self.accounts, 24) if month.month_end <= self.month_end
        ]
        return equity_table(months[:MONTHS]) if months else None

    @property
    def scope(self) -> list[str]:
        """The filters in force, in words."""
        chosen = self.form.cleaned_data if self.form.is_valid() else {}
        return [str(chosen[name]) for name in self.form.SCOPE if chosen.get(name)]

    @property
    def customers(self) -> str:
        return number(sum(total.accounts for total in self.totals.values()))


def _known(value: float) -> float | None:
    return None if value != value else value


def meeting_of(user: User, data: Any, today: dt.date) -> tuple[MeetingForm | None, Meeting | None]:
    """The filters, and the sheet unless no month's end is frozen yet."""
    run, version = shown_run(), queries.shown_version()
    ends = [day for day in month_ends(GradeSnapshot) if run and day <= run.as_of]
    if run is None or version is None or not ends:
        return None, None
    form = MeetingForm(data, user=user, month_ends=ends)
    month_end = form.month_end
    return form, Meeting(form, run, version, user, today, month_end) if month_end else None

"""The tier dashboard: which customers hold up the business, and how that changes."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from crm.charting import Bar, paired_bars
from crm.charts import Chart
from crm.models import Run, User
from crm.snapshots import month_ends, shown_run
from crm.tables import Table
from lifecycle.dashboards import stage_chart
from lifecycle.queries import EquityMonth, equity_by_month, stage_totals
from segmentation import queries
from segmentation.explanations import grade_name
from segmentation.forms import TierForm
from segmentation.models import GradeSnapshot, ScoringModelVersion
from segmentation.movers import kpi_table, movers_table
from segmentation.overview.scales import (
    UNRATED_KEY,
    Movement,
    Scale,
    grade_scale,
    leading,
    versions_differ,
)
from segmentation.overview.tier_table import profit_of, sales_of, tier_table
from segmentation.overview.trends import (
    MONTHS,
    accounts_trend,
    equity_chart,
    equity_table,
    profit_trend,
    trend_chart,
)
from segmentation.pareto_chart import largest_table, pareto_chart, pareto_table
from segmentation.scoring.grading import GradingModel
from segmentation.scoring.movement import Migration
from segmentation.scoring.pareto import Pareto, pareto
from segmentation.wording import grade_title

MOVERS = 12
TOP = 10


@dataclass(frozen=True)
class TierDashboard:
    """Figures are read when a page or an export asks for them, each once."""

    form: TierForm
    run: Run
    version: ScoringModelVersion
    user: User
    model: GradingModel = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "model", GradingModel.from_dict(self.version.definition))

    @cached_property
    def accounts(self) -> Any:
        return self.form.accounts()

    @property
    def month_end(self) -> dt.date | None:
        return self.form.month_end

    @cached_property
    def totals(self) -> dict[int | None, queries.GradeTotal]:
        return queries.grade_totals(self.accounts)

    @cached_property
    def totals_before(self) -> dict[int | None, queries.GradeTotal]:
        return queries.grade_totals_at(self.accounts, self.month_end) if self.month_end else {}

    @cached_property
    def flows(self) -> list[Any]:
        return queries.grade_flows(self.accounts, self.month_end) if self.month_end else []

    @cached_property
    def migration(self) -> Migration:
        return queries.migration_of(self.flows, len(self.model.grades))

    @cached_property
    def earnings(self) -> queries.Earnings:
        return queries.earnings(self.accounts, f"{self.form.ranked_by}_12m")

    @cached_property
    def pareto(self) -> Pareto:
        return pareto(self.earnings.values)

    @property
    def graded(self) -> int:
        return sum(total.accounts for grade, total in self.totals.items() if grade is not None)

    @property
    def graded_before(self) -> int:
        return sum(total.accounts for grade, total in self.totals_before.items() if grade is not None)

    @property
    def unrated(self) -> int:
        return self.totals[None].accounts if None in self.totals else 0

    @property
    def net_sales(self) -> Decimal:
        return sales_of(self.totals)

    @property
    def gross_profit(self) -> Decimal | None:
        return profit_of(self.totals)

    @property
    def top_share(self) -> float | None:
        return None if math.isnan(self.pareto.top_share) else self.pareto.top_share

    @property
    def gini(self) -> float | None:
        return None if math.isnan(self.pareto.gini) else self.pareto.gini

    @property
    def model_changed(self) -> bool:
        """Grades at the month's end were made by another version: part of the movement is the model's."""
        return self.month_end is not None and versions_differ(self.month_end, None, self.version)

    @cached_property
    def scale(self) -> Scale:
        return grade_scale(self.model.grades)

    @cached_property
    def grades_table(self) -> Table:
        before = self.totals_before if self.month_end else None
        return tier_table(self.scale, self.totals, before, lambda key: self.form.list_url(grade=key))

    @cached_property
    def totals_by_month(self) -> dict[dt.date, dict[int | None, queries.GradeTotal]]:
        """The run's own date too, where it is a month's end."""
        today = self.run.as_of
        ends = [today] if (today + dt.timedelta(days=1)).day == 1 else []
        return queries.grade_totals_by_month(self.accounts, [*ends, *self.form.month_ends][:MONTHS])

    @cached_property
    def accounts_trend(self) -> Table:
        return accounts_trend(self.scale, self.totals_by_month)

    @property
    def accounts_trend_chart(self) -> Chart:
        return trend_chart(self.scale, self.totals_by_month, self.accounts_trend)

    @cached_property
    def profit_trend(self) -> Table:
        return profit_trend(self.scale, self.totals_by_month)

    @property
    def profit_trend_chart(self) -> Chart:
        return trend_chart(self.scale, self.totals_by_month, self.profit_trend)

    @cached_property
    def equity(self) -> list[EquityMonth]:
        """Newest first; empty where no lifetime value was frozen yet."""
        return equity_by_month(self.accounts, MONTHS)

    @property
    def equity_chart(self) -> Chart:
        return equity_chart(self.equity)

    @property
    def grades_chart(self) -> Chart:
        bars = [
            Bar(
                self.named(grade),
                self.key(grade),
                "muted" if grade is None else f"grade-{min(grade, 3)}",
                self.totals[grade].accounts,
                None if (profit := self.totals[grade].gross_profit) is None else float(profit),
            )
            for grade in [*range(len(self.model.grades)), None]
            if grade in self.totals
        ]
        return paired_bars(
            self.grades_table,
            bars,
            _("Accounts"),
            _("Gross profit"),
            self.form.list_url(grade="{name}"),
            open_table=True,
        )

    @cached_property
    def movement_table(self) -> Table:
        """Rows: the grade then; columns: the grade now. Above the diagonal stands who fell, below it who rose."""
        return Movement.of(self.scale, self.flows).table(leading(self.form, self.scale, self.month_end, None))

    @property
    def ranked_name(self) -> str:
        return _("Net sales") if self.form.ranked_by == "net_sales" else _("Gross profit")

    @property
    def pareto_title(self) -> str:
        if self.form.ranked_by == "net_sales":
            return _("Share of net sales")
        return _("Share of gross profit")

    @cached_property
    def pareto_table(self) -> Table:
        return pareto_table(self.pareto, self.pareto_title)

    @property
    def pareto_chart(self) -> Chart:
        return pareto_chart(self.pareto, self.pareto_title)

    @cached_property
    def top_table(self) -> Table:
        """The largest customers by name, with what they add up to."""
        return largest_table(
            self.pareto,
            self.earnings.account_ids,
            self.earnings.values,
            most=TOP,
            slug="top",
            title=_("The ten largest"),
            figure=self.ranked_name,
            grade_label=self.label,
        )

    @property
    def stages_chart(self) -> Chart:
        return stage_chart(stage_totals(self.accounts), self.form)

    def movers_table(self, direction: str) -> Table:
        moves = queries.movers(self.accounts, self.month_end, direction, MOVERS) if self.month_end else []
        return movers_table(moves, direction)

    @property
    def movers(self) -> list[Table]:
        return [self.movers_table("up"), self.movers_table("down")]

    def label(self, grade: int | None) -> str:
        return grade_name(self.model, grade) or _("Unrated")

    def named(self, grade: int | None) -> str:
        """The letter with what people call it, where there is room."""
        return f"{self.label(grade)} {grade_title(self.model, grade)}".strip()

    def key(self, grade: int | None) -> str:
        return grade_name(self.model, grade) or UNRATED_KEY

    def table(self, slug: str) -> Table:
        """The table an export asks for; KeyError for one that does not exist."""
        return {
            "grades": lambda: self.grades_table,
            "movement": lambda: self.movement_table,
            "kpi": lambda: kpi_table(self.migration),
            "pareto": lambda: self.pareto_table,
            "movers-up": lambda: self.movers_table("up"),
            "movers-down": lambda: self.movers_table("down"),
            "trend-accounts": lambda: self.accounts_trend,
            "trend-profit": lambda: self.profit_trend,
            "equity": lambda: equity_table(self.equity),
            "top": lambda: self.top_table,
        }[slug]()


def tier_dashboard(user: User, data: Any) -> tuple[TierForm, TierDashboard | None]:
    """The filters, and the dashboard unless no run was published yet."""
    run, version = shown_run(), queries.shown_version()
    ends = [day for day in month_ends(GradeSnapshot) if run and day < run.as_of]
    form = TierForm(data, user=user, month_ends=ends)
    form.is_valid()
    return form, TierDashboard(form, run, version, user) if run and version else None

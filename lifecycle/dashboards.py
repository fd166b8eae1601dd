"""The lifecycle dashboard: where relationships stand, where they move, and which are slipping away."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from crm.charting import Bar, paired_bars
from crm.charts import Chart
from crm.forms.scope import ComparedForm, ScopeForm
from crm.models import Run, User
from crm.snapshots import Flow, month_ends, shown_run
from crm.tables import Cell, Column, Table
from lifecycle import queries
from lifecycle.models import AccountLifecycle, LifecycleSnapshot
from lifecycle.scoring.stages import Stage
from lifecycle.wording import CHART_TONES, STAGE_SLUGS, STAGES, stage_name

AT_RISK = 25


def stage_table(totals: list[queries.StageTotal], form: ScopeForm) -> Table:
    columns = [
        Column(_("Stage")),
        Column(_("Accounts"), "integer"),
        Column(_("Overdue"), "integer"),
        Column(_("Net sales"), "money"),
        Column(_("Gross profit"), "money"),
    ]
    by_stage = {total.stage: total for total in totals}
    rows = []
    for stage, name in STAGES.items():
        total = by_stage.get(stage, queries.StageTotal(stage, 0, Decimal(0), None, 0))
        url = form.list_url(stage=STAGE_SLUGS[stage])
        rows.append(
            [Cell(str(name), url), total.accounts, total.overdue, total.net_sales, total.gross_profit]
        )
    return Table("stages", _("Accounts and gross profit per stage"), columns, rows)


def stage_chart(totals: list[queries.StageTotal], form: ScopeForm, open_table: bool = False) -> Chart:
    by_stage = {total.stage: total for total in totals}
    bars = [
        Bar(
            str(name),
            STAGE_SLUGS[stage],
            CHART_TONES[stage],
            by_stage[stage].accounts if stage in by_stage else 0,
            float(by_stage[stage].gross_profit or 0) if stage in by_stage else 0.0,
        )
        for stage, name in STAGES.items()
    ]
    return paired_bars(
        stage_table(totals, form),
        bars,
        _("Accounts"),
        _("Gross profit"),
        form.list_url(stage="{name}"),
        open_table,
    )


@dataclass(frozen=True)
class LifecycleDashboard:
    form: ComparedForm
    run: Run
    user: User

    @cached_property
    def accounts(self) -> Any:
        return self.form.accounts()

    @property
    def month_end(self) -> dt.date | None:
        return self.form.month_end

    @cached_property
    def totals(self) -> list[queries.StageTotal]:
        return queries.stage_totals(self.accounts)

    @cached_property
    def flows(self) -> list[Flow]:
        return queries.stage_flows(self.accounts, self.month_end) if self.month_end else []

    @property
    def customers(self) -> int:
        return sum(total.accounts for total in self.totals if total.stage not in (Stage.PROSPECT, Stage.LOST))

    def of(self, stage: Stage) -> queries.StageTotal:
        found = [total for total in self.totals if total.stage == stage]
        return found[0] if found else queries.StageTotal(stage, 0, Decimal(0), None, 0)

    @property
    def decline(self) -> queries.StageTotal:
        return self.of(Stage.DECLINE)

    @property
    def lost(self) -> queries.StageTotal:
        return self.of(Stage.LOST)

    @property
    def overdue(self) -> int:
        return sum(total.overdue for total in self.totals if total.stage != Stage.LOST)

    @property
    def at_risk_url(self) -> str:
        return self.form.list_url(stage="at_risk")

    @property
    def decline_url(self) -> str:
        return self.form.list_url(stage="decline")

    @property
    def lost_url(self) -> str:
        return self.form.list_url(stage="lost")

    def moved(self, into: Stage) -> int:
        """Accounts that came into a stage since the month's end."""
        return sum(
            f.accounts for f in self.flows if f.now == into and f.before is not None and f.before != into
        )

    @property
    def newly_declining(self) -> int:
        return self.moved(Stage.DECLINE)

    @property
    def newly_lost(self) -> int:
        return self.moved(Stage.LOST)

    @cached_property
    def stages_chart(self) -> Chart:
        return stage_chart(self.totals, self.form, open_table=True)

    @cached_property
    def flow_table(self) -> Table:
        """Rows: the stage then; columns: the stage now."""
        columns = [Column(_("Then / now")), *(Column(str(name), "integer") for name in STAGES.values())]
        counts = {(flow.before, flow.now): flow.accounts for flow in self.flows}
        rows = []
        for before in [*STAGES, None]:
            row: list[Any] = [stage_name(before) or _("Not there yet")]
            for now in STAGES:
                count = counts.get((before, now), 0)
                url = ""
                if count and before is not None:
                    then = f"{STAGE_SLUGS[before]}@{self.month_end:%Y-%m-%d}"
                    url = self.form.list_url(stage=STAGE_SLUGS[now], stage_before=then)
                row.append(Cell(count, url, flow_css(before, now)))
            rows.append(row)
        return Table("flow", _("Movement between stages"), columns, rows)

    @cached_property
    def at_risk_table(self) -> Table:
        columns = [
            Column(_("Account"), "name"),
            Column(_("Stage")),
            Column(_("Sales rep")),
            Column(_("Last purchase"), "date"),
            Column(_("Overdue ratio"), "score"),
            Column(_("Net sales"), "money"),
            Column(_("Growth"), "percent"),
            Column(_("Gross profit"), "money"),
        ]
        rows = []
        for row in queries.at_risk_among(self.accounts, AT_RISK):
            facts = getattr(row.account, "facts", None)
            rows.append(
                [
                    Cell(str(row.account), row.account.get_absolute_url()),
                    _stage_words(row),
                    str(row.account.owner or ""),
                    row.last_traded_on,
                    Cell(row.overdue_ratio, css="text-red fw-bold" if queries.is_late(row) else ""),
                    facts.net_sales_12m if facts else None,
                    row.growth,
                    facts.gross_profit_12m if facts else None,
                ]
            )
        return Table("at-risk", _("In decline or overdue"), columns, rows)

    def table(self, slug: str) -> Table:
        """The table an export asks for; KeyError for one that does not exist."""
        return {
            "stages": lambda: stage_table(self.totals, self.form),
            "flow": lambda: self.flow_table,
            "at-risk": lambda: self.at_risk_table,
        }[slug]()


def lifecycle_dashboard(user: User, data: Any) -> tuple[ComparedForm, LifecycleDashboard | None]:
    """The filters, and the dashboard unless no run was published yet."""
    run = shown_run()
    ends = [day for day in month_ends(LifecycleSnapshot) if run and day < run.as_of]
    form = ComparedForm(data, user=user, month_ends=ends)
    form.is_valid()
    return form, LifecycleDashboard(form, run, user) if run else None


def _stage_words(row: AccountLifecycle) -> str:
    """The stage, and the one that waits to be confirmed: the newest growth may already tell another story."""
    if row.overridden or row.stage == row.computed_stage:
        return stage_name(row.stage)
    words = {"stage": stage_name(row.stage), "computed": stage_name(row.computed_stage)}
    return _("%(stage)s (%(computed)s to be confirmed)") % words


def flow_css(before: int | None, now: int) -> str:
    if before is None:
        return ""
    if before == now:
        return "move-same"
    if now in (Stage.DECLINE, Stage.LOST):
        return "move-down"
    return "move-up" if before in (Stage.DECLINE, Stage.LOST) else ""

"""The satisfaction dashboard: what was expected, what was perceived, and who is disappointed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from crm.charting import Bar, paired_bars
from crm.charts import Chart
from crm.forms.scope import ScopeForm
from crm.models import Run, User
from crm.scoring.reasons import Reason
from crm.snapshots import shown_run
from crm.tables import Cell, Column, Table
from satisfaction import queries
from satisfaction.scoring.ratio import RatioClass
from satisfaction.wording import CHART_TONES, CLASSES, class_name

LEAST = 25


@dataclass(frozen=True)
class SatisfactionDashboard:
    form: ScopeForm
    run: Run
    user: User

    @cached_property
    def accounts(self) -> Any:
        return self.form.accounts()

    @cached_property
    def totals(self) -> list[queries.ClassTotal]:
        return queries.class_totals(self.accounts)

    @cached_property
    def means(self) -> queries.Means:
        return queries.means(self.accounts)

    @property
    def mean(self) -> float | None:
        return self.means.ratio.mean if self.means.ratio.count else None

    @property
    def median(self) -> float | None:
        return self.means.ratio.median if self.means.ratio.count else None

    @property
    def known(self) -> int:
        return sum(total.accounts for total in self.totals if total.satisfaction_class >= 0)

    @property
    def stale(self) -> int:
        return sum(total.accounts for total in self.totals if total.reason == Reason.STALE_SURVEY)

    @cached_property
    def base(self) -> int:
        return int(self.accounts.count())

    @property
    def unknown_url(self) -> str:
        return self.form.list_url(satisfaction="unknown")

    @property
    def dissatisfied(self) -> int:
        bad = (RatioClass.WHOLLY_UNMET, RatioClass.DISSATISFIED)
        return sum(total.accounts for total in self.totals if total.satisfaction_class in bad)

    @property
    def dissatisfied_share(self) -> float | None:
        return self.dissatisfied / self.known if self.known else None

    @property
    def dissatisfied_url(self) -> str:
        return self.form.list_url(satisfaction=int(RatioClass.DISSATISFIED))

    @cached_property
    def by_class(self) -> dict[int, queries.ClassTotal]:
        return {total.satisfaction_class: total for total in self.totals if total.satisfaction_class >= 0}

    @cached_property
    def classes_table(self) -> Table:
        columns = [
            Column(_("Class")),
            Column(_("Accounts"), "integer"),
            Column(_("Share"), "percent"),
            Column(_("Net sales"), "money"),
            Column(_("Gross profit"), "money"),
        ]
        rows = []
        for code, name in CLASSES.items():
            total = self.by_class.get(code, queries.ClassTotal(code, 0, 0, Decimal(0), None))
            rows.append(
                [
                    Cell(str(name), self.form.list_url(satisfaction=int(code))),
                    total.accounts,
                    total.accounts / self.known if self.known else None,
                    total.net_sales,
                    total.gross_profit,
                ]
            )
        return Table("classes", _("Accounts and gross profit per class of satisfaction"), columns, rows)

    @property
    def classes_chart(self) -> Chart:
        bars = []
        for code, name in CLASSES.items():
            total = self.by_class.get(code)
            profit = float(total.gross_profit or 0) if total else 0.0
            bars.append(
                Bar(str(name), str(int(code)), CHART_TONES[code], total.accounts if total else 0, profit)
            )
        url = self.form.list_url(satisfaction="{name}")
        return paired_bars(self.classes_table, bars, _("Accounts"), _("Gross profit"), url, open_table=True)

    @cached_property
    def least_table(self) -> Table:
        columns = [
            Column(_("Account"), "name"),
            Column(_("Class")),
            Column(_("C = b/a"), "ratio"),
            Column(_("Index"), "score"),
            Column(_("Answered by"), "integer"),
            Column(_("Last answer"), "date"),
            Column(_("Sales rep")),
            Column(_("Gross profit"), "money"),
        ]
        rows = []
        for row in queries.least_satisfied(self.accounts, LEAST):
            facts = getattr(row.account, "facts", None)
            rows.append(
                [
                    Cell(str(row.account), row.account.get_absolute_url()),
                    class_name(row.satisfaction_class),
                    row.ratio,
                    row.index,
                    row.respondents,
                    row.answered_on,
                    str(row.account.owner or ""),
                    facts.gross_profit_12m if facts else None,
                ]
            )
        return Table("least-satisfied", _("Least satisfied"), columns, rows)

    def table(self, slug: str) -> Table:
        """The table an export asks for; KeyError for one that does not exist."""
        return {"classes": lambda: self.classes_table, "least-satisfied": lambda: self.least_table}[slug]()


def satisfaction_dashboard(user: User, data: Any) -> tuple[ScopeForm, SatisfactionDashboard | None]:
    """The filters, and the dashboard unless no run was published yet."""
    run = shown_run()
    form = ScopeForm(data, user=user)
    form.is_valid()
    return form, SatisfactionDashboard(form, run, user) if run else None

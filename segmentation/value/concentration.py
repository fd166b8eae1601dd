"""80/20: who carries the business, how uneven it is, and what hangs on the largest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils.translation import gettext as _

from crm import parameters
from crm.charts import Chart
from crm.copying import read_columns
from crm.models import Run, User
from crm.scoring.arrays import known
from crm.scoring.finance import FinanceParameters, gross_profit
from crm.snapshots import shown_run
from crm.tables import Column, Table
from segmentation import queries
from segmentation.explanations import grade_name
from segmentation.forms import BY_SALES
from segmentation.models import ScoringModelVersion
from segmentation.pareto_chart import largest_table, lorenz_chart, lorenz_table, pareto_chart, pareto_table
from segmentation.scoring.grading import GradingModel
from segmentation.scoring.pareto import Dependence, DependenceParameters, Pareto, dependence, pareto
from segmentation.value.forms import YEAR, ConcentrationForm
from segmentation.value.wording import RISK_TONES, RISKS

if TYPE_CHECKING:
    import datetime as dt

    from crm.models.accounts import AccountQuerySet

PARAMETERS = "segmentation.dependence"
SHOWN, MOST_EXPORTED = 50, 5000

_WINDOW = """
SELECT g.account_id, coalesce(sum(d.net_sales), 0), sum(d.gross_profit), coalesce(sum(d.lines), 0),
    coalesce(sum(d.costed_lines), 0)
FROM segmentation_accountgrade g
LEFT JOIN crm_tradeday d ON d.account_id = g.account_id
    AND d.traded_on > %s::date - %s::int AND d.traded_on <= %s::date
{where}
GROUP BY g.account_id ORDER BY g.account_id
"""
_COLUMNS = {
    "account_id": "int",
    "net_sales": "float",
    "gross_profit": "float",
    "lines": "float",
    "costed_lines": "float",
}


def earnings(accounts: AccountQuerySet, by: str, days: int, as_of: dt.date) -> queries.Earnings:
    """Profit or sales of each customer in the window; of a year as published, like on every page."""
    if days == YEAR:
        return queries.earnings(accounts, f"{by}_12m")
    where, given = "", ()
    if accounts.query.where:
        try:
            sql, given = accounts.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            return queries.Earnings(np.zeros(0, dtype=np.int64), np.zeros(0))
        where = f"WHERE g.account_id IN ({sql})"
    with connection.cursor() as cursor:
        rows = read_columns(cursor, _WINDOW.format(where=where), [as_of, days, as_of, *given], _COLUMNS)
    if by == BY_SALES:
        return queries.Earnings(rows["account_id"], rows["net_sales"])
    finance, _version = parameters.load("crm.finance", FinanceParameters)
    found = gross_profit(rows["gross_profit"], rows["lines"], rows["costed_lines"], finance.min_cost_coverage)
    return queries.Earnings(rows["account_id"], found.profit)


@dataclass(frozen=True)
class ConcentrationBoard:
    """Figures are read when a page or an export asks for them, each once."""

    form: ConcentrationForm
    run: Run
    version: ScoringModelVersion

    @cached_property
    def earnings(self) -> queries.Earnings:
        return earnings(self.form.accounts(), self.form.ranked_by, self.form.days, self.run.as_of)

    @cached_property
    def pareto(self) -> Pareto:
        return pareto(self.earnings.values)

    @cached_property
    def limits(self) -> DependenceParameters:
        return parameters.load(PARAMETERS, DependenceParameters)[0]

    @cached_property
    def dependence(self) -> Dependence:
        return dependence(self.earnings.values, self.limits)

    @property
    def accounts(self) -> int:
        return len(self.earnings.account_ids)

    @property
    def figure(self) -> str:
        return _("Net sales") if self.form.ranked_by == BY_SALES else _("Gross profit")

    @property
    def pareto_title(self) -> str:
        return _("Share of net sales") if self.form.ranked_by == BY_SALES else _("Share of gross profit")

    @property
    def lorenz_title(self) -> str:
        if self.form.ranked_by == BY_SALES:
            return _("Lorenz curve of net sales")
        return _("Lorenz curve of gross profit")

    @property
    def pareto_chart(self) -> Chart:
        return pareto_chart(self.pareto, self.pareto_title)

    @property
    def lorenz_chart(self) -> Chart:
        return lorenz_chart(self.earnings.values, self.lorenz_title)

    @property
    def top_share(self) -> float | None:
        return known(self.pareto.top_share)

    @property
    def gini(self) -> float | None:
        return known(self.pareto.gini)

    @property
    def largest_share(self) -> float | None:
        return known(self.dependence.largest_share)

    @property
    def five_share(self) -> float | None:
        return known(self.dependence.five_share)

    @property
    def equal_customers(self) -> float | None:
        return known(self.dependence.equal_customers)

    @property
    def risk(self) -> str:
        return "" if self.dependence.risk is None else str(RISKS[self.dependence.risk])

    @property
    def risk_tone(self) -> str:
        return "secondary" if self.dependence.risk is None else RISK_TONES[self.dependence.risk]

    @property
    def carriers(self) -> int:
        """How many bring 80 % of the total."""
        return self.pareto.customers_for_80 or 0

    def carriers_table(self, most: int = SHOWN) -> Table:
        model = GradingModel.from_dict(self.version.definition)
        return largest_table(
            self.pareto,
            self.earnings.account_ids,
            self.earnings.values,
            most=min(self.carriers, most),
            slug="carriers",
            title=_("Who carries the business"),
            figure=self.figure,
            grade_label=lambda grade: grade_name(model, grade) or _("Unrated"),
        )

    @property
    def unshown(self) -> int:
        return max(self.carriers - SHOWN, 0)

    @property
    def dependence_table(self) -> Table:
        columns = [Column(_("Indicator")), Column(_("Value"), "ratio")]
        rows: list[list[Any]] = [
            [_("Share of the largest customer"), self.largest_share],
            [_("Share of the five largest"), self.five_share],
            [_("As concentrated as … equal customers (1/HHI)"), self.equal_customers],
            [_("Gini"), self.gini],
            [_("Share of the best 20 %"), self.top_share],
            [_("Customers that bring 80 %"), self.pareto.customers_for_80],
        ]
        return Table("dependence", _("Dependence"), columns, rows)

    def table(self, slug: str) -> Table:
        """The table an export asks for; KeyError for one that does not exist."""
        return {
            "pareto": lambda: pareto_table(self.pareto, self.pareto_title),
            "lorenz": lambda: lorenz_table(self.earnings.values, self.lorenz_title),
            "carriers": lambda: self.carriers_table(MOST_EXPORTED),
            "dependence": lambda: self.dependence_table,
        }[slug]()


def concentration_board(user: User, data: Any) -> tuple[ConcentrationForm, ConcentrationBoard | None]:
    """The filters, and the board unless no run was published yet."""
    form = ConcentrationForm(data, user=user)
    form.is_valid()
    run, version = shown_run(), queries.shown_version()
    return form, ConcentrationBoard(form, run, version) if run and version else None

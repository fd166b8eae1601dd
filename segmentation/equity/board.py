"""Customer equity: what the customers are worth together, what carries it, and what raising a driver returns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from crm.models import Account, EquityDriver, Run
from crm.remember import remember
from crm.snapshots import among
from crm.suppliers.rounds import DRIVER_GROUPS
from crm.tables import Cell, Column, Table
from lifecycle.models import AccountValue
from lifecycle.queries import equity_by_month
from segmentation.equity import assumptions as judged
from segmentation.equity.drivers import Standing, importance
from segmentation.equity.equity_forms import WhatIfForm
from segmentation.equity.forms import EquityScopeForm
from segmentation.equity.groups import groups_of, in_order
from segmentation.equity.portfolio import Outcome, Portfolio, read_portfolio, what_if, worth
from segmentation.equity.ratings import Rounds, estimate, read_rounds
from segmentation.equity.wallets import own_shares, years_of

T = TypeVar("T")

TOP = 15
MONTHS = 36


@dataclass(frozen=True)
class EquityBoard:
    """Figures are read when a page or an export asks for them, each once."""

    form: EquityScopeForm
    question: WhatIfForm
    run: Run

    @cached_property
    def accounts(self) -> Any:
        return self.form.accounts()

    @cached_property
    def published(self) -> dict[str, Any]:
        """The lifetime values of the newest run, without the word-of-mouth value: it is in the referred one's own."""
        return self._remembered(
            "equity published",
            lambda: among(AccountValue.objects.all(), self.accounts).aggregate(
                value=Sum("lifetime_value_without_referrals"),
                customers=Count("lifetime_value_without_referrals"),
            ),
        )

    @cached_property
    def months(self) -> list[tuple[dt.date, float, int]]:
        found = self._remembered("equity months", lambda: equity_by_month(self.accounts, MONTHS))
        return [(month.month_end, month.value, month.customers) for month in found[::-1]]

    def _remembered(self, name: str, compute: Callable[[], T]) -> T:
        """What only a run changes."""
        return remember(self.form.user, self.run, name, compute, self.form.chosen)

    @property
    def change(self) -> float | None:
        """Against the last month's end before the run."""
        before = [value for day, value, _n in self.months if day < self.run.as_of]
        value = self.published["value"]
        return None if value is None or not before else value - before[-1]

    @cached_property
    def trend_table(self) -> Table:
        columns = [
            Column(_("Month's end"), "date"),
            Column(_("Customer equity"), "money"),
            Column(_("Accounts"), "integer"),
            Column(_("Mean lifetime value"), "money"),
        ]
        rows = [
            [day, value, number, value / number if number else None] for day, value, number in self.months
        ]
        return Table("trend", _("Customer equity over time"), columns, rows)

    @cached_property
    def settings(self) -> tuple[judged.Assumptions, int]:
        return judged.load()

    @property
    def assumptions(self) -> judged.Assumptions:
        return self.settings[0]

    @cached_property
    def rounds(self) -> Rounds:
        return read_rounds(self.accounts).newest()

    @cached_property
    def weights(self) -> judged.Weights:
        return judged.weights_in_use(estimate(read_rounds()), self.assumptions)

    @cached_property
    def standing(self) -> Standing:
        return Standing(self.rounds)

    @cached_property
    def portfolio(self) -> Portfolio:
        shares = own_shares(self.accounts, years_of(self.accounts))
        return read_portfolio(self.accounts, self.run.as_of, shares, self.rounds, self.assumptions)

    @cached_property
    def worth(self) -> Any:
        return worth(self.portfolio, self.weights.logit, self.assumptions)

    @property
    def total(self) -> float:
        return float(self.worth.sum())

    @cached_property
    def equities(self) -> list[tuple[str, Any, float | None, float | None]]:
        """(slug, name, our score 0 to 100, share in the choice) of value, brand and retention equity."""
        scores, shares = self.standing.scores(self.weights), importance(self.weights)
        return [(slug, name, scores[slug], shares[slug]) for slug, name, _drivers in DRIVER_GROUPS]

    @cached_property
    def effects_table(self) -> Table:
        """One mark more in each driver, alone, at all of these accounts."""
        columns = [
            Column(_("Driver"), "name"),
            Column(_("Equity")),
            Column(_("Our mark"), "score"),
            Column(_("One mark more"), "money"),
            Column(_("Of customer equity"), "percent"),
            Column(_("at least"), "money"),
            Column(_("at most"), "money"),
        ]
        # Nine what-ifs, each with its range: kept while nothing that goes into them changes the total.
        rows = remember(
            self.form.user,
            self.run,
            "equity effects",
            self._effects,
            self.form.chosen,
            self.settings[1],
            self.weights.estimate.decisions,
            round(self.total, 2),
        )
        return Table("effects", _("What one mark more is worth"), columns, rows)

    def _effects(self) -> list[list[Any]]:
        groups = {driver: str(name) for _slug, name, drivers in DRIVER_GROUPS for driver in drivers}
        ours = self.standing.ours
        rows: list[list[Any]] = []
        for place, driver in enumerate(EquityDriver):
            found = what_if(
                self.portfolio, self.weights, self.assumptions, driver=driver, marks=1.0, before=self.worth
            )
            gain, mark = found.result.gain, float(ours[place])
            rows.append(
                [
                    str(driver.label),
                    groups[driver],
                    mark if mark == mark else None,
                    gain,
                    gain / self.total if self.total > 0 else None,
                    found.low,
                    found.high,
                ]
            )
        rows.sort(key=lambda row: -row[3])
        return rows

    @cached_property
    def outcome(self) -> Outcome | None:
        """The what-if that was asked, if it was asked rightly."""
        asked = self.question
        if not asked.is_bound or not asked.is_valid():
            return None
        return what_if(self.portfolio, self.weights, self.assumptions, before=self.worth, **asked.inputs)

    @cached_property
    def groups_table(self) -> Table:
        columns = [
            Column(str(dict(self.form.fields["by"].choices)[self.form.split])),  # type: ignore[attr-defined]
            Column(_("Accounts"), "integer"),
            Column(_("Before"), "money"),
            Column(_("After"), "money"),
            Column(_("Gain"), "money"),
            Column(_("Gain in %"), "percent"),
        ]
        title = _("Gain by group")
        if self.outcome is None:
            return Table("groups", title, columns)
        before, after = self.outcome.before, self.outcome.after
        names = np.array(groups_of(self.portfolio.account.tolist(), self.form.split), dtype=object)
        weight = {name: float(before[names == name].sum()) for name in set(names)}
        rows = [
            _sums(name, before[names == name], after[names == name])
            for name in in_order(names, weight, self.form.split)
        ]
        return Table("groups", title, columns, rows, _sums(_("Total"), before, after))

    def winners_table(self, limit: int | None = None) -> Table:
        columns = [
            Column(_("Account"), "name"),
            Column(_("Our share of wallet"), "percent"),
            Column(_("Before"), "money"),
            Column(_("After"), "money"),
            Column(_("Gain"), "money"),
        ]
        rows: list[list[Any]] = []
        if self.outcome is not None:
            before, after = self.outcome.before, self.outcome.after
            gain = after - before
            order = np.lexsort((self.portfolio.account, -gain))[:limit]
            named = Account.objects.only("name", "english_name").in_bulk(
                self.portfolio.account[order].tolist()
            )
            rows = [
                [
                    Cell(str(account), account.get_absolute_url()),
                    float(self.portfolio.share[place]),
                    float(before[place]),
                    float(after[place]),
                    float(gain[place]),
                ]
                for place in order.tolist()
                if (account := named.get(int(self.portfolio.account[place])))
            ]
        return Table("winners", _("Accounts that gain most"), columns, rows)

    @property
    def winners_shown(self) -> Table:
        return self.winners_table(TOP)

    def table(self, slug: str) -> Table:
        """The table an export asks for; KeyError for one that does not exist."""
        return {
            "trend": lambda: self.trend_table,
            "effects": lambda: self.effects_table,
            "groups": lambda: self.groups_table,
            "winners": self.winners_table,
        }[slug]()


def _sums(name: str, before: Any, after: Any) -> list[Any]:
    then, now = float(before.sum()), float(after.sum())
    return [name, len(before), then, now, now - then, (now - then) / then if then > 0 else None]

"""Competition: who supplies how much of what our customers need, who gains, who is met where, and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.models import Account
from crm.scoring.arrays import FloatArray
from crm.tables import Cell, Column, Table
from segmentation.equity import assumptions as judged
from segmentation.equity.competition_charts import shares_chart
from segmentation.equity.drivers import Standing, drivers_chart, drivers_table, known, switching_table
from segmentation.equity.forms import CompetitionForm
from segmentation.equity.gains import Gain, gains_of
from segmentation.equity.groups import groups_of, in_order
from segmentation.equity.presence import Presence, presence_of
from segmentation.equity.ratings import Rounds, estimate, read_rounds
from segmentation.equity.wallets import Wallets, own_shares, wallets_of_year

SHOWN = 15


@dataclass(frozen=True)
class CompetitionBoard:
    """Figures are read when a page or an export asks for them, each once."""

    form: CompetitionForm
    today: dt.date

    @cached_property
    def accounts(self) -> Any:
        return self.form.accounts()

    @property
    def year(self) -> int | None:
        return self.form.shown_year

    @cached_property
    def wallets(self) -> Wallets | None:
        return wallets_of_year(self.accounts, self.year) if self.year else None

    @cached_property
    def names(self) -> dict[int, Account]:
        ids = set() if self.wallets is None else set(self.wallets.account.tolist())
        return Account.objects.only("name", "english_name").in_bulk(ids)

    @property
    def counted(self) -> int:
        return 0 if self.wallets is None else len(self.wallets.known)

    @property
    def demand(self) -> float:
        return float(self.wallets.demand[self.wallets.known].sum()) if self.wallets else 0.0

    @property
    def own_share(self) -> float | None:
        """Of the whole demand: money over money, no mean of shares."""
        if not self.demand or self.wallets is None:
            return None
        rows = self.wallets.known
        return float((self.wallets.shares.own[rows] * self.wallets.demand[rows]).sum() / self.demand)

    @property
    def overfull(self) -> int:
        """Accounts whose shares pass 100 %: an estimate is wrong."""
        return int((self.wallets.shares.excess > 0).sum()) if self.wallets else 0

    @cached_property
    def shares_table(self) -> Table:
        """A row a group and one for all: demand, ours, each competitor's and what nobody is known to supply."""
        wallets = self.wallets
        columns = [
            Column(str(dict(self.form.fields["by"].choices)[self.form.split])),  # type: ignore[attr-defined]
            Column(_("Accounts"), "integer"),
            Column(_("Demand"), "money"),
            Column(_("We"), "percent"),
        ]
        if wallets is None or not len(wallets.known):
            return Table("shares", _("Share of wallet"), [*columns, Column(_("Unknown"), "percent")])
        order = self._rivals_in_order(wallets)
        columns += [Column(str(wallets.competitors[place]), "percent") for place in order]
        rows = wallets.known
        groups = groups_of(wallets.account[rows].tolist(), self.form.split)
        demand = wallets.demand[rows]
        weight = {name: float(demand[np.array(groups) == name].sum()) for name in set(groups)}
        made = [
            self._shares_row(wallets, name, rows[np.array(groups) == name], order)
            for name in in_order(groups, weight, self.form.split)
        ]
        total = self._shares_row(wallets, _("Total"), rows, order)
        return Table("shares", _("Share of wallet"), [*columns, Column(_("Unknown"), "percent")], made, total)

    def _rivals_in_order(self, wallets: Wallets) -> list[int]:
        rows = wallets.known
        money = np.nansum(wallets.rivals[rows] * wallets.demand[rows, np.newaxis], axis=0)
        return np.argsort(-money, kind="stable").tolist()

    def _shares_row(self, wallets: Wallets, name: str, rows: Any, order: list[int]) -> list[Any]:
        demand = wallets.demand[rows]
        total = float(demand.sum())
        rivals = np.nansum(wallets.rivals[rows] * demand[:, np.newaxis], axis=0) / total
        ours = float((wallets.shares.own[rows] * demand).sum()) / total
        unknown = float((wallets.shares.unknown[rows] * demand).sum()) / total
        return [name, len(rows), total, ours, *(float(rivals[place]) for place in order), unknown]

    @property
    def shares_chart(self) -> Chart:
        return shares_chart(self.shares_table)

    def accounts_table(self, limit: int | None = None) -> Table:
        """By the demand that we do not supply, the largest first."""
        columns = [
            Column(_("Account"), "name"),
            Column(_("Largest competitor")),
            Column(_("Its share"), "percent"),
            Column(_("We"), "percent"),
            Column(_("Unknown"), "percent"),
            Column(_("Demand"), "money"),
            Column(_("Our sales"), "money"),
            Column(_("Not from us"), "money"),
        ]
        rows: list[list[Any]] = []
        if self.wallets is not None:
            wallets = self.wallets
            places = wallets.known
            open_money = (1 - wallets.shares.own[places]) * wallets.demand[places]
            order = places[np.lexsort((wallets.account[places], -open_money))][:limit]
            rows = [self._account_row(wallets, int(place)) for place in order]
        return Table("accounts", _("Share of wallet by account"), columns, rows)

    def _account_row(self, wallets: Wallets, place: int) -> list[Any]:
        account = self.names[int(wallets.account[place])]
        rivals = np.nan_to_num(wallets.rivals[place])
        largest = int(rivals.argmax()) if len(rivals) and rivals.max() > 0 else None
        own = float(wallets.shares.own[place])
        return [
            _link(account),
            "" if largest is None else str(wallets.competitors[largest]),
            None if largest is None else float(rivals[largest]),
            own,
            known(wallets.shares.unknown[place]),
            float(wallets.demand[place]),
            float(wallets.ours[place]),
            (1 - own) * float(wallets.demand[place]),
        ]

    @cached_property
    def gains(self) -> list[Gain]:
        if self.wallets is None or self.year is None:
            return []
        return gains_of(wallets_of_year(self.accounts, self.year - 1), self.wallets)

    def gains_table(self, limit: int | None = None) -> Table:
        columns = [
            Column(_("Account"), "name"),
            Column(_("Competitor")),
            Column(_("Year before"), "percent"),
            Column(_("Now"), "percent"),
            Column(_("Worth a year"), "money"),
            Column(_("Our share before"), "percent"),
            Column(_("Our share now"), "percent"),
        ]
        rows = [
            [
                _link(self.names[gain.account]),
                str(gain.competitor),
                gain.before,
                gain.now,
                gain.worth,
                gain.ours_before,
                gain.ours_now,
            ]
            for gain in self.gains[:limit]
        ]
        return Table("gains", _("Where a competitor gains"), columns, rows)

    @cached_property
    def presence(self) -> Presence:
        return presence_of(self.accounts, self.today)

    @cached_property
    def presence_table(self) -> Table:
        columns = [
            Column(_("Competitor"), "name"),
            Column(_("Accounts"), "integer"),
            Column(_("by shares"), "integer"),
            Column(_("by ratings"), "integer"),
            Column(_("by opportunities"), "integer"),
            Column(_("by notes"), "integer"),
            Column(_("Our lead"), "change"),
        ]
        met = self.presence
        figures = np.stack([met.accounts, met.shares, met.ratings, met.deals, met.notes], axis=1).tolist()
        leads = [self.standing.lead_over(who.pk) for who in met.competitors]
        rows = [
            [str(who), *row, lead] for who, row, lead in zip(met.competitors, figures, leads, strict=True)
        ]
        rows.sort(key=lambda row: (-row[1], row[0]))
        return Table("presence", _("Who is met where"), columns, rows)

    @cached_property
    def pairs_table(self) -> Table:
        columns = [
            Column(_("Competitor"), "name"),
            Column(_("Together with"), "name"),
            Column(_("Both"), "integer"),
            Column(_("Of the smaller"), "percent"),
            Column(_("Against chance"), "ratio"),
        ]
        rows = [
            [str(a), str(b), pair.both, pair.share, known(pair.lift)] for a, b, pair in self.presence.pairs
        ]
        return Table("pairs", _("Who is met together"), columns, rows)

    @cached_property
    def all_rounds(self) -> Rounds:
        return read_rounds(self.accounts)

    @cached_property
    def rounds(self) -> Rounds:
        return self.all_rounds.newest()

    @cached_property
    def switching_table(self) -> Table:
        return switching_table(self.all_rounds)

    @cached_property
    def weights(self) -> judged.Weights:
        # The weights are one model of the whole company, as grades are; the marks beside them are of these accounts.
        return judged.weights_in_use(estimate(read_rounds()), judged.load()[0])

    @cached_property
    def standing(self) -> Standing:
        return Standing(self.rounds)

    @cached_property
    def drivers_table(self) -> Table:
        own = own_shares(self.accounts, self.form.years) if len(self.rounds) else {}
        shares: FloatArray = np.array([own.get(pk, np.nan) for pk in self.rounds.account.tolist()])
        return drivers_table(self.standing, self.weights, shares)

    @property
    def drivers_chart(self) -> Chart:
        return drivers_chart(self.drivers_table)

    @property
    def accounts_shown(self) -> Table:
        return self.accounts_table(SHOWN)

    @property
    def gains_shown(self) -> Table:
        return self.gains_table(SHOWN)

    def table(self, slug: str) -> Table:
        """The table an export asks for; KeyError for one that does not exist."""
        return {
            "shares": lambda: self.shares_table,
            "accounts": self.accounts_table,
            "gains": self.gains_table,
            "presence": lambda: self.presence_table,
            "pairs": lambda: self.pairs_table,
            "drivers": lambda: self.drivers_table,
            "switching": lambda: self.switching_table,
        }[slug]()


def _link(account: Account) -> Cell:
    return Cell(str(account), reverse("crm:account-trends", args=[account.pk]))

"""The value matrix as tables and a picture: who stands where, what to do there, who moved."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from crm.forms.scope import ComparedForm
from crm.models import Account, Run, User
from crm.scoring.arrays import BoolArray, IntArray, known
from crm.snapshots import month_ends, shown_run
from crm.tables import Cell, Column, Table
from segmentation.models import GradeSnapshot
from segmentation.scoring.matrix import CurrentBasis, PotentialBasis, Quadrant
from segmentation.scoring.movement import Migration, migration
from segmentation.value.matrix_points import Points
from segmentation.value.reading import Standing, aligned, entered, ids_of, standing
from segmentation.value.wording import (
    PLACES,
    QUADRANT_SLUGS,
    QUADRANTS,
    STRATEGIES,
)

# On a desk as the picture shows them: value upwards, potential to the right; on a phone one below the other.
ORDERS = {
    Quadrant.PLATINUM: "order-1 order-md-2",
    Quadrant.GOLD: "order-2 order-md-1",
    Quadrant.IRON: "order-3 order-md-4",
    Quadrant.LEAD: "order-4 order-md-3",
    Quadrant.UNRATED: "order-5",
}
EVERY = (Quadrant.PLATINUM, Quadrant.GOLD, Quadrant.IRON, Quadrant.LEAD, Quadrant.UNRATED)
MOST_MOVERS = 30
MOST_EXPORTED = 5000


@dataclass(frozen=True)
class QuadrantCard:
    quadrant: Quadrant
    accounts: int
    share: float | None
    gross_profit: float | None
    profit_share: float | None
    url: str

    @property
    def tone(self) -> str:
        return str(int(self.quadrant))

    @property
    def name(self) -> str:
        return str(QUADRANTS[self.quadrant])

    @property
    def place(self) -> str:
        return str(PLACES[self.quadrant])

    @property
    def css(self) -> str:
        width = "col-12" if self.quadrant == Quadrant.UNRATED else "col-md-6"
        return f"{width} {ORDERS[self.quadrant]}"

    @property
    def strategy(self) -> str:
        return str(STRATEGIES[self.quadrant])


@dataclass(frozen=True)
class MatrixBoard:
    """Figures are read when a page or an export asks for them, each once."""

    form: ComparedForm
    run: Run

    @property
    def kept_with(self) -> tuple[str, ...]:
        return entered()

    @cached_property
    def now(self) -> Standing:
        return standing(self.run.as_of)

    @cached_property
    def before(self) -> Standing | None:
        return standing(self.run.as_of, self.form.month_end) if self.form.month_end else None

    @cached_property
    def ids(self) -> IntArray | None:
        return ids_of(self.form.accounts())

    @cached_property
    def shown(self) -> BoolArray:
        return self.now.among(self.ids)

    @property
    def month_end(self) -> dt.date | None:
        return self.form.month_end

    @property
    def accounts(self) -> int:
        return int(self.shown.sum())

    def _url(self, quadrant: Quadrant) -> str:
        return self.form.list_url(quadrant=QUADRANT_SLUGS[quadrant])

    @cached_property
    def cards(self) -> dict[Quadrant, QuadrantCard]:
        place, profit = self.now.matrix.quadrant[self.shown], self.now.profit[self.shown]
        total = float(np.nansum(profit))
        cards = {}
        for quadrant in EVERY:
            own = place == quadrant
            gained = profit[own][~np.isnan(profit[own])]
            earned = float(gained.sum()) if len(gained) else None
            cards[quadrant] = QuadrantCard(
                quadrant,
                int(own.sum()),
                own.sum() / len(place) if len(place) else None,
                earned,
                earned / total if earned is not None and total > 0 else None,
                self._url(quadrant),
            )
        return cards

    @property
    def layout(self) -> list[QuadrantCard]:
        """The unrated only where there are any."""
        return [card for card in self.cards.values() if card.accounts or card.quadrant != Quadrant.UNRATED]

    @property
    def unrated(self) -> QuadrantCard:
        return self.cards[Quadrant.UNRATED]

    @cached_property
    def quadrants_table(self) -> Table:
        columns = [
            Column(_("Quadrant")),
            Column(_("Accounts"), "integer"),
            Column(_("Share"), "percent"),
            Column(_("At month's end"), "integer"),
            Column(_("Gross profit"), "money"),
            Column(_("Share"), "percent"),
            Column(_("Current value"), "money"),
        ]
        worth = np.nan_to_num(self.now.current.values) * self.shown
        then = self._quadrants_then()
        rows = [
            [
                Cell(card.name, card.url, "text-nowrap"),
                card.accounts,
                card.share,
                None if then is None else int((then == card.quadrant).sum()),
                card.gross_profit,
                card.profit_share,
                float(worth[self.now.matrix.quadrant == card.quadrant].sum()),
            ]
            for card in self.cards.values()
        ]
        return Table("quadrants", _("Accounts and gross profit per quadrant"), columns, rows)

    def _quadrants_then(self) -> Any:
        return None if self.before is None else self.before.matrix.quadrant[self.before.among(self.ids)]

    @cached_property
    def points(self) -> Points:
        return Points(self.now, self.shown)

    @property
    def undrawn(self) -> int:
        return self.accounts - self.unrated.accounts - len(self.points.places)

    @cached_property
    def bases(self) -> dict[str, int]:
        """How many stand on what: a figure that stands on a guess is said to."""
        current, potential = self.now.current.basis[self.shown], self.now.potential.basis[self.shown]
        return {
            "forecast": int((current == CurrentBasis.FORECAST).sum()),
            "run_rate": int((current == CurrentBasis.RUN_RATE).sum()),
            "sales": int((current == CurrentBasis.SALES).sum()),
            "demand": int((potential == PotentialBasis.DEMAND).sum()),
            "score": int((potential == PotentialBasis.SCORE).sum()),
        }

    @property
    def current_cut(self) -> float | None:
        return known(self.now.matrix.current_cut)

    @cached_property
    def _pairs(self) -> tuple[IntArray, Any, Any]:
        """Accounts of now with their quadrant then (-1: unrated or not there) and now."""
        ids, now = self.now.account_id[self.shown], self.now.matrix.quadrant[self.shown]
        if self.before is None:
            return ids, np.full(len(ids), int(Quadrant.UNRATED), dtype=np.int8), now
        then = aligned(ids, self.before.account_id, self.before.matrix.quadrant)
        return ids, then, now

    @cached_property
    def migration(self) -> Migration:
        _ids, then, now = self._pairs
        return migration(then, now, 4)

    @cached_property
    def movement_table(self) -> Table:
        columns = [
            Column(_("Then / now")),
            *(Column(str(QUADRANTS[quadrant]), "integer") for quadrant in EVERY),
        ]
        rows: list[list[Any]] = []
        for i, before in enumerate(EVERY):
            row: list[Any] = [str(QUADRANTS[before])]
            for j, now in enumerate(EVERY):
                count = int(self.migration.matrix[i, j])
                where = f"{QUADRANT_SLUGS[before]}>{QUADRANT_SLUGS[now]}@{self.month_end:%Y-%m-%d}"
                url = self.form.list_url(quadrant_moved=where) if count else ""
                row.append(Cell(count, url, "move-same" if i == j else ""))
            rows.append(row)
        return Table("movement", _("Movement between quadrants"), columns, rows)

    def movers(self, most: int = MOST_EXPORTED) -> Table:
        """Who changed quadrant, the most valuable first."""
        ids, then, now = self._pairs
        places = np.flatnonzero((then != now) & (then >= 0) & (now >= 0))
        worth = np.nan_to_num(self.now.current.values[self.shown])
        places = places[np.argsort(-worth[places], kind="stable")][:most]
        accounts = Account.objects.in_bulk([int(ids[place]) for place in places])
        columns = [
            Column(_("Account"), "name"),
            Column(_("Then")),
            Column(_("Now")),
            Column(_("Current value"), "money"),
            Column(_("Potential rank"), "score"),
            Column(_("Gross profit"), "money"),
        ]
        potential, profit = self.now.potential.values[self.shown], self.now.profit[self.shown]
        rows = [
            [
                Cell(str(account), account.get_absolute_url()),
                str(QUADRANTS[Quadrant(then[place])]),
                str(QUADRANTS[Quadrant(now[place])]),
                known(worth[place]),
                known(potential[place]),
                known(profit[place]),
            ]
            for place in places
            if (account := accounts.get(int(ids[place])))
        ]
        return Table("movers", _("Who changed quadrant"), columns, rows)

    @cached_property
    def movers_table(self) -> Table:
        return self.movers(MOST_MOVERS)

    @property
    def moved(self) -> int:
        return self.migration.graded_at_both_ends - self.migration.unchanged

    def table(self, slug: str) -> Table:
        """The table an export asks for; KeyError for one that does not exist."""
        tables = {"quadrants": lambda: self.quadrants_table, "accounts": lambda: self.points.table}
        if self.month_end:
            tables |= {"movement": lambda: self.movement_table, "movers": self.movers}
        return tables[slug]()


def matrix_board(user: User, data: Any) -> tuple[ComparedForm, MatrixBoard | None]:
    """The filters, and the board unless no run was published yet."""
    run = shown_run()
    form = ComparedForm(data, user=user, month_ends=ends_before(run))
    form.is_valid()
    return form, MatrixBoard(form, run) if run else None


def ends_before(run: Run | None) -> list[dt.date]:
    return [day for day in month_ends(GradeSnapshot) if run and day < run.as_of]

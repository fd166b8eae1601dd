"""The customer pyramid by grade: who is in each tier, what it earns, what it gets, and how close we are to it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import Max
from django.utils.translation import gettext as _

from crm.forms.scope import ComparedForm
from crm.models import Account, Run, User
from crm.scoring.arrays import BoolArray, IntArray
from crm.snapshots import shown_run
from crm.tables import Cell, Column, Table
from segmentation import queries
from segmentation.dashboards import TierDashboard
from segmentation.models import ScoringModelVersion, ServicePolicyChange
from segmentation.policies import GradePolicy, policies
from segmentation.scoring.relationships import Level, level_counts
from segmentation.value.matrix_board import ends_before
from segmentation.value.profit_pyramid import profit_pyramid_table
from segmentation.value.reading import ids_of
from segmentation.value.relations import Relations, margins, relations
from segmentation.value.wording import LEVEL_MEANINGS, LEVELS
from segmentation.wording import grade_title

SHOWN, MOST_EXPORTED = 30, 5000


@dataclass(frozen=True)
class Tier:
    """One layer; movement since the month's end chosen (None: there is none)."""

    place: int
    letter: str
    title: str
    url: str
    accounts: int
    share: float | None
    gross_profit: float | None
    profit_share: float | None
    margin: float | None
    each: float | None
    before: int | None
    risen: int | None
    fallen: int | None
    target: Level
    reached: int
    entry: GradePolicy | None

    @property
    def tone(self) -> str:
        return str(min(self.place, 3))

    @property
    def name(self) -> str:
        return f"{self.letter} {self.title}".strip()

    @property
    def level(self) -> str:
        return str(LEVELS[self.target])

    @property
    def meaning(self) -> str:
        return str(LEVEL_MEANINGS[self.target])

    @property
    def reached_share(self) -> float | None:
        return self.reached / self.accounts if self.accounts else None


@dataclass(frozen=True)
class PyramidBoard:
    """Figures are read when a page or an export asks for them, each once."""

    form: ComparedForm
    run: Run
    version: ScoringModelVersion
    user: User

    @property
    def kept_with(self) -> tuple[Any, ...]:
        """Policies hold from the moment they are changed."""
        return (ServicePolicyChange.objects.aggregate(last=Max("pk"))["last"],)

    @cached_property
    def tiers_board(self) -> TierDashboard:
        """Counts, money and movement of grades: the same as on the page of tiers."""
        return TierDashboard(self.form, self.run, self.version, self.user)  # type: ignore[arg-type]

    @property
    def month_end(self) -> dt.date | None:
        return self.form.month_end

    @property
    def grades(self) -> int:
        return len(self.tiers_board.model.grades)

    @cached_property
    def relations(self) -> Relations:
        return relations(self.run.as_of, self.grades)

    @cached_property
    def ids(self) -> IntArray | None:
        return ids_of(self.form.accounts())

    @cached_property
    def shown(self) -> BoolArray:
        at = self.relations.account_id
        return np.ones(len(at), dtype=np.bool_) if self.ids is None else np.isin(at, self.ids)

    @property
    def accounts(self) -> int:
        return self.tiers_board.graded + self.tiers_board.unrated

    @cached_property
    def tiers(self) -> list[Tier]:
        board, at = self.tiers_board, self.relations
        margin = margins(at.grade, at.profit, at.sales, self.shown, self.grades)
        reached = np.bincount(at.grade[self.shown & (at.grade >= 0) & ~at.short], minlength=self.grades)
        entries = {entry.key: entry for entry in policies()}
        total = float(board.gross_profit) if board.gross_profit else 0.0
        moves = board.migration.matrix[: self.grades, : self.grades]
        tiers = []
        for place, letter in enumerate(board.model.grades):
            figures = board.totals.get(place, queries.GradeTotal.of_nobody(place))
            earned = None if figures.gross_profit is None else float(figures.gross_profit)
            before = board.totals_before.get(place)
            tiers.append(
                Tier(
                    place=place,
                    letter=letter,
                    title=grade_title(board.model, place),
                    url=self.form.list_url(grade=letter),
                    accounts=figures.accounts,
                    share=figures.accounts / board.graded if board.graded else None,
                    gross_profit=earned,
                    profit_share=earned / total if earned is not None and total > 0 else None,
                    margin=None if np.isnan(margin[place]) else float(margin[place]),
                    each=earned / figures.accounts if earned is not None and figures.accounts else None,
                    before=(before.accounts if before else 0) if self.month_end else None,
                    risen=int(moves[place + 1 :, place].sum()) if self.month_end else None,
                    fallen=int(moves[:place, place].sum()) if self.month_end else None,
                    target=Level(int(at.targets[place])),
                    reached=int(reached[place]),
                    entry=entries.get((self.version.model_id, place)),
                )
            )
        return tiers

    @cached_property
    def tiers_table(self) -> Table:
        columns = [
            Column(_("Grade")),
            Column(_("Accounts"), "integer"),
            Column(_("Share"), "percent"),
            Column(_("At month's end"), "integer"),
            Column(_("Came up"), "integer"),
            Column(_("Came down"), "integer"),
            Column(_("Gross profit"), "money"),
            Column(_("Share"), "percent"),
            Column(_("Average margin"), "percent"),
            Column(_("Gross profit per account"), "money"),
        ]
        rows = [
            [
                Cell(tier.name, tier.url, "text-nowrap"),
                tier.accounts,
                tier.share,
                tier.before,
                tier.risen,
                tier.fallen,
                tier.gross_profit,
                tier.profit_share,
                tier.margin,
                tier.each,
            ]
            for tier in self.tiers
        ]
        return Table("tiers", _("Customer pyramid"), columns, rows)

    @cached_property
    def profit_table(self) -> Table:
        return profit_pyramid_table(self.ids, self.run.as_of, self.month_end)

    @property
    def movement_table(self) -> Table:
        return self.tiers_board.movement_table

    @cached_property
    def levels_table(self) -> Table:
        """Per tier: where to be, and how many accounts are at each level."""
        columns = [
            Column(_("Grade")),
            Column(_("To aim at")),
            Column(_("Average margin"), "percent"),
            *(Column(str(LEVELS[level]), "integer") for level in Level),
            Column(_("At least that"), "percent"),
        ]
        at = self.relations
        counts = level_counts(np.where(self.shown, at.grade, -1), at.actual, self.grades)
        rows = [
            [
                tier.name,
                tier.level,
                tier.margin,
                *(
                    Cell(int(counts[tier.place, level]), "", "fw-bold" if level == tier.target else "")
                    for level in Level
                ),
                tier.reached_share,
            ]
            for tier in self.tiers
        ]
        return Table("levels", _("Relationship levels"), columns, rows)

    @property
    def gaps(self) -> int:
        return int((self.relations.short & self.shown).sum())

    def gaps_table(self, most: int = SHOWN) -> Table:
        """Who gets less than its tier is worth, the largest gross profit first."""
        at, names = self.relations, {tier.place: tier.name for tier in self.tiers}
        places = np.flatnonzero(at.short & self.shown)
        places = places[np.argsort(-np.nan_to_num(at.profit[places]), kind="stable")][:most]
        accounts = Account.objects.in_bulk([int(at.account_id[place]) for place in places])
        columns = [
            Column(_("Account"), "name"),
            Column(_("Grade")),
            Column(_("To aim at")),
            Column(_("Now")),
            Column(_("Contacts, 12 months"), "integer"),
            Column(_("Our own step"), "integer"),
            Column(_("Purchases asked after"), "percent"),
            Column(_("Gross profit"), "money"),
        ]
        target = at.target
        rows = [
            [
                Cell(str(account), account.get_absolute_url()),
                names[int(at.grade[place])],
                str(LEVELS[Level(int(target[place]))]),
                str(LEVELS[Level(int(at.actual[place]))]),
                int(at.contacts[place]),
                int(at.proactive[place]),
                float(at.checked[place] / at.orders[place]) if at.orders[place] else None,
                None if np.isnan(at.profit[place]) else float(at.profit[place]),
            ]
            for place in places
            if (account := accounts.get(int(at.account_id[place])))
        ]
        return Table("gaps", _("Should be closer"), columns, rows)

    @property
    def meanings(self) -> list[tuple[str, str]]:
        return [(str(LEVELS[level]), str(LEVEL_MEANINGS[level])) for level in reversed(Level)]

    @property
    def may_edit(self) -> bool:
        return self.user.can("edit_policies")

    def table(self, slug: str) -> Table:
        """The table an export asks for; KeyError for one that does not exist."""
        tables = {
            "tiers": lambda: self.tiers_table,
            "profit": lambda: self.profit_table,
            "levels": lambda: self.levels_table,
            "gaps": lambda: self.gaps_table(MOST_EXPORTED),
        }
        if self.month_end:
            tables["movement"] = lambda: self.movement_table
        return tables[slug]()


def pyramid_board(user: User, data: Any) -> tuple[ComparedForm, PyramidBoard | None]:
    """The filters, and the board unless no run was published yet."""
    run, version = shown_run(), queries.shown_version()
    form = ComparedForm(data, user=user, month_ends=ends_before(run))
    form.is_valid()
    return form, PyramidBoard(form, run, version, user) if run and version else None

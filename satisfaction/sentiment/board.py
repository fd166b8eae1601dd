"""The sentiment board for managers: who feels worst, who moved, how much is known, and how kindly each rep rates."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from crm.access import SEES_EVERYTHING
from crm.forms.scope import ScopeForm
from crm.models import User
from crm.remember import remember
from crm.snapshots import among
from crm.tables import Cell, Column, Table
from satisfaction.models import AccountSentiment
from satisfaction.scoring.sentiment_index import optimism
from satisfaction.sentiment.figures import BAD, GOOD, index_of, stored_figure
from satisfaction.sentiment.index import parameters
from satisfaction.sentiment.interactions import load_interactions

LISTED = 25
DAYS = 90
# A rep's leaning is named from so many interactions on that were both rated and read.
LEAST_PAIRS = 5


@dataclass(frozen=True)
class SentimentBoard:
    form: ScopeForm
    user: User
    today: dt.date

    @cached_property
    def accounts(self) -> Any:
        return self.form.accounts()

    @cached_property
    def figures(self) -> QuerySet[AccountSentiment]:
        return among(AccountSentiment.objects.all(), self.accounts)

    @cached_property
    def known(self) -> int:
        return self.figures.exclude(index=None).count()

    @cached_property
    def base(self) -> int:
        return int(self.accounts.count())

    @cached_property
    def negative(self) -> int:
        return self.figures.filter(index__lt=index_of(BAD)).count()

    @cached_property
    def positive(self) -> int:
        return self.figures.filter(index__gt=index_of(GOOD)).count()

    @cached_property
    def falling(self) -> int:
        return self.figures.filter(trend=-1).count()

    @property
    def negative_url(self) -> str:
        return self.form.list_url(sentiment="negative")

    @property
    def positive_url(self) -> str:
        return self.form.list_url(sentiment="positive")

    @property
    def falling_url(self) -> str:
        return self.form.list_url(sentiment="falling")

    @property
    def unknown_url(self) -> str:
        return self.form.list_url(sentiment="unknown")

    @cached_property
    def worst_table(self) -> Table:
        rows = self.figures.exclude(index=None).order_by("index", "account_id")
        return self._listing("worst", _("Worst mood first"), rows)

    @cached_property
    def movement_table(self) -> Table:
        """Those that moved by more than their error, the steepest fall first."""
        rows = self.figures.exclude(trend=0).order_by("change", "account_id")
        return self._listing("movement", _("Moved in the last 30 days"), rows)

    def _listing(self, slug: str, title: str, rows: QuerySet[AccountSentiment]) -> Table:
        columns = [
            Column(_("Account"), "name"),
            Column(_("Index"), "score"),
            Column(_("Band from"), "score"),
            Column(_("Band to"), "score"),
            Column(_("30 days"), "change"),
            Column(_("Interactions"), "integer"),
            Column(_("Last contact"), "date"),
            Column(_("Sales rep")),
        ]
        found = rows.select_related("account__owner").annotate(owner=F("account__owner"))[:LISTED]
        cells = []
        for row in found:
            figure = stored_figure(row)
            if figure is None:
                continue
            css = "text-red" if figure.tone == "red" else ""
            cells.append(
                [
                    Cell(str(row.account), row.account.get_absolute_url()),
                    Cell(figure.value, css=css),
                    figure.low,
                    figure.high,
                    figure.change,
                    row.interactions,
                    row.last_contact_on,
                    str(row.account.owner or ""),
                ]
            )
        return Table(slug, title, columns, cells)

    @cached_property
    def reps_table(self) -> Table:
        columns = [
            Column(_("Sales rep"), "name"),
            Column(_("Interactions, %(days)d days") % {"days": DAYS}, "integer"),
            Column(_("Rated by the rep"), "percent"),
            Column(_("Only read by machine"), "percent"),
            Column(_("Unknown"), "percent"),
            Column(_("Rated and read"), "integer"),
            Column(_("Kinder than the team by"), "change"),
        ]
        # Reads every interaction of the scope: kept for some minutes, like the dashboards.
        scope = [self.form.data.get(name, "") for name in self.form.SCOPE]
        rows = remember(self.user, None, "sentiment.reps", self._reps, self.today, *scope)
        return Table("reps", _("What is known, by sales rep"), columns, rows)

    def _reps(self) -> list[list[Any]]:
        values = parameters()
        everything = self.user.role in SEES_EVERYTHING and not any(self.form.cleaned_data.values())
        ids = None if everything else list(self.accounts.values_list("pk", flat=True))
        rows = load_interactions(self.today, values, ids)
        people = User.objects.in_bulk([int(pk) for pk in np.unique(rows.user)])
        reps, rep = np.unique(rows.user, return_inverse=True)
        late = (rows.age(self.today) < DAYS) & ~rows.ignored
        rated, read = ~np.isnan(rows.rating), ~np.isnan(rows.score)

        def count(mask: Any) -> Any:
            return np.bincount(rep[mask], minlength=len(reps))

        total, by_rep, by_machine = count(late), count(late & rated), count(late & ~rated & read)
        pairs = rated & read & ~rows.ignored
        gap = rows.rating[pairs] / 2 - rows.score[pairs]
        lean, n = optimism(len(reps), rep[pairs], gap, values.optimism_prior)
        table = []
        for i, pk in enumerate(reps):
            share: list[float | None] = [None, None, None]
            if total[i]:
                rated_share, read_share = by_rep[i] / total[i], by_machine[i] / total[i]
                share = [rated_share, read_share, 1 - rated_share - read_share]
            leaning = 50 * float(lean[i]) if n[i] >= LEAST_PAIRS else None
            table.append([str(people[int(pk)]), int(total[i]), *share, int(n[i]), leaning])
        return sorted(table, key=lambda row: (-row[1], row[0]))

    def table(self, slug: str) -> Table:
        """The table an export asks for; KeyError for one that does not exist."""
        tables = {
            "worst": lambda: self.worst_table,
            "movement": lambda: self.movement_table,
            "reps": lambda: self.reps_table,
        }
        return tables[slug]()


def sentiment_board(user: User, data: Any, today: dt.date) -> SentimentBoard:
    form = ScopeForm(data, user=user)
    form.is_valid()
    return SentimentBoard(form, user, today)

"""Key accounts as tables: who is due, who is one, whom the figures propose, who is none."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.forms.scope import ScopeForm
from crm.models import Account, Run, User
from crm.snapshots import shown_run
from crm.tables import Cell, Column, Table
from segmentation.models import AccountGrade, KeyAccountReview
from segmentation.queries import shown_version
from segmentation.scoring.grading import GradingModel
from segmentation.value.key_reading import candidates, newest_reviews, points_of
from segmentation.value.key_wording import why
from segmentation.value.reading import ids_of

if TYPE_CHECKING:
    from crm.models.accounts import AccountQuerySet

MOST_PROPOSED = 30
MOST = 1000


@dataclass(frozen=True)
class KeyBoard:
    form: ScopeForm
    run: Run | None
    today: dt.date

    @cached_property
    def accounts(self) -> AccountQuerySet:
        return self.form.accounts()

    @cached_property
    def reviews(self) -> list[KeyAccountReview]:
        """The newest of each account, the next due first."""
        rows = newest_reviews().filter(account__in=self.accounts)
        return list(
            rows.select_related("account__owner", "reviewer").order_by("next_review_on", "account_id")[:MOST]
        )

    @cached_property
    def grades(self) -> dict[int, AccountGrade]:
        found: dict[int, AccountGrade] = AccountGrade.objects.in_bulk(
            [*(review.account_id for review in self.reviews), *(pk for pk, _marks, _total in self.proposals)]
        )
        return found

    @cached_property
    def names(self) -> tuple[str, ...]:
        return GradingModel.from_dict(version.definition).grades if (version := shown_version()) else ()

    def grade(self, pk: int) -> str:
        place = self.grades[pk].grade if pk in self.grades else None
        return self.names[place] if place is not None and place < len(self.names) else ""

    def profit(self, pk: int) -> Any:
        return self.grades[pk].gross_profit_12m if pk in self.grades else None

    @cached_property
    def proposals(self) -> list[tuple[int, dict[str, tuple[int, float]], float]]:
        """Account, its suggested marks, and their share of the points; the best first."""
        if self.run is None:
            return []
        found = candidates(self.run)
        ids = ids_of(self.accounts)
        seen = (
            np.ones(len(found.account_id), dtype=np.bool_) if ids is None else np.isin(found.account_id, ids)
        )
        found = found.only(seen)
        # Whoever was decided upon comes back when that decision is due, not as a proposal.
        decided = np.array(
            KeyAccountReview.objects.values_list("account_id", flat=True).distinct(), dtype=np.int64
        )
        places = found.best(decided)[:MOST_PROPOSED]
        return [
            (pk := int(found.account_id[place]), found.of(pk), float(found.total[place])) for place in places
        ]

    @property
    def due(self) -> list[KeyAccountReview]:
        return [review for review in self.reviews if review.next_review_on <= self.today]

    @cached_property
    def due_table(self) -> Table:
        return self._reviewed("due", _("Due for review"), self.due)

    @cached_property
    def key_table(self) -> Table:
        chosen = [review for review in self.reviews if review.is_key]
        return self._reviewed("key", _("Key accounts"), sorted(chosen, key=lambda r: -(points_of(r) or 0)))

    @cached_property
    def declined_table(self) -> Table:
        return self._reviewed(
            "declined", _("Not key accounts"), [review for review in self.reviews if not review.is_key]
        )

    def _reviewed(self, slug: str, title: str, reviews: list[KeyAccountReview]) -> Table:
        columns = [
            Column(_("Account"), "name"),
            Column(_("Grade")),
            Column(_("Sales rep")),
            Column(_("Reviewed"), "date"),
            Column(_("Reviewed by")),
            Column(_("Next review on"), "date"),
            Column(_("Points of 30"), "integer"),
            Column(_("Gross profit"), "money"),
        ]
        rows = [
            [
                Cell(str(review.account), reverse("segmentation:key-account", args=[review.account_id])),
                self.grade(review.account_id),
                str(review.account.owner or ""),
                review.reviewed_on,
                str(review.reviewer),
                Cell(
                    review.next_review_on,
                    reverse("segmentation:key-review", args=[review.account_id]),
                    "text-red" if review.next_review_on <= self.today else "",
                ),
                points_of(review),
                self.profit(review.account_id),
            ]
            for review in reviews
        ]
        return Table(slug, title, columns, rows)

    @cached_property
    def proposed_table(self) -> Table:
        accounts = Account.objects.select_related("owner").in_bulk(
            [pk for pk, _marks, _total in self.proposals]
        )
        columns = [
            Column(_("Account"), "name"),
            Column(_("Grade")),
            Column(_("Sales rep")),
            Column(_("Why")),
            Column(_("Of the points"), "percent"),
            Column(_("Gross profit"), "money"),
        ]
        rows = [
            [
                Cell(str(account), reverse("segmentation:key-review", args=[pk])),
                self.grade(pk),
                str(account.owner or ""),
                why(marks),
                total,
                self.profit(pk),
            ]
            for pk, marks, total in self.proposals
            if (account := accounts.get(pk))
        ]
        return Table("proposed", _("Proposed"), columns, rows)

    def table(self, slug: str) -> Table:
        """The table an export asks for; KeyError for one that does not exist."""
        return {
            "due": lambda: self.due_table,
            "key": lambda: self.key_table,
            "proposed": lambda: self.proposed_table,
            "declined": lambda: self.declined_table,
        }[slug]()


def key_board(user: User, data: Any, today: dt.date) -> tuple[ScopeForm, KeyBoard]:
    form = ScopeForm(data, user=user)
    form.is_valid()
    return form, KeyBoard(form, shown_run(), today)

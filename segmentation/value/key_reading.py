"""Key accounts: the newest review of each account, and who is proposed by the figures."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from django.core.cache import cache
from django.db import connection
from django.db.models import Exists, OuterRef

from crm.copying import read_columns
from crm.remember import SECONDS
from crm.scoring.arrays import BoolArray, FloatArray, IntArray, divide
from segmentation.models import KeyAccountReview
from segmentation.scoring.relationships import checklist, is_candidate, suggested_scores, suggested_total
from segmentation.value.reading import kept_key, standing

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from crm.models import Run

KEY = "key"
# In the order of the specification and of the functions in segmentation.scoring.relationships.
CRITERIA = ("volume", "potential", "represents", "value_buyer", "profit", "preference")
POINTS = 30


def newest_reviews() -> QuerySet[KeyAccountReview]:
    """One row per account: what was decided last."""
    later = KeyAccountReview.objects.filter(
        account=OuterRef("account_id"), reviewed_on__gt=OuterRef("reviewed_on")
    )
    return KeyAccountReview.objects.exclude(Exists(later))


def key_ids() -> QuerySet[Any]:
    return newest_reviews().filter(is_key=True).values("account_id")


def total_of(review: KeyAccountReview) -> float | None:
    """Of the 30 points, 0 to 1; None where one of the six is missing."""
    total = checklist([[np.nan if (mark := getattr(review, name)) is None else mark for name in CRITERIA]])[0]
    return None if np.isnan(total) else float(total)


def points_of(review: KeyAccountReview) -> int | None:
    total = total_of(review)
    return None if total is None else round(total * POINTS)


@dataclass(frozen=True)
class Suggestions:
    """What figures alone say to the six questions. Arrays by account id ascending; `raw` (the figures themselves) and
    `scores` (n, 6), NaN unknown.
    """

    account_id: IntArray
    raw: FloatArray
    scores: FloatArray
    total: FloatArray

    def only(self, chosen: BoolArray) -> Suggestions:
        return Suggestions(self.account_id[chosen], self.raw[chosen], self.scores[chosen], self.total[chosen])

    def of(self, account_id: int) -> dict[str, tuple[int, float]]:
        """The known marks of one account, each with its figure."""
        found = np.flatnonzero(self.account_id == account_id)
        if not len(found):
            return {}
        place = found[0]
        rows = zip(CRITERIA, self.scores[place], self.raw[place], strict=True)
        return {name: (int(mark), float(figure)) for name, mark, figure in rows if not np.isnan(mark)}

    def best(self, left_out: IntArray) -> IntArray:
        """Places, the highest total first, without those decided upon."""
        places = np.flatnonzero(is_candidate(np.nan_to_num(self.total), np.isin(self.account_id, left_out)))
        return places[np.argsort(-self.total[places], kind="stable")]


_FACTS = """
SELECT g.account_id, a.industry_position, f.sales_discount_12m, f.net_sales_12m
FROM segmentation_accountgrade g
JOIN crm_account a ON a.id = g.account_id
LEFT JOIN crm_accountfacts f ON f.account_id = g.account_id
ORDER BY g.account_id
"""
_KINDS = {"account_id": "int", "position": "float", "discount": "float", "sales": "float"}


def suggestions(as_of: dt.date) -> Suggestions:
    """Of every customer, compared with every customer."""
    at = standing(as_of)
    with connection.cursor() as cursor:
        rows = read_columns(cursor, _FACTS, {}, _KINDS)
    listed = rows["sales"] + rows["discount"]
    rate = np.where(listed > 0, divide(rows["discount"], listed), np.nan)
    figures = (at.sales, at.potential.values, rows["position"], rate, at.profit, at.loyalty)
    scores = suggested_scores(*figures)
    return Suggestions(at.account_id, np.column_stack(figures), scores, suggested_total(scores))


def candidates(run: Run) -> Suggestions:
    """Those whom the figures propose, kept for the run."""
    key = kept_key("key candidates", run)
    kept: Suggestions | None = cache.get(key)
    if kept is None:
        found = suggestions(run.as_of)
        kept = found.only(is_candidate(np.nan_to_num(found.total)))
        cache.set(key, kept, SECONDS)
    return kept

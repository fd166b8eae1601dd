"""Key accounts: the newest review of each account, and who is proposed by the figures."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection
from django.db.models import Exists, OuterRef

from crm.copying import read_columns
from crm.scoring.arrays import FloatArray, IntArray, divide
from segmentation.models import KeyAccountReview
from segmentation.scoring.relationships import checklist, is_candidate, suggested_scores, suggested_total
from segmentation.value.reading import standing

if TYPE_CHECKING:
    from django.db.models import QuerySet

KEY = "key"
# In the order of the specification and of the functions in segmentation.scoring.relationships.
CRITERIA = ("volume", "potential", "represents", "value_buyer", "profit", "preference")


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


@dataclass(frozen=True)
class Suggestions:
    """What figures alone say to the six questions. Arrays by account id ascending; scores (n, 6)."""

    account_id: IntArray
    scores: FloatArray
    total: FloatArray

    def of(self, account_id: int) -> dict[str, int]:
        """The known marks of one account."""
        found = np.flatnonzero(self.account_id == account_id)
        if not len(found):
            return {}
        marks = zip(CRITERIA, self.scores[found[0]], strict=True)
        return {name: int(mark) for name, mark in marks if not np.isnan(mark)}

    def candidates(self, taken: IntArray) -> IntArray:
        """Places of those whose total makes them candidates, the best first, without those decided upon."""
        chosen = is_candidate(np.nan_to_num(self.total), np.isin(self.account_id, taken))
        places = np.flatnonzero(chosen)
        return places[np.argsort(-self.total[places], kind="stable")]


_FACTS = """
SELECT g.account_id, a.industry_position, f.sales_discount_12m, f.net_sales_12m
FROM segmentation_accountgrade g
JOIN crm_account a ON a.id = g.account_id
LEFT JOIN crm_accountfacts f ON f.account_id = g.account_id
ORDER BY g.account_id
"""


def suggestions(as_of: dt.date) -> Suggestions:
    """Of every customer, compared with every customer."""
    at = standing(as_of)
    kinds = {"account_id": "int", "position": "float", "discount": "float", "sales": "float"}
    with connection.cursor() as cursor:
        rows = read_columns(cursor, _FACTS, {}, kinds)
    listed = rows["sales"] + rows["discount"]
    rate = np.where(listed > 0, divide(rows["discount"], listed), np.nan)
    scores = suggested_scores(at.sales, at.potential.values, rows["position"], rate, at.profit, at.loyalty)
    return Suggestions(at.account_id, scores, suggested_total(scores))

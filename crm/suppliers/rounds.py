"""Ratings by rounds: what an account said of its suppliers on one day, driver by driver."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from crm.models import Account, EquityDriver, SupplierRating

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# The three equities and their drivers, in the order in which they are asked.
DRIVER_GROUPS: tuple[tuple[str, str | _StrPromise, tuple[EquityDriver, ...]], ...] = (
    ("value", _("Value equity"), (EquityDriver.QUALITY, EquityDriver.PRICE, EquityDriver.CONVENIENCE)),
    ("brand", _("Brand equity"), (EquityDriver.AWARENESS, EquityDriver.ATTITUDE, EquityDriver.ETHICS)),
    (
        "retention",
        _("Retention equity"),
        (EquityDriver.PROGRAMMES, EquityDriver.RELATIONSHIP, EquityDriver.SWITCHING),
    ),
)
US = _("We")


@dataclass(frozen=True)
class Line:
    """One driver: what each supplier got; None where it was not asked. `lead`: ours less the best other's."""

    driver: EquityDriver
    marks: tuple[float | None, ...]
    lead: float | None


@dataclass(frozen=True)
class Round:
    """What was said on one day; ours first, then by name."""

    day: dt.date
    ratings: tuple[SupplierRating, ...]

    @property
    def sources(self) -> str:
        return ", ".join(dict.fromkeys(rating.source for rating in self.ratings if rating.source))

    @property
    def lines(self) -> list[Line]:
        found = []
        for driver in EquityDriver:
            marks = tuple(mark_of(rating, driver) for rating in self.ratings)
            if any(mark is not None for mark in marks):
                found.append(Line(driver, marks, self._lead(marks)))
        return found

    def _lead(self, marks: tuple[float | None, ...]) -> float | None:
        pairs = list(zip(self.ratings, marks, strict=True))
        ours = next((mark for rating, mark in pairs if rating.competitor_id is None), None)
        others = [mark for rating, mark in pairs if rating.competitor_id is not None and mark is not None]
        return None if ours is None or not others else ours - max(others)


def mark_of(rating: SupplierRating, driver: str) -> float | None:
    mark: Any = rating.ratings.get(driver)
    return None if mark is None else float(mark)


def rounds_of(account: Account) -> list[Round]:
    """Newest first. One query."""
    days: dict[dt.date, list[SupplierRating]] = {}
    for rating in account.supplier_ratings.select_related("competitor").order_by("-rated_on", "pk"):
        days.setdefault(rating.rated_on, []).append(rating)
    return [
        Round(day, tuple(sorted(ratings, key=lambda r: (r.competitor_id is not None, str(r.competitor)))))
        for day, ratings in days.items()
    ]

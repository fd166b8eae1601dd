"""A sentiment index as it is shown: 0 to 100 with its band, never a bare number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from satisfaction.models import AccountSentiment

if TYPE_CHECKING:
    from satisfaction.scoring.sentiment_index import SentimentTrend

# Shown as good or bad only beyond these: in between people differ about what they read.
GOOD, BAD = 60, 40


def points(index: float) -> float:
    """An index of -1..1 on the scale that is shown."""
    return 50 + 50 * index


def index_of(shown: float) -> float:
    return (shown - 50) / 50


@dataclass(frozen=True)
class Figure:
    """All in points of 100. `direction` is -1, 0 or 1; `change` is None where a month ago there was no index."""

    value: float
    low: float
    high: float
    change: float | None
    direction: int

    @property
    def tone(self) -> str:
        return "red" if self.value < BAD else "green" if self.value > GOOD else "secondary"

    @property
    def icon(self) -> str:
        return ("trending-down", "minus", "trending-up")[self.direction + 1]

    @property
    def direction_words(self) -> str:
        return (_("getting worse"), _("steady"), _("getting better"))[self.direction + 1]

    # Whole numbers for the picture: an SVG knows no decimal comma.
    @property
    def left(self) -> int:
        return round(self.low)

    @property
    def width(self) -> int:
        return max(round(self.high) - round(self.low), 1)

    @property
    def place(self) -> int:
        return min(max(round(self.value) - 1, 0), 98)


def stored_figure(row: AccountSentiment | None) -> Figure | None:
    if row is None or row.index is None or row.low is None or row.high is None:
        return None
    change = None if row.change is None else 50 * row.change
    return Figure(points(row.index), points(row.low), points(row.high), change, row.trend)


def figure_at(trend: SentimentTrend, place: int) -> Figure | None:
    """Of the group at `place`; None where there is not enough data."""
    now = trend.now
    if not now.known[place]:
        return None
    change = float(trend.change[place])
    return Figure(
        points(float(now.index[place])),
        points(float(now.low[place])),
        points(float(now.high[place])),
        None if change != change else 50 * change,
        int(trend.direction[place]),
    )

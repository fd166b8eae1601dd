"""My day as one thing: what every source has to say, and the way between the places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crm.charts import Chart
from crm.panels import DayItem, DayLink, DaySource, permitted
from crm.plan.map import route_chart
from crm.scoring.arrays import FloatArray
from crm.scoring.route import suggest_route
from crm.scoring.week import NO_DAY, propose_days

if TYPE_CHECKING:
    from crm.models import Account, User

SHOWN = 6


@dataclass(frozen=True)
class Section:
    source: DaySource
    items: list[DayItem]
    links: Sequence[DayLink]

    @property
    def first(self) -> list[DayItem]:
        return self.items[:SHOWN]

    @property
    def rest(self) -> list[DayItem]:
        return self.items[SHOWN:]


def sections(user: User, today: dt.date) -> list[Section]:
    """Every source the user may see, empty ones too. A constant number of queries."""
    return [
        Section(source, source.items(user=user, today=today), source.links(user=user))
        for source in permitted("CRM_DAY_SOURCES", user)
    ]


@dataclass(frozen=True)
class Stop:
    """`number` counts from 1; `leg_km` is the way to it. A wish is due and not planned yet."""

    number: int
    account: Account
    item: DayItem
    leg_km: float
    planned: bool

    @property
    def geo(self) -> str:
        """For the map program of the phone."""
        place = f"{self.account.latitude},{self.account.longitude}"
        return f"geo:{place}?q={place}"


@dataclass(frozen=True)
class DayRoute:
    stops: list[Stop]
    total_km: float
    without_place: list[DayItem]
    from_here: bool

    @property
    def chart(self) -> Chart:
        return route_chart(self.stops)


def day_route(
    board: Sequence[Section], user: User, today: dt.date, start: tuple[float, float] | None = None
) -> DayRoute:
    """Today's planned visits, and due ones that lie near while the day has room; in the shortest order.

    Begins at `start` (degrees) if the device tells, else at the first of them. No query.
    """
    fixed = _accounts(section for section in board if section.source.route == "fixed")
    fixed = [item for item in fixed if item.due_on == today]
    taken = {item.account.pk for item in fixed}
    wishes = _accounts(section for section in board if section.source.route == "wish")
    wishes = [item for item in wishes if item.account.pk not in taken]
    near = _that_fit(fixed, wishes, user.visits_a_day - len(fixed), start)
    items = [*fixed, *near]
    places = _places(items)
    route = suggest_route(places[:, 0], places[:, 1], start)
    stops = [
        Stop(number, items[place].account, items[place], float(leg), place < len(fixed))
        for number, (place, leg) in enumerate(zip(route.order, route.legs_km, strict=True), start=1)
    ]
    return DayRoute(stops, route.total_km, [items[place] for place in route.unplaced], start is not None)


def _accounts(chosen: Iterable[Section]) -> list[DayItem]:
    """One entry an account, the first that names it."""
    found: dict[int, DayItem] = {}
    for section in chosen:
        for item in section.items:
            found.setdefault(item.account.pk, item)
    return list(found.values())


def _that_fit(
    fixed: list[DayItem], wishes: list[DayItem], room: int, start: tuple[float, float] | None
) -> list[DayItem]:
    """The same rule that fills a week, for one day: near what stands, else near the device, most urgent first."""
    if not wishes:
        return []
    places = _places(wishes)
    standing = _places(fixed)
    placed = standing[np.isfinite(standing).all(axis=1)]
    anchor = placed[0] if len(placed) else np.array(start if start else (np.nan, np.nan), dtype=np.float64)
    urgency = -np.arange(len(wishes), dtype=np.float64)
    # Whoever has no place on record cannot be near: the list of due visits has them.
    urgency[~np.isfinite(places).all(axis=1)] = np.nan
    free = np.array([np.nan])
    # Nobody due near the device, and nothing planned: where the most urgent is.
    for latitude, longitude in ((anchor[:1], anchor[1:]), (free, free)):
        day = propose_days(urgency, places[:, 0], places[:, 1], np.array([max(room, 0)]), latitude, longitude)
        if (day != NO_DAY).any() or len(placed):
            break
    return [item for item, chosen in zip(wishes, day, strict=True) if chosen != NO_DAY]


def _places(items: list[DayItem]) -> FloatArray:
    rows = [(item.account.latitude, item.account.longitude) for item in items]
    return np.array(rows, dtype=np.float64).reshape(-1, 2)

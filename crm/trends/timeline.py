"""What was observed about an account's business, newest first: observations and what visits told of competitors."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Account, Observation, ObservationFigure, ObservationKind, Visit
from crm.panels import TimelineEntry, TimelineSource
from crm.search import fold

if TYPE_CHECKING:
    from crm.models import User

PAGE_SIZE = 30


@dataclass(frozen=True)
class Entry:
    """One of the two: an observation, or a visit with news of competitors."""

    day: dt.date
    observation: Observation | None = None
    visit: Visit | None = None


def entries_page(account: Account, kind: str, number: Any) -> Page[Entry]:
    """A page of entries of one kind ("": all). First which they are, then the rows of those alone: six queries."""
    observations = account.observations.all()
    if kind:
        observations = observations.filter(kind=kind)
    places = [(day, 1, pk) for day, pk in observations.values_list("observed_on", "pk")]
    if kind in ("", ObservationKind.COMPETITION):
        visits = account.visits.exclude(competitor_news="").values_list("happened_at", "pk")
        places += [(timezone.localdate(moment), 0, pk) for moment, pk in visits]
    places.sort(reverse=True)
    page: Page[Any] = Paginator(places, PAGE_SIZE).get_page(number)
    page.object_list = _rows(list(page.object_list))
    return page


def _rows(places: list[tuple[dt.date, int, int]]) -> list[Entry]:
    wanted = Observation.objects.select_related("user").prefetch_related("figures")
    observations = wanted.in_bulk([pk for _day, own, pk in places if own])
    visits = Visit.objects.select_related("user").in_bulk([pk for _day, own, pk in places if not own])
    rows = []
    for day, own, pk in places:
        if own and pk in observations:
            rows.append(Entry(day, observation=observations[pk]))
        elif not own and pk in visits:
            rows.append(Entry(day, visit=visits[pk]))
    return rows


@dataclass
class Series:
    """The figures of one measure in one unit, oldest first."""

    measure: str
    unit: str
    points: list[tuple[dt.date, Decimal]] = field(default_factory=list)


def series_of(account: Account, kind: str = "") -> list[Series]:
    """Measures with at least two values, those with most values first. However a measure is capitalised."""
    figures = ObservationFigure.objects.filter(observation__account=account)
    if kind:
        figures = figures.filter(observation__kind=kind)
    found: dict[tuple[str, str], Series] = {}
    for figure in figures.select_related("observation").order_by("observation__observed_on", "pk"):
        key = (fold(figure.measure), fold(figure.unit))
        series = found.setdefault(key, Series(figure.measure, figure.unit))
        series.points.append((figure.observation.observed_on, figure.value))
    return sorted(
        (series for series in found.values() if len(series.points) > 1),
        key=lambda series: (-len(series.points), series.measure),
    )


class ObservationsOfAccount(TimelineSource):
    slug = "observations"
    title = _("Business trends")

    def entries(self, *, account: Account, user: User, before: dt.datetime, most: int) -> list[TimelineEntry]:
        """An observation has a date, not an hour: it stands at noon, those of a day one after another."""
        last = timezone.localdate(before)
        found = account.observations.filter(observed_on__lte=last)
        # Of the day of `before` itself some may not be earlier: they are read, and dropped.
        today = found.filter(observed_on=last).count()
        rows = found.select_related("user").order_by("-observed_on", "-pk")[: most + today]
        entries = [_entry(account, observation) for observation in rows]
        return [entry for entry in entries if entry.at < before][:most]


def _entry(account: Account, observation: Observation) -> TimelineEntry:
    noon = dt.datetime.combine(observation.observed_on, dt.time(12), timezone.get_current_timezone())
    return TimelineEntry(
        at=noon + dt.timedelta(microseconds=observation.pk % 1_000_000),
        title=f"{observation.get_kind_display()}: {observation.title}",
        icon="trending-up",
        text=observation.detail,
        url=f"{reverse('crm:account-trends', args=[account.pk])}#observation-{observation.pk}",
        who=str(observation.user),
    )

"""The sentiment of one account, explained: the same computation as the nightly one, with what is behind it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from crm.models import Account, Contact, Visit
from satisfaction.scoring.sentiment_index import SentimentParameters
from satisfaction.sentiment.figures import Figure, figure_at
from satisfaction.sentiment.index import account_indexes, contact_indexes, parameters
from satisfaction.sentiment.interactions import Interactions, last_contacts, load_interactions
from satisfaction.sentiment.shown import ShownMood, moods

REASONS = 3
MONTHS = 12


@dataclass(frozen=True)
class Reason:
    """An interaction and how far it pulls the index, in points (before the neutral pseudo-interaction)."""

    mood: ShownMood
    pull: float


@dataclass(frozen=True)
class Person:
    contact: Contact
    figure: Figure | None
    interactions: int


@dataclass(frozen=True)
class MonthIndex:
    month_end: dt.date
    figure: Figure | None


@dataclass(frozen=True)
class AccountMood:
    as_of: dt.date
    figure: Figure | None
    # Interactions that count; of all those with the account within reach of the index.
    counted: int
    interactions: int
    silent_days: int | None
    reasons: list[Reason]
    people: list[Person]


def account_mood(account: Account, as_of: dt.date) -> AccountMood:
    """A constant number of queries."""
    values = parameters()
    rows = load_interactions(as_of, values, [account.pk])
    found = account_indexes(rows, as_of, values)
    last = last_contacts(as_of, values, [account.pk])
    strongest = found.reasons(REASONS)
    ids = [int(rows.visit[entry]) for _account, entry, _pull in strongest]
    visits = {
        visit.pk: visit
        for visit in Visit.objects.filter(pk__in=ids).select_related("user").prefetch_related("contacts")
    }
    shown = {mood.visit.pk: mood for mood in moods(list(visits.values()))}
    total = float(found.trend.now.total_weight[0]) + values.pseudo_interactions if len(found.ids) else 1.0
    return AccountMood(
        as_of=as_of,
        figure=figure_at(found.trend, 0) if len(found.ids) else None,
        counted=int(found.trend.now.counted[0]) if len(found.ids) else 0,
        interactions=len(rows.visit),
        silent_days=(as_of - last.day[0].item()).days if len(last.day) else None,
        reasons=[
            Reason(shown[pk], 50 * pull / total)
            for pk, (_account, _entry, pull) in zip(ids, strongest, strict=True)
            if pk in shown
        ],
        people=_people(rows, as_of, values),
    )


def _people(rows: Interactions, as_of: dt.date, values: SentimentParameters) -> list[Person]:
    """Whom the index is known of first, the unhappiest on top."""
    found = contact_indexes(rows, as_of, values)
    contacts = Contact.objects.in_bulk([int(pk) for pk in found.ids])
    people = [
        Person(contacts[int(pk)], figure_at(found.trend, place), int(found.trend.now.counted[place]))
        for place, pk in enumerate(found.ids)
        if int(pk) in contacts
    ]
    return sorted(people, key=lambda p: (p.figure is None, p.figure.value if p.figure else 0, p.contact.pk))


def history(account: Account, as_of: dt.date) -> list[MonthIndex]:
    """The index at each of the last month ends and today, by the same function from the rows known then."""
    values = parameters()
    ends = [*_month_ends(as_of), as_of]
    rows = load_interactions(as_of, values, [account.pk], further_back=(as_of - ends[0]).days)
    points = []
    for end in ends:
        found = account_indexes(rows, end, values)
        points.append(MonthIndex(end, figure_at(found.trend, 0) if len(found.ids) else None))
    return points


def _month_ends(as_of: dt.date) -> list[dt.date]:
    month = np.datetime64(as_of, "M")
    firsts = np.arange(month - MONTHS + 1, month + 1)
    return [(first.astype("datetime64[D]") - 1).item() for first in firsts]

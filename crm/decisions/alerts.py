"""The red flags of decision maps, in the reader's words, and the support index."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.decisions.people import MapKey, Person
from crm.parameters import load
from crm.scoring.decision import support_index
from crm.scoring.decision_flags import AlertParameters, People, red_flags

PARAMETERS = "crm.decisions"
# The most urgent kind first.
OPPOSES, UNKNOWN, UNMET, STALE = "opposes", "unknown", "unmet", "stale"
KINDS = (OPPOSES, UNKNOWN, UNMET, STALE)
TONES = {OPPOSES: "danger", UNKNOWN: "danger", UNMET: "warning", STALE: "warning"}
NAMED = 4


@dataclass(frozen=True)
class Alert:
    kind: str
    people: tuple[Person, ...]
    text: str

    @property
    def tone(self) -> str:
        return TONES[self.kind]

    @property
    def subject(self) -> tuple[str, tuple[int, ...]]:
        """What the alert is about, whatever map raises it."""
        return self.kind, tuple(person.pk for person in self.people)


def alert_parameters() -> AlertParameters:
    return load(PARAMETERS, AlertParameters)[0]


def alerts_of(
    maps: Mapping[MapKey, Sequence[Person]], *, today: dt.date, parameters: AlertParameters
) -> dict[MapKey, list[Alert]]:
    """The alerts of each map, the most urgent first."""
    people = [person for those in maps.values() for person in those]
    flags = red_flags(
        People(
            group=np.repeat(np.arange(len(maps)), [len(those) for those in maps.values()]),
            decider=np.array([person.decides for person in people], dtype=bool),
            influence=_numbers([person.influence for person in people]),
            stance=_numbers([person.stance for person in people]),
            noted_day=_days([person.noted_on for person in people]),
            met_day=_days([person.last_met_on for person in people]),
        ),
        groups=len(maps),
        as_of=today,
        parameters=parameters,
    )
    found: dict[MapKey, list[Alert]] = {}
    first = 0
    for number, (key, those) in enumerate(maps.items()):
        span = slice(first, first + len(those))
        first += len(those)

        def flagged(mask: np.ndarray, those: Sequence[Person] = those, span: slice = span) -> list[Person]:
            return [person for person, is_set in zip(those, mask[span], strict=True) if is_set]

        alerts = [Alert(OPPOSES, (person,), _opposing(person)) for person in flagged(flags.opposes)]
        if flags.decider_unknown[number]:
            alerts.append(
                Alert(UNKNOWN, (), _("Nobody is known as the final decision maker. Find out who signs."))
            )
        alerts += [Alert(UNMET, (person,), _unmet(person, today)) for person in flagged(flags.unmet)]
        old = tuple(flagged(flags.stale))
        if old:
            alerts.append(Alert(STALE, old, _stale(old, parameters.stale_months)))
        found[key] = alerts
    return found


def _opposing(person: Person) -> str:
    return _("%(person)s decides and opposes us.") % {"person": person}


def _unmet(person: Person, today: dt.date) -> str:
    if person.last_met_on is None:
        return _("%(person)s has never been met.") % {"person": person}
    days = (today - person.last_met_on).days
    text = ngettext(
        "%(person)s was last met %(days)d day ago.", "%(person)s was last met %(days)d days ago.", days
    )
    return text % {"person": person, "days": days}


def _stale(people: Sequence[Person], months: int) -> str:
    names = _(", ").join(str(person) for person in people[:NAMED])
    if len(people) > NAMED:
        names = _("%(names)s and others") % {"names": names}
    text = ngettext(
        "Stance older than %(months)d month: %(names)s.",
        "Stance older than %(months)d months: %(names)s.",
        months,
    )
    return text % {"months": months, "names": names}


def support_of(people: Sequence[Person]) -> float | None:
    """The support index (models.md section 21); None where nobody's stance is known."""
    index = support_index(
        _numbers([person.influence for person in people]), _numbers([person.stance for person in people])
    )
    return None if math.isnan(index) else index


def _numbers(values: Sequence[int | None]) -> np.ndarray:
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)


def _days(values: Sequence[dt.date | None]) -> np.ndarray:
    return np.array([math.nan if value is None else value.toordinal() for value in values], dtype=np.float64)

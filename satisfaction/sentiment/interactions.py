"""Interactions as arrays: what the index of accounts and of contacts is computed from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from crm.copying import read_columns
from crm.models import DecisionRole
from crm.scoring.arrays import BoolArray, FloatArray, IntArray
from satisfaction.models import SentimentHead
from satisfaction.scoring.sentiment_index import SentimentParameters

_SCOPE = """
    v.happened_at >= %(since)s AND v.happened_at < %(until)s
    AND (%(everybody)s OR v.account_id = ANY(%(accounts)s))
"""
_VISITS = f"""
SELECT v.id, v.account_id, (v.happened_at AT TIME ZONE %(zone)s)::date, v.rating, v.not_about_us, v.user_id
FROM crm_visit v
WHERE {_SCOPE}
ORDER BY v.id
"""  # noqa: S608  (our own words)
# Of the text as it stands now: the head in use before others, the newest before older ones.
_READINGS = f"""
SELECT DISTINCT ON (s.visit_id) s.visit_id, s.score, s.confidence, s.outcome = 'unknown'
FROM satisfaction_visitsentiment s
JOIN crm_visit v ON v.id = s.visit_id AND s.text_digest = encode(sha256(convert_to(v.note, 'UTF8')), 'hex')
WHERE {_SCOPE}
ORDER BY s.visit_id, (s.model_id = %(head)s) DESC, s.id DESC
"""  # noqa: S608
_PEOPLE = f"""
SELECT c.visit_id, c.contact_id, coalesce(array_position(%(roles)s::varchar[], p.decision_role), 0)
FROM crm_visit_contacts c
JOIN crm_visit v ON v.id = c.visit_id
LEFT JOIN crm_position p ON p.contact_id = c.contact_id AND p.account_id = v.account_id
WHERE {_SCOPE}
ORDER BY c.visit_id, c.contact_id
"""  # noqa: S608
_LAST = """
SELECT v.account_id, (max(v.happened_at) AT TIME ZONE %(zone)s)::date
FROM crm_visit v
WHERE v.happened_at < %(until)s AND v.outcome <> 'absent' AND (%(everybody)s OR v.account_id = ANY(%(accounts)s))
GROUP BY v.account_id
ORDER BY v.account_id
"""
_NOBODY = -1


@dataclass(frozen=True)
class Interactions:
    """One entry a visit, in the order of their ids; NaN where nobody rated or nothing could be read.

    `met` and `met_contact` (with `met_weight`) hold one entry a visit and person met: position in the first arrays,
    contact id, role weight at the visit's account.
    """

    visit: IntArray
    account: IntArray
    day: NDArray[np.datetime64]
    rating: FloatArray
    score: FloatArray
    confidence: FloatArray
    ignored: BoolArray
    user: IntArray
    role_weight: FloatArray
    # Whom a visit counts for under the cap of a day: the person with the most say, -1 for nobody on record.
    contact: IntArray
    met: IntArray
    met_contact: IntArray
    met_weight: FloatArray

    def age(self, as_of: dt.date) -> FloatArray:
        return (np.datetime64(as_of, "D") - self.day).astype(np.float64)


@dataclass(frozen=True)
class LastContacts:
    account: IntArray
    day: NDArray[np.datetime64]


def role_weights(parameters: SentimentParameters) -> FloatArray:
    """By the place of a role in DecisionRole, counted from 1; 0 is no role on record."""
    by_role = {
        DecisionRole.DECIDER: parameters.decider_weight,
        DecisionRole.INFLUENCER: parameters.technical_weight,
        DecisionRole.USER: parameters.technical_weight,
        DecisionRole.NEGOTIATOR: parameters.purchasing_weight,
        DecisionRole.EXECUTOR: parameters.purchasing_weight,
    }
    other = parameters.other_weight
    return np.array([other, *(by_role.get(role, other) for role in DecisionRole)])


def day_starts(day: dt.date) -> dt.datetime:
    """The first moment of a day where the company is."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()), timezone.get_default_timezone())


def load_interactions(
    as_of: dt.date,
    parameters: SentimentParameters,
    account_ids: Sequence[int] | None = None,
    further_back: int = 0,
) -> Interactions:
    """Every interaction up to `as_of` that may still weigh, then or so many days before."""
    head = SentimentHead.objects.filter(active=True).values_list("pk", flat=True).first()
    values = {**_values(as_of, parameters, account_ids, further_back), "head": head or 0}
    with connection.cursor() as cursor:
        visits = read_columns(
            cursor,
            _VISITS,
            values,
            {
                "id": "int",
                "account": "int",
                "day": "date",
                "rating": "float",
                "ignored": "bool",
                "user": "int",
            },
        )
        readings = read_columns(
            cursor,
            _READINGS,
            values,
            {"visit": "int", "score": "float", "confidence": "float", "unknown": "bool"},
        )
        people = read_columns(cursor, _PEOPLE, values, {"visit": "int", "contact": "int", "role": "int"})
    ids = visits["id"]
    score, confidence = np.full(len(ids), np.nan), np.full(len(ids), np.nan)
    # A visit may have been deleted between two of the queries.
    place, found = _places(ids, readings["visit"])
    found &= ~readings["unknown"]
    score[place[found]] = readings["score"][found]
    confidence[place[found]] = readings["confidence"][found]
    met, present = _places(ids, people["visit"])
    weights = role_weights(parameters)
    met, met_contact, met_weight = (
        met[present],
        people["contact"][present],
        weights[people["role"]][present],
    )
    role_weight, contact = np.full(len(ids), weights[0]), np.full(len(ids), _NOBODY)
    # The last one written stands: the heaviest, among equals the one known longest.
    order = np.lexsort((-met_contact, met_weight))
    role_weight[met[order]] = met_weight[order]
    contact[met[order]] = met_contact[order]
    return Interactions(
        visit=ids,
        account=visits["account"],
        day=visits["day"],
        rating=visits["rating"],
        score=score,
        confidence=confidence,
        ignored=visits["ignored"],
        user=visits["user"],
        role_weight=role_weight,
        contact=contact,
        met=met,
        met_contact=met_contact,
        met_weight=met_weight,
    )


def last_contacts(
    as_of: dt.date, parameters: SentimentParameters, account_ids: Sequence[int] | None = None
) -> LastContacts:
    """The last day somebody of each account was met or spoken to, however long ago."""
    with connection.cursor() as cursor:
        rows = read_columns(
            cursor, _LAST, _values(as_of, parameters, account_ids), {"account": "int", "day": "date"}
        )
    return LastContacts(rows["account"], rows["day"])


def _values(
    as_of: dt.date,
    parameters: SentimentParameters,
    account_ids: Sequence[int] | None,
    further_back: int = 0,
) -> dict[str, Any]:
    return {
        "since": day_starts(as_of - dt.timedelta(days=parameters.horizon_days + further_back)),
        "until": day_starts(as_of + dt.timedelta(days=1)),
        "zone": settings.TIME_ZONE,
        "everybody": account_ids is None,
        "accounts": [] if account_ids is None else [int(pk) for pk in account_ids],
        "roles": list(DecisionRole.values),
    }


def _places(ids: IntArray, wanted: IntArray) -> tuple[IntArray, BoolArray]:
    """Where each of `wanted` stands in the sorted `ids`, and whether it does."""
    place = np.minimum(np.searchsorted(ids, wanted), max(len(ids) - 1, 0))
    found = ids[place] == wanted if len(ids) else np.zeros(len(wanted), dtype=np.bool_)
    return place, found

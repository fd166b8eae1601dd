"""Putting visits on record: atomic, keyword-only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import numpy as np
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from crm.decisions.operations import record_stance
from crm.models import Account, Contact, PlannedVisit, Position, StanceSource, User, Visit
from crm.operations import RefusedError
from crm.scoring.route import haversine_km


@transaction.atomic
def log_visit(
    *,
    visit: Visit,
    contacts: Iterable[Contact],
    user: User,
    stances: Mapping[int, int] | None = None,
    stance_source: str = StanceSource.OBSERVED,
) -> tuple[Visit, bool]:
    """Save a new visit once per `client_key`: a retry returns the first one and False.

    `stances` maps people met (contact ids) to how they stand now. A visit planned for that day is thereby made.
    """
    visit.distance = distance_in_metres(visit.account, visit.latitude, visit.longitude)
    values = {
        field.attname: getattr(visit, field.attname)
        for field in Visit._meta.concrete_fields
        if field.attname not in ("id", "client_key", "user_id", "created_at", "updated_at")
    }
    saved, created = Visit.objects.get_or_create(
        client_key=visit.client_key, defaults={**values, "user_id": user.pk}
    )
    if not created and saved.user_id != user.pk:
        raise RefusedError
    if created:
        saved.contacts.set(contacts)
        _note_stances(saved, stances or {}, stance_source)
        _close_plan(saved)
    return saved, created


@transaction.atomic
def correct_visit(
    *,
    visit: Visit,
    contacts: Iterable[Contact],
    stances: Mapping[int, int] | None = None,
    stance_source: str = StanceSource.OBSERVED,
) -> Visit:
    """Write the author's corrections. Stances noted with the visit are replaced, those left out stay."""
    visit.save()
    visit.contacts.set(contacts)
    _note_stances(visit, stances or {}, stance_source)
    return visit


def distance_in_metres(account: Account, latitude: object, longitude: object) -> int | None:
    """From the account's address; None where either place is unknown."""
    places = [latitude, longitude, account.latitude, account.longitude]
    if any(place is None for place in places):
        return None
    here_lat, here_long, lat, long = (np.array([float(str(place))]) for place in places)
    return round(float(haversine_km(here_lat, here_long, lat, long)[0]) * 1000)


def day_of(visit: Visit) -> dt.date:
    """The company's local day."""
    return timezone.localtime(visit.happened_at).date()


def _note_stances(visit: Visit, stances: Mapping[int, int], source: str) -> None:
    positions = Position.objects.filter(account=visit.account_id, contact__in=list(stances)).order_by("pk")
    for position in positions:
        record_stance(
            position=position,
            stance=stances[position.contact_id],
            noted_on=day_of(visit),
            source=source,
            user=visit.user,
            visit=visit,
        )


def _close_plan(visit: Visit) -> None:
    """The first of that day's plans that is still open; another one of the same day is another visit."""
    plans = PlannedVisit.objects.filter(
        account=visit.account_id,
        user=visit.user_id,
        planned_on=day_of(visit),
        visit=None,
        cancelled_at=None,
    )
    first = plans.order_by(F("starts_at").asc(nulls_last=True), "pk").select_for_update().first()
    if first is not None:
        first.visit = visit
        first.save(update_fields=["visit", "updated_at"])

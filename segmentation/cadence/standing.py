"""Who is to be visited when: last contacts against the intervals of the grades in force. Nothing of it is stored, so
a change of grade or policy counts at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Case, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from crm import parameters
from crm.models import Visit, VisitOutcome
from crm.scoring.arrays import FloatArray, IntArray
from segmentation.policies import GradePolicy, Key, policies
from segmentation.scoring.cadence import Cadence, CadenceParameters, CadenceState, cadence, limits

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from crm.models.accounts import AccountQuerySet

PARAMETERS = "segmentation.cadence"
NEEDED = (CadenceState.NEVER, CadenceState.DUE, CadenceState.OVERDUE)
# Grades in arrays: no row and a row without a grade are both unrated.
UNRATED = -1
_NEVER = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Rules:
    """`every`: days between visits by model and grade; a key that is missing is not visited by plan."""

    parameters: CadenceParameters
    every: Mapping[Key, int]
    names: Mapping[Key, str]
    policies: tuple[GradePolicy, ...]
    # Who has no grade at all is unrated by this model; 0 where there is none yet.
    default_model: int

    def name(self, model: int, grade: int | None) -> str:
        return self.names.get((model, grade), "")


def rules() -> Rules:
    """Three queries."""
    found = policies()
    return Rules(
        parameters.load(PARAMETERS, CadenceParameters)[0],
        {entry.key: entry.policy.visit_every_days for entry in found if entry.policy.visit_every_days},
        {entry.key: entry.name for entry in found},
        tuple(found),
        next((entry.model.pk for entry in found if entry.model.is_default), 0),
    )


def last_contact(rules: Rules) -> Subquery:
    """When the account of the outer query was last visited, by the kinds that count; "nobody there" does not."""
    counted = counting(Visit.objects.filter(account=OuterRef("pk")), rules).order_by("-happened_at")
    return Subquery(counted.values("happened_at")[:1])


def counting(visits: QuerySet[Visit], rules: Rules) -> QuerySet[Visit]:
    """Those among the visits that count for the cadence."""
    return visits.filter(kind__in=rules.parameters.kinds).exclude(outcome=VisitOutcome.ABSENT)


def annotated(accounts: AccountQuerySet, rules: Rules) -> AccountQuerySet:
    """Each account with `visited_on` (a date or None), `visit_every` (days or None), `visit_model`, `visit_grade`."""
    cases = [When(_graded(key, rules), then=Value(days)) for key, days in rules.every.items()]
    return accounts.annotate(
        visit_model=F("current_grade__version__model"),
        visit_grade=F("current_grade__grade"),
        visited_on=TruncDate(last_contact(rules)),
        visit_every=Case(*cases, default=None, output_field=IntegerField()),
    )


def _graded(key: Key, rules: Rules) -> Q:
    model, grade = key
    by_model = Q(current_grade__version__model=model)
    if grade is not None:
        return by_model & Q(current_grade__grade=grade)
    if model == rules.default_model:
        by_model |= Q(current_grade__version__model__isnull=True)
    return by_model & Q(current_grade__grade__isnull=True)


@dataclass(frozen=True)
class Standing:
    """Arrays of one entry per account."""

    account_ids: IntArray
    # 0 where nobody owns the account.
    owner_ids: IntArray
    # The scoring model (0: none) and the grade by it (UNRATED: none).
    models: IntArray
    grades: IntArray
    # NaN where no visits are planned.
    every: FloatArray
    cadence: Cadence

    def among(self, states: Collection[CadenceState]) -> IntArray:
        """Positions of the accounts in one of the states."""
        return np.flatnonzero(np.isin(self.cadence.state, [int(state) for state in states]))

    def key(self, place: int) -> Key:
        grade = int(self.grades[place])
        return int(self.models[place]), None if grade == UNRATED else grade

    def most_urgent_first(self, places: IntArray) -> IntArray:
        """Equal urgencies by account id."""
        return places[np.lexsort((self.account_ids[places], -self.cadence.urgency[places]))]


def standing(accounts: AccountQuerySet, as_of: dt.date, rules: Rules) -> Standing:
    """Where every one of the accounts stands. One query."""
    columns = ("pk", "owner_id", "visit_model", "visit_grade", "visit_every", "visited_on")
    rows: list[Any] = list(annotated(accounts.order_by(), rules).values_list(*columns))
    ids, owners, models, grades, every, visited = zip(*rows, strict=True) if rows else ((),) * 6
    intervals = np.array(every, dtype=np.float64)
    return Standing(
        np.array(ids, dtype=np.int64),
        np.array([owner or 0 for owner in owners], dtype=np.int64),
        np.array([model or rules.default_model for model in models], dtype=np.int64),
        np.array([UNRATED if grade is None else grade for grade in grades], dtype=np.int64),
        intervals,
        cadence(days(visited), intervals, as_of, rules.parameters),
    )


def days(values: Collection[dt.date | None]) -> np.ndarray:
    return np.array(
        [_NEVER if day is None else np.datetime64(day, "D") for day in values], dtype="datetime64[D]"
    )


def in_states(
    accounts: AccountQuerySet, states: Collection[CadenceState], as_of: dt.date, rules: Rules
) -> AccountQuerySet:
    """The accounts in one of the states, found by the database: the same rule as days of last contact."""
    wanted = Q(pk__in=[])
    if CadenceState.NO_PLAN in states:
        planned = Q(pk__in=[])
        for key in rules.every:
            planned |= _graded(key, rules)
        wanted |= ~planned
    for key, every in rules.every.items():
        graded = _graded(key, rules)
        at = limits(every, as_of, rules.parameters)
        # A last contact on a day: before the midnight after it.
        due, overdue = _after(at.due), _after(at.overdue)
        if CadenceState.NEVER in states:
            wanted |= graded & Q(_visited=None)
        if CadenceState.ON_TRACK in states:
            wanted |= graded & Q(_visited__gte=due)
        if CadenceState.DUE in states:
            wanted |= graded & Q(_visited__lt=due, _visited__gte=overdue)
        if CadenceState.OVERDUE in states:
            wanted |= graded & Q(_visited__lt=overdue)
    return accounts.alias(_visited=last_contact(rules)).filter(wanted)


def _after(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min))

"""Who takes part in a decision, and with what weight: the one place where a process overrides the account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F, Max, Q, QuerySet

from crm.models import (
    Account,
    BuyingProcess,
    Contact,
    DecisionRole,
    Participation,
    Position,
    Stance,
    Visit,
    VisitKind,
    VisitOutcome,
)

# A letter or a phone call is no meeting.
MEETINGS = (VisitKind.VISIT, VisitKind.ONLINE, VisitKind.EXHIBITION)
MapKey = tuple[int, int | None]  # account, process (None: the account as a whole)


@dataclass(frozen=True)
class Person:
    """A person on one decision map, as it holds there."""

    position: Position
    role: str
    influence: int | None
    stance: int | None
    noted_on: dt.date | None
    last_met_on: dt.date | None
    # What the process says of its own, where the map is that of a process.
    participation: Participation | None = None

    @property
    def pk(self) -> int:
        return self.position.pk

    @property
    def contact(self) -> Contact:
        return self.position.contact

    @property
    def decides(self) -> bool:
        return self.role == DecisionRole.DECIDER

    @property
    def role_word(self) -> str:
        return str(DecisionRole(self.role).label) if self.role else ""

    @property
    def stance_word(self) -> str:
        return str(Stance(self.stance).label) if self.stance is not None else ""

    def __str__(self) -> str:
        return str(self.contact)


def staying(today: dt.date, prefix: str = "") -> Q:
    """Positions of people who have not left."""
    return Q(**{f"{prefix}left_on": None}) | Q(**{f"{prefix}left_on__gt": today})


def people_of_map(account: Account, process: BuyingProcess | None, *, today: dt.date) -> list[Person]:
    """The people of one decision map, the weightiest first. Three queries at most."""
    key = (account.pk, process.pk if process else None)
    return people_of_maps([key], [account.pk], today=today)[key]


def people_of_maps(
    keys: Iterable[MapKey], accounts: Sequence[int] | QuerySet[Account], *, today: dt.date
) -> dict[MapKey, list[Person]]:
    """The people of many maps, all of them maps of `accounts`, in three queries at most."""
    found: dict[MapKey, list[Person]] = {key: [] for key in keys}
    positions: dict[int, list[Position]] = {}
    for position in (
        Position.objects.filter(staying(today), account__in=accounts)
        .select_related("contact")
        .order_by(F("influence").desc(nulls_last=True), "pk")
    ):
        positions.setdefault(position.account_id, []).append(position)
    processes = [process for _account, process in found if process is not None]
    parts = (
        {
            (part.process_id, part.position_id): part
            for part in Participation.objects.filter(process__in=processes)
        }
        if processes
        else {}
    )
    met = last_meetings(accounts, today=today) if positions else {}
    for (account, process), people in found.items():
        for position in positions.get(account, ()):
            part = parts.get((process, position.pk)) if process is not None else None
            people.append(_person(position, part, met.get((account, position.contact_id))))
    return found


def _person(position: Position, part: Participation | None, met: dt.date | None) -> Person:
    role, influence = position.decision_role, position.influence
    stance, noted_on = position.stance, position.stance_noted_on
    if part is not None:
        role = part.decision_role or role
        influence = part.influence if part.influence is not None else influence
        if part.stance is not None:
            stance, noted_on = part.stance, part.stance_noted_on
    return Person(position, role, influence, stance, noted_on, met, part)


def last_meetings(
    accounts: Sequence[int] | QuerySet[Account], *, today: dt.date
) -> dict[tuple[int, int], dt.date]:
    """When each person was last met at each account: by (account, contact)."""
    meetings = (
        Visit.objects.filter(
            account__in=accounts,
            kind__in=MEETINGS,
            happened_at__date__lte=today,
            contacts__isnull=False,
        )
        .exclude(outcome=VisitOutcome.ABSENT)
        .values("account", "contacts")
        .annotate(last=Max("happened_at__date"))
        .order_by()
    )
    return {(row["account"], row["contacts"]): row["last"] for row in meetings}

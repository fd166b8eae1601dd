"""What the decision map page shows: read in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from crm.decisions.alerts import Alert, alert_parameters, alerts_of, support_of
from crm.decisions.people import Person, people_of_map
from crm.decisions.picture import Picture, draw_map, level_word
from crm.decisions.steps import in_order, total_days
from crm.models import Account, BuyingProcess, DecisionStep, Faction, Influence, Level, StanceChange
from crm.scoring.decision_flags import AlertParameters


@dataclass(frozen=True)
class DecisionMap:
    account: Account
    process: BuyingProcess | None
    people: list[Person]
    influences: list[Influence]
    factions: list[Faction]
    picture: Picture
    alerts: list[Alert]
    support: float | None
    steps: list[DecisionStep]
    parameters: AlertParameters

    @property
    def deciders(self) -> list[Person]:
        return [person for person in self.people if person.decides]

    @property
    def total_days(self) -> int | None:
        return total_days(self.steps)

    @property
    def steps_without_days(self) -> int:
        return sum(step.usual_days is None for step in self.steps)

    @property
    def next_colour(self) -> int:
        """For a new faction: one of the six that is not taken, while there is one."""
        taken = [faction.colour for faction in self.factions]
        return min(range(6), key=lambda colour: (taken.count(colour), colour))

    @property
    def camps(self) -> list[tuple[Faction, int, float | None]]:
        """Each faction that has people: how many, and how they stand."""
        found = []
        for faction in self.factions:
            members = [person for person in self.people if person.position.faction_id == faction.pk]
            if members:
                found.append((faction, len(members), support_of(members)))
        return found

    @property
    def rows(self) -> list[tuple[str, list[Person]]]:
        """The people by level, for the list."""
        levels = [*Level.values, None]
        by_level: dict[int | None, list[Person]] = {level: [] for level in levels}
        for person in self.people:
            by_level[person.position.level].append(person)
        return [(level_word(level), by_level[level]) for level in levels if by_level[level]]


def decision_map(account: Account, process: BuyingProcess | None, *, today: dt.date) -> DecisionMap:
    parameters = alert_parameters()
    people = people_of_map(account, process, today=today)
    key = (account.pk, process.pk if process else None)
    influences = influences_of(account, process, people)
    factions = list(Faction.objects.filter(account=account).order_by("pk"))
    alerts = alerts_of({key: people}, today=today, parameters=parameters)[key]
    flagged = {person.pk for alert in alerts for person in alert.people}
    steps = in_order(list(process.steps.select_related("owner__contact"))) if process else []
    return DecisionMap(
        account=account,
        process=process,
        people=people,
        influences=influences,
        factions=factions,
        picture=draw_map(people, influences, factions, flagged),
        alerts=alerts,
        support=support_of(people),
        steps=steps,
        parameters=parameters,
    )


def influences_of(account: Account, process: BuyingProcess | None, people: list[Person]) -> list[Influence]:
    """The arrows of a map: those of the account, and those of the process, which go before."""
    here = {person.pk for person in people}
    wanted = Q(process=None) if process is None else Q(process=None) | Q(process=process)
    found: dict[tuple[int, int], Influence] = {}
    for arrow in Influence.objects.filter(wanted, source__account=account).order_by("pk"):
        ends = (arrow.source_id, arrow.target_id)
        if here.issuperset(ends) and (ends not in found or arrow.process_id is not None):
            found[ends] = arrow
    return list(found.values())


def history_of(person: Person) -> list[StanceChange]:
    """Every note about a person's stance, the newest first; in general and in each process."""
    changes = StanceChange.objects.filter(position=person.pk).select_related("process", "user", "visit")
    return list(changes.order_by("-noted_on", "-pk"))


def processes_of(account: Account) -> list[BuyingProcess]:
    """Those under way first."""
    return sorted(account.buying_processes.all(), key=lambda p: (p.closed_on is not None, p.name, p.pk))

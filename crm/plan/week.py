"""One person's week: what is planned, promised, to be done, and what was done."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.plan.birthdays import birthdays
from crm.plan.queries import made_visits, open_next_steps, plans, tasks

if TYPE_CHECKING:
    from crm.models import Account, PlannedVisit, User

_WEEK = re.compile(r"(\d{4})-W(\d{2})")


@dataclass(frozen=True)
class Entry:
    """One line of a day. `plan` is set where it can be moved to another day."""

    kind: str
    icon: str
    title: str
    url: str = ""
    account: Account | None = None
    time: dt.time | None = None
    done: bool = False
    late: bool = False
    proposed: bool = False
    plan: PlannedVisit | None = None


@dataclass
class Day:
    date: dt.date
    entries: list[Entry] = field(default_factory=list)
    # Visits planned (not cancelled, made or not) against what fits.
    visits: int = 0
    room: int = 0

    @property
    def is_over(self) -> bool:
        return self.visits > self.room

    @property
    def is_weekend(self) -> bool:
        return self.date.isoweekday() > 5


def monday_of(text: str, today: dt.date) -> dt.date:
    """The Monday of "2026-W27"; of today's week for anything that is none."""
    match = _WEEK.fullmatch(text)
    if match:
        try:
            monday = dt.date.fromisocalendar(int(match[1]), int(match[2]), 1)
        except ValueError:
            pass
        else:
            # The pages before and after must exist too.
            if 1990 <= monday.year <= 2199:
                return monday
    return today - dt.timedelta(days=today.weekday())


def week_name(monday: dt.date) -> str:
    year, week, _day = monday.isocalendar()
    return f"{year}-W{week:02}"


def week(reader: User, person: User, monday: dt.date, today: dt.date) -> list[Day]:
    """Seven days. A constant number of queries."""
    days = [Day(monday + dt.timedelta(days=offset), room=person.visits_a_day) for offset in range(7)]
    by_date = {day.date: day for day in days}
    last = days[-1].date
    for plan in plans(reader, person).filter(planned_on__range=(monday, last), cancelled_at=None):
        by_date[plan.planned_on].visits += 1
        # A plan that was made is shown as the visit it became.
        if plan.visit_id is None:
            by_date[plan.planned_on].entries.append(_planned(plan, reader, person, today))
    for day, entry in _rest(reader, person, monday, last, today):
        by_date[day].entries.append(entry)
    for shown in days:
        shown.entries.sort(
            key=lambda entry: (entry.time is None, entry.time or dt.time.min, _ORDER[entry.kind])
        )
    return days


# What stands first among the entries of a day without a time.
_ORDER = {"birthday": 0, "planned": 1, "step": 2, "task": 3, "visit": 4}


def _planned(plan: PlannedVisit, reader: User, person: User, today: dt.date) -> Entry:
    own = reader.pk == person.pk
    return Entry(
        "planned",
        "calendar-event",
        plan.purpose or _("Visit"),
        reverse("crm:plan-edit", args=[plan.pk]) if own else plan.account.get_absolute_url(),
        plan.account,
        plan.starts_at,
        late=plan.planned_on < today,
        proposed=plan.proposed,
        plan=plan if own else None,
    )


def _rest(
    reader: User, person: User, first: dt.date, last: dt.date, today: dt.date
) -> Iterator[tuple[dt.date, Entry]]:
    for step in open_next_steps(reader, person).filter(next_step_on__range=(first, last)):
        day = step.next_step_on or first
        url = step.account.get_absolute_url()
        yield day, Entry("step", "checklist", step.next_step, url, step.account, late=day < today)
    for task in tasks(reader, person).filter(due_on__range=(first, last)):
        day, done = task.due_on or first, task.done_at is not None
        url = task.account.get_absolute_url() if task.account else ""
        late = not done and day < today
        yield day, Entry("task", "square-check", task.title, url, task.account, done=done, late=late)
    start = timezone.make_aware(dt.datetime.combine(first, dt.time.min))
    end = timezone.make_aware(dt.datetime.combine(last + dt.timedelta(days=1), dt.time.min))
    for visit in made_visits(reader, person, start, end):
        at = timezone.localtime(visit.happened_at)
        url = f"{reverse('crm:visit-list')}?account={visit.account_id}"
        yield (
            at.date(),
            Entry(
                "visit", "circle-check", visit.get_kind_display(), url, visit.account,
                at.time().replace(second=0, microsecond=0), done=True,
            ),
        )  # fmt: skip
    for feast, name, account in birthdays(reader, person, first, last):
        yield feast, Entry("birthday", "cake", name, account.get_absolute_url(), account)

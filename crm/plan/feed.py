"""A person's plan as an iCalendar file (RFC 5545): what a calendar program fetches again and again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Component, Event, Todo

from crm.plan.queries import open_next_steps, plans, tasks

if TYPE_CHECKING:
    from crm.models import Account, PlannedVisit, Task, User, Visit

BACK, AHEAD = dt.timedelta(days=60), dt.timedelta(days=366)
USUAL_VISIT = dt.timedelta(hours=1)


def feed_of(user: User, now: dt.datetime) -> bytes:
    """The user's planned visits, next steps and tasks, in the user's language; of accounts still in sight alone.

    The same rows give the same bytes: DTSTAMP is when a row was last changed.
    """
    today = timezone.localdate(now)
    with translation.override(user.language):
        calendar = Calendar()
        calendar.add("prodid", "-//Mainstay//Plan//EN")
        calendar.add("version", "2.0")
        calendar.add("calscale", "GREGORIAN")
        calendar.add("method", "PUBLISH")
        calendar.add("x-wr-calname", _("Mainstay: %(person)s") % {"person": user})
        calendar.add("x-wr-timezone", settings.TIME_ZONE)
        calendar.add("refresh-interval", dt.timedelta(hours=1), parameters={"value": "DURATION"})
        for component in _components(user, today):
            calendar.add_component(component)
        calendar.add_missing_timezones()
        body: bytes = calendar.to_ical()
    return body


def _components(user: User, today: dt.date) -> Iterator[Component]:
    for plan in plans(user, user).filter(planned_on__range=(today - BACK, today + AHEAD)):
        yield _planned(plan)
    for step in open_next_steps(user, user).filter(next_step_on__lte=today + AHEAD):
        yield _next_step(step)
    recent = Q(done_at=None) | Q(done_at__date__gte=today - BACK)
    for task in tasks(user, user).filter(recent, due_on__lte=today + AHEAD):
        yield _task(task)


def _planned(plan: PlannedVisit) -> Event:
    event = Event()
    name = str(plan.account)
    words = f"{plan.purpose}: {name}" if plan.purpose else _("Visit: %(account)s") % {"account": name}
    _head(event, f"planned-visit-{plan.pk}", words, plan.updated_at, plan.created_at)
    if plan.starts_at:
        zone = ZoneInfo(settings.TIME_ZONE)
        start = dt.datetime.combine(plan.planned_on, plan.starts_at, zone)
        event.add("dtstart", start)
        event.add("dtend", start + USUAL_VISIT)
    else:
        event.add("dtstart", plan.planned_on)
        event.add("dtend", plan.planned_on + dt.timedelta(days=1))
        # A whole day without a time blocks nothing.
        event.add("transp", "TRANSPARENT")
    if plan.cancelled_at:
        event.add("status", "CANCELLED")
    else:
        event.add("status", "TENTATIVE" if plan.proposed else "CONFIRMED")
    _place(event, plan.account)
    return event


def _next_step(visit: Visit) -> Todo:
    todo = Todo()
    _head(
        todo,
        f"next-step-{visit.pk}",
        f"{visit.next_step}: {visit.account}",
        visit.updated_at,
        visit.created_at,
    )
    todo.add("due", visit.next_step_on)
    todo.add("status", "NEEDS-ACTION")
    _place(todo, visit.account)
    return todo


def _task(task: Task) -> Todo:
    todo = Todo()
    words = f"{task.title}: {task.account}" if task.account else task.title
    _head(todo, f"task-{task.pk}", words, task.updated_at, task.created_at)
    todo.add("due", task.due_on)
    if task.done_at:
        todo.add("status", "COMPLETED")
        todo.add("completed", task.done_at.astimezone(dt.UTC))
    else:
        todo.add("status", "NEEDS-ACTION")
    if task.urgent:
        todo.add("priority", 1)
    if task.note:
        todo.add("description", _clean(task.note))
    if task.account:
        _place(todo, task.account)
    return todo


def _head(component: Component, uid: str, summary: str, changed: dt.datetime, made: dt.datetime) -> None:
    component.add("uid", f"{uid}@mainstay")
    component.add("summary", _clean(summary))
    changed = changed.astimezone(dt.UTC).replace(microsecond=0)
    component.add("dtstamp", changed)
    component.add("last-modified", changed)
    component.add("created", made.astimezone(dt.UTC).replace(microsecond=0))
    # Grows with every change, as programs expect of something that was moved or called off.
    component.add("sequence", max(int((changed - made.astimezone(dt.UTC)).total_seconds()), 0))


def _place(component: Component, account: Account) -> None:
    place = ", ".join(part for part in (account.address, account.city) if part)
    if place:
        component.add("location", _clean(place))
    if account.latitude is not None and account.longitude is not None:
        component.add("geo", (float(account.latitude), float(account.longitude)))
    component.add("url", f"{settings.SITE_URL}{account.get_absolute_url()}")


def _clean(text: Any) -> str:
    """Without the control characters that RFC 5545 forbids; line ends and tabs are escaped or kept."""
    return "".join(
        letter for letter in str(text) if letter in "\n\t" or (ord(letter) >= 32 and ord(letter) != 127)
    )

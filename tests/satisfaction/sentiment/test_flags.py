"""What went badly is put before the owner: once, in the owner's language, and a kind rating overrules the machine."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from crm.models import Notice, NoticeKind, Task, Visit
from satisfaction.models import VisitSentiment
from satisfaction.sentiment.flags import raise_flags
from satisfaction.sentiment.registry import WorkingHead
from satisfaction.sentiment.text import digest
from tests.factories import make_account, make_visit
from tests.fixtures import World


@pytest.fixture
def now() -> dt.datetime:
    # Rows bear the moment they were written: this is about the days just past.
    return timezone.now()


def read_as(working: WorkingHead, visit: Visit, score: float, outcome: str = "negative") -> None:
    VisitSentiment.objects.create(
        visit=visit,
        model=working.row,
        text_digest=digest(visit.note),
        outcome=outcome,
        score=score,
        confidence=0.8,
    )


def test_an_angry_customer_is_put_before_the_owner_once(world: World, now: dt.datetime) -> None:
    world.rep.language = "zh-hans"
    world.rep.save()
    visit = make_visit(world.account, world.colleague, now - dt.timedelta(hours=1), rating=-2)
    assert raise_flags(now=now) == 1
    assert raise_flags(now=now) == 0
    task, notice = Task.objects.get(), Notice.objects.get()
    assert (task.account, task.assignee, task.creator, task.urgent) == (
        world.account, world.rep, world.colleague, True,
    )  # fmt: skip
    assert "东方轴承" in task.title
    assert "seems" not in task.title
    assert (notice.recipient, notice.kind, notice.task) == (world.rep, NoticeKind.ALERT, task)
    assert notice.message % notice.values
    assert notice.key.endswith(str(visit.pk))
    world.account.owner = world.colleague
    world.account.save()
    assert raise_flags(now=now) == 0, "a new owner hears of what is to come"


@pytest.mark.parametrize(
    ("score", "outcome", "fields", "flagged"),
    [
        (-0.61, "negative", {}, True),
        (-0.6, "negative", {}, True),
        (-0.59, "negative", {}, False),
        (-0.9, "unknown", {}, False),
        (-0.9, "negative", {"rating": 1}, False),
        (-0.9, "negative", {"rating": -1}, False),
        (0.9, "positive", {"rating": -2}, True),
        (-0.9, "negative", {"not_about_us": True}, False),
    ],
)
def test_the_machine_speaks_only_where_nobody_rated(
    world: World,
    working: WorkingHead,
    now: dt.datetime,
    score: float,
    outcome: str,
    fields: dict[str, object],
    flagged: bool,
) -> None:
    visit = make_visit(world.account, world.rep, now - dt.timedelta(hours=1), note="…", **fields)
    read_as(working, visit, score, outcome)
    assert raise_flags(now=now) == int(flagged)


def test_an_old_note_or_another_text_raises_nothing(
    world: World, working: WorkingHead, now: dt.datetime
) -> None:
    old = make_visit(world.account, world.rep, now - dt.timedelta(days=60), note="old")
    read_as(working, old, -0.9)
    edited = make_visit(world.account, world.rep, now - dt.timedelta(hours=1), note="before")
    read_as(working, edited, -0.9)
    edited.note = "after"
    edited.save()
    assert raise_flags(now=now) == 0


def test_without_an_owner_whoever_was_there_looks(world: World, now: dt.datetime) -> None:
    account = make_account(None, world.east)
    make_visit(account, world.colleague, now - dt.timedelta(hours=1), rating=-2)
    world.rep.is_active = False
    world.rep.save()
    make_visit(world.account, world.colleague, now - dt.timedelta(hours=2), rating=-2)
    assert raise_flags(now=now) == 2
    assert set(Notice.objects.values_list("recipient", flat=True)) == {world.colleague.pk}

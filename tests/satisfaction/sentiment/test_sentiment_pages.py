"""What people see of the mood: the rep's word first, a band with every figure, "unknown" where nothing is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import DecisionRole, User, Visit
from satisfaction.models import AccountSentiment, SentimentHead, VisitSentiment
from satisfaction.sentiment.index import publish_indexes
from satisfaction.sentiment.registry import WorkingHead
from satisfaction.sentiment.text import digest
from tests.factories import make_account, make_contact, make_visit
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]


def read_as(
    working: WorkingHead, visit: Visit, score: float, outcome: str, sentences: list[tuple[str, float]]
) -> None:
    VisitSentiment.objects.create(
        visit=visit,
        model=working.row,
        text_digest=digest(visit.note),
        outcome=outcome,
        score=score,
        confidence=0.81,
        sentences=[{"text": t, "score": s, "weight": 1 / len(sentences)} for t, s in sentences],
    )


def fragment(client: Client, visit: Visit) -> str:
    return client.get(f"/visits/{visit.pk}/sentiment/").content.decode()


@pytest.fixture
def visit(world: World) -> Visit:
    return make_visit(
        world.account, world.rep, timezone.now() - dt.timedelta(days=1), note="They liked it. Third leak. <b>"
    )


def test_a_note_not_read_yet_and_one_that_says_nothing_are_unknown(
    world: World, log_in: LogIn, working: WorkingHead, visit: Visit
) -> None:
    client = log_in(world.rep)
    assert "has not been read yet" in fragment(client, visit)
    read_as(working, visit, 0.1, "unknown", [("They liked it.", 0.1)])
    text = fragment(client, visit)
    assert "does not say clearly" in text
    assert "81% sure" not in text


def test_the_machines_reading_with_its_sentences(
    world: World, log_in: LogIn, working: WorkingHead, visit: Visit
) -> None:
    read_as(working, visit, -0.7, "negative", [("They liked it.", 0.1), ("Third leak.", -0.9), ("<b>", 0.0)])
    text = fragment(log_in(world.rep), visit)
    assert "Negative" in text
    assert "-0.70" in text
    assert "81% sure" in text
    assert 'bg-red-lt px-1 rounded">Third leak.' in text
    assert 'text-break">They liked it.' in text, "only what decided is coloured"
    assert "&lt;b&gt;" in text
    assert working.row.version in text


def test_the_reps_rating_comes_first_and_the_machine_only_beside_it(
    world: World, log_in: LogIn, working: WorkingHead, visit: Visit
) -> None:
    read_as(working, visit, -0.7, "negative", [("Third leak.", -0.9)])
    visit.rating = 1
    visit.save()
    text = fragment(log_in(world.rep), visit)
    assert text.index("Pleased") < text.index("The machine reads")
    visit.not_about_us = True
    visit.save()
    text = fragment(log_in(world.rep), visit)
    assert "Not about us" in text
    assert "Pleased" not in text
    assert "leak" not in text


def test_a_reading_of_an_earlier_text_is_not_shown(
    world: World, log_in: LogIn, working: WorkingHead, visit: Visit
) -> None:
    read_as(working, visit, -0.7, "negative", [("Third leak.", -0.9)])
    visit.note = "Another note"
    visit.save()
    assert "has not been read yet" in fragment(log_in(world.rep), visit)


def test_the_list_of_visits_says_what_the_machine_reads_where_nobody_rated(
    world: World, log_in: LogIn, working: WorkingHead, visit: Visit
) -> None:
    client = log_in(world.rep)
    mark = "Read from the note by the machine"
    assert mark not in client.get("/visits/").content.decode()
    read_as(working, visit, -0.7, "negative", [("Third leak.", -0.9)])
    text = client.get("/visits/").content.decode()
    assert mark in text
    assert "Negative</span>" in text
    visit.rating = 1
    visit.save()
    assert mark not in client.get("/visits/").content.decode(), "the rep's own word needs nobody beside it"


def test_the_form_of_a_visit_shows_no_machine_score(
    world: World, log_in: LogIn, working: WorkingHead, visit: Visit
) -> None:
    read_as(working, visit, -0.7, "negative", [("Third leak.", -0.9)])
    client = log_in(world.rep)
    for path in (f"/visits/new/?account={world.account.pk}", f"/visits/{visit.pk}/edit/"):
        text = client.get(path).content.decode()
        assert "-0.7" not in text
        assert "sentiment/" not in text


def test_the_panel_says_how_much_is_known(world: World, log_in: LogIn) -> None:
    client, path = log_in(world.rep), f"/accounts/{world.account.pk}/panels/sentiment/"
    text = client.get(path).content.decode()
    assert "Not enough data" in text
    assert "no contact yet" in text
    decider = make_contact(world.account, name="王总", decision_role=DecisionRole.DECIDER)
    for days, rating in ((2, -2), (3, -2), (9, -1)):
        moment = timezone.now() - dt.timedelta(days=days)
        make_visit(world.account, world.rep, moment, rating=rating, note="漏油").contacts.set([decider])
    text = client.get(path).content.decode()
    assert "3 of 3 interactions count" in text
    assert "last contact 2 days ago" in text
    assert "of 100, band" in text
    assert text.count("rated by") == 3
    assert_query_count(client, path, "panel sentiment")
    make_visit(world.account, world.rep, timezone.now(), rating=2)
    assert_query_count(client, path, "panel sentiment")


def test_the_page_of_an_account(world: World, log_in: LogIn) -> None:
    path = f"/accounts/{world.account.pk}/sentiment/"
    client = log_in(world.rep)
    assert "No interaction names a person yet" in client.get(path).content.decode()
    people = [make_contact(world.account, decision_role=DecisionRole.DECIDER) for _ in range(2)]
    for days in range(1, 30):
        moment = timezone.now() - dt.timedelta(days=days)
        make_visit(world.account, world.rep, moment, rating=days % 3 - 1).contacts.set(people)
    text = client.get(path).content.decode()
    assert "Sentiment index over time" in text
    assert str(people[0]) in text
    assert client.get(f"{path}?page=2").status_code == 200
    assert_query_count(client, path, "account sentiment")
    assert log_in(world.stranger).get(path).status_code == 404


def test_the_list_shows_sorts_and_filters(world: World, log_in: LogIn) -> None:
    happy, unhappy, silent = (make_account(world.rep, name=name) for name in ("Happy", "Unhappy", "Silent"))
    rows = [(happy, 0.6, 0.4, 0.8, 1), (unhappy, -0.5, -0.8, -0.2, -1), (silent, None, None, None, 0)]
    for account, index, low, high, trend in rows:
        AccountSentiment.objects.create(
            account=account, as_of=dt.date(2026, 6, 30), index=index, low=low, high=high, trend=trend
        )
    client = log_in(world.rep)

    def listed(query: str) -> list[str]:
        text = client.get(f"/accounts/?{query}").content.decode()
        found = [
            (text.index(f">{name}<"), name) for name in ("Happy", "Unhappy", "Silent") if f">{name}<" in text
        ]
        return [name for _place, name in sorted(found)]

    assert listed("sentiment=negative") == ["Unhappy"]
    assert listed("sentiment=positive") == ["Happy"]
    assert listed("sentiment=falling") == ["Unhappy"]
    assert listed("sentiment=unknown") == ["Silent"]
    assert listed("sentiment=nonsense") == []
    assert listed("sort=mood") == ["Unhappy", "Happy", "Silent"], "what is not known comes last"
    assert listed("sort=-mood") == ["Happy", "Unhappy", "Silent"]
    text = client.get("/accounts/?columns=mood").content.decode()
    assert "10–40" in text
    assert "getting worse" in text


def test_the_board_of_the_managers(world: World, log_in: LogIn, working: WorkingHead) -> None:
    now = timezone.now()
    today = timezone.localdate()
    for account, rep, rating in (
        (world.account, world.rep, -2),
        (world.colleagues_account, world.colleague, 2),
        (world.strangers_account, world.stranger, -2),
    ):
        for days in range(1, 8):
            visit = make_visit(account, rep, now - dt.timedelta(days=days), rating=rating, note=f"{days}!")
            read_as(working, visit, 0.0, "neutral", [("x", 0.0)])
    publish_indexes(as_of=today)
    client = log_in(world.manager)
    text = client.get("/sentiment/").content.decode()
    assert "Orient Bearing" in text
    assert "Stranger Gears" not in text
    assert "Kinder than the team by" in text
    export = client.get("/sentiment/reps.csv")
    reps = b"".join(export.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert len(reps) == 3
    leaning = [float(line.split(",")[-1]) for line in reps[1:]]
    # Ratings of 1 and -1 against a machine that says 0: 50 points from the team, drawn in by 7 / 27.
    assert sorted(leaning) == pytest.approx([-50 * 7 / 27, 50 * 7 / 27], abs=0.01)
    worst = client.get("/sentiment/worst.xlsx")
    assert worst.status_code == 200
    assert client.get("/sentiment/movement.csv").status_code == 200
    assert client.get("/sentiment/none.csv").status_code == 404
    assert log_in(world.rep).get("/sentiment/").status_code == 404
    assert_query_count(client, "/sentiment/", "sentiment")
    more = make_account(world.rep, name="More")
    for days in (1, 2):
        make_visit(more, world.rep, now - dt.timedelta(days=days), rating=2)
    publish_indexes(as_of=today)
    assert_query_count(client, "/sentiment/", "sentiment")


def test_an_analyst_puts_a_model_in_use_and_takes_it_back(
    world: World, log_in: LogIn, working: WorkingHead
) -> None:
    client = log_in(world.analyst)
    fallback = SentimentHead.objects.get(encoder="use")
    text = client.get("/sentiment/models/").content.decode()
    assert working.row.version in text
    assert fallback.version in text
    assert "hotel 0.9" in text, "the scores of the delivered weights"
    path = f"/sentiment/models/{fallback.pk}/activate/"
    assert client.post(path, {"reason": ""}).status_code == 200
    assert SentimentHead.objects.get(active=True) == working.row, "not without a reason"
    assert client.post(path, {"reason": "bulk import"}).status_code == 302
    assert SentimentHead.objects.get(active=True) == fallback
    assert client.get(path).status_code == 404, "it is in use already"
    assert "bulk import" in client.get("/sentiment/models/").content.decode()
    client.post(f"/sentiment/models/{working.row.pk}/activate/", {"reason": "done"})
    assert SentimentHead.objects.get(active=True) == working.row

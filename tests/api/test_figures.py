"""Grades, stages, satisfaction, value: list, single row and stream say the same; the feed skips nothing."""

from __future__ import annotations

import datetime as dt
import json
import threading

import pytest
from django.db import connection, transaction

from crm.models import Account
from lifecycle.models import AccountLifecycle, AccountValue, StageInterval
from satisfaction.models import AccountSatisfaction, Survey, SurveyItem, SurveyResponse
from segmentation.models import AccountGrade, GradeChange, GradeInterval
from tests.api.test_problems import assert_problem
from tests.factories import make_account, make_trade_line
from tests.figures import compute

APRIL, MAY = dt.date(2025, 4, 30), dt.date(2025, 5, 31)
FIGURES = ["grades", "stages", "satisfaction", "values"]
MODELS = {
    "grades": AccountGrade,
    "stages": AccountLifecycle,
    "satisfaction": AccountSatisfaction,
    "values": AccountValue,
}


def answer_survey(account: Account, day: dt.date, *, expected: float, perceived: float) -> None:
    survey, _new = Survey.objects.get_or_create(code="yearly", title="Yearly")
    item, _new = SurveyItem.objects.get_or_create(survey=survey, code="quality", text="Quality")
    response = SurveyResponse.objects.create(survey=survey, account=account, answered_on=day)
    response.answers.create(item=item, expected=expected, perceived=perceived)


@pytest.fixture
def traded(world):
    """Two published months; accounts that sell much, little, at a loss, without known cost, and never."""
    accounts = [world.account, world.colleagues_account, world.strangers_account]
    accounts += [make_account(world.rep) for _n in range(4)]
    for n, account in enumerate(accounts):
        for month in range(1, n + 1):
            cost = None if n == 5 else 150 * n if n == 2 else 60 * n
            make_trade_line(account, dt.date(2025, month % 4 + 1, 5 + n), net_amount=100 * n, cost=cost)
    for account, perceived in ((accounts[0], 9), (accounts[2], 5)):
        answer_survey(account, dt.date(2025, 4, 1), expected=8, perceived=perceived)
    compute(APRIL)
    make_trade_line(world.account, dt.date(2025, 5, 20), net_amount=90_000, cost=1)
    compute(MAY)
    return world


@pytest.mark.parametrize("path", FIGURES)
def test_list_stream_and_single_rows_are_equal(traded, api, path: str) -> None:
    client = api(traded.analyst)
    rows = client.call("GET", f"{path}?page_size=10000").json()["results"]
    assert [row["account_id"] for row in rows] == sorted(MODELS[path].objects.values_list("pk", flat=True))
    assert len(rows) > 1
    assert [client.call("GET", f"{path}/{row['account_id']}").json() for row in rows] == rows
    # In order too: a client may read columns by position.
    assert list(rows[0]) == list(client.call("GET", f"{path}/{rows[0]['account_id']}").json())
    stream = client.call("GET", f"{path}?format=ndjson")
    assert stream["Content-Type"] == "application/x-ndjson"
    assert stream.streaming
    assert [json.loads(line) for line in stream.getvalue().splitlines()] == rows


@pytest.mark.parametrize("path", FIGURES)
def test_only_visible_accounts(traded, api, path: str) -> None:
    visible = Account.objects.visible_to(traded.rep)
    seen = set(MODELS[path].objects.filter(account__in=visible).values_list("pk", flat=True))
    assert 0 < len(seen) < MODELS[path].objects.count()
    client = api(traded.rep)
    assert {row["account_id"] for row in client.call("GET", path).json()["results"]} == seen
    stream = client.call("GET", f"{path}?format=ndjson&fields=account_id").getvalue()
    assert {json.loads(line)["account_id"] for line in stream.splitlines()} == seen
    assert_problem(client.call("GET", f"{path}/{traded.strangers_account.pk}"), 404, "not-found")


@pytest.mark.parametrize("path", FIGURES)
def test_pages_and_chosen_fields(traded, api, path: str) -> None:
    client = api(traded.analyst)
    everything = client.call("GET", f"{path}?fields=account_number").json()["results"]
    assert all(list(row) == ["account_number"] for row in everything)
    paged, cursor = [], ""
    for _page in range(20):
        page = client.call("GET", f"{path}?fields=account_number&page_size=2{cursor}").json()
        paged += page["results"]
        cursor = f"&cursor={page['next']}"
        if page["next"] is None:
            break
    assert paged == everything


def test_a_stream_has_no_pages(traded, api) -> None:
    response = api(traded.rep).call("GET", "grades?format=ndjson&page_size=5")
    assert assert_problem(response, 400, "invalid")["errors"][0]["code"] == "no_pages"


def test_filters_of_grades(traded, api) -> None:
    client = api(traded.analyst)
    rows = client.call("GET", "grades").json()["results"]
    for grade in {row["grade"] for row in rows} - {None}:
        found = client.call("GET", f"grades?grade={grade}").json()["results"]
        assert found == [row for row in rows if row["grade"] == grade]
    rated = client.call("GET", "grades?rated=false").json()["results"]
    assert rated == [row for row in rows if row["grade"] is None]
    assert {row["reason"] for row in rated} <= {"low_coverage", "no_trades"}
    assert client.call("GET", "grades?grade=Z").json() == {"results": [], "next": None}
    assert client.call("GET", "grades?grade=Z&format=ndjson").getvalue() == b""


def test_the_explanation_adds_up_to_the_grade_shown(traded, api) -> None:
    client = api(traded.rep)
    shown = client.call("GET", f"grades/{traded.account.pk}").json()
    found = client.call("GET", f"grades/{traded.account.pk}/explanation").json()
    assert found["grade"] == shown["grade"]
    assert found["score"] == pytest.approx(shown["score"])
    assert sum(line["contribution"] for line in found["indicators"]) == pytest.approx(shown["score"])
    assert sum(line["effective_weight"] for line in found["indicators"]) == pytest.approx(1)
    missing = [line for line in found["indicators"] if line["points"] is None]
    assert missing
    assert all(line["reason"] and line["contribution"] == 0 for line in missing)
    for part in ("explanation", "history", ""):
        assert_problem(client.call("GET", f"grades/{traded.strangers_account.pk}/{part}"), 404, "not-found")


@pytest.mark.parametrize(
    ("path", "model", "word"), [("grades", GradeInterval, "grade"), ("stages", StageInterval, "stage")]
)
def test_history_is_the_intervals(traded, api, path: str, model, word: str) -> None:
    client = api(traded.rep)
    rows = client.call("GET", f"{path}/{traded.account.pk}/history").json()["results"]
    stored = model.objects.filter(account=traded.account).order_by("valid_from")
    assert [row["valid_from"] for row in rows] == [str(row.valid_from) for row in stored]
    assert rows[-1]["valid_to"] is None
    assert rows[-1][word] == client.call("GET", f"{path}/{traded.account.pk}").json()[word]


# The feed of changes.


def follow(client, cursor: str = "", size: int = 2):
    """All changes after a cursor, and the cursor to come back with."""
    rows, reload = [], False
    while True:
        page = client.call("GET", f"grades/changes?page_size={size}&cursor={cursor}").json()
        reload |= page["reload"]
        assert page["next"]
        if not page["results"]:
            return rows, page["next"], reload
        rows += page["results"]
        cursor = page["next"]


def test_replaying_the_feed_gives_the_grades(traded, api) -> None:
    client = api(traded.analyst)
    rows, _cursor, reload = follow(client)
    assert not reload
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    replayed = {row["account_id"]: row["grade"] for row in rows}
    grades = {row["account_id"]: row["grade"] for row in client.call("GET", "grades").json()["results"]}
    assert {key: grade for key, grade in replayed.items() if grade} == {
        key: grade for key, grade in grades.items() if grade
    }


def test_a_follower_sees_each_change_once(traded, api) -> None:
    client = api(traded.analyst)
    start = client.call("GET", "grades/changes?cursor=now").json()
    assert start["results"] == []
    rows, cursor, _reload = follow(client, start["next"])
    assert rows == []
    first = GradeChange.objects.create(
        account_id=traded.account.pk, account_number="C-REP", grade="B", previous_grade="A", as_of=MAY
    )
    rows, cursor, _reload = follow(client, cursor)
    assert [row["id"] for row in rows] == [first.pk]
    assert rows[0]["previous_grade"] == "A"
    gone = GradeChange.objects.create(
        account_id=10**9, account_number="C-GONE", previous_grade="B", deleted=True, as_of=MAY
    )
    rows, cursor, reload = follow(client, cursor)
    assert [(row["id"], row["deleted"], row["grade"]) for row in rows] == [(gone.pk, True, None)]
    assert not reload
    assert follow(client, cursor)[0] == []


def test_a_narrow_sight_sees_its_own_and_is_told_when_it_changes(traded, api) -> None:
    client = api(traded.rep)
    rows, cursor, reload = follow(client)
    seen = set(Account.objects.visible_to(traded.rep).values_list("pk", flat=True))
    assert {row["account_id"] for row in rows} <= seen
    assert not reload
    # Given away: no grade changed, yet the follower must forget it.
    Account.objects.filter(pk=traded.account.pk).update(owner=traded.stranger, territory=traded.west)
    _rows, cursor, reload = follow(client, cursor)
    assert reload
    _rows, cursor, reload = follow(client, cursor)
    assert not reload
    make_account(traded.rep)
    assert follow(client, cursor)[2]


@pytest.mark.django_db(transaction=True)
def test_what_is_being_published_is_not_half_seen(world, api) -> None:
    """Rows of a publication under way are invisible, and all of them come once it commits."""
    client = api(world.analyst)
    cursor = follow(client, "now")[1]
    written, read = threading.Event(), threading.Event()

    def publish() -> None:
        try:
            with transaction.atomic():
                for n in range(5):
                    GradeChange.objects.create(account_id=n + 1, account_number=str(n), grade="A", as_of=MAY)
                written.set()
                read.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=publish)
    thread.start()
    assert written.wait(20)
    rows, cursor, _reload = follow(client, cursor)
    assert rows == []
    read.set()
    thread.join()
    assert [row["account_id"] for row in follow(client, cursor)[0]] == [1, 2, 3, 4, 5]


def test_as_of_and_money(traded, api) -> None:
    row = api(traded.rep).call("GET", f"grades/{traded.account.pk}").json()
    assert row["as_of"] == "2025-05-31"
    stored = AccountGrade.objects.get(account=traded.account)
    assert row["net_sales_12m"] == str(stored.net_sales_12m)
    assert isinstance(row["net_sales_12m"], str)


@pytest.mark.parametrize(("path", "model"), [("grades", GradeInterval), ("stages", StageInterval)])
def test_history_goes_by_pages_too(traded, api, path: str, model) -> None:
    client = api(traded.rep)
    earlier = model.objects.filter(account=traded.account).earliest("valid_from")
    earlier.pk, earlier.valid_from, earlier.valid_to = None, dt.date(2024, 1, 31), dt.date(2024, 6, 30)
    earlier.save(force_insert=True)
    address = f"{path}/{traded.account.pk}/history"
    everything = client.call("GET", address).json()["results"]
    assert len(everything) > 1
    first = client.call("GET", f"{address}?page_size=1").json()
    second = client.call("GET", f"{address}?page_size=1&cursor={first['next']}").json()
    assert first["results"] + second["results"] == everything[:2]

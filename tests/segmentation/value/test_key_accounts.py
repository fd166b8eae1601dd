"""Key accounts: who is proposed and why, the review, its history, when it is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from crm.models import Account, Run, User
from segmentation.models import KeyAccountReview
from segmentation.scoring.relationships import ranked_marks, suggested_scores, suggested_total
from segmentation.value.key_board import KeyBoard, key_board
from segmentation.value.key_reading import CRITERIA, suggestions
from segmentation.value.slots import KeyReviewsDue
from tests.factories import make_account, make_trade_line
from tests.figures import compute
from tests.fixtures import World
from tests.query_counts import assert_query_count
from tests.segmentation.worlds import AS_OF, two_dates

LogIn = Callable[[User], Client]
TODAY = dt.date(2025, 6, 20)


def board_of(user: User, today: dt.date = TODAY, **data: str) -> KeyBoard:
    cache.clear()
    return key_board(user, data, today)[1]


def names(rows: Any) -> list[str]:
    return [row[0].value for row in rows]


def make_review(
    account: Account, reviewer: User, day: dt.date, mark: int = 4, **fields: Any
) -> KeyAccountReview:
    defaults = {
        "next_review_on": day + dt.timedelta(days=365),
        "is_key": True,
        "evidence": {name: f"because {name}" for name in CRITERIA},
        **dict.fromkeys(CRITERIA, mark),
    }
    return KeyAccountReview.objects.create(
        account=account, reviewer=reviewer, reviewed_on=day, **(defaults | fields)
    )


def answers(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "is_key": "yes",
        "next_review_on": str(timezone.localdate() + dt.timedelta(days=300)),
    }
    for name in CRITERIA:
        given |= {name: "4", f"{name}_evidence": f"seen in {name}"}
    return given | changes


def test_marks_by_rank() -> None:
    assert ranked_marks([10, 20, 30, 40, 50]).tolist() == [1, 2, 3, 4, 5]
    assert ranked_marks([7, 7, 7]).tolist() == [3, 3, 3]
    assert np.isnan(ranked_marks([np.nan, 1])[0])


def test_what_figures_say_to_the_six_questions() -> None:
    found = suggested_scores(
        [10, 20, 30, 40, 50],
        [1, 1, 1, 1, 99],
        [np.nan, 1, 2, 3, 5],
        [0.0, 0.1, 0.2, 0.3, np.nan],
        [-1, 0, 5, 6, 7],
        [0, 49, 51, 100, np.nan],
    )
    assert found[4].tolist()[:3] == [5, 5, 5]
    assert np.isnan(found[4][[3, 5]]).all()
    # The best price counts only as far as much is bought; losses and nothing earned give no mark.
    assert found[0].tolist()[3:] == [2, 0, 0]
    assert found[1][4] == 0
    assert found[3][5] == 5
    totals = suggested_total(found)
    assert totals[4] == pytest.approx((5 + 5 + 5 + 5) / 20)
    assert totals[0] == pytest.approx((1 + found[0][1] + 2 + 0 + 0) / 25)
    assert np.isnan(suggested_total([[5, 5, 5, np.nan, np.nan, np.nan]])[0])


def test_candidates_are_proposed_with_their_reasons(world: World) -> None:
    accounts = two_dates(world)
    board = board_of(world.analyst)
    proposed = names(board.proposed_table.rows)
    every = suggestions(AS_OF)
    expected = {
        Account.objects.get(pk=pk).name
        for pk, total in zip(every.account_id, every.total, strict=True)
        if total >= 0.7 - 1e-9
    }
    assert set(proposed) == expected
    assert "Alpha" in proposed
    row = next(row for row in board.proposed_table.rows if row[0].value == "Alpha")
    # Position 5 of 5 in its industry is on the account.
    assert "Represents a target industry or region 5" in row[3]
    # What was decided upon is no proposal any more, whatever was decided.
    make_review(accounts["Alpha"], world.manager, TODAY, is_key=False)
    board = board_of(world.analyst)
    assert "Alpha" not in names(board.proposed_table.rows)
    assert names(board.declined_table.rows) == ["Alpha"]


def test_a_review_is_written_with_its_evidence(world: World, log_in: LogIn) -> None:
    accounts = two_dates(world)
    alpha, client, today = accounts["Alpha"], log_in(world.manager), timezone.localdate()
    page = client.get(f"/accounts/{alpha.pk}/key-account/review/").content.decode()
    assert "net sales ¥900" in page or "net sales CN¥900" in page
    response = client.post(f"/accounts/{alpha.pk}/key-account/review/", answers(volume="5"))
    assert response.status_code == 302
    review = KeyAccountReview.objects.get(account=alpha)
    assert (review.volume, review.profit, review.is_key, review.reviewer) == (5, 4, True, world.manager)
    assert review.evidence["profit"] == "seen in profit"
    assert review.reviewed_on == today
    # The writer may correct it on the same day; a colleague's is not overwritten.
    client.post(f"/accounts/{alpha.pk}/key-account/review/", answers(volume="3"))
    assert KeyAccountReview.objects.get(account=alpha).volume == 3
    response = log_in(world.analyst).post(f"/accounts/{alpha.pk}/key-account/review/", answers(volume="1"))
    assert response.status_code == 409
    assert KeyAccountReview.objects.get(account=alpha).volume == 3
    page = client.get("/accounts/?key_account=key").content.decode()
    assert ">Alpha</a>" in page
    assert ">Beta</a>" not in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"volume": ""}, {"volume": "6"}, {"volume": "x"}, {"profit_evidence": " "}, {"is_key": ""},
        {"next_review_on": "2020-01-01"}, {"next_review_on": "2999-01-01"}, {"next_review_on": "never"},
    ],
)  # fmt: skip
def test_nothing_half_is_saved(world: World, log_in: LogIn, wrong: dict[str, str]) -> None:
    response = log_in(world.manager).post(
        f"/accounts/{world.account.pk}/key-account/review/", answers(**wrong)
    )
    assert response.status_code == 200
    assert not KeyAccountReview.objects.exists()


def test_last_years_review_is_where_one_starts(world: World, log_in: LogIn) -> None:
    make_review(world.account, world.analyst, TODAY, mark=2)
    page = log_in(world.manager).get(f"/accounts/{world.account.pk}/key-account/review/").content.decode()
    assert "because potential" in page
    assert page.count('<option value="2" selected>') == 6


def test_due_after_a_year(world: World) -> None:
    make_review(world.account, world.manager, TODAY)
    make_review(world.colleagues_account, world.manager, TODAY, is_key=False)
    before, after = TODAY + dt.timedelta(days=364), TODAY + dt.timedelta(days=365)
    assert board_of(world.manager, before).due == []
    assert len(board_of(world.manager, after).due_table.rows) == 2
    source = KeyReviewsDue()
    assert source.items(user=world.manager, today=before) == []
    items = source.items(user=world.manager, today=after)
    assert {item.account for item in items} == {world.account, world.colleagues_account}
    # Somebody else's business.
    assert source.items(user=world.analyst, today=after) == []
    # A newer review puts it off.
    make_review(world.account, world.manager, before)
    assert [item.account for item in source.items(user=world.manager, today=after)] == [
        world.colleagues_account
    ]


def test_the_history_is_for_whoever_sees_the_account(world: World, log_in: LogIn) -> None:
    make_review(world.account, world.manager, TODAY, mark=4, note="A framework contract")
    make_review(world.account, world.manager, TODAY - dt.timedelta(days=365), mark=3, is_key=False)
    url = f"/accounts/{world.account.pk}/key-account/"
    page = log_in(world.rep).get(url).content.decode()
    assert page.index("24 of 30 points") < page.index("18 of 30 points")
    assert "A framework contract" in page
    assert "key-account/review" not in page
    assert log_in(world.stranger).get(url).status_code == 404
    assert log_in(world.rep).get(f"{url}review/").status_code == 404
    empty = log_in(world.manager).get(f"/accounts/{world.colleagues_account.pk}/key-account/")
    assert "Not reviewed yet" in empty.content.decode()


def test_who_sees_what(world: World, log_in: LogIn) -> None:
    make_review(world.strangers_account, world.analyst, TODAY)
    make_review(world.account, world.analyst, TODAY)
    assert names(board_of(world.manager).key_table.rows) == [str(world.account)]
    assert len(board_of(world.analyst).key_table.rows) == 2
    assert log_in(world.rep).get("/key-accounts/").status_code == 404
    url = f"/accounts/{world.strangers_account.pk}/key-account/review/"
    assert log_in(world.manager).post(url, answers()).status_code == 404


@pytest.mark.parametrize("slug", ["due", "key", "proposed", "declined"])
def test_tables_download(world: World, log_in: LogIn, slug: str) -> None:
    two_dates(world)
    make_review(world.account, world.manager, TODAY)
    client = log_in(world.manager)
    text = b"".join(client.get(f"/key-accounts/{slug}.csv")).decode("utf-8-sig")  # type: ignore[call-overload]
    board = board_of(world.manager, timezone.localdate())
    assert len(text.splitlines()) == len(board.table(slug).rows) + 1
    assert client.get("/key-accounts/secrets.csv").status_code == 404


def test_before_any_run(world: World, log_in: LogIn) -> None:
    page = log_in(world.manager).get("/key-accounts/").content.decode()
    assert not Run.objects.exists()
    assert "No key accounts yet" in page
    assert log_in(world.manager).get(f"/accounts/{world.account.pk}/key-account/review/").status_code == 200


def test_the_number_of_queries_does_not_grow(world: World, log_in: LogIn) -> None:
    accounts = two_dates(world)
    client = log_in(world.manager)
    make_review(accounts["Beta"], world.manager, TODAY)
    make_review(accounts["Delta"], world.manager, TODAY, is_key=False)
    assert_query_count(client, "/key-accounts/", "key accounts")
    for number in range(4):
        account = make_account(world.rep, name=f"More {number}", industry_position=5)
        make_trade_line(account, AS_OF, net_amount=70_000 + number, cost=10)
        make_review(accounts["Beta"], world.manager, TODAY + dt.timedelta(days=number + 1))
    make_review(accounts["Gamma"], world.manager, TODAY)
    compute(AS_OF)
    assert_query_count(client, "/key-accounts/", "key accounts")

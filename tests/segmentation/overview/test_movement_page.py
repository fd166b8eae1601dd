"""Movement between any two dates: nearest figures, both scales, and every number leads to its names."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from crm.models import Account, User
from segmentation.models import AccountGrade, GradeSnapshot
from segmentation.overview.movement import MovementBoard, movement_board
from tests.factories import make_account, make_trade_line
from tests.figures import compute
from tests.fixtures import World
from tests.query_counts import assert_query_count
from tests.segmentation.worlds import AS_OF, MONTH_END, make_customers, make_survey

LogIn = Callable[[User], Client]
EARLIER = dt.date(2025, 3, 31)


def three_dates(world: World) -> dict[str, Account]:
    """Two month ends and the present; Gamma wins an order after the second, Zeta buys first between the two."""
    accounts = make_customers(world.rep, make_survey())
    compute(EARLIER)
    accounts["Zeta"] = make_account(world.rep, name="Zeta")
    make_trade_line(accounts["Zeta"], dt.date(2025, 5, 2), net_amount=50, cost=20)
    compute(MONTH_END)
    make_trade_line(accounts["Gamma"], dt.date(2025, 6, 10), net_amount=5000, cost=1000, list_price=5000)
    compute(AS_OF)
    return accounts


def board_of(user: User, query: str = "") -> MovementBoard:
    form, board = movement_board(user, QueryDict(query))
    assert board is not None, form and form.errors
    return board


def names(client: Client, url: str) -> set[str]:
    page = client.get(unescape(url)).content.decode()
    known = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Stranger Gears", "Pumps")
    return {name for name in known if f">{name}</a>" in page}


def test_without_dates_it_is_the_newest_month_end_against_the_present(world: World) -> None:
    three_dates(world)
    board = board_of(world.analyst)
    assert (board.since, board.until, board.frozen_until) == (MONTH_END, AS_OF, None)
    assert {row[0].value for row in board.movers_table("up").rows} >= {"Gamma"}


def test_between_two_month_ends_figures_are_those_frozen(world: World) -> None:
    three_dates(world)
    board = board_of(world.analyst, "since=2025-03-31&until=2025-05-31")
    assert board.frozen_until == MONTH_END
    frozen = {
        end: dict(GradeSnapshot.objects.filter(month_end=end).values_list("account__name", "grade"))
        for end in (EARLIER, MONTH_END)
    }
    rose = [
        n
        for n, g in frozen[MONTH_END].items()
        if None not in (g, frozen[EARLIER].get(n)) and g < frozen[EARLIER][n]
    ]
    assert board.migration.upgraded == len(rose)
    assert {row[0].value for row in board.movers_table("up").rows} == set(rose)
    assert {tile.slug: tile.accounts for tile in board.tiles}["new"] == 1


@pytest.mark.parametrize("query", ["", "since=2025-03-31&until=2025-05-31", "since=2025-03-31&of=stages"])
def test_every_cell_and_flow_leads_to_its_names(world: World, log_in: LogIn, query: str) -> None:
    three_dates(world)
    board, client = board_of(world.manager, query), log_in(world.manager)
    cells = [cell for row in board.movement_table.rows for cell in row[1:] if cell.value]
    assert cells
    for cell in cells:
        page = client.get(unescape(cell.url)).content.decode()
        assert len(set(re.findall(r'href="/accounts/(\d+)/"', page))) == cell.value
    assert board.movement.total == sum(cell.value for cell in cells)
    for tile in board.tiles:
        page = client.get(unescape(tile.url)).content.decode()
        assert len(set(re.findall(r'href="/accounts/(\d+)/"', page))) == tile.accounts, tile
    assert names(
        client,
        next(tile.url for tile in board_of(world.manager, "since=2025-03-31").tiles if tile.slug == "new"),
    ) == {"Zeta"}


def test_the_picture_holds_the_matrix(world: World) -> None:
    three_dates(world)
    board = board_of(world.analyst, "since=2025-03-31")
    option = board.sankey.option
    json.dumps(option)
    series = option["series"][0]
    assert sum(link["value"] for link in series["links"]) == board.movement.total
    nodes = {node["name"] for node in series["data"]}
    assert len(nodes) == len(series["data"])
    assert {link[end] for link in series["links"] for end in ("source", "target")} == nodes
    assert "{name}" in board.sankey.drill_url


def test_a_date_between_month_ends_takes_the_one_before_and_says_so(world: World, log_in: LogIn) -> None:
    three_dates(world)
    page = log_in(world.analyst).get("/movement/?since=2025-04-20&until=2025-06-02").content.decode()
    board = board_of(world.analyst, "since=2025-04-20&until=2025-06-02")
    assert (board.since, board.until) == (EARLIER, MONTH_END)
    assert page.count("stand in.") == 2


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("since=2025-06-01&until=2025-05-01", "lies after"),
        ("since=2020-01-01&until=2025-05-31", "no figures that early"),
        ("since=2025-05-31&until=2025-06-02", "same figures"),
        ("since=yesterday", "Enter a valid date"),
        ("of=everything", "Select a valid choice"),
    ],
)
def test_dates_that_make_no_sense_get_a_clear_word(
    world: World, log_in: LogIn, query: str, words: str
) -> None:
    three_dates(world)
    response = log_in(world.analyst).get(f"/movement/?{query}")
    assert response.status_code == 200
    assert words in response.content.decode()


def test_nothing_published_and_nothing_frozen(world: World, log_in: LogIn) -> None:
    client = log_in(world.analyst)
    assert "No grades yet" in client.get("/movement/").content.decode()
    make_customers(world.rep, make_survey())
    compute(AS_OF)
    assert "nothing to compare with" in client.get("/movement/").content.decode()
    assert client.get("/movement/movement.csv").status_code == 404


def test_a_manager_sees_the_team_and_merged_accounts_are_nobody(world: World) -> None:
    accounts = three_dates(world)
    everything = board_of(world.analyst, "since=2025-03-31").movement.total
    make_trade_line(world.strangers_account, AS_OF, net_amount=10**6, cost=1)
    compute(AS_OF)
    assert board_of(world.analyst, "since=2025-03-31").movement.total == everything + 1
    assert board_of(world.manager, "since=2025-03-31").movement.total == everything
    Account.objects.filter(pk=accounts["Alpha"].pk).update(merged_into=accounts["Beta"])
    for user in (world.analyst, world.manager):
        rows = board_of(user, "since=2025-03-31&until=2025-05-31").movement_table.rows
        assert sum(cell.value for row in rows for cell in row[1:]) == everything - 1


def test_exports_are_the_tables(world: World, log_in: LogIn) -> None:
    three_dates(world)
    client = log_in(world.analyst)
    for slug in ("movement", "flows", "kpi", "movers-up", "movers-down"):
        for of in ("grades", "stages"):
            response = client.get(f"/movement/{slug}.csv?since=2025-03-31&of={of}")
            rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
            assert response.status_code == 200
            assert rows[0]
    assert client.get("/movement/nonsense.csv").status_code == 404


def test_a_grade_beyond_the_names_of_the_shown_model_counts_and_breaks_nothing(
    world: World, log_in: LogIn
) -> None:
    three_dates(world)
    AccountGrade.objects.filter(account__name="Beta").update(grade=6)
    assert log_in(world.analyst).get("/movement/").status_code == 200
    assert log_in(world.analyst).get("/tiers/").status_code == 200


@pytest.mark.parametrize("of", ["grades", "stages"])
def test_queries_do_not_grow_with_the_base(world: World, log_in: LogIn, of: str) -> None:
    three_dates(world)
    client = log_in(world.manager)
    assert_query_count(client, f"/movement/?since=2025-03-31&of={of}", f"movement {of}")
    for number in range(5):
        account: Any = make_account(world.rep, name=f"More {number}")
        make_trade_line(account, dt.date(2025, 6, 1), net_amount=100 + number, cost=50)
    compute(AS_OF)
    assert_query_count(client, f"/movement/?since=2025-03-31&of={of}", f"movement {of}")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("moved=A>B@2025-03-31..2025-05-31", "A → B, 2025-03-31 – 2025-05-31"),
        ("moved=none>*@2025-03-31", "not there → any, 2025-03-31 – today"),
        ("moved=up@2025-03-31", "Moved up, 2025-03-31 – today"),
        ("stage_moved=~>lost@2025-03-31..2025-05-31", "another → Lost, 2025-03-31 – 2025-05-31"),
        ("kpi=lost@2025-05-31/3/A", "Lost customers, 3 months to 2025-05-31, A"),
        ("kpi=rubbish", "rubbish"),
    ],
)
def test_the_list_says_in_words_where_one_came_from(
    world: World, log_in: LogIn, query: str, words: str
) -> None:
    three_dates(world)
    assert words in log_in(world.analyst).get(f"/accounts/?{query}").content.decode()

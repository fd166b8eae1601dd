"""The page of monthly figures: months, one month divided, names behind numbers, whose figures."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable
from html import unescape

import pytest
from django.http import QueryDict
from django.test import Client

from crm.models import User
from segmentation.overview.kpi_board import KpiBoard, kpi_board
from tests.factories import make_account, make_territory
from tests.figures import compute
from tests.fixtures import World
from tests.query_counts import assert_query_count
from tests.segmentation.overview.test_kpi_months import END, MARCH, company, sold

LogIn = Callable[[User], Client]


def board_of(user: User, query: str = "") -> KpiBoard:
    _form, board = kpi_board(user, QueryDict(query))
    assert board is not None
    return board


def count(client: Client, url: str) -> int:
    page = client.get(unescape(url)).content.decode()
    return len(set(re.findall(r'href="/accounts/(\d+)/"', page)))


def test_months_newest_first_with_their_names(world: World, log_in: LogIn) -> None:
    company(world)
    for user in (world.manager, world.analyst):
        board, client = board_of(user), log_in(user)
        rows = board.months_table.rows
        assert [row[0].value for row in rows] == [END, MARCH]
        for row in rows:
            for cell in row[1:]:
                if getattr(cell, "url", ""):
                    assert count(client, cell.url) == cell.value, (row[0].value, cell)
        assert any(cell.url for cell in rows[0][1:] if hasattr(cell, "url"))


@pytest.mark.parametrize("by", ["rep", "territory", "region", "industry", "grade"])
def test_a_month_divided_adds_up_and_leads_to_names(world: World, log_in: LogIn, by: str) -> None:
    company(world)
    board, client = board_of(world.analyst, f"by={by}"), log_in(world.analyst)
    table = board.parts_table
    assert table.total[1] == board.newest.active  # type: ignore[union-attr]
    for place in (1, 2, 3, 4, 6, 7):
        assert sum(row[place].value for row in table.rows) == table.total[place]
    for row in table.rows:
        for cell in row[1:]:
            if cell.url:
                assert count(client, cell.url) == cell.value, (row[0], cell)


def test_filters_narrow_the_figures_and_the_links(world: World, log_in: LogIn) -> None:
    company(world)
    board = board_of(world.analyst, "industry=Paper")
    assert board.newest is not None
    assert (board.newest.active, board.newest.costed, board.newest.profitability) == (1, 0, None)
    cell = board.months_table.rows[0][1]
    assert count(log_in(world.analyst), cell.url) == 1
    assert board_of(world.analyst, f"territory={world.west.pk}").newest.active == 1  # type: ignore[union-attr]
    assert board_of(world.analyst, f"owner={world.colleague.pk}").newest.active == 1  # type: ignore[union-attr]


def test_a_manager_sees_no_strangers_figures(world: World, log_in: LogIn) -> None:
    company(world)
    names = {row[0] for row in board_of(world.manager, "by=rep").parts_table.rows}
    assert str(world.stranger) not in names
    assert str(world.rep) in names
    assert board_of(world.manager, f"owner={world.stranger.pk}").months == []
    assert log_in(world.rep).get("/kpis/").status_code == 404
    assert log_in(world.rep).get("/kpis/months.csv").status_code == 404


def test_a_territory_with_others_below_has_no_link_that_counts_more(world: World) -> None:
    company(world)
    below = make_territory("East coast", world.east)
    account = make_account(world.rep, below, name="below")
    sold(account, END)
    account = make_account(world.rep, world.east, name="above")
    sold(account, END)
    compute(END)
    rows = {row[0]: row[1] for row in board_of(world.analyst, "by=territory").parts_table.rows}
    assert not rows[str(world.east)].url
    assert rows[str(below)].url


def test_the_first_two_periods_are_marked(world: World, log_in: LogIn) -> None:
    company(world)
    board = board_of(world.analyst, "months=12")
    assert board.early == {MARCH, END}
    assert board.months_table.columns[-1].title == "Remark"
    assert "everybody looks new" in log_in(world.analyst).get("/kpis/?months=12").content.decode()
    sold(make_account(world.rep, name="old"), dt.date(2020, 1, 1))
    compute(END)
    assert not board_of(world.analyst).early


def test_pages_without_months_say_what_to_do(world: World, log_in: LogIn) -> None:
    client = log_in(world.analyst)
    assert "No month is frozen yet" in client.get("/kpis/").content.decode()
    assert client.get("/kpis/months.csv").status_code == 404


def test_every_table_is_exported(world: World, log_in: LogIn) -> None:
    company(world)
    client = log_in(world.analyst)
    for slug in ("months", "parts", "won-lost", "moves", "profitability"):
        response = client.get(f"/kpis/{slug}.csv?months=3")
        rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
        assert len(rows) > 1, slug


def test_queries_do_not_grow_with_the_base(world: World, log_in: LogIn) -> None:
    company(world)
    assert_query_count(log_in(world.manager), "/kpis/", "kpis")
    for number in range(4):
        sold(make_account(world.colleague, name=f"More {number}", region=f"Region {number}"), END)
    compute(END)
    assert_query_count(log_in(world.manager), "/kpis/", "kpis")

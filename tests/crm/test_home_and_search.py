"""The start page and the search box in the header."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import User
from crm.plan.queries import open_next_steps
from crm.queries import recent_accounts
from tests.factories import make_complaint, make_contact, make_visit
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]


def moment(day: int) -> dt.datetime:
    return dt.datetime(2024, 5, day, 9, tzinfo=dt.UTC)


def test_a_next_step_is_due_until_a_later_visit_overtakes_it(world: World) -> None:
    step = make_visit(
        world.account, world.rep, moment(1), next_step="Send offer", next_step_on=dt.date(2024, 5, 10)
    )
    assert list(open_next_steps(world.rep, world.rep)) == [step]
    assert not open_next_steps(world.colleague, world.colleague).exists()
    make_visit(world.account, world.colleague, moment(2))
    assert not open_next_steps(world.rep, world.rep).exists()


def test_recent_accounts_come_before_own_ones(world: World) -> None:
    assert recent_accounts(world.colleague) == [world.colleagues_account]
    make_visit(world.account, world.colleague, moment(1))
    assert recent_accounts(world.colleague) == [world.account, world.colleagues_account]


def test_an_account_lost_to_another_team_is_gone_from_home(world: World, log_in: LogIn) -> None:
    make_visit(world.account, world.stranger, moment(1), next_step="Call", next_step_on=dt.date(2024, 5, 2))
    make_complaint(world.account, dt.date(2024, 5, 1), subject="Rust")
    text = log_in(world.stranger).get("/").content.decode()
    assert "Orient Bearing" not in text
    assert "Rust" not in text
    assert "Rust" in log_in(world.rep).get("/").content.decode()


def test_home_is_constant_and_speaks_both_languages(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    assert_query_count(client, "/", "home")
    for day in range(1, 8):
        make_visit(world.account, world.rep, moment(day), next_step="x", next_step_on=timezone.localdate())
        make_complaint(world.account, dt.date(2024, 5, day))
    assert_query_count(client, "/", "home")
    client.cookies["django_language"] = "zh-hans"
    assert "我的下一步" in client.get("/").content.decode()


@pytest.mark.parametrize("text", ["dongfnag", "lijianguo", "13812345678"])
def test_the_search_box_finds_accounts_and_people_with_phones(world: World, log_in: LogIn, text: str) -> None:
    person = make_contact(world.account, "李建国", title="Buyer")
    person.mobile = "138 1234 5678"
    person.save()
    client = log_in(world.rep)
    body = client.get(f"/search/?q={text}", headers={"HX-Target": "quick-search-results"}).content.decode()
    assert "<html" not in body
    assert world.account.get_absolute_url() in body
    if text != "dongfnag":
        assert 'href="tel:138 1234 5678"' in body
    assert "<html" in client.get(f"/search/?q={text}").content.decode()
    assert "Nothing found" in log_in(world.stranger).get(f"/search/?q={text}").content.decode()


def test_a_person_with_a_position_out_of_sight_shows_only_the_one_in_sight(
    world: World, log_in: LogIn
) -> None:
    from crm.models import Position

    person = make_contact(world.account, "两家任职")
    Position.objects.create(contact=person, account=world.strangers_account, title="Secret adviser")
    body = log_in(world.rep).get("/search/?q=两家").content.decode()
    assert "<mark>两家</mark>任职" in body
    assert "Stranger Gears" not in body


def test_search_is_constant(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    for _round in range(2):
        for _number in range(4):
            make_contact(world.account, "东方人")
        assert_query_count(client, "/search/?q=dongfang", "search")

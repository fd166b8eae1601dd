"""The bell, the list of notices, and reading them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.test import Client

from crm.models import Notice, User
from crm.notices.operations import notify
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]


def tell(world: World, key: str = "k", **fields: Any) -> Notice:
    values = {
        "recipient": world.rep,
        "kind": "mention",
        "message": "Reminder: %(task)s",
        "values": {"task": "Call"},
    }
    return notify(**{**values, "key": key, "account": world.account, "path": "/accounts/", **fields})


def count(client: Client) -> str:
    found = re.search(r"bell-count\">(.*?)<", client.get("/notices/bell/").content.decode())
    return found.group(1) if found else ""


def test_the_bell_counts_what_is_unread(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    assert count(client) == ""
    for key in "ab":
        tell(world, key)
    tell(world, recipient=world.colleague)
    assert count(client) == "2"
    assert 'hx-get="/notices/bell/"' in client.get("/accounts/").content.decode()


def test_more_than_99_are_not_counted_out(world: World, log_in: LogIn) -> None:
    for number in range(101):
        tell(world, str(number))
    assert count(log_in(world.rep)) == "99+"


def test_the_bell_of_somebody_logged_out_stops_asking(world: World) -> None:
    response = Client().get("/notices/bell/")
    assert (response.status_code, response.content) == (286, b"")


def test_opening_a_notice_reads_it_and_leads_on(world: World, log_in: LogIn) -> None:
    client, notice = log_in(world.rep), tell(world)
    assert client.get(f"/notices/{notice.pk}/")["Location"] == "/accounts/"
    assert count(client) == ""
    assert "Reminder: Call" not in client.get("/notices/").content.decode()
    assert "Reminder: Call" in client.get("/notices/?show=all").content.decode()


def test_a_notice_leads_nowhere_outside(world: World, log_in: LogIn) -> None:
    notice = tell(world, path="//evil.example/")
    assert log_in(world.rep).get(f"/notices/{notice.pk}/")["Location"] == world.account.get_absolute_url()


def test_one_is_marked_in_place_and_all_at_once(world: World, log_in: LogIn) -> None:
    client, first = log_in(world.rep), tell(world, "a")
    tell(world, "b")
    tell(world, "c")
    fragment = client.post(f"/notices/{first.pk}/read/", headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()
    assert "notice-unread" not in fragment.content.decode()
    assert fragment["HX-Trigger"] == "notices:changed"
    assert count(client) == "2"
    client.post("/notices/read/")
    assert count(client) == ""


def test_other_peoples_notices_do_not_exist(world: World, log_in: LogIn) -> None:
    notice = tell(world)
    for other in (world.colleague, world.manager, world.administrator):
        assert log_in(other).get(f"/notices/{notice.pk}/").status_code == 404
        assert log_in(other).post(f"/notices/{notice.pk}/read/").status_code == 404
    log_in(world.administrator).post("/notices/read/")
    notice.refresh_from_db()
    assert notice.read_at is None


def test_notices_of_an_account_that_was_taken_away_are_gone(world: World, log_in: LogIn) -> None:
    notice = tell(world, account=world.strangers_account)
    client = log_in(world.rep)
    assert count(client) == ""
    assert client.get(f"/notices/{notice.pk}/").status_code == 404


def test_the_sentence_is_the_readers_and_nothing_in_it_is_html(world: World, log_in: LogIn) -> None:
    tell(world, values={"task": "<b>100 %(x)s</b>"})
    client = log_in(world.rep)
    client.post("/language/", {"language": "zh-hans"})
    html = client.get("/notices/").content.decode()
    assert "提醒：&lt;b&gt;100 %(x)s&lt;/b&gt;" in html


def test_everybody_decides_about_mails(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    for value, expected in (("0", False), ("1", True)):
        client.post("/notices/mail/", {"mails": value})
        world.rep.refresh_from_db()
        assert world.rep.mails_notices is expected


def test_queries_do_not_grow_with_notices(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    for start in (0, 5):
        for number in range(start, start + 5):
            tell(world, str(number))
        assert_query_count(client, "/notices/", "notices")
        assert_query_count(client, "/notices/bell/", "notices: bell")

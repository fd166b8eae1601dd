"""The account page with crm's own panels, the ledger behind its chart, and changing an account."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from crm.models import Account, AccountSupply, Contact, Position, ProductFamily, TradeLine, User
from crm.queries import trade_history
from crm.scoring.decision import support_index
from tests.factories import (
    make_account,
    make_complaint,
    make_contact,
    make_product,
    make_trade_line,
    make_visit,
)
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
TODAY = dt.date(2024, 6, 15)


def roll_up(account: Account) -> None:
    """The roll-up of one account, as an import leaves it."""
    from crm.rollup import refresh_months

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE touched (account_id bigint, month date) ON COMMIT DROP")
        cursor.execute(
            "INSERT INTO touched SELECT DISTINCT account_id, date_trunc('month', traded_on::timestamp)::date"
            " FROM crm_tradeline WHERE account_id = %s",
            [account.pk],
        )
        refresh_months(cursor, "touched")
        cursor.execute("DROP TABLE touched")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("rep", 200),
        ("colleague", 200),
        ("manager", 200),
        ("analyst", 200),
        ("administrator", 200),
        ("stranger", 404),
    ],
)
def test_the_page_and_its_parts_are_for_those_who_see_the_account(
    world: World, log_in: LogIn, who: str, status: int
) -> None:
    client = log_in(world.users[who])
    url = world.account.get_absolute_url()
    parts = [
        "",
        "edit/",
        "panels/trade/",
        "panels/group/",
        "trade/",
        "trade/export/",
        "contacts/new/",
        "complaints/new/",
    ]
    for part in parts:
        assert client.get(f"{url}{part}").status_code == status, part
    assert client.get(f"{url}panels/nonsense/").status_code == 404


def test_a_visitor_is_sent_to_the_log_in(world: World) -> None:
    assert Client().get(world.account.get_absolute_url())["Location"].startswith("/login/")


def test_the_page_shows_people_with_role_and_stance_and_warns_of_an_opposing_decider(
    world: World, log_in: LogIn
) -> None:
    client, url = log_in(world.rep), world.account.get_absolute_url()
    decisions = reverse("crm:account-panel", args=[world.account.pk, "decisions"])
    make_contact(world.account, "李采购", decision_role="negotiator", stance=1, influence=3)
    assert "Nobody is known as the final decision maker" in client.get(decisions).content.decode()
    make_contact(world.account, "王总", decision_role="decider", stance=-1, influence=5, is_primary=True)
    make_contact(world.account, "赵离职", decision_role="decider", stance=1, left_on=dt.date(2020, 1, 1))
    text = client.get(url).content.decode()
    warned = client.get(decisions).content.decode()
    assert "王总 decides and opposes us." in warned
    assert "Nobody is known as the final" not in warned
    assert "－ Opposes us" in text
    assert "＋ Supports us" in text
    assert "left on 2020-01-01" in text
    assert text.index("王总</a>") < text.index("李采购</a>") < text.index("赵离职</a>")


def test_support_is_stance_weighted_with_influence() -> None:
    nan = float("nan")
    assert support_index([5, 3], [-1, 1]) == pytest.approx(-0.25)
    assert support_index([nan, 3], [1, nan]) == 1.0
    assert support_index([5.0], [nan]) != support_index([5.0], [nan])


def test_trade_by_month_stands_beside_the_year_before(world: World) -> None:
    account = world.account
    family = ProductFamily.objects.create(name="Ball bearings", name_zh="球轴承")
    product = make_product(family=family)
    make_trade_line(account, dt.date(2024, 5, 3), 100, 60, product=product)
    make_trade_line(account, dt.date(2024, 5, 20), 50, None)
    make_trade_line(account, dt.date(2023, 5, 9), 80, 50)
    make_trade_line(account, dt.date(2024, 4, 1), 999, 1, cancelled=True)
    make_trade_line(account, dt.date(2024, 6, 1), -30, -20, quantity=-1)
    roll_up(account)
    history = trade_history(account, months=24, today=TODAY)
    by_month = {f"{month.month:%Y-%m}": month for month in history.months}
    assert len(history.months) == 24
    assert list(by_month)[-1] == "2024-06"
    may = by_month["2024-05"]
    assert (may.net_sales, may.gross_profit, may.net_sales_year_before) == (150, 40, 80)
    assert by_month["2024-06"].net_sales == -30
    assert (by_month["2024-04"].net_sales, by_month["2024-04"].gross_profit) == (0, None)
    assert [share.name for share in history.families] == ["Ball bearings", ""]


def test_the_trade_panel_leads_to_the_lines_behind_it(world: World, log_in: LogIn) -> None:
    account, client = world.account, log_in(world.rep)
    url = account.get_absolute_url()
    assert "No trade on record" in client.get(f"{url}panels/trade/").content.decode()
    make_trade_line(account, dt.date(2024, 5, 3), "1234.50", 60, order_number="SO-1")
    make_trade_line(account, dt.date(2024, 4, 30), 77, 60, order_number="SO-2")
    make_trade_line(account, dt.date(2024, 5, 31), 10, 6, order_number="SO-3", cancelled=True)
    roll_up(account)
    panel = client.get(f"{url}panels/trade/?months=60").content.decode()
    assert f"{url}trade/?month={{name}}" in panel
    page = client.get(f"{url}trade/?month=2024-05")
    assert [line.order_number for line in page.context["page"]] == ["SO-3", "SO-1"]
    assert page.context["totals"]["net_sales"] == Decimal("1234.5")
    page = client.get(f"{url}trade/?from=2024-04-30&to=2024-05-03&family=0")
    assert [line.order_number for line in page.context["page"]] == ["SO-1", "SO-2"]
    rows = (
        b"".join(client.get(f"{url}trade/export/?month=2024-05").streaming_content)
        .decode("utf-8-sig")
        .splitlines()
    )
    assert len(rows) == 3
    assert "1234.50" in rows[2]


@pytest.mark.parametrize(
    "query", ["month=2024-13", "month=x", "from=2024-02-30", "family=x", "month=9999-12-1"]
)
def test_nonsense_periods_do_not_exist(world: World, log_in: LogIn, query: str) -> None:
    assert log_in(world.rep).get(f"{world.account.get_absolute_url()}trade/?{query}").status_code == 404


def test_related_accounts_out_of_sight_are_counted_not_named(world: World, log_in: LogIn) -> None:
    AccountSupply.objects.create(supplier=world.strangers_account, customer=world.account)
    make_account(world.rep, number="C-SUB", name="Daughter", parent=world.account)
    text = log_in(world.rep).get(f"{world.account.get_absolute_url()}panels/group/").content.decode()
    assert "Daughter" in text
    assert "Stranger Gears" not in text
    assert "1 account of other teams" in text


def test_a_person_is_added_changed_and_called_first_alone(world: World, log_in: LogIn) -> None:
    client, account = log_in(world.rep), world.account
    old = make_contact(account, "旧联系人", is_primary=True)
    data = {
        "person-name": "李建国", "person-mobile": "138 1234 5678", "position-decision_role": "decider",
        "position-stance": "-1", "position-influence": "5", "position-is_primary": "on",
    }  # fmt: skip
    response = client.post(f"{account.get_absolute_url()}contacts/new/", data)
    assert response["Location"] == f"{account.get_absolute_url()}#panel-people"
    position = Position.objects.get(contact__name="李建国")
    assert position.stance_noted_on is not None
    assert not Position.objects.get(contact=old).is_primary
    assert Contact.objects.matching("ljg").get() == position.contact
    client.post(
        f"/positions/{position.pk}/edit/", data | {"position-stance": "1", "position-left_on": "2024-01-31"}
    )
    position.refresh_from_db()
    assert (position.stance, position.left_on) == (1, dt.date(2024, 1, 31))
    bad = client.post(
        f"/positions/{position.pk}/edit/", data | {"person-name": "", "position-influence": "9"}
    )
    assert bad.context["person_form"].errors
    assert bad.context["position_form"].errors
    assert log_in(world.stranger).get(f"/positions/{position.pk}/edit/").status_code == 404


def test_nothing_typed_becomes_markup(world: World, log_in: LogIn) -> None:
    evil = "<script>alert(1)</script>"
    Account.objects.filter(pk=world.account.pk).update(name=evil, english_name="", city=evil)
    make_contact(world.account, evil, title=evil)
    make_visit(
        world.account,
        world.rep,
        dt.datetime(2024, 1, 1, 9, tzinfo=dt.UTC),
        note=f"{evil}\nline two",
        next_step=evil,
    )
    make_complaint(world.account, dt.date(2024, 1, 1), subject=evil)
    text = log_in(world.rep).get(world.account.get_absolute_url()).content.decode()
    assert evil not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>line two" in text


def test_queries_do_not_grow_with_what_hangs_on_the_account(world: World, log_in: LogIn) -> None:
    client, account = log_in(world.rep), world.account
    url = account.get_absolute_url()

    def fill() -> None:
        for number in range(5):
            person = make_contact(account, stance=1, influence=2)
            visit = make_visit(account, world.rep, dt.datetime(2024, 1, 1 + number, 9, tzinfo=dt.UTC))
            visit.contacts.add(person)
            make_complaint(account, dt.date(2024, 1, 1))
            make_trade_line(account, dt.date(2024, 1, 1 + number), product=make_product())
            make_account(world.rep, parent=account)
        roll_up(account)

    for _round in range(2):
        fill()
        assert_query_count(client, url, "account page")
        assert_query_count(client, f"{url}panels/trade/", "account panel trade")
        assert_query_count(client, f"{url}panels/group/", "account panel group")
        assert_query_count(client, f"{url}trade/", "trade lines")
    assert TradeLine.objects.count() == 10


def test_the_style_sheet_knows_the_place_of_every_panel() -> None:
    """On a phone a panel without a place would stand before all others."""
    places = re.findall(r"\.panel-order-(\d+) ", (settings.BASE_DIR / "static/css/crm.css").read_text())
    assert max(map(int, places)) >= len(settings.CRM_ACCOUNT_PANELS)

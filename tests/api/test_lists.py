"""Pages by key: every row once, whatever happens meanwhile; changes in their order; chosen fields."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Account, TradeLine
from tests.factories import make_account, make_trade_line

UPDATED = dt.datetime(2025, 3, 1, tzinfo=dt.UTC)


def walk(client, path: str, size: int, between=lambda: None) -> list[dict]:
    rows, cursor = [], ""
    while True:
        page = client.call("GET", f"{path}{'&' if '?' in path else '?'}page_size={size}{cursor}").json()
        assert set(page) == {"results", "next"}
        assert len(page["results"]) <= size
        rows += page["results"]
        if page["next"] is None:
            return rows
        assert len(page["results"]) == size
        cursor = f"&cursor={page['next']}"
        between()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_every_account_once_in_order(world, api, size: int) -> None:
    for _n in range(6):
        make_account(world.rep)
    ids = [row["id"] for row in walk(api(world.rep), "accounts", size)]
    assert ids == sorted(Account.objects.visible_to(world.rep).values_list("pk", flat=True))


def test_rows_that_come_and_go_disturb_nobody(world, api) -> None:
    accounts = [make_account(world.rep) for _n in range(8)]

    def meanwhile() -> None:
        Account.objects.filter(pk__in=[accounts[0].pk, accounts[1].pk]).delete()

    ids = [row["id"] for row in walk(api(world.rep), "accounts", 3, meanwhile)]
    assert len(ids) == len(set(ids))
    assert {account.pk for account in accounts[2:]} <= set(ids)


def test_changes_come_in_their_order_even_at_one_moment(world, api) -> None:
    accounts = [make_account(world.rep) for _n in range(7)]
    for n, account in enumerate(reversed(accounts)):
        # Pairs share a moment: the id breaks the tie.
        Account.objects.filter(pk=account.pk).update(updated_at=UPDATED + dt.timedelta(hours=n // 2))
    Account.objects.filter(number__startswith="C-").update(updated_at=UPDATED - dt.timedelta(days=9))
    since = (UPDATED + dt.timedelta(hours=1)).isoformat().replace("+", "%2B")
    rows = walk(api(world.rep), f"accounts?updated_since={since}", 2)
    expected = Account.objects.filter(updated_at__gte=UPDATED + dt.timedelta(hours=1)).visible_to(world.rep)
    assert [row["id"] for row in rows] == list(
        expected.order_by("updated_at", "id").values_list("pk", flat=True)
    )
    assert len(rows) == 5


def test_a_cursor_of_another_order_is_refused(world, api) -> None:
    client = api(world.rep)
    make_account(world.rep)
    cursor = client.call("GET", "accounts?page_size=1").json()["next"]
    response = client.call("GET", f"accounts?updated_since=2000-01-01T00:00:00Z&cursor={cursor}")
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "invalid_cursor"


def test_fields(world, api) -> None:
    make_account(world.rep)
    client = api(world.rep)
    assert client.call("GET", f"accounts/{world.account.pk}?fields=number,id").json() == {
        "id": world.account.pk,
        "number": "C-REP",
    }
    rows = client.call("GET", "accounts?fields=name&page_size=1").json()
    assert rows["results"] == [{"name": "东方轴承有限公司"}]
    assert rows["next"]


def test_trade_lines_by_account_and_date(world, api) -> None:
    days = [dt.date(2025, 1, day) for day in (5, 3, 9, 3)]
    lines = [make_trade_line(world.account, day, net_amount="1234.5") for day in days]
    make_trade_line(world.strangers_account, dt.date(2025, 1, 4))
    client = api(world.rep)
    rows = walk(client, f"trade-lines?account_id={world.account.pk}", 2)
    assert [row["traded_on"] for row in rows] == ["2025-01-03", "2025-01-03", "2025-01-05", "2025-01-09"]
    rows = walk(client, "trade-lines?traded_from=2025-01-04&traded_before=2025-01-09", 2)
    assert [row["id"] for row in rows] == [lines[0].pk]
    assert rows[0]["net_amount"] == "1234.5000"
    assert rows[0]["gross_profit"] == "1174.5000"


def test_money_is_exact(world, api) -> None:
    """A JSON number would have lost these digits."""
    line = make_trade_line(
        world.account, dt.date(2025, 1, 1), net_amount="99999999999999.1234", quantity=1000, cost="0.0001"
    )
    shown = api(world.rep).call("GET", f"trade-lines/{line.pk}").json()
    assert shown["net_amount"] == "99999999999999.1234"
    assert TradeLine.objects.get().net_amount == line.net_amount


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cursor=st.one_of(
        st.text(alphabet=st.characters(codec="ascii"), max_size=40), st.binary().map(lambda b: b.hex())
    )
)
def test_no_cursor_breaks_the_server(world, api, cursor: str) -> None:
    response = world_client(world, api).get("/api/v1/accounts", {"cursor": cursor})
    assert response.status_code in (200, 400)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.one_of(
        st.integers(), st.text(max_size=5), st.floats(), st.none(), st.booleans(), st.lists(st.none())
    )
)
@pytest.mark.parametrize("path", ["accounts", "trade-lines", "runs", "grades", "grades/changes"])
def test_no_forged_cursor_breaks_the_server(world, api, path: str, value) -> None:
    import base64
    import json

    fields = {
        "accounts": ["id"],
        "trade-lines": ["account_id", "traded_on", "id"],
        "runs": ["-id"],
        "grades": ["account_id"],
        "grades/changes": ["after", "sees"],
    }[path]
    text = json.dumps(dict.fromkeys(fields, value))
    cursor = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    response = world_client(world, api).get(f"/api/v1/{path}", {"cursor": cursor})
    assert response.status_code in (200, 400)


def world_client(world, api, _made: dict = {}):  # noqa: B006  (one token for all examples of a test)
    if _made.get("world") is not world:
        _made.update(world=world, client=api(world.analyst))
    return _made["client"]

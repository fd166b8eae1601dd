"""Observations over REST: only of accounts in sight, with their figures, changes since a moment."""

from __future__ import annotations

import datetime as dt

from crm.models import Observation, User
from crm.tokens import create_token
from tests.api.conftest import NOW, ApiClient
from tests.crm.trends.test_trends_page import observe
from tests.fixtures import World


def client_of(user: User) -> ApiClient:
    return ApiClient(create_token(user=user, scope="read", now=NOW)[1])


def test_a_list_by_account_with_figures_and_without_strangers(world: World) -> None:
    mine = observe(world.account, world.rep, figures=[("Revenue", "12.5", "M CNY")])
    observe(world.strangers_account, world.stranger, kind="market")
    rep = client_of(world.rep)
    (row,) = rep.call("GET", "observations").json()["results"]
    assert (row["id"], row["account_id"], row["kind"]) == (mine.pk, world.account.pk, "finance")
    assert row["figures"] == [{"measure": "Revenue", "value": "12.5000", "unit": "M CNY"}]
    everything = client_of(world.analyst)
    assert len(everything.call("GET", "observations").json()["results"]) == 2
    assert len(everything.call("GET", "observations?kind=market").json()["results"]) == 1
    path = f"observations?account_id={world.account.pk}"
    assert [row["id"] for row in everything.call("GET", path).json()["results"]] == [mine.pk]
    assert client_of(world.stranger).call("GET", f"observations/{mine.pk}").status_code == 404


def test_changes_since_a_moment_come_in_their_order(world: World) -> None:
    old, new = observe(world.account, world.rep), observe(world.account, world.rep)
    moment = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    Observation.objects.filter(pk=old.pk).update(updated_at=moment)
    Observation.objects.filter(pk=new.pk).update(updated_at=moment + dt.timedelta(hours=1))
    path = "observations?updated_since=2025-01-01T00:30:00Z"
    assert [row["id"] for row in client_of(world.rep).call("GET", path).json()["results"]] == [new.pk]


def test_the_channel_is_read_filtered_and_changed(world: World) -> None:
    client = ApiClient(create_token(user=world.rep, scope="write", now=NOW)[1])
    path = f"accounts/{world.account.pk}"
    assert client.call("GET", path).json()["channel"] == "direct"
    answer = client.call("PATCH", path, {"channel": "indirect", "industry_code": "c 3451", "revision": 0})
    assert (answer.json()["channel"], answer.json()["industry_code"]) == ("indirect", "C3451")
    listed = client.call("GET", "accounts?channel=indirect").json()["results"]
    assert [row["id"] for row in listed] == [world.account.pk]
    assert client.call("PATCH", path, {"isic_code": "Q99", "revision": 1}).status_code == 400
    child = {"name": "Child", "parent_id": world.account.pk, "territory_id": world.east.pk}
    made = client.call("POST", "accounts", child).json()["id"]
    answer = client.call("PATCH", path, {"parent_id": made, "revision": 1})
    assert answer.status_code == 400
    assert "circle" in answer.content.decode()

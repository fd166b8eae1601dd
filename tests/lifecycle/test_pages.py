"""Stage on the account page and the lifecycle dashboard."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client

from crm.models import Account, User
from lifecycle.explanations import explain_loyalty
from lifecycle.models import AccountLifecycle
from lifecycle.scoring.stages import Stage
from tests.factories import make_account, make_trade_line
from tests.figures import compute
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
A = dt.date(2025, 6, 15)
MONTH_END = dt.date(2025, 5, 31)


def buyer(
    owner: User, name: str, last: dt.date, every: int = 30, times: int = 40, amount: int = 100
) -> Account:
    account = make_account(owner, name=name)
    for step in range(times):
        make_trade_line(account, last - dt.timedelta(days=every * step), net_amount=amount, cost=amount // 2)
    return account


def panel(client: Client, account: Account) -> str:
    return client.get(f"/accounts/{account.pk}/panels/stage/").content.decode()


def test_an_overdue_customer_is_told_with_its_numbers(world: World, log_in: LogIn) -> None:
    late = buyer(world.rep, "Late", A - dt.timedelta(days=75))
    for number in range(4):
        buyer(world.rep, f"Regular {number}", A - dt.timedelta(days=3))
    compute(A)
    text = panel(log_in(world.rep), late)
    # Everybody buys every 30 days, so one is expected after 30: 75 / 30 = 2.5.
    assert "Last purchase 75 days ago: 2.5 times the 30 days after which one is expected." in text
    assert "Decline from 2.0 times the expected interval." in text
    assert "Decline" in re.search(r'<span class="badge[^"]*"[^>]*>([^<]+)<', text)[1]  # type: ignore[index]


def test_growth_is_told_with_both_sums(world: World, log_in: LogIn) -> None:
    account = make_account(world.rep, name="Grower")
    for number in range(6):
        buyer(world.rep, f"Regular {number}", A - dt.timedelta(days=3))
    for step in range(40):
        amount = 200 if step < 7 else 100
        make_trade_line(account, A - dt.timedelta(days=30 * step), net_amount=amount, cost=50)
    compute(A)
    # 182 days: 7 purchases of 200 against 6 of 100.
    assert "Sales of the last 182 days: CN¥1,400, against CN¥600 in the period before (+133%)." in panel(
        log_in(world.rep), account
    )


def test_a_prospect_and_a_newcomer(world: World, log_in: LogIn) -> None:
    newcomer = buyer(world.rep, "New", A - dt.timedelta(days=1), times=1)
    compute(A)
    client = log_in(world.rep)
    assert "Nothing bought yet." in panel(client, world.account)
    assert "One purchase so far." in panel(client, newcomer)


def test_loyalty_adds_up_and_says_what_is_missing(world: World, log_in: LogIn) -> None:
    account = buyer(world.rep, "Buyer", A)
    compute(A)
    row = AccountLifecycle.objects.get(account=account)
    lines = explain_loyalty(row)
    assert sum(line.contribution for line in lines) == pytest.approx(row.loyalty)
    assert sum(line.effective_weight for line in lines) == pytest.approx(1)
    page = log_in(world.rep).get(f"/accounts/{account.pk}/panels/loyalty/").content.decode()
    card = page[page.index("Repeat purchases") :]
    assert card.index("Share of their spending") < card.index("not on record")


def test_a_stage_set_by_hand_holds_for_half_a_year_at_most(world: World, log_in: LogIn) -> None:
    account = buyer(world.rep, "Buyer", A)
    compute(A)
    manager, url = log_in(world.manager), f"/accounts/{account.pk}/stage/"
    today = dt.date.today()  # noqa: DTZ011
    data = {
        "stage": str(int(Stage.LOST)),
        "reason": "Closed",
        "valid_to": f"{today + dt.timedelta(days=200)}",
    }
    assert manager.post(url, data).status_code == 200
    assert manager.post(url, data | {"valid_to": f"{today + dt.timedelta(days=170)}"}).status_code == 302
    compute(A)
    row = AccountLifecycle.objects.get(account=account)
    assert (row.stage, row.overridden) == (Stage.LOST, True)
    assert "Set by hand to Lost; computed: " in panel(manager, account)
    assert manager.post(f"{url}revoke/").status_code == 302
    compute(A)
    assert AccountLifecycle.objects.get(account=account).stage == row.computed_stage
    assert log_in(world.stranger).get(url).status_code == 404
    assert manager.get(f"/accounts/{world.strangers_account.pk}/stage/").status_code == 404


def test_dashboard_counts_flows_and_leads_to_names(world: World, log_in: LogIn) -> None:
    last = MONTH_END - dt.timedelta(days=115)
    silent = buyer(world.rep, "Silent", last, amount=900)
    for number in range(5):
        buyer(world.rep, f"Regular {number}", A - dt.timedelta(days=3))
    compute(MONTH_END)
    compute(A)
    stage = AccountLifecycle.objects.get(account=silent).stage
    assert stage == Stage.DECLINE
    client = log_in(world.manager)
    page = client.get("/lifecycle/").content.decode()
    assert "In decline or overdue" in page
    assert ">Silent</a>" in page[page.index("In decline or overdue") :]
    flow = re.search(r'href="(/accounts/\?stage=decline&amp;stage_before=decline[^"]*)">1<', page)
    assert flow
    listed = client.get(flow[1].replace("&amp;", "&")).content.decode()
    assert ">Silent</a>" in listed
    assert ">Regular 1</a>" not in listed
    assert log_in(world.rep).get("/lifecycle/").status_code == 404
    for slug in ("stages", "flow", "at-risk"):
        assert client.get(f"/lifecycle/{slug}.xlsx").status_code == 200
    assert client.get("/lifecycle/none.csv").status_code == 404


def test_dashboard_says_what_to_do_before_the_first_run_and_costs_the_same(
    world: World, log_in: LogIn
) -> None:
    client = log_in(world.manager)
    assert "No stages yet" in client.get("/lifecycle/").content.decode()
    buyer(world.rep, "One", A, times=3)
    compute(A)
    assert_query_count(client, "/lifecycle/", "lifecycle")
    for number in range(6):
        buyer(world.rep, f"More {number}", A - dt.timedelta(days=200), times=3)
    compute(A)
    assert_query_count(client, "/lifecycle/", "lifecycle")

"""What grades, stages, satisfaction and loyalty put on the account list and the home page."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable

import pytest
from django.test import Client

from crm.models import User
from lifecycle.models import AccountLifecycle
from segmentation.models import AccountGrade
from tests.factories import make_account, make_trade_line
from tests.figures import compute
from tests.fixtures import World
from tests.query_counts import assert_query_count
from tests.segmentation.worlds import AS_OF, MONTH_END, make_customers, make_survey, two_dates

LogIn = Callable[[User], Client]


def names(client: Client, query: str) -> list[str]:
    page = client.get(f"/accounts/?{query}").content.decode()
    return re.findall(r'<a class="fw-medium" href="[^"]*">([^<]+)</a>', page)


def exported(client: Client, query: str = "") -> dict[str, dict[str, str]]:
    content = b"".join(client.get(f"/accounts/export/?format=csv&{query}")).decode("utf-8-sig")  # type: ignore[call-overload]
    rows = list(csv.DictReader(io.StringIO(content)))
    return {row["Name"]: row for row in rows}


def test_columns_hold_the_published_figures(world: World, log_in: LogIn) -> None:
    make_customers(world.rep, make_survey())
    compute(AS_OF)
    rows = exported(log_in(world.rep))
    assert rows["Alpha"]["Grade"] == "A"
    assert float(rows["Alpha"]["Score"]) > 80
    assert rows["Alpha"]["Stage"] in ("Exploration", "Stability", "Formation")
    assert float(rows["Alpha"]["Satisfaction"]) == pytest.approx(9 / 8)
    assert float(rows["Alpha"]["Overdue ratio"]) >= 0
    assert rows["Epsilon"]["Grade"] == ""
    assert rows["东方轴承有限公司"]["Grade"] == ""


@pytest.mark.parametrize("column", ["grade", "score", "stage", "overdue", "satisfaction", "loyalty"])
def test_every_column_sorts_both_ways_with_the_missing_last(world: World, log_in: LogIn, column: str) -> None:
    make_customers(world.rep, make_survey())
    compute(AS_OF)
    client = log_in(world.rep)
    for order in (column, f"-{column}"):
        listed = names(client, f"sort={order}")
        assert len(listed) == 6
        if column in ("grade", "score", "satisfaction"):
            missing = {"Epsilon", "Orient Bearing Co."} | ({"Delta"} if column == "satisfaction" else set())
            assert set(listed[-len(missing) :]) == missing


def test_filters_by_stage_satisfaction_and_loyalty(world: World, log_in: LogIn) -> None:
    make_customers(world.rep, make_survey())
    silent = make_account(world.rep, name="Silent")
    regular = [make_account(world.rep, name=f"Regular {number}") for number in range(8)]
    for month in range(1, 8):
        for account in (silent, *regular):
            make_trade_line(account, dt.date(2024, month, 1))
    for account in regular:
        make_trade_line(account, AS_OF)
    compute(AS_OF)
    client = log_in(world.rep)
    assert names(client, "stage=lost") == ["Silent"]
    assert "Silent" not in names(client, "stage=at_risk")
    assert set(names(client, "satisfaction=3")) == {"Alpha"}
    assert set(names(client, "satisfaction=1")) == {"Gamma"}
    assert "Alpha" not in names(client, "satisfaction=unknown")
    assert "Epsilon" in names(client, "satisfaction=unknown")
    assert set(names(client, "loyalty=unknown")) >= {"Orient Bearing Co."}
    for nonsense in ("stage=x", "satisfaction=9", "loyalty=9", "stage_before=x", "stage_before=lost@never"):
        assert names(client, nonsense) == []


def test_the_list_costs_the_same_whatever_its_length(world: World, log_in: LogIn) -> None:
    item = make_survey()
    make_customers(world.rep, item)
    compute(AS_OF)
    client = log_in(world.rep)
    assert_query_count(client, "/accounts/?grade=B&stage=stability&sort=-score", "account-list-with-figures")
    for _turn in range(3):
        make_customers(world.rep, item)
    compute(AS_OF)
    assert_query_count(client, "/accounts/?grade=B&stage=stability&sort=-score", "account-list-with-figures")


def test_a_rep_sees_own_customers_at_risk_with_what_they_earn(world: World, log_in: LogIn) -> None:
    make_customers(world.rep, make_survey())
    late = make_account(world.rep, name="Late Mills")
    other = make_account(world.colleague, world.east, name="Other Mills")
    for account in (late, other):
        for month in range(1, 13):
            make_trade_line(account, dt.date(2024, month, 1), net_amount=1000, cost=400)
    compute(dt.date(2025, 3, 1))
    page = log_in(world.rep).get("/").content.decode()
    card = page[page.index("Customers at risk") :]
    assert "Late Mills" in card
    assert "Other Mills" not in card.split("</section>")[0]
    managers = log_in(world.manager).get("/").content.decode()
    assert "Other Mills" in managers[managers.index("Customers at risk") :].split("</section>")[0]


def test_the_managers_card_counts_the_teams_tiers(world: World, log_in: LogIn) -> None:
    two_dates(world)
    page = log_in(world.manager).get("/").content.decode()
    card = page[page.index("Customer tiers") :].split("</section>")[0]
    assert "moved up" in card
    assert f"since {MONTH_END}" in card
    assert "Customer tiers" not in log_in(world.rep).get("/").content.decode()


def test_history_shows_intervals_and_month_ends(world: World, log_in: LogIn) -> None:
    accounts = two_dates(world)
    client = log_in(world.rep)
    page = client.get(f"/accounts/{accounts['Gamma'].pk}/history/").content.decode()
    assert f"{MONTH_END}" in page
    assert f"{AS_OF}" in page
    assert "Score at months" in page
    assert client.get(f"/accounts/{world.strangers_account.pk}/history/").status_code == 404
    assert_query_count(client, f"/accounts/{accounts['Gamma'].pk}/history/", "account-history")


def test_the_list_marks_what_a_person_set_and_what_alarms(world: World, log_in: LogIn) -> None:
    make_customers(world.rep, make_survey())
    compute(AS_OF)
    alpha = AccountGrade.objects.filter(account__name="Alpha")
    client = log_in(world.rep)
    assert "Set by a person" not in client.get("/accounts/?q=Alpha").content.decode()
    alpha.update(overridden=True)
    AccountLifecycle.objects.filter(account__name="Alpha").update(overdue_ratio=2.5)
    page = client.get("/accounts/?q=Alpha").content.decode()
    assert page.count('title="Set by a person"') == 1
    assert '<span class="grade grade-0">A</span>' in page
    assert '<span class="text-red fw-bold">2.5</span>' in page

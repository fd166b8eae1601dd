"""The business trends of an account: observations, their figures as lines, and what visits told of competitors."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import Account, Observation, ObservationFigure, User
from crm.trends.timeline import ObservationsOfAccount, entries_page, series_of
from tests.factories import make_visit
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
DAY = dt.date(2025, 3, 10)


def observe(account: Account, user: User, day: dt.date = DAY, **fields: Any) -> Observation:
    figures = fields.pop("figures", [])
    fields = {"kind": "finance", "title": "Half-year report"} | fields
    observation = Observation.objects.create(account=account, user=user, observed_on=day, **fields)
    for measure, value, unit in figures:
        ObservationFigure.objects.create(
            observation=observation, measure=measure, value=Decimal(value), unit=unit
        )
    return observation


def filled(**fields: str) -> dict[str, str]:
    rows = {"figures-TOTAL_FORMS": "2", "figures-INITIAL_FORMS": "0"}
    return rows | {"kind": "market", "observed_on": "2025-03-10", "title": "New line", **fields}


def test_an_observation_with_two_figures_is_entered_changed_and_deleted(world: World, log_in: LogIn) -> None:
    client, url = log_in(world.rep), f"{world.account.get_absolute_url()}trends/"
    data = filled(
        detail="Second shift from May", source="Production manager",
        **{"figures-0-measure": " Capacity  used ", "figures-0-value": "87.5", "figures-0-unit": "%",
           "figures-1-measure": "Workers", "figures-1-value": "-1200", "figures-1-unit": ""},
    )  # fmt: skip
    assert client.post(f"{url}new/", data).status_code == 302
    observation = Observation.objects.get()
    assert (observation.user, observation.account, observation.kind) == (world.rep, world.account, "market")
    assert dict(observation.figures.values_list("measure", "value")) == {
        "Capacity used": Decimal("87.5"),
        "Workers": Decimal(-1200),
    }
    page = client.get(url).content.decode()
    for text in ("New line", "Second shift from May", "Production manager", "87.5", "-1,200"):
        assert text in page
    form = client.get(f"/observations/{observation.pk}/edit/").context["form"]
    first, second = observation.figures.order_by("pk")
    change = filled(
        title="New line postponed", shown=form.initial["shown"],
        **{"figures-INITIAL_FORMS": "2", "figures-0-id": str(first.pk), "figures-0-measure": "Capacity used",
           "figures-0-value": "80", "figures-1-id": str(second.pk), "figures-1-measure": "Workers",
           "figures-1-value": "-1200", "figures-1-DELETE": "on"},
    )  # fmt: skip
    assert client.post(f"/observations/{observation.pk}/edit/", change).status_code == 302
    assert list(observation.figures.values_list("measure", "value")) == [("Capacity used", Decimal(80))]
    # The same form again: somebody saved meanwhile, nothing is overwritten.
    change["title"] = "Third text"
    again = client.post(f"/observations/{observation.pk}/edit/", change)
    assert again.status_code == 409
    assert "colleague changed this observation" in again.content.decode()
    observation.refresh_from_db()
    assert observation.title == "New line postponed"
    assert client.post(f"/observations/{observation.pk}/delete/").status_code == 302
    assert not Observation.objects.exists()


def test_bad_figures_and_future_days_are_told_in_the_form(world: World, log_in: LogIn) -> None:
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    data = filled(
        observed_on=str(tomorrow),
        **{"figures-0-measure": "Orders", "figures-0-value": "many",
           "figures-1-measure": "", "figures-1-value": "3"},
    )  # fmt: skip
    response = log_in(world.rep).post(f"{world.account.get_absolute_url()}trends/new/", data)
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {"observed_on"}
    assert [set(row.errors) for row in response.context["figures"]] == [{"value"}, {"measure"}]
    twice = filled(
        **{"figures-0-measure": "Orders", "figures-0-value": "1", "figures-1-measure": "Orders",
           "figures-1-value": "2"}
    )  # fmt: skip
    log_in(world.rep).post(f"{world.account.get_absolute_url()}trends/new/", twice)
    assert not Observation.objects.exists()


def test_markup_in_an_observation_stays_text(world: World, log_in: LogIn) -> None:
    evil = "<script>alert(1)</script>"
    observe(
        world.account, world.rep, title=f"T{evil}", detail=f"D{evil}", source=f"S{evil}",
        figures=[(f"M{evil}", 1, "<b>")],
    )  # fmt: skip
    observe(world.account, world.rep, dt.date(2025, 4, 1), figures=[(f"M{evil}", 2, "<b>")])
    make_visit(
        world.account, world.rep, dt.datetime(2025, 3, 1, 9, tzinfo=dt.UTC), competitor_news=f"N{evil}"
    )
    client = log_in(world.rep)
    text = client.get(f"{world.account.get_absolute_url()}trends/").content.decode()
    text += client.get(f"/observations/{Observation.objects.latest('pk').pk}/edit/").content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_the_timeline_mixes_observations_with_news_of_competitors_newest_first(world: World) -> None:
    old = observe(world.account, world.rep, dt.date(2024, 1, 5), kind="competition")
    visit = make_visit(
        world.account, world.rep, dt.datetime(2024, 6, 1, 9, tzinfo=dt.UTC), competitor_news="Kessel -8 %"
    )
    make_visit(world.account, world.rep, dt.datetime(2024, 6, 2, 9, tzinfo=dt.UTC), note="No news")
    new = observe(world.account, world.rep, dt.date(2025, 1, 5))
    listed = [entry.observation or entry.visit for entry in entries_page(world.account, "", None)]
    assert listed == [new, visit, old]
    listed = [entry.observation or entry.visit for entry in entries_page(world.account, "competition", 1)]
    assert listed == [visit, old]
    assert [entry.observation for entry in entries_page(world.account, "finance", "x")] == [new]


def test_a_measure_with_two_values_becomes_a_line_with_its_table(world: World, log_in: LogIn) -> None:
    observe(
        world.account, world.rep, dt.date(2024, 3, 1), figures=[("Revenue", 90, "M CNY"), ("Staff", 5, "")]
    )
    observe(world.account, world.rep, dt.date(2025, 3, 1), figures=[("revenue", "101.5", "M CNY")])
    observe(world.account, world.rep, dt.date(2025, 3, 2), figures=[("Revenue", 14, "M EUR")])
    (series,) = series_of(world.account)
    assert series.points == [(dt.date(2024, 3, 1), Decimal(90)), (dt.date(2025, 3, 1), Decimal("101.5"))]
    assert series_of(world.account, "strategy") == []
    (chart,) = log_in(world.rep).get(f"{world.account.get_absolute_url()}trends/").context["charts"]
    assert chart.option["series"][0]["data"] == [["2024-03-01", 90.0], ["2025-03-01", 101.5]]
    assert [row[0] for row in chart.rows] == ["2024-03-01", "2025-03-01"]
    json.dumps(chart.option)


@pytest.mark.parametrize("part", ["trends/", "trends/new/", "wallet/"])
def test_a_stranger_finds_nothing(world: World, log_in: LogIn, part: str) -> None:
    assert log_in(world.stranger).get(f"{world.account.get_absolute_url()}{part}").status_code == 404


def test_nonsense_in_the_address_is_not_found(world: World, log_in: LogIn) -> None:
    client, url = log_in(world.rep), world.account.get_absolute_url()
    for part in (
        "trends/?kind=x",
        "wallet/?year=x",
        "wallet/?year=12",
        "wallet/?family=x",
        "wallet/?family=99",
    ):
        assert client.get(f"{url}{part}").status_code == 404, part
    assert client.get(f"{url}trends/?page=99").status_code == 200


def test_the_page_costs_the_same_with_any_number_of_observations(world: World, log_in: LogIn) -> None:
    client, url = log_in(world.rep), f"{world.account.get_absolute_url()}trends/"
    for number in range(3):
        observe(world.account, world.rep, DAY + dt.timedelta(days=number), figures=[("Orders", number, "")])
        make_visit(
            world.account, world.rep, dt.datetime(2025, 1, 1 + number, 9, tzinfo=dt.UTC), competitor_news="N"
        )
    assert_query_count(client, url, "account trends")
    for number in range(40):
        observe(world.account, world.rep, DAY - dt.timedelta(days=number), figures=[("Orders", number, "")])
        make_visit(
            world.account,
            world.rep,
            dt.datetime(2025, 2, 1 + number % 28, 9, tzinfo=dt.UTC),
            competitor_news="N",
        )
    assert_query_count(client, url, "account trends")


def test_the_accounts_timeline_gets_them_by_day_without_losing_any(world: World) -> None:
    made = [observe(world.account, world.rep) for _n in range(5)]
    source = ObservationsOfAccount()
    before = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    seen: list[str] = []
    while found := source.entries(account=world.account, user=world.rep, before=before, most=2):
        seen += [entry.url for entry in found]
        before = found[-1].at
    assert [url.rpartition("-")[2] for url in seen] == [str(row.pk) for row in reversed(made)]

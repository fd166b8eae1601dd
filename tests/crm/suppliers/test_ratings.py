"""Ratings of suppliers: entered one by one, shown a day at a time, never overwritten unseen."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from crm.models import Competitor, SupplierRating, User
from crm.suppliers.rounds import DRIVER_GROUPS, rounds_of
from segmentation.scoring.equity import GROUPS
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
DAY = "2025-05-06"


def test_groups_are_those_of_the_model() -> None:
    assert {slug: tuple(drivers) for slug, _title, drivers in DRIVER_GROUPS} == dict(GROUPS)


def test_a_round_is_entered_supplier_by_supplier_and_compared(world: World, log_in: LogIn) -> None:
    client, base = log_in(world.rep), f"{world.account.get_absolute_url()}suppliers/"
    Competitor.objects.create(name="北辰精轴", english_name="Nordlager")
    ours = {
        "rated_on": DAY,
        "quality": "8",
        "price": "5.5",
        "bought_last": "on",
        "source": "Buyer",
        "next": "1",
    }
    response = client.post(f"{base}new/", ours)
    assert response["Location"] == f"{base}new/?rated_on={DAY}&source=Buyer"
    assert DAY in client.get(response["Location"]).content.decode()
    theirs = {"rated_on": DAY, "supplier": "nordlager", "quality": "6", "price": "7", "buys_next": "on"}
    assert client.post(f"{base}new/", theirs).status_code == 302
    (found,) = rounds_of(world.account)
    assert [rating.competitor_id is None for rating in found.ratings] == [True, False]
    assert [(line.driver, line.marks, line.lead) for line in found.lines] == [
        ("quality", (8.0, 6.0), 2.0),
        ("price", (5.5, 7.0), -1.5),
    ]
    page = client.get(base).content.decode()
    assert "Nordlager" in page
    assert "-1.5" in page


def test_what_cannot_be_is_refused(world: World, log_in: LogIn) -> None:
    client, url = log_in(world.rep), f"{world.account.get_absolute_url()}suppliers/new/"
    known = Competitor.objects.create(name="Nordlager")
    mine = {"rated_on": DAY, "quality": "8", "bought_last": "on"}
    for bad, field in (
        ({"rated_on": DAY}, "__all__"),
        (mine | {"quality": "11"}, "quality"),
        (mine | {"quality": "x"}, "quality"),
        (mine | {"rated_on": "2099-01-01"}, "rated_on"),
        (mine | {"supplier": "Nordlagr"}, "supplier"),
    ):
        response = client.post(url, bad)
        assert response.status_code == 200
        assert field in response.context["form"].errors, bad
    assert not SupplierRating.objects.exists()
    assert client.post(url, mine).status_code == 302
    assert "supplier" in client.post(url, mine).context["form"].errors
    other = mine | {"supplier": known.name}
    assert "bought_last" in client.post(url, other).context["form"].errors
    # A near name that is meant so makes a new competitor.
    new = {"rated_on": DAY, "quality": "4", "supplier": "Nordlagr", "is_new": "on"}
    assert client.post(url, new).status_code == 302
    assert Competitor.objects.count() == 2


def test_a_second_editor_overwrites_nothing(world: World, log_in: LogIn) -> None:
    rating = SupplierRating.objects.create(account=world.account, rated_on=DAY, ratings={"quality": 7})
    url = f"/supplier-ratings/{rating.pk}/edit/"
    rep, manager = log_in(world.rep), log_in(world.manager)
    bodies = [
        {"rated_on": DAY, "quality": mark, "shown": client.get(url).context["form"].initial["shown"]}
        for client, mark in ((rep, "3"), (manager, "9"))
    ]
    assert manager.post(url, bodies[1]).status_code == 302
    assert rep.post(url, bodies[0]).status_code == 409
    rating.refresh_from_db()
    assert rating.ratings == {"quality": 9.0}
    assert rep.post(f"/supplier-ratings/{rating.pk}/delete/").status_code == 302
    assert manager.post(url, bodies[1]).status_code == 404


def test_strangers_see_and_change_nothing(world: World, log_in: LogIn) -> None:
    rating = SupplierRating.objects.create(account=world.account, rated_on=DAY, ratings={"quality": 7})
    client, base = log_in(world.stranger), f"{world.account.get_absolute_url()}suppliers/"
    assert client.get(base).status_code == 404
    assert client.post(f"/supplier-ratings/{rating.pk}/delete/").status_code == 404
    assert SupplierRating.objects.exists()


def test_the_page_costs_the_same_however_many_days(world: World, log_in: LogIn) -> None:
    client, base = log_in(world.rep), f"{world.account.get_absolute_url()}suppliers/"
    for day in range(1, 8):
        SupplierRating.objects.create(
            account=world.account, rated_on=f"2025-05-{day:02}", ratings={"quality": day}
        )
    assert_query_count(client, base, "supplier ratings")

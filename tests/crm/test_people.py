"""Users and territories: managers look, administrators change, nobody locks everybody out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from crm.models import Account, Role, Territory, User
from crm.operations import RefusedError, deactivate_user, move_territory
from tests.factories import PASSWORD, make_account, make_territory, make_user
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]


@pytest.mark.parametrize(
    ("who", "looks", "changes"),
    [
        ("rep", 404, 404),
        ("stranger", 404, 404),
        ("manager", 200, 404),
        ("analyst", 200, 404),
        ("administrator", 200, 200),
    ],
)
def test_who_looks_and_who_changes(world: World, log_in: LogIn, who: str, looks: int, changes: int) -> None:
    client = log_in(world.users[who])
    for url in ("/people/", "/territories/"):
        assert client.get(url).status_code == looks, url
    for url in (
        "/people/new/",
        f"/people/{world.rep.pk}/edit/",
        "/territories/new/",
        f"/territories/{world.east.pk}/edit/",
    ):
        assert client.get(url).status_code == changes, url
    if changes == 404:
        assert client.post(f"/people/{world.rep.pk}/password/").status_code == 404
        assert client.post(f"/territories/{world.west.pk}/delete/").status_code == 404


def test_a_manager_sees_the_team_and_its_territories_only(world: World, log_in: LogIn) -> None:
    client = log_in(world.manager)
    names = {person.username for person in client.get("/people/").context["people"]}
    assert names == {"manager", "rep", "colleague"}
    assert [row.territory.name for row in client.get("/territories/").context["rows"]] == ["East"]


def user_entry(**fields: Any) -> dict[str, Any]:
    return {"username": "new.rep", "last_name": "李", "first_name": "娜", "role": "rep", "language": "zh-hans",
            "is_active": "on"} | fields  # fmt: skip


def test_a_new_user_chooses_the_password_by_a_link_that_works_once(world: World, log_in: LogIn) -> None:
    response = log_in(world.administrator).post("/people/new/", user_entry(territories=[world.west.pk]))
    link = response.context["link"]
    person = User.objects.get(username="new.rep")
    assert not person.has_usable_password()
    assert (str(person), list(person.territories.all())) == ("李娜", [world.west])
    visitor = Client()
    page = visitor.get(link, follow=True)
    form_url = page.redirect_chain[-1][0]
    data = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    assert visitor.post(form_url, data)["Location"] == "/login/"
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert "has been used" in Client().get(link, follow=True).content.decode()


def test_a_weak_password_is_refused(world: World, log_in: LogIn) -> None:
    link = log_in(world.administrator).post(f"/people/{world.rep.pk}/password/").context["link"]
    visitor = Client()
    form_url = visitor.get(link, follow=True).redirect_chain[-1][0]
    response = visitor.post(form_url, {"new_password1": "12345678", "new_password2": "12345678"})
    assert response.context["form"].errors


def test_a_deactivated_user_is_out_at_once(world: World, log_in: LogIn) -> None:
    theirs = log_in(world.rep)
    assert theirs.get("/accounts/").status_code == 200
    data = user_entry(username="rep")
    del data["is_active"]
    log_in(world.administrator).post(f"/people/{world.rep.pk}/edit/", data)
    assert theirs.get("/accounts/").status_code == 302
    assert log_in(world.administrator).post(f"/people/{world.rep.pk}/password/").status_code == 404


def test_the_last_administrator_stays(world: World, log_in: LogIn) -> None:
    client, url = log_in(world.administrator), f"/people/{world.administrator.pk}/edit/"
    response = client.post(url, user_entry(username="administrator"))
    assert "Somebody must stay administrator." in response.content.decode()
    shut_out = user_entry(username="administrator", role="administrator")
    del shut_out["is_active"]
    assert "You cannot shut yourself out." in client.post(url, shut_out).content.decode()
    with pytest.raises(RefusedError):
        deactivate_user(user=world.administrator)
    world.administrator.refresh_from_db()
    assert world.administrator.is_active
    assert world.administrator.role == Role.ADMINISTRATOR
    make_user(Role.ADMINISTRATOR)
    deactivate_user(user=world.administrator)


def test_a_territory_moves_with_everything_below_in_two_writes(
    world: World, django_assert_num_queries: Any
) -> None:
    wuxi = make_territory("Wuxi", world.east)
    district = make_territory("Binhu", wuxi)
    account = make_account(None, district)
    with django_assert_num_queries(5):  # savepoint, lock, parent, paths, release
        move_territory(territory_id=world.east.pk, parent_id=world.west.pk)
    for territory in (world.west, world.east, wuxi, district):
        territory.refresh_from_db()
    assert district.path == f"{world.west.path}{world.east.pk}.{wuxi.pk}.{district.pk}."
    assert account in Account.objects.visible_to(world.stranger)
    move_territory(territory_id=wuxi.pk, parent_id=None)
    district.refresh_from_db()
    assert district.path == f"{wuxi.pk}.{district.pk}."
    assert account not in Account.objects.visible_to(world.rep)


def test_a_circle_is_refused(world: World, log_in: LogIn) -> None:
    with pytest.raises(RefusedError):
        move_territory(territory_id=world.china.pk, parent_id=world.east.pk)
    response = log_in(world.administrator).post(
        f"/territories/{world.china.pk}/edit/", {"name": "China", "parent": world.east.pk}
    )
    assert "parent" in response.context["form"].errors
    assert Territory.objects.get(pk=world.china.pk).parent is None


def test_a_prefix_of_digits_is_no_subtree(world: World) -> None:
    """Territory 1 is not the parent of territory 11."""
    other = Territory.objects.create(pk=world.east.pk * 10 + 1, name="Eleven", parent=world.china)
    move_territory(territory_id=world.east.pk, parent_id=None)
    other.refresh_from_db()
    assert other.path == f"{world.china.path}{other.pk}."


def test_territories_are_made_renamed_and_deleted_when_empty(world: World, log_in: LogIn) -> None:
    client = log_in(world.administrator)
    client.post("/territories/new/", {"name": "North", "name_zh": "华北", "parent": world.china.pk})
    north = Territory.objects.get(name="North")
    assert north.path == f"{world.china.path}{north.pk}."
    client.post(f"/territories/{north.pk}/edit/", {"name": "North China", "parent": ""})
    north.refresh_from_db()
    assert (north.name, north.path) == ("North China", f"{north.pk}.")
    assert (
        client.post(f"/territories/{world.west.pk}/delete/")["Location"]
        == f"/territories/{world.west.pk}/edit/"
    )
    client.post(f"/territories/{north.pk}/delete/")
    assert set(Territory.objects.values_list("name", flat=True)) == {"China", "East", "West"}


def test_counts_add_up_the_tree_in_constant_queries(world: World, log_in: LogIn) -> None:
    client = log_in(world.administrator)
    assert_query_count(client, "/territories/", "territories")
    for number in range(4):
        town = make_territory(f"Town {number}", world.east)
        make_user(Role.REP, town)
        make_account(world.rep, town)
    rows = assert_query_count(client, "/territories/", "territories").context["rows"]
    counts = {row.territory.name: (row.accounts, row.accounts_below) for row in rows}
    assert counts["China"] == (0, 6)
    assert counts["East"] == (1, 5)
    assert [row.territory.name for row in rows[:3]] == ["China", "East", "Town 0"]
    assert_query_count(client, "/people/", "people")

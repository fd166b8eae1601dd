"""The review list, the merge page, the undo, and what is said while a new account is typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Account, AccountMerge, DistinctAccounts, DuplicatePair, DuplicateScan, Role, User
from tests.factories import make_account, make_contact, make_trade_line, make_user
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
LIST, MERGES = "/duplicates/", "/merges/"


@pytest.fixture
def pair(world: World) -> tuple[Account, Account]:
    kept = make_account(world.rep, world.east, number="K", name="甲轴承", phone="0574-1")
    merged = make_account(world.colleague, world.east, number="M", name="甲轴承有限公司", city="宁波")
    DuplicatePair.objects.create(
        first=kept, second=merged, score=0.8, reasons={"same_name": True, "same_sound": True}
    )
    return kept, merged


def address(kept: Account, merged: Account) -> str:
    return f"{reverse('crm:account-merge', args=[kept.pk])}?with={merged.pk}"


def revisions(kept: Account, merged: Account) -> dict[str, int]:
    return {"kept-revision": kept.revision, "merged-revision": merged.revision}


def test_leaders_see_pairs_of_which_they_see_both(
    pair: tuple[Account, Account], world: World, log_in: LogIn
) -> None:
    low, high = sorted((pair[0], world.strangers_account), key=lambda account: account.pk)
    DuplicatePair.objects.create(first=low, second=high, score=0.99)

    page = log_in(world.manager).get(LIST).content.decode()
    assert "甲轴承有限公司" in page
    assert "Same name but for the legal form" in page
    assert "Sounds the same" not in page
    assert "Stranger Gears" not in page
    assert "Stranger Gears" in log_in(world.analyst).get(LIST).content.decode()
    assert log_in(world.rep).get(LIST).status_code == 404


def test_not_the_same_takes_a_pair_away_for_good(
    pair: tuple[Account, Account], world: World, log_in: LogIn
) -> None:
    client = log_in(world.manager)
    body = {"first": pair[1].pk, "second": pair[0].pk}
    assert client.post("/duplicates/not-the-same/", body).status_code == 302
    assert client.post("/duplicates/not-the-same/", body).status_code == 302, "twice does no harm"
    assert DistinctAccounts.objects.get().first == min(pair, key=lambda account: account.pk)
    assert not DuplicatePair.objects.exists()
    elsewhere = {"first": pair[0].pk, "second": world.strangers_account.pk}
    assert client.post("/duplicates/not-the-same/", elsewhere).status_code == 404


def test_the_merge_page_shows_differences_and_what_hangs_on_both(
    pair: tuple[Account, Account], world: World, log_in: LogIn
) -> None:
    kept, merged = pair
    person = make_contact(kept, "李工")
    person.positions.create(account=merged)
    make_trade_line(merged, dt.date(2025, 5, 1))

    answer = log_in(world.manager).get(address(kept, merged))

    assert answer.status_code == 200
    proposed = {row["name"]: row["proposed"] for row in answer.context["rows"]}
    assert proposed == {"name": "kept", "city": "merged", "phone": "kept", "owner": "kept"}
    weights = {
        weight.title: (weight.kept, weight.merged, weight.joined, weight.after)
        for weight in answer.context["weights"]
    }
    assert weights == {"positions": (1, 1, 1, 1), "trade lines": (0, 1, 0, 1), "identifiers": (1, 1, 0, 2)}


def test_merge_and_undo_by_the_pages(pair: tuple[Account, Account], world: World, log_in: LogIn) -> None:
    kept, merged = pair
    client = log_in(world.manager)
    body = {"with": merged.pk, "field-name": "merged", "field-city": "kept", **revisions(kept, merged)}

    answer = client.post(address(kept, merged), body)

    done = AccountMerge.objects.get()
    assert answer["Location"] == f"/merges/{done.pk}/"
    kept.refresh_from_db()
    assert (kept.name, kept.city) == ("甲轴承有限公司", "")
    assert "甲轴承有限公司" in client.get(MERGES).content.decode()
    detail = client.get(f"/merges/{done.pk}/").content.decode()
    assert "Undo the merge" in detail
    assert client.get(merged.get_absolute_url()).status_code == 301
    assert not client.get(LIST).context["page"].object_list

    kept.phone = "0574-2"
    kept.name = "改过的名字"
    kept.save()
    client.post(f"/merges/{done.pk}/undo/")

    kept.refresh_from_db()
    assert kept.name == "改过的名字"
    detail = client.get(f"/merges/{done.pk}/").content.decode()
    assert "Name was changed since the merge and stays as it is." in detail
    assert client.get(merged.get_absolute_url()).status_code == 200
    again = client.post(f"/merges/{done.pk}/undo/", follow=True).content.decode()
    assert "This merge has been undone already." in again


def test_what_changed_since_the_page_was_shown_is_not_merged(
    pair: tuple[Account, Account], world: World, log_in: LogIn
) -> None:
    kept, merged = pair
    body = {"with": merged.pk, **revisions(kept, merged)}
    Account.objects.filter(pk=kept.pk).update(revision=7, city="上海")

    answer = log_in(world.manager).post(address(kept, merged), body)

    assert answer.status_code == 409
    assert "Somebody changed one of the two accounts meanwhile" in answer.content.decode()
    assert "上海" in answer.content.decode(), "as it stands now"
    assert not AccountMerge.objects.exists()


def test_what_the_reader_does_not_see_cannot_be_merged(
    pair: tuple[Account, Account], world: World, log_in: LogIn
) -> None:
    kept, _merged = pair
    client = log_in(world.manager)
    assert client.get(address(kept, world.strangers_account)).status_code == 404
    assert client.get(address(kept, kept)).status_code == 404
    assert client.get(f"/accounts/{kept.pk}/merge/?with=x").status_code == 404
    assert log_in(world.rep).get(address(*pair)).status_code == 404


def test_any_two_accounts_are_compared_by_their_numbers(
    pair: tuple[Account, Account], world: World, log_in: LogIn
) -> None:
    client = log_in(world.manager)
    answer = client.get("/duplicates/pick/?first=K&second=M")
    assert answer["Location"] == address(*pair)
    wrong = client.get("/duplicates/pick/?first=K&second=C-STR", follow=True).content.decode()
    assert "There is no account with the number C-STR." in wrong
    assert "Stranger" not in wrong


def test_a_search_is_asked_for_once_and_shows_how_far_it_is(world: World, log_in: LogIn) -> None:
    client = log_in(world.manager)
    for _time in range(2):
        assert client.post("/duplicates/search/").status_code == 302
    scan = DuplicateScan.objects.get()
    assert "hx-get" in client.get(LIST).content.decode()
    DuplicateScan.objects.update(state="running", progress=45)
    assert "45 %" in client.get("/duplicates/search/state/").content.decode()
    DuplicateScan.objects.update(state="done", finished_at=scan.created_at)
    assert client.get("/duplicates/search/state/")["HX-Refresh"] == "true"


def test_the_pages_cost_the_same_for_many_rows(
    pair: tuple[Account, Account], world: World, log_in: LogIn
) -> None:
    client = log_in(world.manager)
    for number in range(5):
        twin = make_account(world.rep, world.east, name=f"Twin {number}")
        DuplicatePair.objects.create(first=pair[0], second=twin, score=0.7)
        make_contact(pair[0]).positions.create(account=pair[1])
    assert_query_count(client, LIST, "duplicates")
    assert_query_count(client, address(*pair), "account merge")


def similar(client: Client, **typed: str) -> str:
    return client.get("/accounts/similar/", typed).content.decode()


def test_while_typing_accounts_in_sight_are_named_with_their_reason(world: World, log_in: LogIn) -> None:
    make_account(
        world.rep, world.east, name="宁波水泵厂", phone="0574-87654321", registration_number="9133-02X"
    )
    client = log_in(world.rep)
    assert "Same phone" in similar(client, phone="+86 574 8765 4321")
    assert "Same registration number" in similar(client, registration_number="9133-02x")
    assert "Same name" in similar(client, name="宁波水泵厂有限公司")
    partly = similar(client, name="水泵")
    assert "宁波水泵厂" in partly
    assert "Same name" not in partly
    assert similar(client, name="x").strip() == ""


def test_of_accounts_elsewhere_only_their_existence_is_told_and_whom_to_ask(
    world: World, log_in: LogIn
) -> None:
    hidden = make_account(
        world.stranger, world.west, number="SECRET", name="成都水泵厂", phone="028-87654321",
        registration_number="915101ABC", city="成都",
    )  # fmt: skip
    make_user(Role.MANAGER, world.west, username="west", first_name="West", last_name="Manager")
    client = log_in(world.rep)
    for typed, sentence in (
        ({"registration_number": "915101abc"}, "A customer with this registration number exists"),
        ({"phone": "028 8765 4321"}, "A customer with this phone exists"),
        ({"name": "成都水泵厂有限公司"}, "A customer of this name exists"),
    ):
        answer = similar(client, **typed)
        assert sentence in answer
        assert "Ask West Manager." in answer or "Ask Manager West." in answer or "ManagerWest" in answer
        for leaked in (hidden.name, "SECRET", "028-87654321", "915101ABC", "成都", "stranger"):
            assert leaked not in answer
    assert similar(client, name="成都水").strip() == "", "a part of a name tells nothing"
    assert similar(client, phone="87654").strip() == ""

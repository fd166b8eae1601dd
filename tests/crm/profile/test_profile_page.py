"""Basic information: codes, the parent group, further addresses and phones, and who may see what."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from crm.models import Account, AccountAddress, AccountPhone, AccountSupply, User
from crm.operations import update_account
from crm.profile.groups import CircularParentError, leads_back
from crm.profile.industries import GBT, ISIC
from tests.crm.test_account_edit import form_of
from tests.factories import make_account
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]


@pytest.mark.parametrize(
    ("standard", "text", "code"),
    [
        (GBT, "c3451", "C3451"), (GBT, " 34 51 ", "3451"), (GBT, "C", "C"), (GBT, "T97", "T97"), (GBT, "345", "345"),
        (GBT, "A34", None), (GBT, "U99", None), (GBT, "C1", None), (GBT, "98", None), (GBT, "C34512", None),
        (GBT, "", None), (GBT, "34x", None), (ISIC, "C2814", "C2814"), (ISIC, "U99", "U99"), (ISIC, "34", None),
        (ISIC, "G28", None),
    ],
)  # fmt: skip
def test_industry_codes(standard: Any, text: str, code: str | None) -> None:
    assert standard.checked(text) == code


def test_codes_have_names_in_both_languages() -> None:
    assert GBT.name("C3451", chinese=True) == "通用设备制造业"
    assert GBT.name("F5171", chinese=False) == "Wholesale and retail trade"
    assert ISIC.name("2814", chinese=False) == "Machinery and equipment n.e.c."
    assert ISIC.name("nonsense", chinese=False) == ""
    assert len(GBT.choices(chinese=True)) == 20 + 31
    assert len(ISIC.choices(chinese=False)) == 21 + 24


def test_a_wrong_code_is_refused_an_old_one_may_stay(world: World, log_in: LogIn) -> None:
    Account.objects.filter(pk=world.account.pk).update(isic_code="OLD-7")
    client, url = log_in(world.rep), f"{world.account.get_absolute_url()}edit/"
    response = client.post(url, form_of(client, url) | {"industry_code": "Z9"})
    assert set(response.context["form"].errors) == {"industry_code"}
    data = form_of(client, url) | {"industry_code": "c3451", "channel": "indirect", "latitude": "31.5"}
    response = client.post(url, data)
    assert set(response.context["form"].errors) == {"longitude"}
    assert client.post(url, data | {"longitude": "120.3"}).status_code == 302
    world.account.refresh_from_db()
    assert (world.account.industry_code, world.account.isic_code) == ("C3451", "OLD-7")
    assert world.account.channel == "indirect"


def test_the_page_shows_what_is_known_and_leads_to_what_is_not(world: World, log_in: LogIn) -> None:
    Account.objects.filter(pk=world.account.pk).update(
        former_name="东方轴承厂", industry_code="C3451", fax="0510-99", name="东方<b>轴承</b>"
    )
    url = f"{world.account.get_absolute_url()}profile/"
    text = log_in(world.rep).get(url).content.decode()
    for piece in ("东方轴承厂", "C3451 General-purpose machinery", "0510-99", "Direct", "东方&lt;b&gt;"):
        assert piece in text, piece
    assert "东方<b>" not in text
    assert "Who makes the final decision" in text
    assert log_in(world.stranger).get(url).status_code == 404


def test_the_picker_finds_visible_accounts_by_pinyin_and_not_the_account_itself(
    world: World, log_in: LogIn
) -> None:
    path = "/accounts/pick/?q=dfzc"
    assert 'data-number="C-REP"' in log_in(world.colleague).get(path).content.decode()
    assert "C-REP" not in log_in(world.stranger).get(path).content.decode()
    assert "C-REP" not in log_in(world.rep).get(f"{path}&exclude={world.account.pk}").content.decode()
    assert log_in(world.rep).get("/accounts/pick/?exclude=x").content.decode().strip() == ""


def test_a_parent_of_another_team_stays_and_is_not_named(world: World, log_in: LogIn) -> None:
    Account.objects.filter(pk=world.account.pk).update(parent=world.strangers_account)
    client, url = log_in(world.rep), f"{world.account.get_absolute_url()}edit/"
    text = client.get(url).content.decode()
    assert "C-STR" not in text
    assert "An account of another team" in text
    assert client.post(url, form_of(client, url) | {"city": "Wuxi"}).status_code == 302
    world.account.refresh_from_db()
    assert (world.account.parent, world.account.city) == (world.strangers_account, "Wuxi")
    assert client.post(url, form_of(client, url) | {"parent": ""}).status_code == 302
    # Taken away, it cannot be taken back.
    response = client.post(url, form_of(client, url) | {"parent": "·"})
    assert set(response.context["form"].errors) == {"parent"}


def test_a_circle_is_refused_by_the_operation_and_the_api(world: World, log_in: LogIn) -> None:
    middle = make_account(world.rep, number="C-MID", parent=world.account)
    low = make_account(world.rep, number="C-LOW", parent=middle)
    assert leads_back(low.pk, world.account.pk)
    assert not leads_back(world.account.pk, low.pk)
    for parent in (low, middle, world.account):
        with pytest.raises(CircularParentError), transaction.atomic():
            update_account(account_id=world.account.pk, revision=0, values={"parent": parent})
    world.account.refresh_from_db()
    assert world.account.parent is None
    update_account(account_id=low.pk, revision=0, values={"parent": world.account})
    # A circle that came in from elsewhere does not hang the check.
    Account.objects.filter(pk=world.account.pk).update(parent=low)
    assert leads_back(low.pk, middle.pk) is False


@pytest.mark.django_db(transaction=True)
def test_two_editors_cannot_close_a_circle_together(world: World) -> None:
    one, two = make_account(world.rep), make_account(world.rep)
    barrier, failures = threading.Barrier(2), []

    def hang(below: Account, above: Account) -> None:
        try:
            barrier.wait(10)
            update_account(account_id=below.pk, revision=0, values={"parent": above})
        except CircularParentError as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=hang, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(failures) == 1
    assert Account.objects.filter(pk__in=[one.pk, two.pk], parent__isnull=False).count() == 1


def test_addresses_and_phones_are_added_changed_and_removed(world: World, log_in: LogIn) -> None:
    client, url = log_in(world.rep), world.account.get_absolute_url()
    body = {
        "kind": "site",
        "address": "Plant 2, Ring Road",
        "city": "Wuxi",
        "latitude": "99",
        "longitude": "1",
    }
    response = client.post(f"{url}addresses/new/", body)
    assert set(response.context["form"].errors) == {"latitude"}
    assert client.post(f"{url}addresses/new/", body | {"latitude": "31"}).status_code == 302
    assert client.post(f"{url}phones/new/", {"label": "Porter", "number": "0510-1"}).status_code == 302
    page = client.get(f"{url}profile/").content.decode()
    assert "Plant 2, Ring Road" in page
    assert "0510-1" in page
    address, phone = AccountAddress.objects.get(), AccountPhone.objects.get()
    stranger = log_in(world.stranger)
    for path in (f"/addresses/{address.pk}/edit/", f"/phones/{phone.pk}/edit/"):
        assert stranger.post(path, {"delete": "1"}).status_code == 404
    assert client.post(f"/phones/{phone.pk}/edit/", {"label": "Gate", "number": "0510-2"}).status_code == 302
    assert AccountPhone.objects.get().label == "Gate"
    client.post(f"/phones/{phone.pk}/edit/", {"delete": "1"})
    client.post(f"/addresses/{address.pk}/edit/", {"delete": "1"})
    assert not AccountPhone.objects.exists()
    assert not AccountAddress.objects.exists()


def test_supply_relations_are_added_and_removed_on_the_page(world: World, log_in: LogIn) -> None:
    client, url = log_in(world.manager), f"{world.account.get_absolute_url()}supply/"
    body = {"other": "C-COL", "direction": "supplier", "since": "2020-01-01"}
    assert client.post(url, body).status_code == 302
    supply = AccountSupply.objects.get()
    assert (supply.supplier, supply.customer) == (world.colleagues_account, world.account)
    again = client.post(url, body)
    assert again.status_code == 200
    assert set(again.context["supply_form"].errors) == {"other"}
    for bad in ("C-REP", "C-STR", "nobody", ""):
        assert client.post(url, body | {"other": bad}).context["supply_form"].errors, bad
    assert client.post(url, body | {"direction": "x"}).status_code == 404
    # Both sides must be in sight: the rep does not see the colleague's account.
    assert log_in(world.rep).post(f"/supply/{supply.pk}/delete/").status_code == 404
    assert log_in(world.manager).post(f"/supply/{supply.pk}/delete/").status_code == 302
    assert not AccountSupply.objects.exists()


def test_the_page_costs_the_same_with_any_number_of_relations(world: World, log_in: LogIn) -> None:
    client, url = log_in(world.manager), f"{world.account.get_absolute_url()}profile/"

    def grow(count: int) -> None:
        for number in range(count):
            child = make_account(world.rep, world.east, parent=world.account)
            AccountAddress.objects.create(account=world.account, address=f"Street {number}")
            AccountSupply.objects.create(supplier=world.account, customer=make_account(world.rep, world.east))
            AccountSupply.objects.create(supplier=child, customer=make_account(world.rep, world.east))

    grow(2)
    assert_query_count(client, url, "account profile")
    grow(20)
    assert_query_count(client, url, "account profile")

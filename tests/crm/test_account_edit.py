"""Entering and changing an account: two editors at once, bad values, what resembles an account on record."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from crm.models import Account, User
from crm.operations import OutdatedError, update_account
from tests.factories import make_account
from tests.fixtures import World

LogIn = Callable[[User], Client]


def form_of(client: Client, url: str) -> dict[str, str]:
    """What a browser would send back unchanged."""
    form = client.get(url).context["form"]
    data = {}
    for bound in form:
        value = bound.value()
        data[bound.name] = "" if value is None else str(value)
    return data


def test_a_second_editor_gets_a_comparison_and_nothing_is_overwritten(world: World, log_in: LogIn) -> None:
    url = f"{world.account.get_absolute_url()}edit/"
    first, second = log_in(world.rep), log_in(world.manager)
    mine, theirs = form_of(first, url), form_of(second, url)
    assert second.post(url, theirs | {"city": "Wuxi", "phone": "0510-1"}).status_code == 302
    response = first.post(url, mine | {"city": "Suzhou", "fax": "0510-9"})
    text = response.content.decode()
    assert response.status_code == 409
    assert "Somebody changed this account while you were editing it" in text
    account = Account.objects.get(pk=world.account.pk)
    assert (account.city, account.fax, account.phone) == ("Wuxi", "", "0510-1")
    # The form now holds both: mine where I typed, the colleague's elsewhere. Saving it again goes through.
    merged = {bound.name: str(bound.value() or "") for bound in response.context["form"]}
    assert (merged["city"], merged["phone"], merged["fax"]) == ("Suzhou", "0510-1", "0510-9")
    assert first.post(url, merged).status_code == 302
    account.refresh_from_db()
    assert (account.city, account.fax, account.phone, account.revision) == ("Suzhou", "0510-9", "0510-1", 2)


@pytest.mark.parametrize("base", ["", "[]", "{", "1", '{"city": {"a": 1}}'])
def test_a_forged_or_missing_revision_writes_nothing(world: World, log_in: LogIn, base: str) -> None:
    url = f"{world.account.get_absolute_url()}edit/"
    client = log_in(world.rep)
    data = form_of(client, url) | {"revision": "", "base": base, "city": "Elsewhere"}
    assert client.post(url, data).status_code == 409
    world.account.refresh_from_db()
    assert world.account.city == ""


def test_update_wants_the_revision_it_read(world: World) -> None:
    update_account(account_id=world.account.pk, revision=0, values={"city": "Wuxi"})
    with pytest.raises(OutdatedError):
        update_account(account_id=world.account.pk, revision=0, values={"city": "Suzhou"})


def test_a_rep_enters_an_account_and_owns_it(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    page = client.get("/accounts/new/")
    assert "owner" not in page.context["form"].fields
    response = client.post(
        "/accounts/new/", {"name": " 新客户  有限公司 ", "kind": "prospect", "owner": world.stranger.pk}
    )
    account = Account.objects.get(name="新客户 有限公司")
    assert response["Location"] == account.get_absolute_url()
    assert account.owner == world.rep
    assert account.number == f"M{account.pk:06}"
    assert Account.objects.visible_to(world.rep).matching("xkh").filter(pk=account.pk).exists()


def test_bad_entries_are_told_by_field(world: World, log_in: LogIn) -> None:
    data = {
        "name": "   ", "kind": "customer", "number": "C-REP", "email": "no", "contract_from": "2024-02-01",
        "contract_to": "2024-01-01", "parent": "C-STR", "territory": world.west.pk, "industry_position": "9",
    }  # fmt: skip
    errors = log_in(world.rep).post("/accounts/new/", data).context["form"].errors
    assert set(errors) == {
        "name", "number", "email", "contract_to", "parent", "territory", "industry_position",
    }  # fmt: skip


def test_a_group_cannot_hang_below_itself(world: World, log_in: LogIn) -> None:
    child = make_account(world.rep, number="C-CHILD", parent=world.account)
    url = f"{world.account.get_absolute_url()}edit/"
    client = log_in(world.rep)
    response = client.post(url, form_of(client, url) | {"parent": child.number})
    assert "parent" in response.context["form"].errors


def test_a_name_being_typed_brings_up_what_is_on_record(world: World, log_in: LogIn) -> None:
    text = log_in(world.rep).get("/accounts/similar/?name=东方轴城").content.decode()
    assert "Orient Bearing Co." in text
    assert "Orient" not in log_in(world.stranger).get("/accounts/similar/?name=东方轴城").content.decode()

"""What the profile brings to "My day": birthdays for holders of the right, frame contracts that end."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.models import Contact, PersonalDetails
from crm.profile.day import Birthdays, ContractEnds
from tests.crm.profile.test_personal import TODAY, allow, uses
from tests.fixtures import World


def test_birthdays_are_shown_to_holders_of_the_right_and_noted_once_a_day(
    world: World, person: Contact
) -> None:
    allow(world.rep, world.colleague)
    (item,) = Birthdays().items(user=world.rep, today=TODAY)
    assert item.due_on == dt.date(2025, 6, 25)
    assert "1971" not in f"{item.title}{item.detail}"
    Birthdays().items(user=world.rep, today=TODAY)
    assert uses() == [("birthday", "rep")]
    # The colleague sees the account, but it is not the colleague's to congratulate.
    assert Birthdays().items(user=world.colleague, today=TODAY) == []
    assert Birthdays().items(user=world.rep, today=dt.date(2025, 6, 26)) == []
    assert world.rep.can(Birthdays.capability)
    assert not world.manager.can(Birthdays.capability)


@pytest.mark.parametrize(
    ("born", "today", "kept"),
    [
        ("1980-01-03", "2024-12-28", "2025-01-03"),
        ("1980-02-29", "2025-02-20", "2025-02-28"),
        ("1980-02-29", "2028-02-20", "2028-02-29"),
        ("1980-06-20", "2025-06-20", "2025-06-20"),
    ],
)
def test_birthdays_over_the_years_end_and_in_leap_years(
    world: World, person: Contact, born: str, today: str, kept: str
) -> None:
    PersonalDetails.objects.update(birth_date=born)
    (item,) = Birthdays().items(user=world.rep, today=dt.date.fromisoformat(today))
    assert str(item.due_on) == kept


def test_frame_contracts_that_end_soon(world: World) -> None:
    account = world.account
    for days, shown in ((-1, False), (0, True), (60, True), (61, False)):
        account.contract_to = TODAY + dt.timedelta(days=days)
        account.save()
        assert bool(ContractEnds().items(user=world.rep, today=TODAY)) == shown, days
    account.contract_to = TODAY
    account.save()
    assert ContractEnds().items(user=world.colleague, today=TODAY) == []

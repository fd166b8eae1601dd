"""A person with personal details, for the tests of both of its uses."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.models import Contact, PersonalDetails
from tests.factories import make_contact
from tests.fixtures import World

SECRET = "Diabetes-Typ-2"


@pytest.fixture
def person(world: World) -> Contact:
    contact = make_contact(world.account, "周志强", title="总工程师", stance=1)
    Contact.objects.filter(pk=contact.pk).update(english_name="Zhou Zhiqiang", mobile="13912345678")
    contact.refresh_from_db()
    contact.save()
    PersonalDetails.objects.create(
        contact=contact,
        birth_date=dt.date(1971, 6, 25),
        health=SECRET,
        family="Two daughters",
        consent="Said so",
    )
    return contact

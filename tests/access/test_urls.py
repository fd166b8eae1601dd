"""Every address for everybody, as tests/access/urls.txt says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.access.scenario import Scenario
from tests.access.table import PEOPLE, Row, addresses, fingerprint, read_table

# The mark has the database made even where only these tests run; the scenario outlives the single test.
pytestmark = pytest.mark.django_db
ROWS = read_table()
LOGIN = "302>login"
DENIED = {LOGIN, "401", "403", "404"}
ADMIN = "admin:"
UPLOAD = b"number,name\n78,Uploaded customer\n"


@pytest.fixture(scope="module")
def scenario(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scenario]:
    """Built once, taken back at the end; each request is taken back at once."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Scenario()
        transaction.set_rollback(True)


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    named = addresses()
    rows = {row.name for row in ROWS}
    pages = {name for name in named if not name.startswith(ADMIN)}
    assert not pages - rows, "addresses without a row in tests/access/urls.txt"
    assert not rows - pages, "rows without an address"
    asked = {(row.name, row.method) for row in ROWS}
    missing = {
        (name, method) for name, methods in named.items() for method in methods if (name, method) not in asked
    }
    assert not missing, "methods of the API without a row"


def address_of(row: Row, rows: dict[str, Any]) -> str:
    path, _mark, query = row.arguments.format(**rows).partition("?")
    arguments = dict(part.split("=", 1) for part in path.split(",") if part)
    address = reverse(row.name, kwargs={key: _number(value) for key, value in arguments.items()})
    return address + (f"?{query}" if query else "")


def _number(value: str) -> Any:
    return int(value) if value.isdecimal() else value


def ask(scenario: Scenario, row: Row, person: str) -> str:
    """The answer in the table's words; what it did is taken back."""
    user, address = scenario.people[person], address_of(row, scenario.rows)
    body = scenario.bodies[row.body] if row.body else None
    if row.name.startswith("api:"):
        headers = {"authorization": f"Bearer {scenario.tokens[person]}"} if user else {}
        extra = {} if body is None else {"data": body}
        if body is not None and not row.body.startswith("form:"):
            extra["content_type"] = "application/json"
        if row.body == "form:upload":
            extra["data"] = {**body, "file": SimpleUploadedFile("customers.csv", UPLOAD)}
        response = getattr(Client(headers=headers), row.method.lower())(address, **extra)
        assert response.status_code < 400 or response["Content-Type"] == "application/problem+json"
    else:
        response = getattr(scenario.browser(person), row.method.lower())(address, body)
    if response.streaming:
        b"".join(response.streaming_content)
    location = response.headers.get("Location", "")
    to_login = response.status_code == 302 and location.startswith(reverse("crm:login"))
    return LOGIN if to_login else str(response.status_code)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_row(scenario: Scenario, row: Row) -> None:
    answers = {}
    for person in PEOPLE:
        with transaction.atomic():
            answers[person] = ask(scenario, row, person)
            if answers[person] in DENIED and row.method != "GET":
                changed = {
                    table for table, digest in fingerprint().items() if digest != scenario.before[table]
                }
                assert not changed, f"{person} was refused, yet {changed} changed"
            transaction.set_rollback(True)
    assert answers == row.expected, f"urls.txt line {row.line}"


def test_the_back_office_is_the_administrators(scenario: Scenario) -> None:
    """Its many addresses are Django's own; the door is ours."""
    tried = 0
    for name in sorted(name for name in addresses() if name.startswith(ADMIN)):
        address = _admin_address(name)
        if address is None or name in (f"{ADMIN}login", f"{ADMIN}logout"):
            continue
        tried += 1
        for person in PEOPLE:
            if person == "admin":
                continue
            response = scenario.browser(person).get(address)
            assert response.status_code in (302, 404), f"{person} at {address}: {response.status_code}"
    assert tried > 3
    assert scenario.browser("admin").get(reverse("admin:index")).status_code == 200


def _admin_address(name: str) -> str | None:
    from django.urls import NoReverseMatch

    for arguments in ([], ["1"], ["crm"]):
        try:
            return reverse(name, args=arguments)
        except NoReverseMatch:
            continue
    return None

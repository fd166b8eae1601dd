"""Complaints: logged, settled, listed for those who see the account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from crm.models import Complaint, User
from tests.factories import make_complaint, make_contact
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
ENTRY = {"subject": "Noise above 3000 rpm", "kind": "quality", "severity": "3", "opened_on": "2024-05-06"}


def test_a_complaint_is_logged_and_settled(world: World, log_in: LogIn) -> None:
    client, account = log_in(world.rep), world.account
    page = account.get_absolute_url()
    panel = f"{page}panels/complaints/"
    assert client.post(f"{page}complaints/new/", ENTRY)["Location"] == f"{page}#panel-complaints"
    complaint = Complaint.objects.get()
    assert "Open, critical" in client.get(panel).content.decode()
    url = f"/complaints/{complaint.pk}/edit/"
    assert client.get(f"{url}?resolve=1").context["form"]["resolved_on"].value()
    settled = ENTRY | {
        "resolved_on": "2024-05-09",
        "resolution": "Replaced",
        "satisfied_with_resolution": "true",
    }
    client.post(url, settled)
    complaint.refresh_from_db()
    assert (complaint.resolved_on, complaint.satisfied_with_resolution) == (dt.date(2024, 5, 9), True)
    assert "resolved on 2024-05-09" in client.get(panel).content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"opened_on": "2999-01-01"}, "opened_on"),
        ({"opened_on": "2024-02-30"}, "opened_on"),
        ({"resolved_on": "2024-05-01"}, "resolved_on"),
        ({"resolved_on": "2999-05-01"}, "resolved_on"),
        ({"resolution": "Done"}, "resolved_on"),
        ({"severity": "4"}, "severity"),
        ({"subject": ""}, "subject"),
    ],
)
def test_bad_values_are_told_by_field(
    world: World, log_in: LogIn, change: dict[str, str], field: str
) -> None:
    complaint = make_complaint(world.account, dt.date(2024, 5, 6))
    response = log_in(world.rep).post(f"/complaints/{complaint.pk}/edit/", ENTRY | change)
    assert field in response.context["form"].errors


def test_nobody_of_another_account_complains(world: World, log_in: LogIn) -> None:
    elsewhere = make_contact(world.strangers_account)
    response = log_in(world.rep).post(
        f"{world.account.get_absolute_url()}complaints/new/", ENTRY | {"contact": elsewhere.pk}
    )
    assert "contact" in response.context["form"].errors


def test_strangers_find_nothing(world: World, log_in: LogIn) -> None:
    complaint = make_complaint(world.account, dt.date(2024, 5, 6))
    client = log_in(world.stranger)
    assert client.get(f"/complaints/{complaint.pk}/edit/").status_code == 404
    assert client.post(f"/complaints/{complaint.pk}/edit/", ENTRY).status_code == 404
    assert complaint.subject not in client.get("/complaints/").content.decode()
    assert complaint.subject in log_in(world.rep).get("/complaints/").content.decode()


def test_the_worst_comes_first_and_queries_stay(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    make_complaint(world.account, dt.date(2024, 1, 1), severity=1, subject="minor")
    make_complaint(world.account, dt.date(2024, 2, 1), severity=3, subject="critical")
    make_complaint(world.account, dt.date(2024, 1, 1), resolved_on=dt.date(2024, 1, 2), subject="settled")
    response = assert_query_count(client, "/complaints/", "open complaints")
    assert [complaint.subject for complaint in response.context["page"]] == ["critical", "minor"]
    for _number in range(5):
        make_complaint(world.account, dt.date(2024, 1, 1))
    assert_query_count(client, "/complaints/", "open complaints")

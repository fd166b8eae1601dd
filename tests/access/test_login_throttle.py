"""Guessing passwords gets slow; a colleague is not locked out by it."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD

LIMIT = settings.AXES_FAILURE_LIMIT


def try_password(username: str, password: str, address: str = "192.0.2.1") -> int:
    data = {"username": username, "password": password}
    return Client(REMOTE_ADDR=address).post(reverse("crm:login"), data).status_code


@pytest.mark.django_db
def test_after_too_many_failures_even_the_right_password_waits(world) -> None:
    statuses = [try_password("rep", "wrong") for _n in range(LIMIT)]
    assert statuses == [200] * (LIMIT - 1) + [429]
    response = Client(REMOTE_ADDR="192.0.2.1").post(
        reverse("crm:login"), {"username": "rep", "password": PASSWORD}
    )
    assert response.status_code == 429
    assert "Wait 15 minutes" in response.content.decode()
    # From elsewhere the rep still gets in, and from there so does a colleague.
    assert try_password("rep", PASSWORD, "192.0.2.2") == 302
    assert try_password("colleague", PASSWORD) == 302


def test_a_success_forgets_the_failures(world) -> None:
    for _round in range(2):
        assert {try_password("rep", "wrong") for _n in range(LIMIT - 1)} == {200}
        assert try_password("rep", PASSWORD) == 302


def test_an_inactive_person_stays_out(world) -> None:
    world.rep.is_active = False
    world.rep.save()
    assert try_password("rep", PASSWORD) == 200
    client = Client()
    client.force_login(world.rep, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/").status_code == 302

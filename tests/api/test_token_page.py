"""The page where people make and revoke their own tokens."""

from __future__ import annotations

import re

from crm.models import ApiToken
from crm.tokens import create_token
from tests.api.conftest import NOW, ApiClient

PAGE = "/tokens/"


def test_a_token_is_shown_once_and_works(world, log_in) -> None:
    client = log_in(world.rep)
    response = client.post(PAGE, {"name": "Price list", "scope": "read"})
    assert response.status_code == 200
    token = re.search(r'value="(ms_[a-z0-9_]+)"', response.content.decode())[1]
    assert ApiClient(token).call("GET", "accounts").status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert token not in client.get(PAGE).content.decode()


def test_a_second_click_makes_no_second_token(world, log_in) -> None:
    client = log_in(world.rep)
    for _click in range(2):
        response = client.post(PAGE, {"name": "Price list", "scope": "read"})
    assert "You have a token of this name" in response.content.decode()
    assert ApiToken.objects.filter(user=world.rep).count() == 1


def test_revoking_stops_it(world, log_in) -> None:
    row, token = create_token(user=world.rep, scope="read", now=NOW)
    response = log_in(world.rep).post(f"{PAGE}{row.pk}/revoke/")
    assert response.status_code == 302
    assert ApiClient(token).call("GET", "accounts").status_code == 401


def test_nobody_sees_or_revokes_anothers(world, log_in) -> None:
    row, token = create_token(user=world.rep, scope="read", name="secret plan", now=NOW)
    client = log_in(world.administrator)
    assert "secret plan" not in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}{row.pk}/revoke/").status_code == 404
    assert ApiClient(token).call("GET", "accounts").status_code == 200


def test_a_last_day_that_has_passed_is_refused(world, log_in) -> None:
    response = log_in(world.rep).post(PAGE, {"name": "x", "scope": "read", "expires_on": "2001-01-01"})
    assert "This day has passed already." in response.content.decode()
    assert not ApiToken.objects.exists()

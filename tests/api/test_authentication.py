"""Who gets in, and what a token may do."""

from __future__ import annotations

import datetime as dt
import hashlib
import time

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import timezone

from crm.api import throttling
from crm.models import ApiToken
from crm.tokens import TokenNameError, create_token, find_token, revoke_token
from tests.api.conftest import NOW, ApiClient
from tests.api.test_problems import assert_problem


def made(user, scope: str = "read", **kwargs):
    return create_token(user=user, scope=scope, now=NOW, **kwargs)


def test_only_a_digest_is_stored(world) -> None:
    row, token = made(world.rep, name="ERP")
    assert token.startswith(f"{row.prefix}_")
    assert row.prefix.startswith("ms_")
    stored = ApiToken.objects.filter(pk=row.pk).values().get()
    assert stored["digest"] == hashlib.sha256(token.encode()).hexdigest()
    secret = token.removeprefix(row.prefix)
    assert not any(secret in str(value) for value in stored.values())


def test_a_token_reads(world) -> None:
    _row, token = made(world.rep)
    assert ApiClient(token).call("GET", "accounts").status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer ms_x_y", "Bearer ", "Bearer", "bearer 你好", "Bearer " + "a" * 5000]
)
def test_a_wrong_token_is_refused_even_beside_a_session(world, log_in, header: str) -> None:
    response = log_in(world.rep).get("/api/v1/accounts", headers={"authorization": header})
    assert_problem(response, 401, "token-refused")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_revoked_expired_and_inactive(world) -> None:
    row, token = made(world.rep)
    client = ApiClient(token)
    revoke_token(token=row, now=NOW)
    assert_problem(client.call("GET", "accounts"), 401, "token-refused")

    _row, token = made(world.rep, expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert_problem(ApiClient(token).call("GET", "accounts"), 401, "token-refused")

    _row, token = made(world.colleague)
    world.colleague.is_active = False
    world.colleague.save()
    assert_problem(ApiClient(token).call("GET", "accounts"), 401, "token-refused")


def test_expiry_is_exact(world) -> None:
    row, token = made(world.rep, expires_at=NOW)
    with pytest.raises(ValueError, match="expired"):
        find_token(token, now=NOW)
    assert find_token(token, now=NOW - dt.timedelta(microseconds=1)).pk == row.pk


def test_use_is_noted_once_a_minute(world, django_assert_num_queries) -> None:
    row, token = made(world.rep)
    with django_assert_num_queries(2):
        find_token(token, now=NOW)
    with django_assert_num_queries(1):
        find_token(token, now=NOW + dt.timedelta(seconds=59))
    row.refresh_from_db()
    assert row.last_used_at == NOW
    find_token(token, now=NOW + dt.timedelta(seconds=60))
    row.refresh_from_db()
    assert row.last_used_at == NOW + dt.timedelta(seconds=60)


def test_a_reading_token_cannot_write(world) -> None:
    _row, token = made(world.rep)
    client = ApiClient(token)
    body = {"account_id": world.account.pk, "happened_at": "2025-06-01T10:00:00+08:00"}
    response = client.call("POST", "visits", body)
    assert_problem(response, 403, "insufficient-scope")
    assert world.account.visits.count() == 0
    _row, token = made(world.rep, "write")
    assert ApiClient(token).call("POST", "visits", body).status_code == 201


def test_a_session_reads_and_needs_the_csrf_token_to_write(world) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.rep, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/accounts").status_code == 200
    response = client.post("/api/v1/visits", {}, content_type="application/json")
    assert_problem(response, 403, "forbidden")


def test_two_working_tokens_of_one_name_are_refused(world) -> None:
    row, _token = made(world.rep, name="ERP")
    with pytest.raises(TokenNameError):
        made(world.rep, name="ERP")
    revoke_token(token=row, now=NOW)
    made(world.rep, name="ERP")


# The throttle: a counter per token and minute.


@pytest.fixture
def _mid_window(monkeypatch) -> None:
    """The clock stands, so that no test straddles two windows."""
    monkeypatch.setattr(throttling.time, "time", lambda: 1_750_000_030.0)


@pytest.mark.usefixtures("_mid_window")
def test_the_throttle_holds_per_token(world) -> None:
    row, token = made(world.rep, rate="3/minute")
    client = ApiClient(token)
    assert [client.call("GET", "products").status_code for _n in range(4)] == [200, 200, 200, 429]
    response = client.call("GET", "products")
    assert_problem(response, 429, "throttled")
    # 1 750 000 030 is 10 seconds after a full minute.
    assert response["Retry-After"] == "50"
    _row, other = made(world.rep)
    assert ApiClient(other).call("GET", "products").status_code == 200
    assert row.rate == "3/minute"


@pytest.mark.usefixtures("_mid_window")
def test_the_next_window_begins_afresh(world, monkeypatch) -> None:
    _row, token = made(world.rep, rate="1/minute")
    client = ApiClient(token)
    assert [client.call("GET", "products").status_code for _n in range(2)] == [200, 429]
    monkeypatch.setattr(throttling.time, "time", lambda: 1_750_000_080.0)
    assert client.call("GET", "products").status_code == 200


def test_without_redis_the_api_goes_on_and_says_so_once(world, monkeypatch, caplog) -> None:
    """A closed port stands for a server that went away."""
    dead = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    _row, token = made(world.rep, rate="1/minute")
    client = ApiClient(token)
    monkeypatch.setattr(throttling, "_down_until", 0.0)
    with override_settings(CACHES=dead):
        assert [client.call("GET", "products").status_code for _n in range(3)] == [200] * 3
        # The next try, after the pause, finds it dead still.
        monkeypatch.setattr(throttling, "_down_until", time.monotonic() - 1)
        assert client.call("GET", "products").status_code == 200
    assert caplog.text.count("Throttling is off") == 1
    monkeypatch.setattr(throttling, "_down_until", time.monotonic() - 1)
    cache.clear()
    assert client.call("GET", "products").status_code == 200
    assert "Throttling is on again" in caplog.text


@pytest.mark.parametrize(
    "rate", ["", "5", "0/minute", "-1/minute", "5/fortnight", "five/minute", "5/minute/2"]
)
def test_rates_that_make_no_sense(rate: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (the rate itself is the message)
        throttling.parse_rate(rate)

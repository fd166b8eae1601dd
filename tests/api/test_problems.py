"""Every error is a problem detail (RFC 9457), in the caller's language, and says nothing it should not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client, override_settings

from crm.api.problems import CONTENT_TYPE, PROBLEMS, URN
from tests.factories import make_account

DOCS = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def assert_problem(response, status: int, slug: str) -> dict:
    assert response.status_code == status, response.content[:500]
    assert response["Content-Type"] == CONTENT_TYPE
    body = response.json()
    assert body["type"] == URN + slug
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["instance"].startswith("/api/")
    return body


def test_unknown_addresses_under_api_are_problems_for_anybody(client: Client, db) -> None:
    for path in ("/api/", "/api/v1/nothing", "/api/v2/accounts", "/api/v1/accounts/1/nothing"):
        assert_problem(client.get(path), 404, "not-found")


def test_anonymous_is_asked_for_a_token(client: Client, db) -> None:
    response = client.get("/api/v1/accounts")
    assert_problem(response, 401, "not-authenticated")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_wrong_method(world, api) -> None:
    response = api(world.rep).call("DELETE", f"accounts/{world.account.pk}")
    assert_problem(response, 405, "method-not-allowed")
    assert "GET" in response["Allow"]


@pytest.mark.parametrize("asked", [{"query": "?format=xml"}, {"accept": "text/csv"}])
def test_a_representation_that_does_not_exist(world, api, asked: dict[str, str]) -> None:
    headers = {"accept": asked["accept"]} if "accept" in asked else {}
    assert_problem(
        api(world.rep, **headers).call("GET", "accounts" + asked.get("query", "")), 406, "not-acceptable"
    )


def test_a_body_that_is_not_json_by_its_type(world, api) -> None:
    response = api(world.rep).generic("POST", "/api/v1/visits", b"<a/>", content_type="application/xml")
    assert_problem(response, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[1,",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"subject": "\\u0000"}',
        b'{"subject": "\\ud800"}',
        b"[" * 200_000,
    ],
)
def test_malformed_bodies(world, api, body: bytes) -> None:
    response = api(world.rep).generic("POST", "/api/v1/visits", body, content_type="application/json")
    if body == b"":
        assert_problem(response, 400, "invalid")
    else:
        assert_problem(response, 400, "malformed")


@pytest.mark.parametrize("body", [[], "text", 7, None])
def test_json_that_is_not_an_object(world, api, body) -> None:
    response = api(world.rep).generic(
        "POST", "/api/v1/visits", json.dumps(body).encode(), content_type="application/json"
    )
    assert_problem(response, 400, "invalid")


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_a_body_beyond_the_limit(world, api) -> None:
    response = api(world.rep).call("POST", "visits", {"note": "x" * 2000})
    assert_problem(response, 413, "too-large")


def test_validation_points_into_the_body(world, api) -> None:
    positions = [{"account_id": world.account.pk}, {"account_id": 10**30, "influence": 9}]
    response = api(world.rep).call("POST", "contacts", {"positions": positions})
    errors = assert_problem(response, 400, "invalid")["errors"]
    found = {(error["pointer"], error["code"]) for error in errors}
    assert found == {
        ("#/name", "required"),
        ("#/positions/1/account_id", "does_not_exist"),
        ("#/positions/1/influence", "max_value"),
    }
    assert all(error["detail"] for error in errors)


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("sort=name", "sort", "unknown_parameter"),
        ("page_size=0", "page_size", "out_of_range"),
        ("page_size=1001", "page_size", "out_of_range"),
        ("page_size=ten", "page_size", "out_of_range"),
        ("cursor=nonsense", "cursor", "invalid_cursor"),
        ("cursor=eyJpZCI6IngifQ", "cursor", "invalid_cursor"),
        ("kind=enemy", "kind", "invalid_choice"),
        ("owner_id=x", "owner_id", "invalid"),
        ("updated_since=yesterday", "updated_since", "invalid"),
        ("fields=id,secret", "fields", "unknown_field"),
    ],
)
def test_wrong_parameters_are_named(world, api, query: str, parameter: str, code: str) -> None:
    body = assert_problem(api(world.rep).call("GET", f"accounts?{query}"), 400, "invalid")
    assert [(error["parameter"], error["code"]) for error in body["errors"]] == [(parameter, code)]


def test_details_speak_the_callers_language(world, api) -> None:
    client = api(world.rep, **{"accept-language": "zh-CN,zh;q=0.9"})
    body = assert_problem(client.call("GET", "accounts/999999999"), 404, "not-found")
    assert body["title"] == "未找到"
    assert "无权" in body["detail"] or "不存在" in body["detail"]
    english = assert_problem(api(world.rep).call("GET", "accounts/999999999"), 404, "not-found")
    assert english["title"] == "Not found"


def test_an_unforeseen_error_shows_nothing_of_itself(world, api, monkeypatch, caplog) -> None:
    from crm.api.accounts import AccountViewSet

    def explode(self) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(AccountViewSet, "get_queryset", explode)
    client = api(world.rep)
    client.raise_request_exception = False
    response = client.call("GET", "accounts")
    body = assert_problem(response, 500, "server-error")
    assert "hunter2" not in json.dumps(body)
    assert "hunter2" in caplog.text


def test_a_contradiction_found_by_the_database_is_a_conflict(world, api, monkeypatch) -> None:
    """Two requests at once pass the check for uniqueness; the constraint stops the second."""
    from crm.api.products import ProductSerializer

    monkeypatch.setattr(ProductSerializer, "validate", lambda self, values: values)
    client = api(world.analyst)
    body = {"code": "6204", "name": "Bearing", "source": "erp", "external_id": "1"}
    assert client.call("POST", "products", body).status_code == 201
    assert_problem(client.call("POST", "products", body), 409, "conflict")


def test_every_type_is_documented() -> None:
    text = DOCS.read_text("utf-8")
    missing = [slug for slug in PROBLEMS if f"`{slug}`" not in text]
    assert not missing


def test_a_hidden_account_is_not_told_apart_from_none(world, api) -> None:
    hidden = make_account(world.stranger, world.west)
    client = api(world.rep)
    seen = client.call("GET", f"accounts/{hidden.pk}").json()
    none = client.call("GET", "accounts/999999999").json()
    assert {**seen, "instance": ""} == {**none, "instance": ""}

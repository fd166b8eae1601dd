"""Imports over REST: the same path as the page and the command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crm.models import ImportBatch, TradeLine
from tests.crm.imports.support import HEADER
from tests.factories import make_product
from tests.fixtures import World

ROWS = f"{HEADER}\nL1,C-REP,2024-02-29,P1,2,10\nL2,C-REP,2024-02-30,P1,1,1\n"


def send(client: Any, content: str = ROWS, key: str = "", **fields: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    data = {"file": SimpleUploadedFile("lines.csv", content.encode()), **fields}
    return client.post("/api/v1/imports", data, headers=headers)


@pytest.fixture
def client(world: World, api: Callable[..., Any]) -> Any:
    make_product(code="P1")
    return api(world.analyst)


def test_a_file_is_imported_reported_and_undone(client: Any) -> None:
    made = send(client, source="erp")
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["state"], body["rows_created"], body["rows_rejected"]) == ("done", 1, 1)
    assert body["result"]["net_sales"] == "20.0000"
    assert made.headers["Location"] == f"/api/v1/imports/{body['id']}"
    rejected = client.call("GET", f"imports/{body['id']}/rejections").json()
    entry = rejected["results"][0]
    assert (entry["row_number"], entry["column"], entry["value"], entry["cause"]) == (
        3,
        "date",
        "2024-02-30",
        "not_a_date",
    )
    file = client.call("GET", f"imports/{body['id']}/rejections?as=csv")
    assert b"L2,C-REP,2024-02-30" in b"".join(file.streaming_content)
    undone = client.call("POST", f"imports/{body['id']}/undo")
    assert undone.json()["state"] == "undone"
    assert not TradeLine.objects.exists()
    again = client.call("GET", "imports?state=undone").json()
    assert [row["id"] for row in again["results"]] == [body["id"]]


def test_a_dry_run_writes_nothing(client: Any) -> None:
    body = send(client, dry_run="true").json()
    assert (body["state"], body["rows_created"]) == ("checked", 1)
    assert not TradeLine.objects.exists()
    assert client.call("POST", f"imports/{body['id']}/undo").status_code == 409


def test_a_retried_request_is_the_same_import(client: Any) -> None:
    first, second = send(client, key="k1").json(), send(client, key="k1").json()
    assert first["id"] == second["id"]
    assert ImportBatch.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "fields", "pointer"),
    [
        ("", {}, "#/file"),
        ("a,b\n1,2\n", {}, "#/file"),
        (ROWS, {"mapping": "kind = 1"}, "#/mapping"),
        (ROWS, {"kind": "nonsense"}, "#/kind"),
        (ROWS, {"mapping": '{"kind": "trade_lines", "columns": {"account": "nobody"}}'}, "#/file"),
    ],
)
def test_what_cannot_be_read_is_a_problem_and_leaves_no_batch(
    client: Any, content: str, fields: dict[str, str], pointer: str
) -> None:
    response = send(client, content, **fields)
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["errors"][0]["pointer"].startswith(pointer)
    assert not ImportBatch.objects.exists()


def test_reps_have_no_imports_and_a_reading_token_starts_none(world: World, api: Callable[..., Any]) -> None:
    assert api(world.rep).call("GET", "imports").status_code == 404
    assert send(api(world.rep)).status_code == 404
    reader = api(world.analyst, scope="read")
    assert reader.call("GET", "imports").status_code == 200
    assert send(reader).status_code == 403

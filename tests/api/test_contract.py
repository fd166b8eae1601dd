"""The OpenAPI document is the contract: a recorded snapshot, and answers of the running application that keep to it.

RECORD_OPENAPI=1 records the snapshot anew; look at the difference before committing it.
"""

from __future__ import annotations

import json
import os
import uuid
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker

from crm.imports.batches import receive
from segmentation.models import Segment
from tests.api.conftest import ApiClient
from tests.api.test_figures import traded  # noqa: F401  (a fixture)
from tests.crm.opportunities.support import make_opportunity
from tests.factories import make_complaint, make_contact, make_product, make_trade_line, make_visit

SNAPSHOT = Path(__file__).resolve().parents[1] / "snapshots" / "openapi.json"


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    return document()


def document() -> dict[str, Any]:
    from drf_spectacular.generators import SchemaGenerator

    return json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str))


def test_the_contract_is_the_recorded_one(contract) -> None:
    text = json.dumps(contract, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("RECORD_OPENAPI") == "1":
        SNAPSHOT.write_text(text, "utf-8")
    assert text == SNAPSHOT.read_text("utf-8"), "the contract changed: RECORD_OPENAPI=1 records it, then look"


def test_it_is_served_to_anybody_in_both_forms(db, client: Client) -> None:
    for path in ("/api/v1/schema", "/api/v1/schema/?format=json"):
        response = client.get(path)
        assert response.status_code == 200
        assert b"3.1.0" in response.content[:200]


def test_schemas_are_sound(contract) -> None:
    assert contract["openapi"] == "3.1.0"
    for schema in contract["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_operation_names_its_problems_and_its_key(contract) -> None:
    for path, method, operation in operations(contract):
        if path.endswith("/schema"):
            continue
        assert {"401", "404", "429"} <= set(operation["responses"]), (path, method)
        names = {parameter["name"] for parameter in operation.get("parameters", [])}
        creates = method == "post" and "{" not in path
        assert ("Idempotency-Key" in names) == creates, (path, method)
        assert operation["security"], (path, method)
        assert operation.get("summary"), (path, method)


def operations(contract: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in contract["paths"].items()
        for method, operation in methods.items()
    ]


def assert_documented(contract, operation, response) -> None:
    status = str(response.status_code)
    assert status in operation["responses"], f"{status} is not documented: {response.content[:300]}"
    content = operation["responses"][status].get("content", {})
    kind = response["Content-Type"].partition(";")[0]
    assert kind in content, f"{kind} is not documented for {status}"
    root = {"$ref": "#/root", "root": content[kind]["schema"], "components": contract["components"]}
    Draft202012Validator(root, format_checker=FormatChecker()).validate(response.json())


def bodies(world) -> dict[tuple[str, str], Any]:
    account = {"account_id": world.account.pk}
    return {
        ("/api/v1/accounts", "post"): {"name": "A"},
        ("/api/v1/accounts/{id}", "patch"): {"city": "B", "revision": 0},
        ("/api/v1/contacts", "post"): {"name": "C", "positions": [{**account, "influence": 5}]},
        ("/api/v1/products", "post"): {"code": "D", "name": "E"},
        ("/api/v1/visits", "post"): {**account, "happened_at": "2025-06-01T10:00:00Z", "rating": 2},
        ("/api/v1/complaints", "post"): {**account, "subject": "F", "opened_on": "2025-05-01"},
        ("/api/v1/complaints/{id}", "patch"): {"severity": 3},
        ("/api/v1/opportunities", "post"): {
            **account, "name": "G", "amount": "5", "expected_on": "2025-09-01", "competitors": ["H"],
        },
        ("/api/v1/opportunities/{id}", "patch"): {"probability": 30, "revision": 0},
        ("/api/v1/trade-lines", "post"): {
            "source": "erp",
            "lines": [
                {
                    "external_id": "1",
                    "account": "C-REP",
                    "traded_on": "2025-05-05",
                    "quantity": "x",
                    "cost": 1,
                }
                | {"net_amount": 2}
            ],
        },
    }  # fmt: skip


def _observation(world) -> int:
    from crm.models import Observation

    observation = Observation.objects.create(
        account=world.account,
        kind="finance",
        observed_on="2025-05-05",
        title="Half-year report",
        user=world.rep,
    )
    observation.figures.create(measure="Revenue", value="12.5", unit="M CNY")
    return observation.pk


def ids(world) -> dict[str, int]:
    """An existing row per resource, with as much filled in as the tests' factories do."""
    person = make_contact(world.account, title="Buyer", decision_role="decider", influence=3, stance=1)
    when = "2025-05-05T10:00:00+08:00"
    from django.utils.dateparse import parse_date, parse_datetime

    visit = make_visit(world.account, world.rep, parse_datetime(when), next_step_on=parse_date("2025-07-01"))
    visit.contacts.add(person)
    product = make_product(list_price="1.5")
    from crm.models import Run

    return {
        "accounts": world.account.pk,
        "contacts": person.pk,
        "products": product.pk,
        "trade-lines": make_trade_line(world.account, parse_date("2025-05-05"), product=product).pk,
        "visits": visit.pk,
        "observations": _observation(world),
        "complaints": make_complaint(world.account, parse_date("2025-05-05"), contact=person).pk,
        "opportunities": make_opportunity(world.account, world.rep).pk,
        "runs": Run.objects.latest("pk").pk,
        "segments": Segment.objects.create(name="A", rule={"match": "all", "rules": []}).pk,
        "imports": receive(
            user=world.analyst, main=("a.csv", BytesIO(b"number,name\n1,A\n")), kind="accounts"
        )[0].pk,
    }


def test_every_operation_answers_as_documented(contract, traded, api) -> None:  # noqa: F811
    existing, sent = ids(traded), bodies(traded)
    client, broke = api(traded.administrator), []
    for path, method, operation in operations(contract):
        if path.endswith("/schema") or (method, path.split("/")[3]) == ("post", "imports"):
            continue  # files come as forms: tests/crm/imports
        resource = path.split("/")[3]
        address = path.replace("{id}", str(existing.get(resource, ""))).replace(
            "{account_id}", str(traded.account.pk)
        )
        nowhere = path.replace("{id}", "999999999").replace("{account_id}", "999999999")
        body = sent.get((path, method))
        assert (body is not None) == (method != "get"), f"{method} {path} needs a body in this test"
        key = {"idempotency-key": str(uuid.uuid4())} if method == "post" else {}
        answers = [
            client.call(method.upper(), address, body, headers=key),
            client.call(method.upper(), address + "?nonsense=1", body),
            Client().generic(method.upper(), address),
            ApiClient("ms_wrong_token").call(method.upper(), address, body),
        ]
        wanted = [201 if method == "post" else 200, 400, 401, 401]
        if "{" in path:
            answers.append(client.call(method.upper(), nowhere, body))
            wanted.append(404)
        if method != "get":
            answers.append(
                client.call(
                    method.upper(),
                    address,
                    {"name": 7, "subject": [], "city": {}, "amount": {}, "revision": 0},
                )
            )
            wanted.append(400)
        for answer, status in zip(answers, wanted, strict=True):
            try:
                assert answer.status_code == status, answer.content[:400]
                assert_documented(contract, operation, answer)
            except Exception as error:
                broke.append(f"{method} {path} -> {answer.status_code}: {str(error)[:600]}")
    assert not broke, "\n\n".join(broke)

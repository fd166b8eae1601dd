"""Trade lines in the body of a request: the import's own rules, the answer names each refused line."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crm.models import ImportBatch, TradeDay, TradeLine
from tests.api.test_problems import assert_problem
from tests.factories import make_product

PATH = "trade-lines"


def line(n: int = 1, **fields):
    common = {"external_id": f"L{n}", "account": "C-REP", "traded_on": "2025-05-05", "quantity": "2"}
    return {**common, "net_amount": "200.10", "cost": "150", "currency": "CNY", **fields}


def send(client, *lines, key: str | None = None, **fields):
    headers = {"idempotency-key": key} if key else {}
    return client.call("POST", PATH, {"source": "erp", "lines": list(lines), **fields}, headers=headers)


def counts(response) -> tuple[int, ...]:
    body = response.json()
    return tuple(body[f"rows_{word}"] for word in ("created", "updated", "unchanged", "rejected"))


def test_lines_are_written_rolled_up_and_found(world, api) -> None:
    make_product(code="6204", external_id="P1", source="erp")
    client = api(world.analyst)
    response = send(client, line(1, product="P1"), line(2, net_amount=100, quantity=1, cost=None))
    assert response.status_code == 201, response.content
    assert counts(response) == (2, 0, 0, 0)
    rows = client.call("GET", f"{PATH}?source=erp").json()["results"]
    assert [(row["external_id"], row["net_amount"], row["cost"]) for row in rows] == [
        ("L1", "200.1000", "150.0000"),
        ("L2", "100.0000", None),
    ]
    assert TradeDay.objects.get(account=world.account).net_sales == Decimal("300.10")


def test_the_same_again_changes_nothing_and_a_correction_updates(world, api) -> None:
    client = api(world.analyst)
    send(client, line(1), line(2))
    assert counts(send(client, line(1), line(2))) == (0, 0, 2, 0)
    assert counts(send(client, line(1), line(2, net_amount="1"))) == (0, 1, 1, 0)
    assert TradeLine.objects.get(external_id="L2").net_amount == 1
    assert counts(send(client, line(2, net_amount="5"), update_existing=False))[1] == 0
    assert TradeLine.objects.get(external_id="L2").net_amount == 1


def test_refused_lines_are_named_and_the_good_ones_stay(world, api) -> None:
    response = send(
        api(world.analyst),
        line(1),
        line(2, traded_on="2024-02-30"),
        line(3, account="nobody"),
        line(4, quantity="much", product="nothing"),
    )
    assert response.status_code == 201
    assert counts(response) == (1, 0, 0, 3)
    found = {(entry["pointer"], entry["code"]) for entry in response.json()["rejections"]}
    assert {pointer for pointer, _code in found} == {
        "#/lines/1/traded_on",
        "#/lines/2/account",
        "#/lines/3/quantity",
        "#/lines/3/product",
    }
    assert ("#/lines/1/traded_on", "not_a_date") in found


def test_texts_with_line_breaks_and_quotes_keep_their_place(world, api) -> None:
    response = send(api(world.analyst), line(1, order_number='a "b",\r\nc'), line(2, quantity="x"))
    assert [entry["pointer"] for entry in response.json()["rejections"]] == ["#/lines/1/quantity"]


def test_a_dry_run_writes_nothing(world, api) -> None:
    response = send(api(world.analyst), line(1), dry_run=True)
    assert (response.status_code, response.json()["state"]) == (201, "checked")
    assert not TradeLine.objects.exists()


def test_a_retry_is_answered_and_another_body_refused(world, api) -> None:
    client = api(world.analyst)
    first = send(client, line(1), key="k")
    again = send(client, line(1), key="k")
    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert ImportBatch.objects.count() == 1
    assert_problem(send(client, line(1, quantity="3"), key="k"), 422, "idempotency-key-reused")
    assert_problem(send(client, line(1), key="k", dry_run=True), 422, "idempotency-key-reused")


@pytest.mark.parametrize(
    ("lines", "pointer"),
    [
        ([], "#/lines"),
        ([line(1, colour="red")], "#/lines/0/colour"),
        ([line(1), line(2, quantity=[1])], "#/lines/1/quantity"),
        ([{"external_id": "1", "account": "C-REP", "traded_on": "2025-01-01"}], "#/lines/0/quantity"),
        (["text"], "#/lines/0"),
        ([line(n) for n in range(5001)], "#/lines"),
    ],
)
def test_what_is_no_list_of_lines(world, api, lines, pointer: str) -> None:
    errors = assert_problem(send(api(world.analyst), *lines), 400, "invalid")["errors"]
    assert [error["pointer"] for error in errors] == [pointer]
    assert not ImportBatch.objects.exists()


def test_five_thousand_lines_go_in_one_request(world, api) -> None:
    response = send(api(world.analyst), *[line(n) for n in range(5000)])
    assert counts(response) == (5000, 0, 0, 0)


def test_only_those_who_keep_the_data(world, api) -> None:
    assert_problem(send(api(world.manager), line(1)), 404, "not-found")
    assert not ImportBatch.objects.exists()

"""Real ledgers through the user's own paths, compared with a direct group-by of the files, to the cent."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Sum
from django.test import Client

from crm.models import Account, Contact, ImportBatch, ImportState, Product, TradeDay, TradeLine
from tests.crm.imports.support import MAPPINGS
from tests.fixtures import World

pytestmark = [pytest.mark.shared_data, pytest.mark.django_db]
CENT = Decimal("0.01")


@pytest.fixture
def adventureworks(shared_data: Path) -> Path:
    return shared_data / "adventureworks_reseller"


@pytest.fixture
def northwind(shared_data: Path) -> Path:
    return shared_data / "northwind"


def command(*files: Path, mapping: str, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command(
        "import_ledger",
        *files,
        mapping=MAPPINGS / mapping,
        json=True,
        stdout=out,
        today="2025-06-30",
        **options,
    )
    return json.loads(out.getvalue())


def upload(client: Client, main: Path, *lookups: Path, **fields: str) -> ImportBatch:
    """Through the upload form; the batch as it stands then."""
    opened = [path.open("rb") for path in lookups]
    with main.open("rb") as file:
        response = client.post("/imports/new/", {"file": file, "lookups": opened, "source": "erp", **fields})
    for handle in opened:
        handle.close()
    assert response.status_code == 302, response.content.decode()[:2000]
    return ImportBatch.objects.get(pk=int(response.headers["Location"].rstrip("/").rsplit("/", 1)[1]))


def form_of(response: Any) -> dict[str, str]:
    """What the browser would send back of the mapping page, untouched."""
    form = response.context["form"]
    data = {"kind": form.mapping.kind}
    for bound in form:
        value = bound.value()
        if value not in (None, "", False):
            data[bound.html_name] = "on" if value is True else str(value)
    return data


def press(client: Client, batch: ImportBatch, action: str, capture: Any, **changes: str) -> ImportBatch:
    page = client.get(f"/imports/{batch.pk}/?mapping=1")
    assert page.status_code == 200
    with capture(execute=True):
        client.post(f"/imports/{batch.pk}/start/", {**form_of(page), "action": action, **changes})
    batch.refresh_from_db()
    return batch


def adventureworks_by_customer(folder: Path) -> dict[str, tuple[Decimal, Decimal]]:
    totals: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    with gzip.open(folder / "reseller_sales.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            sales = Decimal(row["SalesAmount"])
            totals[row["ResellerKey"]][0] += sales
            totals[row["ResellerKey"]][1] += sales - Decimal(row["TotalProductCost"])
    return {key: (sales, profit) for key, (sales, profit) in totals.items()}


def assert_adventureworks(folder: Path) -> None:
    assert TradeLine.objects.count() == 60_855
    expected = adventureworks_by_customer(folder)
    found = {
        row["account__identifiers__external_id"]: (row["sales"], row["profit"])
        for row in TradeDay.objects.values("account__identifiers__external_id").annotate(
            sales=Sum("net_sales"), profit=Sum("gross_profit")
        )
    }
    assert found.keys() == expected.keys()
    for key, (sales, profit) in expected.items():
        assert abs(found[key][0] - sales) < CENT, key
        assert abs(found[key][1] - profit) < CENT, key
    totals = TradeDay.objects.aggregate(sales=Sum("net_sales"), profit=Sum("gross_profit"))
    assert round(totals["sales"], 2) == Decimal("80450596.98")
    assert round(totals["profit"], 2) == Decimal("470482.60")
    assert len(found) == 635
    assert sum(profit < 0 for _sales, profit in found.values()) == 335


def test_adventureworks_through_the_web_page(
    world: World, log_in: Callable[..., Client], adventureworks: Path, django_capture_on_commit_callbacks: Any
) -> None:
    client = log_in(world.analyst)
    capture = django_capture_on_commit_callbacks
    for name, kind in (("resellers.csv", "accounts"), ("products.csv", "products")):
        batch = press(client, upload(client, adventureworks / name, kind=kind), "import", capture)
        assert (batch.state, batch.rows_rejected, batch.error) == (ImportState.DONE, 0, "")
    batch = upload(client, adventureworks / "reseller_sales.csv.gz")
    page = client.get(f"/imports/{batch.pk}/")
    guessed = page.context["form"].mapping.columns
    assert guessed["external_id"] == "{SalesOrderNumber}-{SalesOrderLineNumber}"
    assert guessed["net_amount"] == "SalesAmount"
    assert guessed["cost"] == "TotalProductCost"
    checked = press(client, batch, "check", capture)
    assert (checked.state, checked.rows_created, checked.rows_rejected) == (ImportState.CHECKED, 60_855, 0)
    assert not TradeLine.objects.exists()
    assert checked.summary["result"]["net_sales"] == "80450596.9823"
    with capture(execute=True):
        client.post(f"/imports/{batch.pk}/start/", {"action": "import"})
    batch.refresh_from_db()
    assert (batch.state, batch.rows_created) == (ImportState.DONE, 60_855)
    assert_adventureworks(adventureworks)
    response = client.get(f"/imports/{batch.pk}/")
    assert "80,450,596.98" in response.content.decode()
    assert "470,482.60" in response.content.decode()


def test_adventureworks_through_the_command_twice(db: None, adventureworks: Path) -> None:
    files = [adventureworks / name for name in ("products.csv", "resellers.csv", "reseller_sales.csv.gz")]
    first = command(*files, mapping="adventureworks.toml")
    assert first["ok"]
    assert [entry["created"] for entry in first["imports"]] == [606, 701, 60_855]
    assert_adventureworks(adventureworks)
    second = command(*files, mapping="adventureworks.toml")
    assert [entry["unchanged"] for entry in second["imports"]] == [606, 701, 60_855]
    assert [entry["created"] + entry["updated"] for entry in second["imports"]] == [0, 0, 0]


def assert_northwind() -> None:
    lines = TradeLine.objects.all()
    assert lines.count() == 2155
    assert lines.values("order_number").distinct().count() == 830
    totals = lines.aggregate(sales=Sum("net_sales"), discount=Sum("discount"), profit=Sum("gross_profit"))
    assert round(totals["sales"], 2) == Decimal("1265793.04")
    assert round(totals["discount"], 2) == Decimal("88665.55")
    assert totals["profit"] is None, "no cost is given, so there is no profit (and it is not 0)"


def test_northwind_through_the_command(db: None, northwind: Path) -> None:
    files = [
        northwind / name for name in ("products.csv", "customers.csv", "orders.csv", "order_details.csv")
    ]
    result = command(*files, mapping="northwind.toml")
    assert result["ok"]
    assert_northwind()
    assert "alfreds futterkiste alfki" in Account.objects.get(number="ALFKI").search_text
    assert (
        Contact.objects.get(external_id="ALFKI/Maria Anders").positions.get().title == "Sales Representative"
    )
    assert Product.objects.get(external_id="1").name == "Chai"
    assert TradeDay.objects.filter(account__number="ALFKI").count() == 6


def test_northwind_through_the_web_page_with_a_lookup_file(
    world: World, log_in: Callable[..., Client], northwind: Path, django_capture_on_commit_callbacks: Any
) -> None:
    client = log_in(world.administrator)
    capture = django_capture_on_commit_callbacks
    batch = upload(client, northwind / "order_details.csv", northwind / "orders.csv", kind="trade_lines")
    page = client.get(f"/imports/{batch.pk}/")
    guessed = page.context["form"].mapping
    assert guessed.columns["account"] == "orders.customer_id"
    assert guessed.columns["traded_on"] == "orders.order_date"
    assert guessed.columns["discount_fraction"] == "discount"
    assert guessed.columns["external_id"] == "{order_id}-{product_id}"
    refused = press(client, batch, "check", capture)
    assert refused.rows_rejected == 2155, "nobody knows the accounts and products yet"
    done = press(
        client,
        batch,
        "import",
        capture,
        option_create_missing_accounts="on",
        option_create_missing_products="on",
    )
    assert (done.state, done.rows_created, done.rows_rejected) == (ImportState.DONE, 2155, 0)
    assert done.summary["result"]["accounts_created"] == 89
    assert_northwind()


def rows_of(table: type[Any]) -> Iterator[Any]:
    return table.objects.order_by("pk").values_list()


def test_undoing_northwind_leaves_nothing(db: None, northwind: Path) -> None:
    from crm.imports.undo import undo_batch

    files = [
        northwind / name for name in ("products.csv", "customers.csv", "orders.csv", "order_details.csv")
    ]
    command(*files, mapping="northwind.toml")
    with transaction.atomic():
        for batch in ImportBatch.objects.order_by("-pk"):
            undo_batch(batch)
    for table in (TradeLine, TradeDay, Contact, Account, Product):
        assert not table.objects.exists(), table

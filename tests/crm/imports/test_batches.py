"""Importing twice, updating, checking first, taking back; what a spreadsheet or another dialect changes: nothing."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.imports.guessing import guess
from crm.imports.mapping import Mapping
from crm.imports.problems import ImportFileError
from crm.imports.tables import read_table
from crm.imports.undo import undo_batch
from crm.models import (
    Account,
    AccountSupply,
    Contact,
    ExchangeRate,
    ImportBatch,
    ImportState,
    Product,
    TradeDay,
    TradeLine,
)
from tests.crm.imports.support import HEADER, causes, counts, lines, run
from tests.factories import make_account, make_product, make_trade_line, make_user, make_visit

Bring = Callable[..., ImportBatch]
TWO = ("L1,C1,2024-02-29,P1,2,10", "L2,C1,2024-03-31,P1,1,100")


def ledger() -> list[tuple[object, ...]]:
    fields = ("external_id", "traded_on", "quantity", "unit_price", "net_amount", "cost", "net_sales")
    return list(TradeLine.objects.order_by("external_id").values_list(*fields))


def rolled_up() -> list[tuple[object, ...]]:
    return list(
        TradeDay.objects.order_by("account", "traded_on").values_list("traded_on", "lines", "net_sales")
    )


def test_importing_twice_changes_nothing(bring: Bring) -> None:
    assert counts(bring(*TWO)) == (2, 0, 0, 0)
    before = ledger(), rolled_up()
    assert counts(bring(*TWO)) == (0, 0, 2, 0)
    assert (ledger(), rolled_up()) == before


def test_the_same_id_of_another_source_is_another_line(bring: Bring) -> None:
    bring(*TWO)
    assert counts(bring(*TWO, source="webshop")) == (2, 0, 0, 0)


def test_update_changes_what_differs_and_the_roll_up_follows(bring: Bring) -> None:
    bring(*TWO)
    batch = bring("L1,C1,2024-02-28,P1,3,10", TWO[1])
    assert counts(batch) == (0, 1, 1, 0)
    assert rolled_up() == [
        (dt.date(2024, 2, 28), 1, Decimal("30.0000")),
        (dt.date(2024, 3, 31), 1, Decimal("100.0000")),
    ]


def test_without_update_existing_lines_stay(bring: Bring) -> None:
    bring(*TWO)
    batch = bring("L1,C1,2024-02-28,P1,3,10", "L3,C1,2024-02-28,P1,1,1", update=False)
    assert counts(batch) == (1, 0, 1, 0)
    assert batch.summary["result"]["kept"] == 1
    assert TradeLine.objects.get(external_id="L1").quantity == 2


def test_a_check_writes_nothing_and_says_what_would_happen(bring: Bring) -> None:
    batch = bring(*TWO, "L3,C1,2024-02-30,P1,1,1", dry_run=True)
    assert batch.state == ImportState.CHECKED
    assert counts(batch) == (2, 0, 0, 1)
    assert batch.summary["result"]["net_sales"] == "120.0000"
    assert batch.summary["result"]["first_date"] == "2024-02-29"
    assert causes(batch) == [(4, "traded_on", "not_a_date")]
    assert not TradeLine.objects.exists()
    assert not TradeDay.objects.exists()


CELLS = {
    "id": st.sampled_from(["A", "B", "C", "D", "E", ""]),
    "customer": st.sampled_from(["C1", "C1", "NEW", "另一家", ""]),
    "date": st.sampled_from(["2024-02-29", "2024-02-30", "2024/3/1", "2031-01-01", ""]),
    "product": st.sampled_from(["P1", "P9", ""]),
    "qty": st.sampled_from(["1", "-2", "1,000.5", "x", "1e30"]),
    "price": st.sampled_from(["10", "9.80000019", "-1", "0", ""]),
}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(*CELLS.values()), min_size=1, max_size=8),
    create=st.booleans(),
    update=st.booleans(),
)
def test_a_check_says_exactly_what_the_import_then_does_and_undo_takes_it_back(
    bring: Bring, rows: list[tuple[str, ...]], create: bool, update: bool
) -> None:
    for earlier in ImportBatch.objects.filter(state=ImportState.DONE).order_by("-pk"):
        undo_batch(earlier)
    bring("A,C1,2024-02-29,P1,5,5")
    before = ledger(), rolled_up(), Account.objects.count(), Product.objects.count()
    buffer = io.StringIO()
    csv.writer(buffer).writerows([HEADER.split(","), *rows])
    options = {"create_missing_accounts": create, "create_missing_products": create}
    mapping = lines(options=options)
    checked = bring(text=buffer.getvalue(), mapping=mapping, update=update, dry_run=True)
    assert (ledger(), rolled_up(), Account.objects.count(), Product.objects.count()) == before
    done = bring(text=buffer.getvalue(), mapping=mapping, update=update)
    assert counts(checked) == counts(done)
    assert checked.summary["result"] == done.summary["result"]
    assert causes(checked) == causes(done)
    assert done.rows_created + done.rows_updated + done.rows_unchanged + done.rows_rejected == len(rows)
    again = bring(text=buffer.getvalue(), mapping=mapping, update=update)
    assert (again.rows_created, again.rows_updated, again.rows_rejected) == (0, 0, done.rows_rejected)
    total = sum(line[2] for line in rolled_up())
    assert total == sum(line[-1] for line in ledger()), "the roll-up is the sum of the lines"
    undo_batch(again)
    undo_batch(done)
    assert (ledger(), rolled_up(), Account.objects.count(), Product.objects.count()) == before


def test_undo_restores_what_was_changed_and_removes_what_was_made(bring: Bring) -> None:
    first = bring(*TWO)
    before = ledger(), rolled_up()
    second = bring("L1,C1,2024-02-28,P1,3,10", "L9,C1,2023-01-01,P1,1,1")
    with pytest.raises(ImportFileError, match="Undo them first"):
        undo_batch(first)
    assert undo_batch(second).state == ImportState.UNDONE
    assert (ledger(), rolled_up()) == before
    assert undo_batch(second).state == ImportState.UNDONE, "twice does no harm"
    undo_batch(first)
    assert (ledger(), rolled_up()) == ([], [])


def test_undo_leaves_lines_of_others_alone(bring: Bring, account: Account) -> None:
    own = make_trade_line(account, dt.date(2024, 2, 29), source="hand")
    undo_batch(bring(*TWO))
    assert list(TradeLine.objects.all()) == [own]


def test_undo_keeps_accounts_that_are_in_use_meanwhile(bring: Bring) -> None:
    mapping = lines(options={"create_missing_accounts": True})
    batch = bring("L1,NEW1,2024-02-29,P1,1,1", "L2,NEW2,2024-02-29,P1,1,1", mapping=mapping)
    used = Account.objects.get(number="NEW1")
    make_visit(used, make_user(), dt.datetime(2024, 3, 1, 9, tzinfo=dt.UTC))
    undo_batch(batch)
    batch.refresh_from_db()
    assert batch.summary["undo"]["kept"] == 1
    assert list(Account.objects.filter(number__startswith="NEW")) == [used]


def test_created_accounts_are_found_by_pinyin(bring: Bring) -> None:
    mapping = lines(columns={"account_name": "name"}, options={"create_missing_accounts": True})
    text = f"{HEADER},name\nL1,77,2024-02-29,P1,1,1,西湖轴承厂\n"
    assert bring(text=text, mapping=mapping).summary["result"]["accounts_created"] == 1
    made = Account.objects.get(number="77")
    assert (made.name, made.sort_name) == ("西湖轴承厂", "xi hu zhou cheng chang")
    assert "xhzcc" in made.search_text
    assert made.identifiers.get().source == "erp"


def test_accounts_with_parents_in_the_same_file(db: None, tmp_path: Path) -> None:
    existing = make_account(number="K0", name="集团")
    path = tmp_path / "accounts.csv"
    path.write_text(
        "number,name,parent,supplier,employees\nK1,One,K2,K0,10\nK2,Two,K0,,20\nK3,Three,K9,,30\nK4,Four,,,1.5\n"
    )
    columns = {name: name for name in ("number", "name", "parent", "supplier", "employees")}
    mapping = Mapping.from_json({"kind": "accounts", "columns": columns})
    batch = run(path, mapping)
    assert causes(batch) == [(4, "parent", "unknown_account"), (5, "employees", "not_whole")]
    one, two = Account.objects.get(number="K1"), Account.objects.get(number="K2")
    assert (one.parent, two.parent, one.employees) == (two, existing, 10)
    assert AccountSupply.objects.filter(supplier=existing, customer=one).count() == 1
    assert counts(run(path, mapping))[:3] == (0, 0, 2)
    undo_batch(batch)
    assert list(Account.objects.all()) == [existing]


def test_rates_products_and_contacts(db: None, tmp_path: Path) -> None:
    make_account(number="K1")
    path = tmp_path / "file.csv"

    def bring(kind: str, text: str) -> ImportBatch:
        path.write_text(text)
        return run(path, guess(kind, read_table(path)))

    rates = bring(
        "exchange_rates", "currency,date,rate\nUSD,2024-01-01,7.1\nUSD,2024-01-01,7.2\nEUR,2024-01-01,0\n"
    )
    assert causes(rates) == [(3, "currency", "duplicate"), (4, "rate", "out_of_range")]
    products = bring("products", "code,name,category,list price\nA1,Ball,Bearings,12.5\nA2,,Bearings,-1\n")
    assert causes(products) == [(3, "list_price", "negative_price")]
    assert Product.objects.get(code="A1").family.name == "Bearings"  # type: ignore[union-attr]
    people = bring("contacts", "name,customer,title,email\n李雷,K1,采购,li@example.com\n韩梅,K9,,\n")
    assert causes(people) == [(3, "account", "unknown_account")]
    person = Contact.objects.get()
    assert person.positions.get().title == "采购"
    before = person.search_text
    person.save()
    assert person.search_text == before, "found as if a person had entered it"
    for batch in (people, products, rates):
        undo_batch(batch)
    for table in (ExchangeRate, Product, Contact):
        assert not table.objects.exists(), table


def test_a_mapping_with_an_unknown_name_is_refused(db: None) -> None:
    for stored in (
        {"kind": "trade_lines", "columns": {"quantitty": "qty"}},
        {"kind": "trade_lines", "options": {"date_format": "ddd"}},
        {"kind": "trade_line"},
        {"kind": "trade_lines", "colums": {}},
    ):
        with pytest.raises(ImportFileError):
            Mapping.from_json(stored)


def test_an_unknown_product_code_of_two_products_is_refused(bring: Bring) -> None:
    make_product(code="X", external_id="x1")
    make_product(code="X", external_id="x2")
    assert causes(bring("L1,C1,2024-02-29,X,1,1")) == [(2, "product", "ambiguous_product")]

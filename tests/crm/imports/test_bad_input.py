"""Every kind of bad input has a documented result: a row refused with its cause, or the file refused whole."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from crm.models import Account, ExchangeRate, ImportBatch, ImportState, TradeDay, TradeLine
from tests.crm.imports.support import HEADER, causes, lines, run

GOOD = "L1,C1,2024-02-29,P1,2,10.50"
Bring = Callable[..., ImportBatch]


@pytest.mark.parametrize(
    ("row", "field", "cause"),
    [
        ("L1,C1,2024-02-30,P1,2,10", "traded_on", "not_a_date"),
        ("L1,C1,soon,P1,2,10", "traded_on", "not_a_date"),
        ("L1,C1,,P1,2,10", "traded_on", "missing"),
        ("L1,C1,2025-07-01,P1,2,10", "traded_on", "future_date"),
        ("L1,C1,2024-02-29,P1,two,10", "quantity", "not_a_number"),
        ("L1,C1,2024-02-29,P1,NaN,10", "quantity", "not_a_number"),
        ("L1,C1,2024-02-29,P1,Infinity,10", "quantity", "out_of_range"),
        ("L1,C1,2024-02-29,P1,,10", "quantity", "missing"),
        ("L1,C1,2024-02-29,P1,1e15,10", "quantity", "out_of_range"),
        ("L1,C1,2024-02-29,P1,2,-10", "unit_price", "negative_price"),
        ("L1,C1,2024-02-29,P1,2,", "unit_price", "missing"),
        ("L1,C1,2024-02-29,P9,2,10", "product", "unknown_product"),
        ("L1,C9,2024-02-29,P1,2,10", "account", "unknown_account"),
        ("L1,,2024-02-29,P1,2,10", "account", "missing"),
        (",C1,2024-02-29,P1,2,10", "external_id", "missing"),
        ("   ,C1,2024-02-29,P1,2,10", "external_id", "missing"),
        ("L" * 121 + ",C1,2024-02-29,P1,2,10", "external_id", "too_long"),
        ("L1,C1,2024-02-29,P1,2,10,extra", "", "wrong_column_count"),
        ("L1,C1,2024-02-29", "", "wrong_column_count"),
        ("L1,C1,2024-02-29,P1,2,1\x000", "", "nul_byte"),
    ],
)
def test_a_bad_row_is_refused_with_its_cause_and_the_good_one_goes_in(
    bring: Bring, row: str, field: str, cause: str
) -> None:
    batch = bring("L0,C1,2024-02-29,P1,1,10", row)
    assert (batch.state, batch.error) == (ImportState.DONE, "")
    assert causes(batch) == [(3, field, cause)]
    assert (batch.rows_read, batch.rows_created, batch.rows_rejected) == (2, 1, 1)
    assert TradeLine.objects.get().external_id == "L0"


def test_a_row_with_two_mistakes_names_both(bring: Bring) -> None:
    batch = bring("L1,C9,2024-02-30,P1,2,10")
    assert causes(batch) == [(2, "account", "unknown_account"), (2, "traded_on", "not_a_date")]
    assert batch.rows_rejected == 1


def test_returns_have_a_negative_quantity(bring: Bring) -> None:
    batch = bring(GOOD, "L2,C1,2024-02-29,P1,-1,10.50")
    assert batch.rows_rejected == 0
    assert TradeDay.objects.get().net_sales == Decimal("10.50")


def test_the_first_of_two_rows_with_one_external_id_counts(bring: Bring) -> None:
    batch = bring(GOOD, "L2,C1,2024-03-01,P1,1,1", "L1,C1,2024-03-01,P1,5,5")
    assert causes(batch) == [(4, "external_id", "duplicate")]
    assert batch.rejections.get().parameters == {"first": 2}
    assert TradeLine.objects.get(external_id="L1").quantity == 2


def test_a_cell_of_ten_megabytes_is_refused_and_shown_cut(bring: Bring) -> None:
    batch = bring(
        GOOD, f"{'x' * 10_000_000},C1,2024-02-29,P1,1,1", f"L3,C1,2024-02-29,P1,{'9' * 10_000_000},1"
    )
    assert causes(batch) == [(3, "external_id", "too_long"), (4, "quantity", "not_a_number")]
    first, second = batch.rejections.order_by("row_number")
    assert len(first.value) <= 201
    assert len(first.original[0]) == 10_000_000, "the row comes back whole"
    assert len(second.value) <= 201
    assert batch.rows_created == 1


def test_a_foreign_currency_needs_a_rate_on_or_before_the_day(bring: Bring) -> None:
    ExchangeRate.objects.create(currency="USD", valid_on="2024-03-01", rate=Decimal("7.2"))
    ExchangeRate.objects.create(currency="USD", valid_on="2024-04-01", rate=Decimal("7.3"))
    text = "\n".join(
        [
            HEADER + ",cur",
            "L1,C1,2024-02-29,P1,1,100,USD",
            "L2,C1,2024-03-31,P1,1,100,usd",
            "L3,C1,2024-05-01,P1,1,100,美元",
            "L4,C1,2024-05-01,P1,1,100,人民币",
            "L5,C1,2024-05-01,P1,1,100,EUR",
            "L6,C1,2024-05-01,P1,1,100,XQQ",
            "L7,C1,2024-05-01,P1,1,100,",
        ]
    )
    batch = bring(text=text, mapping=lines(columns={"currency": "cur"}))
    assert causes(batch) == [
        (2, "currency", "no_rate"),
        (6, "currency", "no_rate"),
        (7, "currency", "unknown_currency"),
        (8, "currency", "missing"),
    ]
    assert batch.rejections.order_by("row_number")[0].parameters == {"currency": "USD", "date": "2024-02-29"}
    sales = dict(TradeLine.objects.values_list("external_id", "net_sales"))
    assert sales == {"L2": Decimal("720"), "L3": Decimal("730"), "L4": Decimal("100")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_are_found(bring: Bring, encoding: str) -> None:
    data = f"{HEADER}\nL1,东方轴承有限公司,2024-02-29,P1,2,10\n".encode(encoding)
    batch = bring(data=data)
    assert (batch.rows_created, batch.rows_rejected) == (1, 0)
    assert batch.encoding == encoding


def test_a_broken_encoding_names_byte_and_row(bring: Bring) -> None:
    data = f"{HEADER}\n{GOOD}\nL2,".encode() + b"\xff\xff\xff" + b",2024-02-29,P1,2,10\n"
    batch = bring(data=data)
    assert batch.state == ImportState.FAILED
    assert batch.summary["problem"] == {
        "code": "not_decodable",
        "parameters": {"byte": len(f"{HEADER}\n{GOOD}\nL2,") + 1, "row": 3},
    }
    assert not TradeLine.objects.exists()


@pytest.mark.parametrize("order", [("utf-8", "gb18030"), ("gb18030", "utf-8")])
def test_mixed_encodings_are_refused_whole(bring: Bring, order: tuple[str, str]) -> None:
    row = "L{},东方轴承有限公司,2024-02-29,P1,2,10\n"
    data = f"{HEADER}\n".encode() + row.format(1).encode(order[0]) + row.format(2).encode(order[1])
    batch = bring(data=data)
    assert batch.state == ImportState.FAILED
    assert batch.summary["problem"]["code"] == "mixed_encodings"
    assert batch.summary["problem"]["parameters"]["row"] == 2


def test_a_named_encoding_is_held_to(bring: Bring) -> None:
    data = f"{HEADER}\nL1,东方轴承有限公司,2024-02-29,P1,2,10\n".encode("gb18030")
    assert (
        bring(data=data, mapping=lines(options={"encoding": "utf-8"})).summary["problem"]["code"]
        == "not_in_encoding"
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b" \n \n", "empty_file"),
        (f"{HEADER}\n".encode(), "no_rows"),
        ("id,a\nL1,2\n".encode("utf-16-le"), "utf16_without_mark"),
        (gzip.compress(b"id,a\n1,2\n" * 99, mtime=0)[:30], "damaged_file"),
        (b"PK\x03\x04 not a zip", "damaged_file"),
        (f'{HEADER}\n{GOOD}\nL2,"C1,2024-02-29,P1,2,10\nL3,C1,2024-02-29,P1,2,10\n'.encode(), "open_quote"),
        (b"id,customer,when\n1,2,3\n", "unknown_header"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole_with_a_reason(
    bring: Bring, data: bytes, code: str
) -> None:
    batch = bring(data=data)
    assert batch.state == ImportState.FAILED
    assert batch.summary["problem"]["code"] == code
    assert batch.error
    assert not TradeLine.objects.exists()


def test_text_that_begins_like_a_formula_is_data_in_csv(bring: Bring) -> None:
    batch = bring("=1+1,C1,2024-02-29,P1,2,10")
    assert batch.rows_created == 1
    assert TradeLine.objects.get().external_id == "=1+1"


def test_spreadsheet_formulas_without_a_value_and_errors_are_refused(
    tmp_path: Path, account: Account, product: object
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([*HEADER.split(","), "note"])
    sheet.append(["L1", "C1", "2024-02-29", "P1", 2, 10.5, "=A1"])
    sheet.append(["L2", "C1", "2024-02-29", "P1", "=1+1", 10.5, None])
    sheet.append(["L3", "C1", "2024-02-29", "P1", 2, "#N/A", None])
    sheet["F4"].data_type = "e"
    path = tmp_path / "lines.xlsx"
    book.save(path)
    batch = run(path, lines())
    assert causes(batch) == [
        (3, "quantity", "formula_without_value"),
        (4, "unit_price", "spreadsheet_error"),
    ]
    assert batch.rejections.get(row_number=3).value == "=1+1"
    assert batch.rows_created == 1, "a formula in a column that is not used does no harm"


def test_a_line_end_inside_quotes_and_a_blank_line_keep_the_row_numbers(bring: Bring) -> None:
    batch = bring(text=f'{HEADER}\nL1,C1,2024-02-29,P1,2,"10"\n\n"L\n3",C1,2024-02-29,P1,x,10\n')
    assert causes(batch) == [(4, "quantity", "not_a_number")]
    assert batch.rows_created == 1


def test_inch_marks_in_cells_do_not_join_rows(bring: Bring) -> None:
    batch = bring('5" pipe,C1,2024-02-29,P1,1,10', '6" pipe,C1,2024-02-29,P1,1,10')
    assert set(TradeLine.objects.values_list("external_id", flat=True)) == {'5" pipe', '6" pipe'}
    assert batch.rows_rejected == 0


def test_a_name_that_several_accounts_have_is_refused(bring: Bring, account: Account) -> None:
    Account(number="C2", name=account.name).save()
    batch = bring(f"L1,{account.name},2024-02-29,P1,1,10")
    assert causes(batch) == [(2, "account", "ambiguous_account")]

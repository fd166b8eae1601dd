"""Files in every dialect and language, and rejected rows on their way back."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from crm.imports.batches import remember_mapping, saved_mapping
from crm.imports.guessing import guess, guess_kind
from crm.imports.mapping import Mapping
from crm.imports.rejections import rejected_csv
from crm.imports.tables import read_table
from crm.models import ImportBatch, ImportState, TradeLine
from tests.crm.imports.support import HEADER, causes, counts, lines, run

Bring = Callable[..., ImportBatch]
TWO = ("L1,C1,2024-02-29,P1,2,10", "L2,C1,2024-03-31,P1,1,100")


@pytest.mark.parametrize(("delimiter", "comma"), [(";", True), ("\t", False), (",", False)])
def test_dialects(bring: Bring, delimiter: str, comma: bool) -> None:
    price = "1.234,50" if comma else "1234.50"
    rows = [
        HEADER.split(","),
        ["L1", "C1", "29/02/2024", "P1", "2", price],
        ["L2", "C1", "1/3/2024", "P1", "1", "7"],
    ]
    text = "\r\n".join(delimiter.join(row) for row in rows) + "\r\n"
    batch = bring(text=text)
    assert counts(batch) == (2, 0, 0, 0), causes(batch)
    assert TradeLine.objects.get(external_id="L1").net_amount == Decimal("2469")
    assert TradeLine.objects.get(external_id="L2").traded_on == dt.date(2024, 3, 1)


def test_dates_that_could_be_either_are_asked_about(bring: Bring) -> None:
    batch = bring("L1,C1,03/04/2024,P1,2,10")
    assert (batch.state, batch.summary["problem"]["code"]) == (ImportState.FAILED, "ambiguous_dates")
    batch = bring("L1,C1,03/04/2024,P1,2,10", mapping=lines(options={"date_format": "mdy"}))
    assert TradeLine.objects.get().traded_on == dt.date(2024, 3, 4)
    assert batch.state == ImportState.DONE


def test_xlsx_is_the_same_as_csv(bring: Bring, tmp_path: Path) -> None:
    bring(*TWO)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["B3"], sheet["C3"], sheet["D3"], sheet["E3"], sheet["F3"], sheet["G3"] = HEADER.split(",")
    for row, (name, day, quantity, price) in enumerate(
        [
            ("L1", dt.date(2024, 2, 29), 2, 10),
            ("L2", dt.datetime(2024, 3, 31), 1.0, 100.0),  # noqa: DTZ001  (spreadsheets know no zones)
            ("L3", "x", 1, 1),
        ],
        start=4,
    ):
        for column, value in enumerate([name, "C1", day, "P1", quantity, price], start=2):
            sheet.cell(row, column, value)
    path = tmp_path / "lines.xlsx"
    book.save(path)
    batch = run(path, lines())
    assert counts(batch) == (0, 0, 2, 1)
    assert causes(batch) == [(6, "traded_on", "not_a_date")], "the row number is the spreadsheet's"


def test_lines_without_an_id_are_known_by_their_content(bring: Bring) -> None:
    mapping = lines(columns={"external_id": "@content"})
    rows = ("x,C1,2024-02-29,P1,2,10", "x,C1,2024-02-29,P1,2,10", "y,C1,2024-02-29,P1,2,10")
    assert counts(bring(*rows, mapping=mapping)) == (3, 0, 0, 0)
    assert counts(bring(*rows, mapping=mapping)) == (0, 0, 3, 0)


def test_rejected_rows_come_back_whole_and_harmless_and_go_in_once_corrected(
    bring: Bring, tmp_path: Path
) -> None:
    text = f"{HEADER},note\nL1,C9,2024-02-30,P1,2,10,\"=cmd|' /c calc'!A1\"\nL2,C1,2024-02-29,P1,-2,10,ok\n"
    batch = bring(text=text)
    lines_back = list(csv.reader(io.StringIO("".join(rejected_csv(batch, "zh-hans")).lstrip("\ufeff"))))
    assert lines_back[0] == [*HEADER.split(","), "note", "#row", "#column", "#value", "#cause"]
    assert lines_back[1][:6] == ["L1", "C9", "2024-02-30", "P1", "2", "10"]
    assert lines_back[1][6].startswith("'=")
    assert lines_back[1][7:10] == ["2", "customer; date", "C9; 2024-02-30"]
    assert "没有此编号或名称的客户" in lines_back[1][10]
    lines_back[1][1:3] = ["C1", "2024-02-29"]
    path = tmp_path / "corrected.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(lines_back)
    assert read_table(path).fingerprint == read_table(tmp_path / "lines.csv").fingerprint
    assert counts(run(path, lines())) == (1, 0, 0, 0)


def test_a_chinese_header_is_understood_and_its_mapping_kept(db: None, tmp_path: Path) -> None:
    path = tmp_path / "销售.csv"
    path.write_bytes(
        "单据编号,行号,客户编号,客户名称,开票日期,物料编码,数量,单价,金额,币种\n"
        "SO1,1,K1,西湖轴承厂,2024年2月29日,M1,２,10.5,21,人民币\n".encode("gb18030")
    )
    table = read_table(path)
    assert guess_kind(table) == "trade_lines"
    mapping = guess("trade_lines", table)
    assert mapping.columns == {
        "external_id": "{单据编号}-{行号}",
        "account": "客户编号",
        "account_name": "客户名称",
        "traded_on": "开票日期",
        "order_number": "单据编号",
        "product": "物料编码",
        "quantity": "数量",
        "unit_price": "单价",
        "net_amount": "金额",
        "currency": "币种",
    }
    mapping.options |= {"create_missing_accounts": True, "create_missing_products": True}
    remember_mapping(mapping, table, None)
    kept = saved_mapping(read_table(path))
    assert kept is not None
    batch = run(path, Mapping.from_json(kept.definition))
    assert counts(batch) == (1, 0, 0, 0), causes(batch)
    assert TradeLine.objects.get().quantity == 2

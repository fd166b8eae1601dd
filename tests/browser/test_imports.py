"""Importing by hand and by mouse: every step on both screens and in both languages."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from crm.models import ImportBatch, ImportState, TradeLine
from tests.browser.conftest import OpenPage
from tests.browser.every_page import troubles
from tests.crm.imports.support import HEADER
from tests.factories import make_product
from tests.fixtures import World


@pytest.mark.django_db(transaction=True)
def test_a_file_from_upload_to_undo(
    open_page: OpenPage, anywhere: dict[str, str], world: World, tmp_path: Path
) -> None:
    make_product(code="P1")
    analyst = world.analyst
    analyst.language = "zh-hans" if anywhere["locale"] == "zh-CN" else "en"
    analyst.save()
    orders = tmp_path / "orders.csv"
    orders.write_text("order,customer,date\n1,C-REP,2024-02-29\n2,C-REP,2024-03-31\n")
    path = tmp_path / "order_lines.csv"
    path.write_text("order,line,product,qty,price\n1,1,P1,2,10\n1,2,P9,2,10\n2,1,P1,x,10\n3,1,P1,1,1\n")
    page = open_page("/imports/", user=analyst, **anywhere)
    found: list[str] = []

    shots = os.environ.get("SCREENSHOTS", "")

    def look(name: str) -> None:
        found.extend(troubles(page, name, **anywhere))
        if shots:
            shot = f"imports-{name}-{anywhere['screen']}-{anywhere['locale']}.png"
            page.screenshot(path=Path(shots) / shot, full_page=True)

    look("empty")
    page.locator("a[href='/imports/new/']").first.click()
    look("upload")
    page.set_input_files("#id_file", path)
    page.set_input_files("#id_lookups", orders)
    page.locator("main form button[type=submit]").click()
    expect(page.locator("#id_field_account")).to_have_value("orders.customer")
    expect(page.locator("#id_field_external_id")).to_have_value("{order}-{line}")
    look("columns")
    page.locator("button[value=check]").click()
    expect(page.locator("h1")).to_contain_text("order_lines.csv")
    look("checked")
    assert not TradeLine.objects.exists()
    page.locator("main form[data-once] button[value=import]").click()
    expect(page.locator("form[action$='/undo/']")).to_be_visible()
    look("done")
    assert TradeLine.objects.count() == 1
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("form[action$='/undo/'] button").click()
    expect(page.locator(".alert-warning")).to_be_visible()
    assert not TradeLine.objects.exists()
    ImportBatch.objects.create(
        kind="accounts", filename="x.csv", state=ImportState.RUNNING, progress=42, file="x"
    )
    page.goto("/imports/")
    look("list")
    page.goto(f"/imports/{ImportBatch.objects.latest('pk').pk}/")
    expect(page.locator("progress")).to_be_visible()
    look("progress")
    ImportBatch.objects.filter(state=ImportState.RUNNING).update(
        state=ImportState.FAILED, error="x", summary={}
    )
    page.reload()
    look("failed")
    assert not found, "\n".join(found)


@pytest.mark.django_db(transaction=True)
def test_choosing_another_kind_offers_its_fields(open_page: OpenPage, world: World, tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(f"{HEADER}\nL1,C-REP,2024-02-29,P1,2,10\n")
    page = open_page("/imports/new/", user=world.analyst)
    page.set_input_files("#id_file", path)
    page.locator("main form button[type=submit]").click()
    expect(page.locator("#id_field_quantity")).to_have_value("qty")
    page.locator("#kind").select_option("products")
    expect(page.locator("#id_field_list_price")).to_have_value("price")
    expect(page.locator("#id_field_quantity")).to_have_count(0)
    any_error: Any = page.context.errors  # type: ignore[attr-defined]
    assert not any_error

"""Merging and taking apart again, by hand in a browser; and the word said while a customer is typed twice."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from crm.duplicates.scans import run_scan
from crm.models import Account, Contact, DuplicateScan, Visit
from tests.browser.conftest import OpenPage
from tests.browser.phone import soon
from tests.factories import make_account, make_contact, make_trade_line, make_visit
from tests.figures import roll_up
from tests.fixtures import World

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2025, 6, 30, 12, tzinfo=dt.UTC)


def test_a_pair_is_found_merged_and_taken_apart_with_everything_that_hangs_on_it(
    open_page: OpenPage, world: World
) -> None:
    kept = make_account(world.rep, world.east, number="K", name="宁波水泵厂", phone="0574-87654321")
    twin = make_account(world.rep, world.east, number="M", name="宁波水泵厂有限公司", city="宁波")
    person = make_contact(kept, "李工")
    person.positions.create(account=twin, title="总工")
    make_contact(twin, "王总")
    make_visit(twin, world.rep, NOW, note="Asked for a quotation")
    make_trade_line(twin, dt.date(2025, 5, 1))
    roll_up()

    page = open_page("/duplicates/", user=world.manager, locale="zh-CN")
    page.get_by_role("button", name="重新查重").click()
    soon(DuplicateScan.objects.exists, page)
    # The worker's part; where the task has run in the server's own thread, there is nothing left to do.
    run_scan(DuplicateScan.objects.get().pk, now=timezone.now())
    # The page looks by itself, and shows the pair once the search is over.
    page.get_by_role("link", name="比较").click()
    page.get_by_text("宁波水泵厂有限公司", exact=True).last.click()
    page.get_by_role("button", name="合并").click()
    page.wait_for_url(re.compile(r"/merges/\d+/"))
    kept.refresh_from_db()
    assert (kept.name, kept.city) == ("宁波水泵厂有限公司", "宁波")
    assert {contact.name for contact in Contact.objects.filter(accounts=kept)} == {"李工", "王总"}

    page.goto(twin.get_absolute_url())
    page.wait_for_url(f"**{kept.get_absolute_url()}")
    expect(page.get_by_role("heading", level=1)).to_have_text("宁波水泵厂有限公司")
    expect(page.get_by_text("王总").first).to_be_visible()

    page.go_back()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="撤销合并").click()
    expect(page.get_by_text("已撤销的合并")).to_be_visible()
    page.goto(twin.get_absolute_url())
    expect(page).to_have_url(re.compile(twin.get_absolute_url()))
    assert Visit.objects.get().account == twin
    assert {contact.name for contact in Contact.objects.filter(accounts=twin)} == {"李工", "王总"}
    assert Account.objects.get(pk=kept.pk).name == "宁波水泵厂"


def test_who_enters_a_customer_twice_is_told_while_typing(open_page: OpenPage, world: World) -> None:
    make_account(world.rep, world.east, name="宁波水泵厂", phone="0574-87654321")
    make_account(world.stranger, world.west, name="成都水泵厂", phone="028-87654321")
    page = open_page("/accounts/new/", screen="phone", user=world.rep)
    page.get_by_label("Phone", exact=True).press_sequentially("0574 87654321")
    expect(page.locator("#similar")).to_contain_text("宁波水泵厂")
    expect(page.locator("#similar")).to_contain_text("Same phone")
    page.get_by_label("Name", exact=True).fill("成都水泵厂有限公司")
    expect(page.locator("#similar")).to_contain_text("A customer of this name exists in another territory.")
    expect(page.locator("#similar")).not_to_contain_text("028")

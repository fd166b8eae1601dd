"""Search from everywhere: by keyboard at a desk, by thumb on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.every_page import troubles
from tests.crm.opportunities.support import make_opportunity
from tests.factories import make_account, make_contact
from tests.fixtures import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def filled(world: World) -> World:
    person = make_contact(world.account, "李建国", title="采购经理")
    person.mobile = "138 1234 5678"
    person.save()
    make_account(world.rep, world.east, name="东风汽车零部件")
    make_opportunity(world.account, world.rep, name="东方主轴合同")
    return world


def test_by_keyboard_from_any_page(open_page: OpenPage, filled: World) -> None:
    page = open_page("/visits/", user=filled.rep)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Control+k")
    dialog = page.locator("#search-dialog")
    box = dialog.get_by_role("searchbox")
    expect(box).to_be_focused()
    box.press_sequentially("dongf", delay=20)
    expect(dialog.locator("[data-hit]").first).to_be_visible()
    expect(dialog.locator("mark").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(dialog.locator("[data-hit]").nth(0)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(box).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("a")
    expect(box).to_have_value("dongfa")
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    page.locator("body").press("/")
    expect(box).to_be_focused()
    box.fill("dongfnag")
    expect(dialog.get_by_text("Did you mean")).to_be_visible()
    expect(dialog.locator("[data-hit]").first).to_contain_text("Orient Bearing")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/accounts/{filled.account.pk}/"))
    # What was searched is offered again, and forgotten with the log-out.
    page.keyboard.press("Control+k")
    dialog.get_by_role("searchbox").fill("")
    expect(dialog.get_by_role("button", name="dongfnag")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(re.compile("/login/"))
    assert (
        page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('mainstay-searches')).length")
        == 0
    )


def test_a_slash_in_a_field_is_a_slash(open_page: OpenPage, filled: World) -> None:
    page = open_page("/visits/", user=filled.rep)
    field = page.locator("main input[type=search]").first
    field.focus()
    page.keyboard.press("/")
    expect(field).to_have_value("/")
    expect(page.locator("#search-dialog")).not_to_be_visible()


def test_on_a_phone_the_dialog_is_the_screen(open_page: OpenPage, filled: World) -> None:
    page = open_page("/", screen="phone", locale="zh-CN", user=filled.rep)
    page.wait_for_load_state("networkidle")
    page.locator("header a[data-search-open]").tap()
    dialog = page.locator("#search-dialog")
    size = dialog.bounding_box()
    assert size is not None
    assert (size["width"], size["height"]) == (390, 844)
    dialog.get_by_role("searchbox").fill("1381234")
    expect(dialog.locator("a[href='tel:138 1234 5678']")).to_be_visible()
    dialog.get_by_role("searchbox").fill("dfzz")
    expect(dialog.get_by_text("东方主轴合同")).to_be_visible()
    assert not list(troubles(page, "search dialog", "phone", "zh-CN"))
    dialog.get_by_role("link", name="全部结果").tap()
    page.wait_for_url(re.compile(r"/search/\?q=dfzz"))
    assert not list(troubles(page, "search results", "phone", "zh-CN"))


def test_the_dialog_at_a_desk_is_accessible(open_page: OpenPage, filled: World) -> None:
    page = open_page("/", user=filled.rep)
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Search").click()
    page.locator("#search-dialog").get_by_role("searchbox").fill("dongfang")
    expect(page.locator("#search-dialog [data-hit]").first).to_be_visible()
    assert not list(troubles(page, "search dialog", "desktop", "en"))

"""What lives in the browser: taps, typing, clicks on charts, a page that changes while one looks at it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from crm.models import Role, Run, Visit
from tests.browser.company import load_company, somebody
from tests.browser.conftest import OpenPage
from tests.factories import make_contact, make_trade_line
from tests.figures import compute
from tests.fixtures import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_visit_is_logged_on_a_phone_with_five_taps_and_one_text(open_page: OpenPage, world: World) -> None:
    make_contact(world.account, "李工", decision_role="decider")
    make_contact(world.colleagues_account, "别家的人")
    page = open_page(world.account.get_absolute_url(), screen="phone", locale="zh-CN", user=world.rep)
    page.locator("main").get_by_role("link", name="记拜访").first.tap()
    assert page.get_by_text("别家的人").count() == 0, "only this account's people"
    page.get_by_text("李工").tap()
    page.get_by_text("有进展", exact=True).tap()
    page.get_by_label("备注").fill("客户要下半年的报价 <b>急</b>")
    page.get_by_role("button", name="保存拜访").tap()
    page.wait_for_url(re.compile(r"/accounts/\d+/"))
    visit = Visit.objects.get()
    assert (visit.account, visit.user, visit.kind, visit.outcome) == (
        world.account,
        world.rep,
        "visit",
        "progress",
    )
    assert [contact.name for contact in visit.contacts.all()] == ["李工"]
    expect(page.get_by_text("<b>急</b>").first).to_be_visible()


def test_a_double_tap_on_save_makes_one_visit(open_page: OpenPage, world: World) -> None:
    page = open_page(f"/visits/new/?account={world.account.pk}", screen="phone", user=world.rep)
    page.get_by_label("Note").fill("Twice")
    page.get_by_role("button", name="Save visit").dblclick()
    page.wait_for_url(re.compile(r"/accounts/\d+/"))
    # The same entry again, as a phone does that never saw the answer.
    assert Visit.objects.filter(note="Twice").count() == 1


def test_search_from_the_keyboard_finds_a_chinese_name_by_its_initials(
    open_page: OpenPage, world: World
) -> None:
    page = open_page("/", user=world.rep)
    page.keyboard.press("Control+k")
    page.keyboard.type("dfzc")
    hit = page.locator("#quick-search-results").get_by_role("link", name=re.compile("Orient Bearing"))
    hit.click()
    page.wait_for_url(f"**{world.account.get_absolute_url()}")


def test_the_language_switch_stays_on_the_page_and_with_the_user(open_page: OpenPage, world: World) -> None:
    page = open_page("/accounts/", user=world.rep)
    page.get_by_role("button", name="简体中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("客户"))
    assert page.url.endswith("/accounts/")
    world.rep.refresh_from_db()
    assert world.rep.language == "zh-hans"


def test_a_figure_on_the_dashboard_leads_to_the_customers_behind_it(open_page: OpenPage) -> None:
    load_company()
    page = open_page("/tiers/", user=somebody(Role.ADMINISTRATOR))
    row = page.locator("table tr", has=page.get_by_role("link", name="B", exact=True)).first
    count = int(re.sub(r"\D", "", row.locator("td").nth(1).inner_text()))
    assert count > 0
    row.get_by_role("link", name="B", exact=True).click()
    page.wait_for_url(re.compile(r"grade=B"))
    expect(page.locator("table tbody tr")).to_have_count(min(count, 50))


def test_the_button_recomputes_and_the_page_follows_the_run(open_page: OpenPage, world: World) -> None:
    make_trade_line(world.account, dt.date(2026, 1, 10))
    compute(dt.date(2026, 1, 31))
    page = open_page("/runs/", user=world.manager)
    page.get_by_role("button", name="Recompute").first.dblclick()
    expect(page.get_by_text("Published").first).to_be_visible()
    assert Run.objects.filter(trigger="button").count() == 1

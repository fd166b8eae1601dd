"""A rule is built in the browser: conditions and groups come and go, and the count follows."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from segmentation.models import Segment, SegmentMembership
from tests.browser.conftest import OpenPage
from tests.factories import make_trade_line
from tests.figures import compute
from tests.fixtures import World, build_world

pytestmark = pytest.mark.django_db(transaction=True)


def company() -> World:
    world = build_world()
    make_trade_line(world.account, dt.date(2025, 5, 10), net_amount=300, cost=200)
    make_trade_line(world.strangers_account, dt.date(2025, 6, 10), net_amount=500, cost=200)
    compute(dt.date(2025, 6, 30))
    return world


def shows(page: Page, accounts: int) -> None:
    expect(page.locator(f"#count [data-count='{accounts}']")).to_be_visible()


def test_a_rule_is_built_and_the_count_follows(open_page: OpenPage) -> None:
    world = company()
    page = open_page("/segments/new/", user=world.analyst)
    expect(page.locator("#count")).to_contain_text("A number is missing")
    page.get_by_label("Value to compare with: Net sales").fill("100")
    shows(page, 2)
    page.get_by_label("Value to compare with: Net sales").fill("400")
    shows(page, 1)
    expect(page.locator("#count")).to_contain_text("Stranger Gears")
    # A group within the group, on another field.
    page.get_by_role("button", name="Group", exact=True).click()
    inner = page.locator("fieldset.rule-group fieldset.rule-group")
    inner.get_by_label("Figure or field").select_option("stage")
    inner.get_by_label("Lost").check()
    shows(page, 0)
    inner.get_by_label("How the conditions are joined").select_option("none")
    shows(page, 1)
    page.get_by_role("button", name="Take out 1", exact=True).click()
    shows(page, 3)
    inner = page.locator("fieldset.rule-group fieldset.rule-group")
    inner.get_by_label("Figure or field").select_option("net_sales")
    expect(page.locator("#count")).to_contain_text("A number is missing")
    inner.get_by_label("Value to compare with").fill("1")
    shows(page, 1)
    page.get_by_label("Name", exact=False).first.fill("No trade")
    page.get_by_role("button", name="Save").last.click()
    page.get_by_role("heading", name="No trade").wait_for()
    segment = Segment.objects.get()
    assert segment.rule["rules"][0]["match"] == "none"
    assert SegmentMembership.objects.filter(segment=segment, valid_to=None).count() == 1


def test_a_rule_is_built_on_a_phone(open_page: OpenPage) -> None:
    world = company()
    page = open_page("/segments/new/", screen="phone", user=world.manager)
    page.get_by_label("Value to compare with: Net sales").fill("100")
    shows(page, 1)
    page.get_by_role("button", name="Condition", exact=True).tap()
    page.locator("#r-1").get_by_label("Figure or field").select_option("kind")
    page.locator("#r-1").get_by_label("Customer", exact=True).check()
    shows(page, 1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

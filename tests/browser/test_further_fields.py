"""Further fields in the account list by hand: chosen as columns, filtered by several choices."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from crm.models import CustomField
from tests.browser.conftest import OpenPage
from tests.factories import make_account
from tests.fixtures import World

pytestmark = pytest.mark.django_db(transaction=True)
CHOICES = [
    {"value": "none", "mark": 0, "name": "None", "name_zh": "没有"},
    {"value": "some", "mark": 2, "name": "Some", "name_zh": "部分"},
    {"value": "full", "mark": 5, "name": "Full", "name_zh": "齐全"},
]


def test_columns_are_fetched_when_the_choice_opens_and_filters_take_several(
    open_page: OpenPage, world: World
) -> None:
    CustomField.objects.create(code="lines", name="Production lines", kind="number")
    CustomField.objects.create(code="shop", name="Own shop", kind="choice", choices=CHOICES, order=1)
    for number, shop in enumerate(("none", "some", "full")):
        make_account(world.rep, world.east, name=f"Firm {shop}", custom={"lines": number, "shop": shop})
    page = open_page("/accounts/", user=world.rep)
    page.get_by_role("button", name="Columns").click()
    page.get_by_label("Production lines").check()
    page.get_by_label("Own shop").check()
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("columnheader", name="Production lines")).to_be_visible()
    page.get_by_role("link", name="Filters").click()
    shops = page.locator("summary", has_text="All")
    shops.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Some", exact=True).check()
    page.get_by_label("Full", exact=True).check()
    page.get_by_label("Production lines, at most").fill("1.5")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile("custom_shop=some&custom_shop=full"))
    expect(page.get_by_role("link", name="Firm some")).to_be_visible()
    expect(page.get_by_role("link", name="Firm full")).to_have_count(0)
    # Another search keeps columns and filters.
    page.get_by_label("Search accounts").fill("firm")
    page.wait_for_url(re.compile("q=firm"))
    expect(page.get_by_role("link", name=re.compile("Own shop: Some, Full"))).to_be_visible()
    expect(page.get_by_role("columnheader", name="Own shop")).to_be_visible()
    expect(page.get_by_role("link", name="Firm none")).to_have_count(0)

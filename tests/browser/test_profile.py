"""In the browser: the parent group is picked by typing, rows are added in place, the graph leads on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from crm.models import AccountSupply, Observation
from tests.browser.conftest import OpenPage
from tests.factories import make_account
from tests.fixtures import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_parent_group_is_picked_with_the_keyboard(open_page: OpenPage, world: World) -> None:
    group = make_account(world.rep, number="C-GRP", name="东岳集团", english_name="Dongyue Group")
    page = open_page(f"{world.account.get_absolute_url()}edit/", user=world.rep)
    box = page.get_by_role("combobox", name="Parent group")
    box.fill("dyjt")
    option = page.get_by_role("option", name=re.compile("Dongyue Group"))
    expect(option).to_be_visible()
    box.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(box).to_have_value("Dongyue Group")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**{world.account.get_absolute_url()}")
    world.account.refresh_from_db()
    assert world.account.parent == group
    # What is typed and not chosen is refused, not dropped.
    page.goto(f"{world.account.get_absolute_url()}edit/")
    box = page.get_by_role("combobox", name="Parent group")
    expect(box).to_have_value("Dongyue Group")
    box.fill("no such company")
    box.press("Escape")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("choose one from the list")).to_be_visible()


def test_on_a_phone_the_picker_is_tapped_and_the_relation_is_drawn_as_a_list(
    open_page: OpenPage, world: World
) -> None:
    make_account(world.rep, number="C-SHOP", name="华星轴承销售")
    path = f"{world.account.get_absolute_url()}profile/"
    page = open_page(path, screen="phone", locale="zh-CN", user=world.rep)
    page.get_by_text("修改上下游关系").tap()
    page.locator("[data-picker-search]").fill("华星")
    page.get_by_role("option", name=re.compile("华星轴承")).tap()
    page.get_by_role("button", name="经由它采购").tap()
    page.wait_for_url(re.compile("#relations"))
    assert AccountSupply.objects.get().customer == world.account
    expect(page.locator("table").get_by_role("link", name="华星轴承销售")).to_be_visible()
    expect(page.locator(".relations-graph")).to_be_hidden()


def test_a_click_in_the_graph_leads_to_that_account(open_page: OpenPage, world: World) -> None:
    shop = make_account(world.rep, number="C-SHOP", name="Star Bearings")
    AccountSupply.objects.create(supplier=shop, customer=world.account)
    page = open_page(f"{world.account.get_absolute_url()}profile/", user=world.rep)
    page.locator(".relations-graph a", has_text="Star Bearings").click()
    page.wait_for_url(re.compile(rf"/accounts/{shop.pk}/profile/"))
    expect(page.locator(".relations-graph a", has_text="C-REP")).to_be_visible()


def test_figures_are_added_in_place(open_page: OpenPage, world: World) -> None:
    page = open_page(f"{world.account.get_absolute_url()}trends/new/", user=world.rep)
    page.get_by_label("Kind").select_option("market")
    page.get_by_label("In one line").fill("New line <b>")
    for place, (measure, value) in enumerate((("Orders", "12.5"), ("Workers", "40"), ("Shifts", "2"))):
        if place:
            page.get_by_role("button", name="One more figure").click()
        page.get_by_label("Measure").nth(place).fill(measure)
        page.get_by_label("Value").nth(place).fill(value)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/trends/"))
    expect(page.get_by_text("New line <b>")).to_be_visible()
    observation = Observation.objects.get()
    assert set(observation.figures.values_list("measure", flat=True)) == {"Orders", "Workers", "Shifts"}

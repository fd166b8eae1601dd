"""The board by mouse, by finger, by keyboard: the server has the last word."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.models import Competitor, CriterionMet, Opportunity, User
from tests.browser.conftest import OpenPage
from tests.crm.opportunities.support import make_opportunity, stage
from tests.fixtures import World

pytestmark = pytest.mark.django_db(transaction=True)


def ready(world: World, order: int = 1) -> Opportunity:
    """One with all criteria of its stage met."""
    row = make_opportunity(world.account, world.rep, order)
    for criterion in stage(order).criteria.all():
        CriterionMet.objects.create(opportunity=row, criterion=criterion, user=world.rep)
    return row


def board(open_page: OpenPage, user: User, screen: str = "desktop") -> Page:
    page = open_page("/pipeline/", screen=screen, user=user)
    expect(page.locator(".board")).to_be_visible()
    page.wait_for_load_state("networkidle")
    return page


def drag(page: Page, card: Any, target: Any) -> None:
    start, end = card.bounding_box(), target.bounding_box()
    page.mouse.move(start["x"] + 20, start["y"] + start["height"] - 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 60, steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 60, steps=8)
    page.mouse.up()


def settled(page: Page, column: Any) -> None:
    """The card is there, and no longer only because the browser hopes so."""
    expect(page.locator(".is-saving")).to_have_count(0)
    expect(column.locator("[data-card]")).to_have_count(1)


def test_a_card_is_dragged_and_the_sums_follow(open_page: OpenPage, world: World) -> None:
    row = ready(world)
    page = board(open_page, world.rep)
    target = page.locator(f"#column-{stage(2).pk}")
    drag(page, page.locator("[data-card]"), target)
    settled(page, target)
    expect(target.locator("h2")).to_contain_text("1")
    expect(page.locator(f"#column-{stage(1).pk} h2")).to_contain_text("0")
    row.refresh_from_db()
    assert row.stage == stage(2)


def test_a_question_left_unanswered_puts_the_card_back(open_page: OpenPage, world: World) -> None:
    row = make_opportunity(world.account, world.rep, 1)
    page = board(open_page, world.rep)
    first, second = page.locator(f"#column-{stage(1).pk}"), page.locator(f"#column-{stage(2).pk}")
    drag(page, page.locator("[data-card]"), second)
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("We know who decides")
    page.keyboard.press("Escape")
    expect(first.locator("[data-card]")).to_have_count(1)
    expect(second.locator("[data-card]")).to_have_count(0)
    drag(page, page.locator("[data-card]"), second)
    dialog.get_by_role("button", name="Move all the same").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    settled(page, second)
    row.refresh_from_db()
    assert row.stage == stage(2)
    assert len(row.changes.get().unmet) == 3


def test_a_server_that_does_not_answer_puts_the_card_back(open_page: OpenPage, world: World) -> None:
    row = ready(world)
    page = board(open_page, world.rep)
    page.route("**/move/", lambda route: route.abort())
    drag(page, page.locator("[data-card]"), page.locator(f"#column-{stage(2).pk}"))
    expect(page.get_by_text("Not moved: no answer from the server")).to_be_visible()
    expect(page.locator(f"#column-{stage(1).pk} [data-card]")).to_have_count(1)
    page.context.errors.clear()  # type: ignore[attr-defined]
    row.refresh_from_db()
    assert row.stage == stage(1)


def test_what_a_colleague_moved_meanwhile_is_shown_where_it_is(open_page: OpenPage, world: World) -> None:
    row = ready(world)
    page = board(open_page, world.rep)
    Opportunity.objects.filter(pk=row.pk).update(stage=stage(4))
    drag(page, page.locator("[data-card]"), page.locator(f"#column-{stage(2).pk}"))
    expect(page.get_by_text("a colleague moved it to")).to_be_visible()
    expect(page.locator(f"#column-{stage(4).pk} [data-card]")).to_have_count(1)


def test_by_keyboard_alone(open_page: OpenPage, world: World) -> None:
    ready(world)
    page = board(open_page, world.rep)
    page.get_by_role("link", name="Move Bearings for the new line").focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    choice = dialog.get_by_role("button", name=re.compile("Technical clarification"))
    choice.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#column-{stage(2).pk} [data-card]")).to_be_focused()
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_a_phone_shows_a_column_at_a_time_and_moves_by_touch(open_page: OpenPage, world: World) -> None:
    row = ready(world)
    page = board(open_page, world.rep, "phone")
    columns = page.locator(".board-column")
    expect(columns.nth(0)).to_be_in_viewport(ratio=0.5)
    expect(columns.nth(1)).not_to_be_in_viewport(ratio=0.2)
    page.get_by_role("link", name=re.compile("^Quotation")).tap()
    expect(columns.nth(3)).to_be_in_viewport(ratio=0.5)
    page.get_by_role("link", name=re.compile("^Inquiry")).tap()
    expect(columns.nth(0)).to_be_in_viewport(ratio=0.5)
    page.get_by_role("link", name="Move Bearings for the new line").tap()
    page.get_by_role("button", name=re.compile("Technical clarification")).tap()
    expect(columns.nth(1).locator("[data-card]")).to_have_count(1)
    row.refresh_from_db()
    assert row.stage == stage(2)


def test_a_finger_on_the_grip_drags_to_a_tab(open_page: OpenPage, world: World) -> None:
    row = ready(world)
    page = board(open_page, world.rep, "phone")
    page.evaluate(
        """stage => {
          const grip = document.querySelector("[data-grip]");
          const tab = document.querySelector(`[data-tab][data-drop="${stage}"]`);
          const middle = (box) => ({ clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 });
          const send = (element, name, point) => element.dispatchEvent(
            new PointerEvent(name, { bubbles: true, cancelable: true, pointerType: "touch", pointerId: 7, ...point }));
          const from = middle(grip.getBoundingClientRect()), to = middle(tab.getBoundingClientRect());
          send(grip, "pointerdown", from);
          send(grip, "pointermove", { clientX: from.clientX - 20, clientY: from.clientY - 20 });
          send(grip, "pointermove", to);
          send(grip, "pointerup", to);
        }""",
        str(stage(2).pk),
    )
    settled(page, page.locator(f"#column-{stage(2).pk}"))
    row.refresh_from_db()
    assert row.stage == stage(2)


def test_from_inquiry_to_lost_in_chinese_on_a_phone(open_page: OpenPage, world: World) -> None:
    stage(1)
    Competitor.objects.create(name="北辰精轴")
    page = open_page(
        f"/accounts/{world.account.pk}/opportunities/", screen="phone", locale="zh-CN", user=world.rep
    )
    page.get_by_role("link", name="新建商机").tap()
    page.get_by_label("名称").fill("主轴轴承年度合同")
    page.get_by_label("金额").fill("120000")
    page.locator("#id_expected_on").fill("2027-03-01")
    page.get_by_text("北辰精轴").tap()
    page.get_by_role("button", name="保存").tap()
    page.get_by_role("button", name="需求、数量和时间已明确").tap()
    expect(page.get_by_role("button", name="需求、数量和时间已明确")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("link", name="丢单").first.tap()
    page.get_by_text("价格", exact=True).tap()
    page.get_by_label("输给").select_option(label="北辰精轴")
    page.get_by_label("经验教训").fill("价格差一成")
    page.get_by_role("button", name="保存").tap()
    expect(page.get_by_text("价格差一成").first).to_be_visible()
    row = Opportunity.objects.get()
    assert (row.state, str(row.lost_to), row.close_reason) == ("lost", "北辰精轴", "price")
    assert CriterionMet.objects.count() == 1

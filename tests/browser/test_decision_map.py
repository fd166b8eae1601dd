"""The decision map drawn in the browser and read back: from the page and from the database."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Locator, Page, expect

from crm.models import BuyingProcess, Faction, Influence, Participation, Position, StanceChange
from tests.browser.conftest import OpenPage
from tests.factories import make_contact
from tests.fixtures import World

pytestmark = pytest.mark.django_db(transaction=True)
EVIL = '<img src=x onerror="document.title=1">'


def person(world: World, name: str, **fields: object) -> Position:
    return Position.objects.get(contact=make_contact(world.account, name, **fields))


def map_url(world: World) -> str:
    return f"{world.account.get_absolute_url()}decisions/"


def settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_role_stance_faction_and_arrow_are_set_and_read_back(
    open_page: OpenPage, world: World, screen: str
) -> None:
    boss, engineer = person(world, f"王总{EVIL}", level=1), person(world, "李工", level=3)
    page = open_page(map_url(world), screen=screen, user=world.rep)
    shown = "#dm-card-{}" if screen == "desktop" else "#dm-row-{}"
    expect(page.locator("#dm-alerts")).to_contain_text("Nobody is known as the final decision maker")
    # A faction first, while nobody is chosen.
    page.get_by_label("New faction").fill(f"技术派{EVIL}")
    page.get_by_role("button", name="Add faction").click()
    expect(page.locator(".dm-faction")).to_have_count(1)

    page.locator(shown.format(boss.pk)).click()
    expect(page.locator("#dm-side-title")).to_be_focused()
    page.get_by_label("Part in the decision").select_option("decider")
    expect(page.locator("#dm-alerts")).not_to_contain_text("Nobody is known")
    page.locator("#dm-influence").get_by_text("5", exact=True).click()
    page.get_by_label("How we know").select_option("said")
    page.locator("#stance-noted_on").fill("2025-03-04")
    page.get_by_label("Note").fill(f"会上说{EVIL}")
    page.get_by_role("button", name="Opposes us").click()
    expect(page.locator("#dm-history")).to_contain_text("2025-03-04")
    expect(page.locator("#dm-alerts")).to_contain_text("decides and opposes us")
    page.locator("#dm-faction").select_option(label=f"技术派{EVIL}")
    page.locator("#dm-level").select_option("2")
    settle(page)
    page.get_by_role("link", name="Close").click()
    expect(page.locator("#dm-side-title")).to_have_count(0)

    page.locator(shown.format(engineer.pk)).click()
    page.locator("#dm-target").select_option(str(boss.pk))
    page.locator("#dm-new-strength").select_option("3")
    page.get_by_role("button", name="Add arrow").click()
    expect(page.locator("#dm-side a[href*='arrow=']")).to_have_count(1)

    page.goto(map_url(world))
    row = page.locator(shown.format(boss.pk))
    if screen == "desktop":
        arrow = Influence.objects.get()
        label = row.get_attribute("aria-label") or ""
        assert "Final decision maker, Opposes us, influence 5 of 5" in label
        expect(page.locator(f"#dm-arrow-{arrow.pk}")).to_have_class("dm-arrow dm-strength-3")
        assert_joined(page, page.locator(f"#dm-arrow-{arrow.pk} .dm-line"), engineer, boss)
        inside(page.locator(".dm-area rect"), row)
    else:
        expect(row).to_contain_text("Final decision maker")
        expect(row).to_contain_text("技术派")
        expect(page.locator(".dm-list")).to_contain_text("Strong")
    expect(page.locator("#dm-support")).to_have_text("-1.00")
    assert page.title() != "1"
    boss.refresh_from_db()
    assert (boss.decision_role, boss.influence, boss.stance, boss.level) == ("decider", 5, -1, 2)
    assert boss.faction == Faction.objects.get()
    assert boss.stance_noted_on == dt.date(2025, 3, 4)
    change = StanceChange.objects.get()
    assert (change.stance, change.source, change.note, change.user) == (
        -1,
        "said",
        f"会上说{EVIL}",
        world.rep,
    )
    arrow = Influence.objects.get()
    assert (arrow.source, arrow.target, arrow.strength) == (engineer, boss, 3)
    expect(page.locator("body")).not_to_contain_text("None noted. None")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def inside(area: Locator, card: Locator) -> None:
    outer, inner = area.bounding_box(), card.bounding_box()
    assert outer
    assert inner
    assert outer["x"] <= inner["x"]
    assert outer["y"] <= inner["y"]
    assert outer["x"] + outer["width"] >= inner["x"] + inner["width"]
    assert outer["y"] + outer["height"] >= inner["y"] + inner["height"]


def assert_joined(page: Page, line: Locator, source: Position, target: Position) -> None:
    """The drawn path starts at the edge of one card and ends at the edge of the other."""
    ends = line.evaluate(
        "path => [0, path.getTotalLength()].map(at => path.getPointAtLength(at)).map(p => [p.x, p.y])"
    )
    for (x, y), owner in zip(ends, (source, target), strict=True):
        card = page.locator(f"#dm-card-{owner.pk}")
        left, top = float(card.get_attribute("data-x") or 0), float(card.get_attribute("data-y") or 0)
        assert left <= x <= left + 172
        assert min(abs(y - top), abs(y - top - 92)) < 0.2 or min(abs(x - left), abs(x - left - 172)) < 0.2


def test_cards_and_arrows_are_dragged_with_the_mouse(open_page: OpenPage, world: World) -> None:
    faction = Faction.objects.create(account=world.account, name="技术派")
    boss, engineer = person(world, "王总", level=1), person(world, "李工", level=3)
    page = open_page(map_url(world), user=world.rep)
    drag(page, page.locator(f"#dm-card-{engineer.pk}"), page.locator('.dm-row[data-level="2"]'), across=False)
    expect(page.locator(f'#dm-card-{engineer.pk}[data-level="2"]')).to_be_visible()
    drag(page, page.locator(f"#dm-card-{engineer.pk}"), page.locator(".dm-area rect"), along=False)
    expect(page.locator(f'#dm-card-{engineer.pk}[data-faction="{faction.pk}"]')).to_be_visible()
    # Letting go of a card opens nobody.
    expect(page.locator("#dm-side-title")).to_have_count(0)
    page.locator(f"#dm-card-{engineer.pk}").hover()
    drag(page, page.locator(f"#dm-card-{engineer.pk} .dm-handle"), page.locator(f"#dm-card-{boss.pk}"))
    expect(page.locator(".dm-arrow")).to_have_count(1)
    engineer.refresh_from_db()
    assert (engineer.level, engineer.faction) == (2, faction)
    arrow = Influence.objects.get()
    assert (arrow.source, arrow.target, arrow.strength) == (engineer, boss, 2)
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator(f"#dm-arrow-{arrow.pk}").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Delete arrow").click()
    expect(page.locator(".dm-arrow")).to_have_count(0)
    assert not Influence.objects.exists()


def drag(page: Page, what: Locator, where: Locator, *, across: bool = True, along: bool = True) -> None:
    start, end = what.bounding_box(), where.bounding_box()
    assert start
    assert end
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 8, y + 8)
    goal_x = end["x"] + end["width"] / 2 if across else x
    goal_y = end["y"] + end["height"] / 2 if along else y
    page.mouse.move(goal_x, goal_y, steps=4)
    page.mouse.up()
    settle(page)


def test_everything_works_with_the_keyboard(open_page: OpenPage, world: World) -> None:
    boss, engineer = person(world, "王总", level=1), person(world, "李工", level=4)
    page = open_page(map_url(world), user=world.rep)
    page.locator(f"#dm-card-{engineer.pk}").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(f'#dm-card-{engineer.pk}[data-level="3"]')).to_be_focused()
    page.locator("#dm-connect").focus()
    page.keyboard.press("Enter")
    page.locator(f"#dm-card-{engineer.pk}").focus()
    page.keyboard.press("Enter")
    page.locator(f"#dm-card-{boss.pk}").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".dm-arrow")).to_have_count(1)
    page.keyboard.press("Escape")
    page.locator(f"#dm-card-{boss.pk}").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#dm-side-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(f"#dm-card-{boss.pk}")).to_be_focused()
    engineer.refresh_from_db()
    assert engineer.level == 3
    assert Influence.objects.get().source == engineer


def test_a_process_is_chosen_and_keeps_its_own_weights(open_page: OpenPage, world: World) -> None:
    boss = person(world, "王总", level=1, influence=5, decision_role="decider")
    process = BuyingProcess.objects.create(account=world.account, name="新产线")
    page = open_page(map_url(world), user=world.rep)
    page.get_by_label("Buying process").select_option(label="新产线")
    page.wait_for_url(f"**?process={process.pk}")
    page.locator(f"#dm-card-{boss.pk}").click()
    page.locator("#dm-role").select_option("gatekeeper")
    expect(page.locator("#dm-alerts")).to_contain_text("Nobody is known as the final decision maker")
    page.get_by_role("button", name="Start with the usual seven steps").click()
    expect(page.locator(".dm-steps > li")).to_have_count(7)
    expect(page.locator("#dm-total")).to_have_text("usually 125 days")
    page.locator(".dm-steps > li").nth(1).get_by_role("button", name="up").click()
    expect(page.locator(".dm-steps > li").first).to_contain_text("Specification agreed")
    boss.refresh_from_db()
    assert boss.decision_role == "decider"
    assert Participation.objects.get().decision_role == "gatekeeper"


def test_on_paper_stand_the_picture_the_legend_the_warnings_and_the_steps(
    open_page: OpenPage, world: World
) -> None:
    person(world, "王总", level=1, influence=5)
    page = open_page(map_url(world), screen="phone", user=world.rep)
    page.emulate_media(media="print")
    for part in (".dm-svg", ".dm-legend", "#dm-alerts", "#dm-steps"):
        expect(page.locator(part)).to_be_visible()
    for part in (".dm-list", "#dm-side", "[data-dm-connect]", ".navbar"):
        expect(page.locator(part).first).to_be_hidden()


def test_an_edit_without_a_connection_says_so(open_page: OpenPage, world: World) -> None:
    boss = person(world, "王总", level=2)
    page = open_page(f"{map_url(world)}?person={boss.pk}", user=world.rep)
    page.context.set_offline(True)
    page.locator("#dm-level").select_option("1")
    expect(page.get_by_role("alert")).to_contain_text("Not saved: no connection")
    page.context.set_offline(False)
    page.context.errors.clear()  # type: ignore[attr-defined]
    boss.refresh_from_db()
    assert boss.level == 2

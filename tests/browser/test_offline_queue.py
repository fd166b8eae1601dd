"""What waits on the phone: handed over, moved, edited, tried again, two hundred at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from crm.models import Account, Notice, Visit
from tests.browser.conftest import OpenPage
from tests.browser.phone import back, cut, forgive, is_ready, save, soon
from tests.factories import make_account
from tests.fixtures import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rep_page(open_page: OpenPage, world: World) -> Iterator[Page]:
    page = open_page("/", screen="phone", user=world.rep)
    is_ready(page)
    yield page
    forgive(page)


def test_an_account_taken_away_is_handed_over_with_its_words(rep_page: Page, world: World) -> None:
    page = rep_page
    cut(page, "For whoever has them now")
    Account.objects.filter(pk=world.account.pk).update(owner=world.stranger, territory=world.west)
    back(page)
    entry = page.locator("[data-entry]")
    expect(entry).to_contain_text("no longer among yours")
    with page.expect_download() as saved:
        entry.get_by_role("button", name="Save as text").tap()
    text = Path(saved.value.path()).read_text("utf-8")
    assert "For whoever has them now" in text
    assert "Outcome: Progress" in text
    entry.get_by_role("button", name="Hand over").tap()
    expect(entry).to_contain_text("Handed to whoever looks after the customer now")
    notice = Notice.objects.get()
    assert (notice.recipient, notice.values["entry"]["note"]) == (
        world.stranger,
        ["For whoever has them now"],
    )


def test_an_account_taken_away_the_entry_moves_to_another(rep_page: Page, world: World) -> None:
    other = make_account(world.rep, number="C-TWO", name="Second Works")
    page = rep_page
    cut(page, "It was the other works")
    Account.objects.filter(pk=world.account.pk).update(owner=world.stranger, territory=world.west)
    back(page)
    expect(page.locator("[data-entry]")).to_contain_text("no longer among yours")
    page.reload()  # what the phone keeps is fetched anew
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("[data-entry]").get_by_role("button", name="Other account").tap()
    page.get_by_role("searchbox").fill("second")
    page.locator("[data-found]").get_by_role("link", name=re.compile("Second Works")).tap()
    soon(Visit.objects.exists, page)
    assert (Visit.objects.get().account, Visit.objects.get().note) == (other, "It was the other works")


def test_what_the_server_cannot_take_waits_and_is_edited(rep_page: Page, world: World) -> None:
    page = rep_page
    cut(page, "First words")
    page.context.route("**/visits/sync/", lambda route: route.fulfill(status=500, body="no"))
    back(page)
    entry = page.locator("[data-entry]")
    expect(entry).to_contain_text("The server did not take it")
    entry.get_by_role("button", name="Edit").tap()
    expect(page.get_by_label("Progress")).to_be_checked()
    page.get_by_label("Note").fill("Better words")
    page.context.unroute("**/visits/sync/")
    save(page)
    soon(Visit.objects.exists, page)
    assert Visit.objects.get().note == "Better words"
    expect(page.locator("[data-entry]")).to_have_count(1)


def test_two_tabs_and_two_hundred_entries_are_two_hundred_visits(rep_page: Page, world: World) -> None:
    page = rep_page
    page.context.set_offline(True)
    page.evaluate(FILL_QUEUE, [world.rep.pk, world.account.pk, 200])
    second = page.context.new_page()
    page.context.set_offline(False)
    page.goto("/")
    second.goto("/offline/")
    soon(lambda: Visit.objects.count() == 200, page, seconds=300)
    notes = set(Visit.objects.values_list("note", flat=True))
    assert notes == {f"Visit {number}" for number in range(200)}
    second.close()
    expect(page.locator("[data-offline]")).to_be_hidden(timeout=20_000)
    assert Visit.objects.count() == 200


FILL_QUEUE = """async ([user, account, count]) => {
  const store = await import("/static/js/offline-store.js");
  for (let number = 0; number < count; number += 1) {
    const now = new Date().toISOString();
    await store.enqueue({
      key: store.randomKey(), user, schema: store.SCHEMA, account: { id: String(account), name: "x" },
      pairs: [["kind", "call"], ["note", `Visit ${number}`], ["happened_at", "2024-05-06T10:00"]],
      files: [], created: Date.now(), saved_at: now, state: "waiting", next: 0, tries: 0,
    });
  }
}"""


def test_a_page_that_is_not_kept_falls_back_in_the_readers_language(
    open_page: OpenPage, world: World
) -> None:
    world.rep.language = "zh-hans"
    world.rep.save()
    page = open_page("/", screen="phone", locale="zh-CN", user=world.rep)
    is_ready(page)
    page.context.set_offline(True)
    page.goto("/accounts/?kind=customer")
    expect(page.get_by_text("没有网络，但仍可记拜访")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("东方轴承"))).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("网络已恢复")).to_be_visible()
    page.get_by_role("link", name="去刚才要打开的页面").tap()
    expect(page.locator("h1")).to_contain_text("客户")
    forgive(page)

"""Without network, and after: the queue on the phone survives reloads, restarts, log-ins and another user."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from crm.models import Attachment, User, Visit
from tests.browser.conftest import FLAGS, SCREENS, OpenPage, settle
from tests.browser.phone import back, cut, fill, forgive, is_ready, log_in, save, soon
from tests.browser.server import Server
from tests.factories import make_contact
from tests.fixtures import World

pytestmark = pytest.mark.django_db(transaction=True)

COUNT_TAPS = """addEventListener("pointerup", () => {
  sessionStorage.taps = Number(sessionStorage.taps || 0) + 1;
}, true);"""


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    running = Server()
    running.start()
    yield running
    running.kill()
    settle()


@pytest.fixture
def phone(browser: Browser, chromium: str, tmp_path: Path) -> Iterator[Callable[..., BrowserContext]]:
    """phone(url, user=None) -> a context whose storage outlives it: call it again and it is the same phone."""
    opened: list[BrowserContext] = []

    def take(url: str, user: User | None = None, locale: str = "en") -> BrowserContext:
        context = browser.browser_type.launch_persistent_context(
            str(tmp_path / "phone"),
            executable_path=chromium,
            args=FLAGS,
            base_url=url,
            locale=locale,
            **SCREENS["phone"],
        )
        context.set_default_timeout(20_000)
        if user is not None:
            log_in(context, user, url)
        opened.append(context)
        return context

    yield take
    for context in opened:
        context.close()


def photo(name: str = "gate.jpg") -> dict[str, Any]:
    data = BytesIO()
    Image.effect_noise((64, 48), 60).convert("RGB").save(data, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": data.getvalue()}


def test_network_cut_page_reloaded_phone_and_server_restarted_then_exactly_one_visit(
    server: Server, phone: Callable[..., BrowserContext], world: World
) -> None:
    make_contact(world.account, "李工", title="总工程师")
    context = phone(server.url, world.rep)
    page = context.new_page()
    page.goto("/")
    is_ready(page)
    context.add_init_script(COUNT_TAPS)
    context.set_offline(True)
    server.kill()

    page.goto("/visits/new/")
    expect(page.get_by_text("There is no network")).to_be_visible()
    page.evaluate("sessionStorage.taps = 1")  # "Log a visit" on the start page
    page.get_by_role("link", name=re.compile("Orient Bearing")).first.tap()
    fill(page, "Written at the gate, without network")
    taps = "Number(sessionStorage.taps)"
    assert page.evaluate(taps) + 1 <= 6
    page.locator("summary", has_text="Photos and files").tap()
    page.locator("input[type=file]").set_input_files(photo())
    expect(page.get_by_text("gate.jpg")).to_be_visible()
    page.get_by_text("李工").tap()
    save(page)
    expect(page.get_by_role("status")).to_contain_text("Saved on this device")

    page.reload()
    expect(page.locator("[data-entry]")).to_have_count(1)
    expect(page.locator("[data-entry]")).to_contain_text("Waiting for the network")
    context.close()

    context = phone(server.url)
    page = context.new_page()
    page.goto("/")
    expect(page.locator("[data-entry]")).to_contain_text("without network")
    assert not Visit.objects.exists()

    server.start()
    page.goto("/")
    soon(lambda: Attachment.objects.exists(), page)
    expect(page.locator("[data-offline]")).to_be_hidden()
    visit = Visit.objects.get()
    assert (visit.user, visit.account, visit.outcome, visit.rating) == (
        world.rep,
        world.account,
        "progress",
        1,
    )
    assert [person.name for person in visit.contacts.all()] == ["李工"]
    assert Attachment.objects.get().visit == visit
    page.goto("/offline/")
    expect(page.locator("[data-entry]")).to_contain_text("Saved")
    assert "Written at the gate" not in page.content(), "the text stays on the phone no longer than it must"


@pytest.fixture
def rep_page(open_page: OpenPage, world: World) -> Iterator[Page]:
    page = open_page("/", screen="phone", user=world.rep)
    is_ready(page)
    yield page
    forgive(page)


def test_log_in_expired_meanwhile_waits_and_goes_on_after_the_log_in(
    rep_page: Page, world: World, live_server: Any
) -> None:
    page = rep_page
    cut(page, "Before the log-in expired")
    Session.objects.all().delete()
    back(page)
    entry = page.locator("[data-entry]")
    expect(entry).to_contain_text("Waits until you log in again")
    expect(entry.get_by_role("link", name="Log in")).to_be_visible()
    assert not Visit.objects.exists()
    page.goto("/")
    page.wait_for_url("**/login/**")
    log_in(page.context, world.rep, live_server.url)
    page.goto("/")
    soon(Visit.objects.exists, page)
    assert Visit.objects.get().note == "Before the log-in expired"


def test_another_user_of_the_phone_sees_nothing_and_sends_nothing(
    rep_page: Page, world: World, live_server: Any
) -> None:
    page = rep_page
    cut(page, "Confidential words")
    page.context.clear_cookies()
    log_in(page.context, world.stranger, live_server.url)
    page.context.set_offline(False)
    page.goto("/")
    is_ready(page)
    page.goto("/offline/")
    expect(page.get_by_role("link", name=re.compile("Stranger Gears"))).to_be_visible()
    page.wait_for_timeout(1000)
    expect(page.locator("[data-entry]")).to_have_count(0)
    assert "Confidential" not in page.content()
    assert "Orient" not in page.content()
    assert not Visit.objects.exists()
    # Their own writer again: it is sent, as the writer's.
    page.context.clear_cookies()
    log_in(page.context, world.rep, live_server.url)
    page.goto("/")
    soon(Visit.objects.exists, page)
    assert Visit.objects.get().user == world.rep


def test_logging_out_leaves_nothing_to_read_but_loses_nothing(
    rep_page: Page, world: World, live_server: Any
) -> None:
    page = rep_page
    cut(page, "Unsent at log-out")
    page.context.route("**/visits/sync/", lambda route: route.abort())
    back(page, "/")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.get_by_role("button", name="Menu").tap()
    page.get_by_role("button", name="Log out").tap()
    page.wait_for_url("**/login/**")
    assert "still waiting on this device" in asked[0]
    page.goto("/offline/")
    expect(page.get_by_text("Nobody is logged in on this device")).to_be_visible()
    expect(page.locator("[data-entry]")).to_have_count(0)
    page.context.unroute("**/visits/sync/")
    log_in(page.context, world.rep, live_server.url)
    page.goto("/")
    soon(Visit.objects.exists, page)

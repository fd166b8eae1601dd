"""Without network, and after: the queue on the phone survives reloads, restarts, log-ins and another user."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from crm.models import Attachment, User, Visit
from tests.browser.conftest import FLAGS, SCREENS, session_cookie
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


def log_in(context: BrowserContext, user: User, url: str) -> None:
    cookie: Any = session_cookie(user, url) | {"expires": time.time() + 86_400}
    context.add_cookies([cookie])


BUNDLES = """() => new Promise((resolve) => {
  const asked = indexedDB.open("mainstay");
  asked.onsuccess = () => {
    const all = asked.result.transaction("bundles").objectStore("bundles").count();
    all.onsuccess = () => { asked.result.close(); resolve(all.result); };
  };
})"""


def is_ready(page: Page) -> None:
    """The service worker is in charge and the rep's accounts are on the phone."""
    soon(lambda: page.evaluate("navigator.serviceWorker.controller !== null"), page)
    soon(lambda: page.evaluate(BUNDLES) > 0, page)


def photo(name: str = "gate.jpg") -> dict[str, Any]:
    data = BytesIO()
    Image.effect_noise((64, 48), 60).convert("RGB").save(data, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": data.getvalue()}


def fill(page: Page, note: str) -> None:
    page.get_by_text("Progress", exact=True).tap()
    page.get_by_text("Pleased", exact=True).tap()
    page.get_by_label("Note").tap()
    page.keyboard.type(note)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save visit").tap()


def soon(condition: Callable[[], bool], page: Page) -> None:
    """The page works on while this waits."""
    for _attempt in range(100):
        if condition():
            return
        page.wait_for_timeout(200)
    raise AssertionError("it did not happen within 20 seconds")


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

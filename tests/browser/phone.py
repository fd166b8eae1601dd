"""A phone in a rep's hand, for the tests without network."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from crm.models import User
from tests.browser.conftest import session_cookie


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


def fill(page: Page, note: str) -> None:
    page.get_by_text("Progress", exact=True).tap()
    page.get_by_text("Pleased", exact=True).tap()
    page.get_by_label("Note").tap()
    page.keyboard.type(note)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save visit").tap()


def soon(condition: Callable[[], bool], page: Page, seconds: int = 20) -> None:
    """The page works on while this waits."""
    for _attempt in range(seconds * 5):
        if condition():
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"it did not happen within {seconds} seconds")


def cut(page: Page, note: str) -> None:
    """Log a visit on the phone while the network is gone."""
    page.context.set_offline(True)
    page.goto("/visits/new/")
    page.get_by_role("link", name=re.compile("Orient Bearing")).first.tap()
    fill(page, note)
    save(page)
    expect(page.get_by_role("status")).to_contain_text("Saved on this device")


def back(page: Page, path: str = "/offline/") -> None:
    page.context.set_offline(False)
    page.goto(path)


def forgive(page: Page) -> None:
    """A network that is gone is an error to the browser, and the point of these tests."""
    errors: Any = page.context.errors  # type: ignore[attr-defined]
    assert all(
        "ERR_INTERNET_DISCONNECTED" in error or "Failed to load resource" in error for error in errors
    ), errors
    errors.clear()

"""A real Chromium against a real server. A page that logs an error (a blocked script, say) fails its test."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.test import Client
from django.test.testcases import _StaticFilesHandler  # type: ignore[attr-defined]
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, sync_playwright

# Playwright's synchronous interface keeps an event loop in this thread; the tests' own queries are no danger to it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
FLAGS += [
    "--disable-component-update",
    "--disable-sync",
    "--no-default-browser-check",
    "--disable-dev-shm-usage",
]
SCREENS: dict[str, dict[str, Any]] = {
    "phone": {"viewport": ViewportSize(width=390, height=844), "has_touch": True, "is_mobile": True},
    "desktop": {"viewport": ViewportSize(width=1440, height=900)},
}
LOCALES = ("en", "zh-CN")
OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session", autouse=True)
def kept_static_files() -> Iterator[None]:
    """As behind a real server, a browser asks once for a style sheet and not with every page of a walk."""
    serve = _StaticFilesHandler.serve

    def serve_to_keep(self: Any, request: Any) -> Any:
        response = serve(self, request)
        response.headers["Cache-Control"] = "max-age=3600"
        return response

    _StaticFilesHandler.serve = serve_to_keep  # type: ignore[method-assign]
    yield
    _StaticFilesHandler.serve = serve  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser, live_server: Any, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """open_page(path="/", screen="phone", locale="zh-CN", user=None) -> a Page, logged in where a user is given.

    Errors on the console and uncaught exceptions fail the test at its end; a test that expects some removes them
    from `page.context.errors`.
    """
    contexts: list[BrowserContext] = []

    def open_one(
        path: str = "/", *, screen: str = "desktop", locale: str = "en", user: AbstractBaseUser | None = None
    ) -> Page:
        context = browser.new_context(base_url=live_server.url, locale=locale, **SCREENS[screen])
        context.set_default_timeout(15_000)
        context.errors = []  # type: ignore[attr-defined]
        contexts.append(context)
        if user is not None:
            context.add_cookies([session_cookie(user, live_server.url)])  # type: ignore[list-item]
        page = context.new_page()
        page.on("console", lambda message: is_fault(message) and context.errors.append(message.text))
        page.on("pageerror", lambda error: context.errors.append(str(error)))
        page.goto(path)
        return page

    yield open_one
    errors = [error for context in contexts for error in context.errors]  # type: ignore[attr-defined]
    for number, context in enumerate(contexts):
        if os.environ.get("SCREENSHOTS") and context.pages:
            name = f"{request.node.name}-{number}.png".replace("/", "_")
            context.pages[0].screenshot(path=Path(os.environ["SCREENSHOTS"]) / name, full_page=True)
        context.close()
    settle()
    assert not errors, "\n".join(["The browser reported:", *errors])


def is_fault(message: ConsoleMessage) -> bool:
    """Not so a fragment that was still under way when the reader went on to another page."""
    return message.type == "error" and not message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))


def settle() -> None:
    """Wait until nobody works on the database any more: pages ask for things in the background, and a request that
    was still under way while the test's tables are emptied ends in a deadlock."""
    quiet = 0
    for _attempt in range(200):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            quiet = quiet + 1 if cursor.fetchone() == (0,) else 0
        if quiet == 3:
            return
        time.sleep(0.05)


def session_cookie(user: AbstractBaseUser, url: str) -> dict[str, str]:
    """What a log-in would have set; the log-in page has tests of its own."""
    client = Client()
    client.force_login(
        get_user_model()._default_manager.get(pk=user.pk), settings.AUTHENTICATION_BACKENDS[-1]
    )
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }


@pytest.fixture(params=[f"{screen}-{locale}" for screen in SCREENS for locale in LOCALES])
def anywhere(request: pytest.FixtureRequest) -> dict[str, str]:
    """Each screen with each language, to hand to open_page: open_page("/", **anywhere)."""
    screen, locale = str(request.param).split("-", 1)
    return {"screen": screen, "locale": locale}

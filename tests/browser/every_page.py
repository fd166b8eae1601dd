"""Every page, on a phone and a desk screen, in both languages: fits, speaks the language, draws, is accessible."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, TimeoutError

from crm.models import Role
from tests.browser.company import load_company, paths, somebody
from tests.browser.conftest import SCREENS, OpenPage

# English that may stand on a Chinese page: names, codes, units.
ENGLISH_SENTENCE = re.compile(r"\b(?:the|this|that|of|and|with|your|no|from|to|is|are|for)\b", re.IGNORECASE)
CHROME = "h1, h2, h3, label, th, button, legend, nav, .form-label, .form-hint, .empty, .card-title, .alert"


def troubles(page: Page, name: str, screen: str, locale: str, *, axe: bool = True) -> Iterator[str]:
    where = f"{name} ({screen}, {locale})"
    page.wait_for_load_state("load")
    width = SCREENS[screen]["viewport"]["width"]
    needed = page.evaluate("document.documentElement.scrollWidth")
    if needed > width:
        yield f"{where}: is {needed} px wide, the screen {width}"
    drawn = "() => [...document.querySelectorAll('[data-chart]')].every((chart) => chart.querySelector('canvas, svg'))"
    with contextlib.suppress(TimeoutError):
        page.wait_for_function(drawn, timeout=5000)
    for chart in page.locator("[data-chart]").all():
        if not chart.locator("canvas, svg").count():
            yield f"{where}: chart {chart.get_attribute('data-chart')} is not drawn"
    if locale == "zh-CN":
        for text in page.locator(CHROME).all_inner_texts():
            if ENGLISH_SENTENCE.search(text) and not re.search("[\u4e00-\u9fff]", text):
                yield f"{where}: untranslated {text.strip()[:80]!r}"
    for violation in Axe().run(page).response["violations"] if axe else []:
        if violation["impact"] in ("serious", "critical"):
            nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
            yield f"{where}: axe {violation['id']}: {nodes}"


def walk(open_page: OpenPage, *, screen: str, locale: str) -> None:
    load_company()
    user = somebody(Role.ADMINISTRATOR)
    user.language = "zh-hans" if locale == "zh-CN" else "en"
    user.save()
    page = open_page("/", user=user, screen=screen, locale=locale)
    found: list[str] = []
    errors: list[Any] = page.context.errors  # type: ignore[attr-defined]
    for number, (name, path) in enumerate(paths(user).items()):
        answer = page.goto(path)
        assert answer is not None
        expected = 404 if name == "not found" else 200
        if answer.status != expected:
            found.append(f"{name} answers {answer.status}")
        if expected == 404:
            errors.clear()
        # Axe is half of the time this takes: each page once on each screen and once in each language.
        axe = (number + (screen == "phone") + (locale == "en")) % 2 == 0
        found += troubles(page, name, screen, locale, axe=axe)
        found += [f"{name}: {error}" for error in errors]
        errors.clear()
    assert not found, "\n".join(found)

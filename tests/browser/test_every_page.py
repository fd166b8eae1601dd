"""Every page, on a phone and a desk screen, in both languages: fits, speaks the language, draws, is accessible."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from crm.models import Role
from tests.browser.company import load_company, paths, somebody
from tests.browser.conftest import SCREENS, OpenPage

# English that may stand on a Chinese page: names, codes, units.
ENGLISH_SENTENCE = re.compile(r"\b(?:the|this|that|of|and|with|your|no|from|to|is|are|for)\b", re.IGNORECASE)
CHROME = "h1, h2, h3, label, th, button, legend, nav, .form-label, .form-hint, .empty, .card-title, .alert"


def troubles(page: Page, name: str, screen: str, locale: str) -> Iterator[str]:
    where = f"{name} ({screen}, {locale})"
    page.wait_for_load_state("networkidle")
    width = SCREENS[screen]["viewport"]["width"]
    needed = page.evaluate("document.documentElement.scrollWidth")
    if needed > width:
        yield f"{where}: is {needed} px wide, the screen {width}"
    for chart in page.locator("[data-chart]").all():
        if not chart.locator("canvas, svg").count():
            yield f"{where}: chart {chart.get_attribute('data-chart')} is not drawn"
    if locale == "zh-CN":
        for text in page.locator(CHROME).all_inner_texts():
            if ENGLISH_SENTENCE.search(text) and not re.search("[\u4e00-\u9fff]", text):
                yield f"{where}: untranslated {text.strip()[:80]!r}"
    for violation in Axe().run(page).response["violations"]:
        if violation["impact"] in ("serious", "critical"):
            nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
            yield f"{where}: axe {violation['id']}: {nodes}"


@pytest.mark.django_db(transaction=True)
def test_every_page_on_every_screen_in_both_languages(open_page: OpenPage, anywhere: dict[str, str]) -> None:
    load_company()
    user = somebody(Role.ADMINISTRATOR)
    user.language = "zh-hans" if anywhere["locale"] == "zh-CN" else "en"
    user.save()
    page = open_page("/", user=user, **anywhere)
    found: list[str] = []
    errors: list[Any] = page.context.errors  # type: ignore[attr-defined]
    for name, path in paths(user).items():
        answer = page.goto(path)
        assert answer is not None
        expected = 404 if name == "not found" else 200
        if answer.status != expected:
            found.append(f"{name} answers {answer.status}")
        if expected == 404:
            errors.clear()
        found += troubles(page, name, **anywhere)
        found += [f"{name}: {error}" for error in errors]
        errors.clear()
    assert not found, "\n".join(found)

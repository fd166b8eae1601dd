"""The sheet for the meeting on A4: few pages, everything on them; the Sankey picture leads to names."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from crm.models import Role
from tests.browser.company import load_company, somebody
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.django_db(transaction=True)

MOST_PAGES = 4
# A4 less the margins of the print style, at 96 dots an inch.
PAPER = {"width": 711, "height": 1032}


def cut(page: Page) -> list[str]:
    """Visible things that stand out over the paper's edge or are cut by what they stand in."""
    return page.evaluate(
        """() => [...document.querySelectorAll('.meeting *')].filter((element) => {
            const box = element.getBoundingClientRect();
            if (!box.width || element.closest('.visually-hidden')) return false;
            const hides = getComputedStyle(element).overflowX !== 'visible';
            return box.right > document.documentElement.clientWidth + 1
                || (hides && element.scrollWidth > element.clientWidth + 1);
        }).map((element) => element.outerHTML.slice(0, 120))"""
    )


def test_the_sheet_prints_whole_and_the_flows_lead_to_names(open_page: OpenPage) -> None:
    load_company(60)
    user = somebody(Role.ANALYST)
    for locale, words in (
        ("en", ("Customer tiers", "Movement from", "Customers at risk", "Dependence", "Key figures")),
        ("zh-CN", ("客户等级", "变动", "风险客户", "依赖", "考核指标")),
    ):
        page = open_page("/meeting/", locale=locale, user=user)
        assert page.locator("[data-print]").is_visible()
        page.emulate_media(media="print")
        page.set_viewport_size(PAPER)  # type: ignore[arg-type]
        assert not (found := cut(page)), "\n".join(found)
        assert not page.locator("header.navbar").first.is_visible()
        assert not page.locator(".scope-form").is_visible()
        shown = page.locator("body").inner_text()
        for word in words:
            assert word in shown, word
        sizes = page.evaluate(
            """() => [...document.querySelectorAll('.meeting td, .meeting th')].map(
                (cell) => parseFloat(getComputedStyle(cell).fontSize))"""
        )
        assert min(sizes) >= 10.5
        paper = page.pdf(prefer_css_page_size=True)
        assert 1 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= MOST_PAGES

    page = open_page("/movement/?since=2026-03-31", user=user)
    page.locator("[data-chart][data-drawn] canvas").first.wait_for()
    # In the middle of the picture the widest flows pass.
    place = page.locator("[data-chart]").first
    box = place.bounding_box()
    assert box is not None
    reached = False
    for part in (0.3, 0.4, 0.5, 0.6, 0.7):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * part)
        page.wait_for_timeout(300)
        if "/accounts/" in page.url:
            reached = True
            break
    assert reached
    assert "moved=" in page.url
    assert page.locator("#results a[href^='/accounts/'], .col-name a").count() > 0

"""Logging a visit on a phone: how many taps it takes, what the form does by itself, what it refuses."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm.models import Visit
from tests.browser.conftest import OpenPage
from tests.factories import make_visit
from tests.fixtures import World

pytestmark = pytest.mark.django_db(transaction=True)

COUNT_TAPS = """addEventListener("pointerup", () => {
  sessionStorage.taps = Number(sessionStorage.taps || 0) + 1;
}, true);"""


def taps(page: Page) -> int:
    return int(page.evaluate("Number(sessionStorage.taps || 0)"))


def form_of(world: World) -> str:
    return f"/visits/new/?account={world.account.pk}"


def test_at_most_six_taps_and_one_text(open_page: OpenPage, world: World) -> None:
    """From the start page: log a visit, whom, how it went, the mood, into the note, save."""
    make_visit(world.account, world.rep, timezone.now() - dt.timedelta(days=9), purpose="Prices")
    page = open_page("/login/", screen="phone", user=world.rep)
    page.context.add_init_script(COUNT_TAPS)
    page.goto("/")
    page.get_by_role("link", name="Log a visit").first.tap()
    page.get_by_role("link", name=re.compile("Orient Bearing")).first.tap()
    page.get_by_text("Progress", exact=True).tap()
    page.get_by_text("Pleased", exact=True).tap()
    page.get_by_label("Note").tap()
    page.keyboard.type("They want an offer for the second half of the year")
    page.get_by_role("button", name="Save visit").tap()
    page.wait_for_url(re.compile(r"/accounts/\d+/"))
    assert taps(page) <= 6
    expect(page.locator("#messages")).to_contain_text("saved")
    visit = Visit.objects.get(note__startswith="They want")
    assert (visit.kind, visit.outcome, visit.rating, visit.user) == ("visit", "progress", 1, world.rep)
    assert abs(timezone.now() - visit.happened_at) < dt.timedelta(minutes=5)

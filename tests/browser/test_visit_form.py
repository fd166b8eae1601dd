"""Logging a visit on a phone: how many taps it takes, what the form does by itself, what it refuses."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm.decisions.operations import record_stance
from crm.models import PlannedVisit, StanceChange, Visit
from tests.browser.conftest import OpenPage
from tests.browser.phone import soon
from tests.factories import make_contact, make_visit
from tests.fixtures import World

pytestmark = pytest.mark.django_db(transaction=True)

# On the document: a tap that the test tool holds back (something moved under it) and repeats does not get there.
COUNT_TAPS = """document.addEventListener("pointerup", () => {
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


def test_a_draft_saves_itself_and_is_offered_again(open_page: OpenPage, world: World) -> None:
    person = make_contact(world.account, "李工")
    page = open_page(form_of(world), screen="phone", user=world.rep)
    page.get_by_text("李工").tap()
    page.get_by_text("Setback", exact=True).tap()
    page.get_by_label("Note").fill("Half a sentence, then the phone rang")
    drafts_are(page, 1)
    page.reload()
    expect(page.get_by_label("Note")).to_have_value("")
    page.get_by_role("button", name="Go on with it").tap()
    expect(page.get_by_label("Note")).to_have_value(re.compile("Half a sentence"))
    expect(page.get_by_label("Setback")).to_be_checked()
    page.get_by_role("button", name="Save visit").tap()
    page.wait_for_url(re.compile(r"/accounts/\d+/"))
    assert list(Visit.objects.get().contacts.all()) == [person]
    page.goto(form_of(world))
    expect(page.get_by_label("Note")).to_have_value("")
    expect(page.locator("[data-draft]")).to_be_hidden()


def test_a_draft_is_thrown_away_or_goes_with_the_log_out(open_page: OpenPage, world: World) -> None:
    page = open_page(form_of(world), screen="phone", user=world.rep)
    for _round in range(2):
        page.get_by_label("Note").fill("Confidential")
        drafts_are(page, 1)
        page.reload()
        expect(page.locator("[data-draft]")).to_be_visible()
        if not _round:
            page.get_by_role("button", name="Throw it away").tap()
            drafts_are(page, 0)
            page.reload()
            expect(page.locator("[data-draft]")).to_be_hidden()
    page.get_by_role("button", name="Menu").tap()
    page.get_by_role("button", name="Log out").tap()
    page.wait_for_url("**/login/**")
    assert page.evaluate(ALL_ROWS) == {"meta": 0, "bundles": 0, "drafts": 0, "queue": 0, "files": 0}


def drafts_are(page: Page, count: int) -> None:
    """Wait until this device keeps so many drafts."""
    soon(lambda: page.evaluate(ALL_ROWS)["drafts"] == count, page)


ALL_ROWS = """async () => {
  const db = await new Promise((resolve) => {
    const asked = indexedDB.open("mainstay");
    asked.onsuccess = () => resolve(asked.result);
  });
  const found = {};
  for (const name of db.objectStoreNames) {
    found[name] = await new Promise((resolve) => {
      const all = db.transaction(name).objectStore(name).count();
      all.onsuccess = () => resolve(all.result);
    });
  }
  db.close();
  return found;
}"""


def test_as_last_time_chips_stance_and_the_rest(open_page: OpenPage, world: World) -> None:
    person = make_contact(world.account, "李工", title="总工程师")
    make_contact(world.account, "张总")
    last = make_visit(
        world.account, world.rep, timezone.now() - dt.timedelta(days=9), kind="call", purpose="Prices"
    )
    last.contacts.add(person)
    plan = PlannedVisit.objects.create(account=world.account, user=world.rep, planned_on=timezone.localdate())
    page = open_page(form_of(world), screen="phone", user=world.rep)
    page.get_by_role("link", name="Same as last time").tap()
    expect(page.get_by_label("Phone call")).to_be_checked()
    expect(page.get_by_label(re.compile("李工"))).to_be_checked()
    expect(page.get_by_label("Purpose")).to_have_value("Prices")
    page.locator("summary", has_text="How they stand").tap()
    expect(page.locator("[data-stance-of]")).to_have_count(1)
    page.get_by_text("Supports us", exact=True).tap()
    page.get_by_role("button", name="In 2 weeks").tap()
    step = page.locator("[name=next_step]")
    expect(step).to_have_value("Next contact")
    page.locator("summary", has_text="Expected order").tap()
    page.locator("[name=expected_order_amount]").fill("120000")
    page.get_by_role("button", name="Save visit").tap()
    page.wait_for_url(re.compile(r"/accounts/\d+/"))
    visit = Visit.objects.latest("pk")
    assert (visit.kind, visit.purpose, visit.next_step) == ("call", "Prices", "Next contact")
    assert visit.next_step_on == timezone.localdate() + dt.timedelta(days=14)
    assert visit.expected_order_amount == 120_000
    assert StanceChange.objects.get().position.contact == person
    plan.refresh_from_db()
    assert plan.visit == visit


def test_what_is_wrong_is_told_beside_it_and_nothing_typed_is_lost(open_page: OpenPage, world: World) -> None:
    page = open_page(form_of(world), screen="phone", user=world.rep)
    page.get_by_label("Note").fill("话" * 25_000)
    page.locator("[name=next_step_on]").fill("2030-01-01")
    page.get_by_role("button", name="Save visit").tap()
    expect(page.get_by_text("This text is too long")).to_be_visible()
    expect(page.get_by_text("Say what is to be done on that date")).to_be_visible()
    page.get_by_label("Note").fill("<img src=x onerror=alert(1)> short")
    page.locator("[name=next_step]").fill("Call")
    # What only the server knows: the opportunity of another account.
    page.evaluate("document.querySelector('[name=opportunity]').add(new Option('x', '999999', true, true))")
    page.evaluate("document.querySelector('[name=kind]:checked').value = 'teleport'")
    page.get_by_role("button", name="Save visit").tap()
    expect(page.locator(".invalid-feedback", has_text="teleport")).to_be_visible()
    expect(page.get_by_label("Note")).to_have_value(re.compile("short"))
    assert not Visit.objects.exists()
    page.evaluate("document.querySelector('[name=kind]:checked').value = 'visit'")
    page.get_by_role("button", name="Save visit").tap()
    page.wait_for_url(re.compile(r"/accounts/\d+/"))
    expect(page.get_by_text("<img src=x onerror=alert(1)> short").first).to_be_visible()
    errors: Any = page.context.errors  # type: ignore[attr-defined]
    assert all("400" in error for error in errors), errors
    errors.clear()


def test_check_in_shows_the_distance_and_near_customers_come_first(open_page: OpenPage, world: World) -> None:
    for account, latitude in ((world.account, "39.627"), (world.colleagues_account, "39.9")):
        account.latitude, account.longitude = latitude, "121.997"
        account.save()
    page = open_page("/visits/new/", screen="phone", user=world.colleague)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 39.628, "longitude": 121.997})
    page.reload()
    near = page.locator("[data-near] [data-account]")
    expect(near).to_have_count(2)
    expect(near.first).to_contain_text("about 0.1 km")
    near.first.tap()
    page.locator("summary", has_text="Check in here").tap()
    page.get_by_role("button", name="Take the place of this device").tap()
    expect(page.get_by_text("111 m from the address")).to_be_visible()
    page.get_by_role("button", name="Save visit").tap()
    page.wait_for_url(re.compile(r"/accounts/\d+/"))
    assert Visit.objects.get().distance == 111


def test_correcting_a_visit_shows_what_was_noted_and_changes_it(open_page: OpenPage, world: World) -> None:
    person = make_contact(world.account, "李工")
    visit = make_visit(world.account, world.rep, timezone.now() - dt.timedelta(days=2), note="Frist")
    visit.contacts.add(person)
    record_stance(
        position=person.positions.get(),
        stance=1,
        noted_on=dt.date(2026, 1, 5),
        source="said",
        user=world.rep,
        visit=visit,
    )
    page = open_page(f"/visits/{visit.pk}/edit/", screen="phone", user=world.rep)
    expect(page.locator("[data-stance-of] input:checked")).to_have_value("1")
    page.get_by_text("Opposes us", exact=True).tap()
    page.get_by_label("Note").fill("First")
    page.get_by_role("button", name="Save visit").tap()
    page.wait_for_url(re.compile(r"/accounts/\d+/"))
    visit.refresh_from_db()
    assert visit.note == "First"
    assert StanceChange.objects.get().stance == -1

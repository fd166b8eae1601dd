"""My day and the week in a browser: one tap, the device's place, a drag."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from crm.models import PlannedVisit, Visit
from tests.browser.conftest import OpenPage
from tests.factories import make_account, make_visit
from tests.fixtures import build_world

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_rep_sees_to_the_day_on_a_phone(open_page: OpenPage) -> None:
    """A next step is done with one tap; a visit is planned with two; the route follows the device."""
    world = build_world()
    today = timezone.localdate()
    step = make_visit(
        world.account,
        world.rep,
        timezone.now() - dt.timedelta(days=5),
        next_step="Send the offer",
        next_step_on=today,
    )
    for name, latitude in (("North Mill", 40), ("Middle Mill", 35), ("South Mill", 30)):
        account = make_account(world.rep, name=name, latitude=latitude, longitude=120)
        PlannedVisit.objects.create(account=account, user=world.rep, planned_on=today)
    page = open_page("/", screen="phone", user=world.rep)
    page.locator(".day-item", has_text="Send the offer").get_by_role("button", name="Done").tap()
    expect(page.locator(".day-item", has_text="Send the offer")).to_have_count(0)
    assert Visit.objects.get(pk=step.pk).next_step_done_at is not None

    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 29, "longitude": 120})
    page.get_by_role("button", name="From where I am").tap()
    page.get_by_text("from where you are").wait_for()
    stops = page.locator(".route-stops li a.person-name, .route-stops li .person-name > a").all_inner_texts()
    assert stops == ["South Mill", "Middle Mill", "North Mill"]

    page.get_by_role("link", name="Plan a visit to North Mill").first.tap()
    page.get_by_role("button", name="Save").tap()
    page.wait_for_load_state("networkidle")
    assert PlannedVisit.objects.filter(account__name="North Mill").count() == 2
    assert page.url.endswith("/")


def test_a_device_that_does_not_tell_where_it_is_says_so(open_page: OpenPage) -> None:
    world = build_world()
    account = make_account(world.rep, latitude=30, longitude=120)
    PlannedVisit.objects.create(account=account, user=world.rep, planned_on=timezone.localdate())
    page = open_page("/", screen="phone", user=world.rep)
    page.context.clear_permissions()
    page.get_by_role("button", name="From where I am").tap()
    page.get_by_text("This device does not tell where it is.").wait_for()


def test_a_planned_visit_is_dragged_to_another_day(open_page: OpenPage) -> None:
    world = build_world()
    today = timezone.localdate()
    monday = today - dt.timedelta(days=today.weekday()) + dt.timedelta(days=7)
    plan = PlannedVisit.objects.create(account=world.account, user=world.rep, planned_on=monday)
    friday = monday + dt.timedelta(days=4)
    year, week, _day = monday.isocalendar()
    page = open_page(f"/calendar/?week={year}-W{week:02}", user=world.rep)
    target = page.locator(f"[data-day='{friday}']")
    page.locator("[data-plan]").drag_to(target)
    page.wait_for_load_state("networkidle")
    target.locator("[data-plan]").wait_for()
    plan.refresh_from_db()
    assert plan.planned_on == friday
    assert page.url.endswith(f"week={year}-W{week:02}")

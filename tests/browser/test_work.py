"""Photos from a phone, @names from the keyboard, tasks ticked off in place, the bell, the timeline that goes on."""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from crm.models import Attachment, Comment, Notice, Task
from tests.browser.conftest import OpenPage
from tests.crm.attachments.samples import PROGRAM, photo_with_place
from tests.factories import make_visit
from tests.fixtures import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("screen", ["phone", "desktop"])
def test_a_photo_is_made_smaller_sent_and_shown(
    open_page: OpenPage, world: World, tmp_path: Path, screen: str
) -> None:
    photo = tmp_path / "IMG_1.jpg"
    # Noise, so that it has the size of a photo.
    noise = Image.effect_noise((4000, 3000), 90)
    noise.save(photo, "JPEG", quality=97, exif=Image.open(io.BytesIO(photo_with_place())).getexif())
    assert photo.stat().st_size > 6_000_000
    page = open_page(f"{world.account.get_absolute_url()}files/", screen=screen, user=world.rep)
    with page.expect_request("**/attachments/") as sent:
        page.locator("input[type=file]").set_input_files(photo)
    expect(page.locator(".attachment-name", has_text="IMG_1.jpg")).to_be_visible()
    assert len(sent.value.post_data_buffer or b"") < photo.stat().st_size / 2, "smaller before it travels"
    kept = Attachment.objects.get()
    image = Image.open(kept.file.path)
    assert max(image.size) <= 2560
    assert not dict(image.getexif())
    expect(page.locator("img.attachment-picture")).to_have_js_property(
        "naturalWidth", 320 if image.width > image.height else 240
    )


def test_a_program_in_a_photos_name_is_refused_with_a_sentence(
    open_page: OpenPage, world: World, tmp_path: Path
) -> None:
    program = tmp_path / "photo.jpg"
    program.write_bytes(PROGRAM)
    page = open_page(f"{world.account.get_absolute_url()}files/", screen="phone", user=world.rep)
    page.locator("input[type=file]").set_input_files(program)
    expect(page.locator(".attachment-progress")).to_contain_text("a program")
    assert not Attachment.objects.exists()
    page.context.errors.clear()  # type: ignore[attr-defined]  # The browser reports the refusal (400) itself.


@pytest.mark.parametrize("screen", ["phone", "desktop"])
def test_an_at_sign_offers_colleagues_and_enter_chooses(
    open_page: OpenPage, world: World, screen: str
) -> None:
    page = open_page(world.account.get_absolute_url(), screen=screen, user=world.rep)
    box = page.locator("#panel-comments textarea")
    box.click()
    box.press_sequentially("Please look @")
    options = page.locator("#panel-comments").get_by_role("option")
    expect(options).to_have_count(4)
    box.press_sequentially("man")
    expect(options).to_have_count(1)
    if screen == "phone":
        options.first.tap()
    else:
        box.press("Enter")
    expect(box).to_have_value("Please look @manager ")
    page.locator("#panel-comments").get_by_role("button", name="Comment").click()
    expect(page.locator("#panel-comments .mention")).to_have_text("@manager")
    assert Notice.objects.get().recipient == world.manager
    page.locator("#panel-comments").get_by_role("link", name="Edit comment").click()
    page.locator("#panel-comments .comment textarea").fill("Better")
    page.locator("#panel-comments .comment").get_by_role("button", name="Save").click()
    expect(page.locator("#panel-comments .comment-text")).to_have_text("Better")
    page.locator("#panel-comments").get_by_role("link", name="Delete comment").click()
    page.locator("#panel-comments .comment").get_by_role("button", name="Delete").click()
    expect(page.locator("#panel-comments .comment")).to_have_count(0)
    assert not Comment.objects.exists()


def test_a_task_is_added_ticked_off_and_opened_again(open_page: OpenPage, world: World) -> None:
    page = open_page(world.account.get_absolute_url(), screen="phone", user=world.rep)
    panel = page.locator("#panel-tasks")
    panel.get_by_label("What is to be done").fill("Send samples")
    panel.get_by_label("Who does it").select_option(label="colleague")
    panel.get_by_role("button", name="Add").tap()
    page.wait_for_url(re.compile(r"#panel-tasks"))
    assert Notice.objects.get().recipient == world.colleague
    panel.get_by_role("button", name="Done: Send samples").tap()
    expect(panel.locator(".task-done")).to_be_visible()
    assert Task.objects.get().done_at is not None
    panel.get_by_role("button", name="Done: Send samples").tap()
    expect(panel.locator(".task-done")).to_have_count(0)
    assert Task.objects.get().done_at is None


@pytest.mark.parametrize("screen", ["phone", "desktop"])
def test_the_bell_counts_and_reading_takes_away(open_page: OpenPage, world: World, screen: str) -> None:
    values = {
        "kind": "mention",
        "message": "Reminder: %(task)s",
        "values": {"task": "Call"},
        "path": "/accounts/",
    }
    for key in "ab":
        Notice.objects.create(recipient=world.rep, key=key, account=world.account, **values)
    page = open_page("/accounts/", screen=screen, user=world.rep)
    bell = page.locator(".notice-bell")
    expect(bell.locator(".bell-count")).to_have_text("2")
    bell.get_by_role("link").click()
    page.get_by_role("button", name="Mark as read").first.click()
    expect(page.locator(".bell-count")).to_have_text("1")
    page.locator(".notice-unread a").click()
    page.wait_for_url("**/accounts/")
    expect(page.locator(".bell-count")).to_have_count(0)


def test_the_timeline_goes_on_below(open_page: OpenPage, world: World) -> None:
    for day in range(45):
        make_visit(
            world.account, world.rep, dt.datetime(2025, 3, 1, 3, tzinfo=dt.UTC) + dt.timedelta(days=day)
        )
    page = open_page(f"{world.account.get_absolute_url()}timeline/", screen="phone", user=world.rep)
    expect(page.locator(".timeline-row")).to_have_count(30)
    page.get_by_role("link", name="Older").tap()
    expect(page.locator(".timeline-row")).to_have_count(45)
    expect(page.get_by_role("link", name="Older")).to_have_count(0)
    expect(page.locator(".timeline-heading")).to_have_text(["April 2025", "March 2025"])

"""Sending, seeing and deleting files over the web."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from crm.attachments.operations import attach
from crm.models import Attachment, Complaint, User
from tests.crm.attachments.samples import PDF, PROGRAM, photo_with_place, upload
from tests.factories import make_complaint, make_visit
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
SEND = "/attachments/"
JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def empty_store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def keep(world: World, content: bytes = PDF, name: str = "图纸 1.pdf") -> Attachment:
    return attach(account=world.account, user=world.rep, upload=upload(content, name))


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_a_device_sends_a_photo_of_a_visit_and_a_retry_is_none(world: World, log_in: LogIn) -> None:
    visit = make_visit(world.account, world.rep, dt.datetime(2026, 6, 1, tzinfo=dt.UTC))
    client, key = log_in(world.rep), str(uuid.uuid4())
    for _attempt in range(2):
        fields = {"visit_key": str(visit.client_key), "client_key": key}
        response = client.post(SEND, {**fields, "file": upload(photo_with_place(), "a.jpg")}, headers=JSON)
        assert response.status_code == 201
    kept = Attachment.objects.get()
    assert response.json()["id"] == kept.pk
    assert (kept.visit, kept.account, str(kept.client_key)) == (visit, world.account, key)


def test_files_hang_on_complaints_too(world: World, log_in: LogIn) -> None:
    complaint: Complaint = make_complaint(world.account, dt.date(2026, 6, 1))
    log_in(world.rep).post(SEND, {"complaint": complaint.pk, "file": upload(PDF, "a.pdf")}, headers=JSON)
    assert Attachment.objects.get().complaint == complaint


def test_a_refusal_says_why_and_a_lost_log_in_says_so(world: World, log_in: LogIn) -> None:
    fields = {"account": world.account.pk}
    refused = log_in(world.rep).post(SEND, {**fields, "file": upload(PROGRAM, "photo.jpg")}, headers=JSON)
    assert refused.status_code == 400
    assert "a program" in refused.json()["error"]
    assert log_in(world.rep).post(SEND, fields, headers=JSON).status_code == 400
    bad_key = {**fields, "client_key": "x", "file": upload(PDF)}
    assert log_in(world.rep).post(SEND, bad_key, headers=JSON).status_code == 400
    assert Client().post(SEND, {**fields, "file": upload(PDF)}, headers=JSON).status_code == 401
    assert not Attachment.objects.exists()


def test_the_refusal_speaks_chinese(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    client.post("/language/", {"language": "zh-hans"})
    fields = {"account": world.account.pk, "file": upload(b"", "photo.jpg")}
    assert client.post(SEND, fields, headers=JSON).json()["error"].endswith("文件是空的。")


def test_what_is_far_too_large_is_not_even_read(world: World, log_in: LogIn) -> None:
    response = log_in(world.rep).generic(
        "POST", SEND, b"x", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(10**10)
    )
    assert response.status_code == 413


def test_an_upload_without_the_forgery_token_is_refused(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.rep, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post(SEND, {"account": world.account.pk, "file": upload(PDF)}, headers=JSON)
    assert response.status_code == 403
    assert not Attachment.objects.exists()


def test_without_a_script_the_form_sends_several_and_comes_back(world: World, log_in: LogIn) -> None:
    page = f"/accounts/{world.account.pk}/"
    files = [upload(PDF, "a.pdf"), upload(PROGRAM, "b.jpg"), upload(photo_with_place(), "c.jpg")]
    fields = {"account": world.account.pk, "next": page, "file": files}
    response = log_in(world.rep).post(SEND, fields, follow=True)
    assert response.redirect_chain[0][0] == page
    html = response.content.decode()
    assert "2 files saved." in html
    assert "b.jpg: By its content this is a program" in html
    assert sorted(Attachment.objects.values_list("name", flat=True)) == ["a.pdf", "c.jpg"]


def test_nobody_is_sent_elsewhere_after_an_upload(world: World, log_in: LogIn) -> None:
    fields = {"account": world.account.pk, "next": "https://evil.example/", "file": upload(PDF, "a.pdf")}
    assert log_in(world.rep).post(SEND, fields)["Location"] == f"/accounts/{world.account.pk}/#panel-files"


def test_files_out_of_sight_do_not_exist(world: World, log_in: LogIn) -> None:
    kept = keep(world, photo_with_place(), "a.jpg")
    visit = make_visit(world.account, world.rep, dt.datetime(2026, 6, 1, tzinfo=dt.UTC))
    client = log_in(world.stranger)
    for path in ("", "thumbnail/", "delete/"):
        assert client.get(f"/attachments/{kept.pk}/{path}").status_code == 404
    assert client.post(f"/attachments/{kept.pk}/delete/").status_code == 404
    assert client.get(f"/accounts/{world.account.pk}/files/").status_code == 404
    for fields in (
        {"account": world.account.pk},
        {"visit_key": visit.client_key},
        {"visit_key": "x"},
        {},
        {"account": "²"},
    ):
        response = client.post(SEND, {**fields, "file": upload(PDF)}, headers=JSON)
        assert response.status_code == 404
    assert Attachment.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "name", "content_type", "disposition"),
    [
        (photo_with_place(), "照片.jpg", "image/jpeg", "inline; filename*=UTF-8''%E7%85%A7%E7%89%87.jpg"),
        (PDF, 'a";x=".pdf', "application/pdf", "inline; filename*=UTF-8''a%22%3Bx%3D%22.pdf"),
        (b"a,b\n", "a.csv", "application/octet-stream", "attachment; filename*=UTF-8''a.csv"),
    ],
)
def test_a_file_comes_with_its_type_and_with_nothing_that_runs(
    world: World, log_in: LogIn, content: bytes, name: str, content_type: str, disposition: str
) -> None:
    kept = keep(world, content, name)
    response = log_in(world.colleague).get(f"/attachments/{kept.pk}/")
    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"] == disposition
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("default-src 'none'")
    assert "private" in response["Cache-Control"]
    assert len(body_of(response)) == kept.size
    again = log_in(world.colleague).get(
        f"/attachments/{kept.pk}/", headers={"If-None-Match": response["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    saved = log_in(world.colleague).get(f"/attachments/{kept.pk}/?download=1")
    assert saved["Content-Disposition"].startswith("attachment")


def test_a_right_that_is_gone_ends_the_kept_copy_too(world: World, log_in: LogIn) -> None:
    kept = keep(world)
    client = log_in(world.colleague)
    etag = client.get(f"/attachments/{kept.pk}/")["ETag"]
    world.account.owner = world.account.territory = None
    world.account.save()
    assert client.get(f"/attachments/{kept.pk}/", headers={"If-None-Match": etag}).status_code == 404


def test_a_file_that_was_lost_is_not_found_rather_than_an_error(world: World, log_in: LogIn) -> None:
    kept = keep(world)
    Path(kept.file.path).unlink()
    assert log_in(world.rep).get(f"/attachments/{kept.pk}/").status_code == 404
    assert log_in(world.rep).get(f"/attachments/{kept.pk}/thumbnail/").status_code == 404


def test_uploader_and_leaders_delete_after_being_asked(world: World, log_in: LogIn) -> None:
    kept = keep(world)
    url = f"/attachments/{kept.pk}/delete/"
    assert log_in(world.colleague).post(url).status_code == 404
    assert "cannot be undone" in log_in(world.rep).get(url).content.decode()
    assert Attachment.objects.exists(), "asking deletes nothing"
    assert log_in(world.manager).post(url)["Location"] == f"/accounts/{world.account.pk}/files/"
    assert not Attachment.objects.exists()


def test_names_of_files_are_text_on_the_page(world: World, log_in: LogIn) -> None:
    keep(world, name="<img src=x onerror=alert(1)>.pdf")
    html = log_in(world.rep).get(f"/accounts/{world.account.pk}/files/").content.decode()
    assert "&lt;img src=x" in html
    assert "<img src=x" not in html


def test_queries_do_not_grow_with_files(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    for _round in range(2):
        for _number in range(3):
            keep(world)
        assert_query_count(client, f"/accounts/{world.account.pk}/files/", "account files")

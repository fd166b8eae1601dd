"""An entry whose customer went to somebody else: handed on with its text and photos, and put on record once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from crm.models import Account, Attachment, Notice, NoticeKind, User, Visit
from tests.factories import make_contact
from tests.fixtures import World

LogIn = Callable[[User], Client]
SEND = "/visits/sync/handover/"


def entry(world: World, account: Account | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "account": account.pk if account else world.strangers_account.pk,
        "account_name": "Stranger Gears",
        "client_key": str(uuid.uuid4()),
        "user": world.rep.pk,
        "schema": 1,
        "device_now": timezone.now().isoformat(),
        "kind": "visit",
        "happened_at": "2024-05-06T10:30",
        "note": "They complain of <b>noise</b>",
    } | fields


def picture() -> SimpleUploadedFile:
    data = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(data, "JPEG")
    return SimpleUploadedFile("gate.jpg", data.getvalue(), "image/jpeg")


def test_the_owner_reads_it_whole_and_puts_it_on_record(world: World, log_in: LogIn) -> None:
    person = make_contact(world.strangers_account, "Met")
    elsewhere = make_contact(world.account, "Elsewhere")
    photo = uuid.uuid4()
    sent = entry(world, contacts=[person.pk, elsewhere.pk], rating="-2")
    for _attempt in range(2):
        answer = log_in(world.rep).post(SEND, sent | {f"file-{photo}": picture()})
        assert answer.json()["state"] == "handed"
        assert "stranger" not in answer.content.decode()
    notice = Notice.objects.get()
    assert (notice.recipient, notice.kind, notice.account) == (
        world.stranger,
        NoticeKind.SYNC,
        world.strangers_account,
    )
    owner = log_in(world.stranger)
    page = owner.get(notice.path).content.decode()
    assert "They complain of &lt;b&gt;noise&lt;/b&gt;" in page
    assert "Met" in page
    assert "Angry" in page
    notice.refresh_from_db()
    assert notice.read_at
    for _attempt in range(2):
        assert owner.post(notice.path)["Location"] == world.strangers_account.get_absolute_url()
    visit = Visit.objects.get()
    assert (visit.user, visit.account, visit.rating) == (world.rep, world.strangers_account, -2)
    assert (str(visit.client_key), list(visit.contacts.all())) == (sent["client_key"], [person])
    assert Attachment.objects.get().visit == visit


def test_only_the_recipient_reads_it(world: World, log_in: LogIn) -> None:
    log_in(world.rep).post(SEND, entry(world))
    path = Notice.objects.get().path
    for other in (world.rep, world.colleague, world.manager, world.administrator):
        assert log_in(other).get(path).status_code == 404
        assert log_in(other).post(path).status_code == 404


@pytest.mark.parametrize("case", ["no owner", "owner gone", "no such account"])
def test_without_an_owner_the_manager_gets_it(world: World, log_in: LogIn, case: str) -> None:
    account = world.strangers_account
    Account.objects.filter(pk=account.pk).update(
        territory=world.east if case != "no such account" else None, owner=None
    )
    if case == "owner gone":
        world.stranger.is_active = False
        world.stranger.save()
        Account.objects.filter(pk=account.pk).update(owner=world.stranger)
    sent = entry(world)
    if case == "no such account":
        sent["account"] = 999_999
    assert log_in(world.rep).post(SEND, sent).json()["state"] == "handed"
    notice = Notice.objects.get()
    assert notice.recipient == world.manager
    assert "noise" in log_in(world.manager).get(notice.path).content.decode()


def test_the_answer_is_the_same_whether_the_customer_exists_or_not(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    there = client.post(SEND, entry(world))
    never = client.post(SEND, entry(world) | {"account": 999_999})
    assert there.json() == never.json()


def test_too_long_a_text_is_refused_here_as_well(world: World, log_in: LogIn) -> None:
    answer = log_in(world.rep).post(SEND, entry(world, note="x" * 100_000))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["note"])
    assert not Notice.objects.exists()

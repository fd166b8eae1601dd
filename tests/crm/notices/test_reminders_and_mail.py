"""A reminder reaches the person once: on the page, and by mail, whatever is down meanwhile."""

from __future__ import annotations

import datetime as dt
import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.db import connection, transaction

from crm.models import Notice, Task, User
from crm.notices.mailing import mail_waiting
from crm.notices.operations import notify
from crm.notices.reminders import remind
from crm.notices.tasks import remind_and_mail
from tests.fixtures import World, build_world

NOW = dt.datetime(2026, 6, 30, 9, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def make_task(world: World, **fields: Any) -> Task:
    values = {"title": "Send the offer", "assignee": world.rep, "creator": world.rep, "remind_at": NOW}
    return Task.objects.create(**{"account": world.account, **values, **fields})


class Inbox:
    """A mail server on the loopback that keeps what it gets; `refusing` says no to everybody."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails: list[Message] = []
        self.refusing = False
        self.controller = Controller(self, hostname="127.0.0.1", port=port)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refusing:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def inbox(settings: Any) -> Iterator[Inbox]:
    """Configured, not yet started."""
    found = Inbox(free_port())
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
    settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = False, 5
    settings.SITE_URL = "https://crm.example"
    yield found
    if found.controller.loop.is_running():
        found.controller.stop()


def mail_address(user: User, language: str = "en") -> User:
    user.email, user.language = f"{user.username}@mainstay.example", language
    user.save()
    return user


def make_notice(world: World, key: str = "k", **fields: Any) -> Notice:
    values = {
        "recipient": world.rep,
        "kind": "mention",
        "message": "Reminder: %(task)s",
        "values": {"task": "Call"},
    }
    notice = notify(**{**values, "key": key, "account": world.account, **fields})
    Notice.objects.filter(pk=notice.pk).update(created_at=NOW - MINUTE)
    return notice


def test_a_reminder_comes_when_its_time_has_come_and_once(world: World) -> None:
    task = make_task(world)
    assert remind(now=NOW - MINUTE) == 0
    assert remind(now=NOW) == 1
    assert remind(now=NOW + MINUTE) == 0
    notice = Notice.objects.get()
    assert (notice.recipient, notice.task, notice.text) == (world.rep, task, "Reminder: Send the offer")
    task.refresh_from_db()
    assert task.reminded_at == NOW


def test_what_was_due_while_nothing_ran_is_made_up_for(world: World) -> None:
    make_task(world, remind_at=NOW - dt.timedelta(days=3))
    assert remind(now=NOW) == 1


def test_done_tasks_and_accounts_out_of_sight_remind_nobody(world: World) -> None:
    make_task(world, done_at=NOW - MINUTE)
    make_task(world, account=world.strangers_account)
    make_task(world, account=None)
    assert remind(now=NOW) == 1
    assert Notice.objects.get().account is None


def test_a_moved_reminder_reminds_again(world: World) -> None:
    task = make_task(world)
    remind(now=NOW)
    Task.objects.filter(pk=task.pk).update(remind_at=NOW + MINUTE, reminded_at=None)
    assert remind(now=NOW + MINUTE) == 1
    assert Notice.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_one_notice() -> None:
    """While one worker holds the task, another finds nothing to do; afterwards it is done."""
    world = build_world()
    make_task(world)
    made: list[int] = []

    def other() -> None:
        try:
            made.append(remind(now=NOW))
        finally:
            connection.close()

    with transaction.atomic():
        made.append(remind(now=NOW))
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(timeout=20)
        assert not thread.is_alive(), "it does not wait for the first one"
    assert made == [1, 0]
    assert remind(now=NOW) == 0
    assert Notice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_leaves_the_reminder_to_the_next() -> None:
    world = build_world()
    make_task(world)
    with transaction.atomic():
        assert remind(now=NOW) == 1
        transaction.set_rollback(True)
    assert remind(now=NOW) == 1


def test_the_same_event_gives_one_notice(world: World) -> None:
    first, second = make_notice(world), make_notice(world)
    assert first == second
    assert make_notice(world, recipient=world.colleague) != first


def test_a_mail_in_the_readers_language_once(world: World, inbox: Inbox) -> None:
    mail_address(world.rep, "zh-hans")
    make_notice(world)
    inbox.controller.start()
    assert mail_waiting(now=NOW) == 1
    assert mail_waiting(now=NOW + MINUTE) == 0
    [mail] = inbox.mails
    assert mail["Subject"] == "提醒：Call · 东方轴承有限公司"
    assert mail["To"] == "rep@mainstay.example"
    plain = mail.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    assert f"https://crm.example/notices/{Notice.objects.get().pk}/" in plain
    assert Notice.objects.get().mailed_at == NOW


def test_a_mail_server_that_is_down_is_asked_again_and_the_mail_comes_once(
    world: World, inbox: Inbox
) -> None:
    mail_address(world.rep)
    make_notice(world, "a")
    make_notice(world, "b")
    assert mail_waiting(now=NOW) == 0
    assert set(Notice.objects.values_list("mailed_at", flat=True)) == {None}
    inbox.controller.start()
    assert mail_waiting(now=NOW) == 1, "the one that was tried waits a little"
    assert mail_waiting(now=NOW + 3 * MINUTE) == 1
    assert mail_waiting(now=NOW + 9 * MINUTE) == 0
    assert len(inbox.mails) == 2


def test_an_address_that_is_refused_holds_nobody_up_and_is_given_up_in_the_end(
    world: World, inbox: Inbox
) -> None:
    mail_address(world.rep)
    make_notice(world, "a")
    make_notice(world, "b")
    inbox.refusing = True
    inbox.controller.start()
    assert mail_waiting(now=NOW) == 0
    assert list(Notice.objects.values_list("mail_tries", flat=True)) == [1, 1]
    for minute in range(0, 20 * 60, 10):
        mail_waiting(now=NOW + minute * MINUTE)
    assert max(Notice.objects.values_list("mail_tries", flat=True)) == 8
    assert not inbox.mails


def test_nobody_gets_mails_unasked(world: World, inbox: Inbox) -> None:
    mail_address(world.rep)
    mail_address(world.colleague)
    User.objects.filter(pk=world.colleague.pk).update(mails_notices=False)
    inbox.controller.start()
    make_notice(world, recipient=world.colleague)
    make_notice(world, "read")
    Notice.objects.filter(key="read").update(read_at=NOW)
    make_notice(world, "alert", kind="alert")
    make_notice(world, "old")
    Notice.objects.filter(key="old").update(created_at=NOW - dt.timedelta(days=2))
    make_notice(world, "out of sight", account=world.strangers_account)
    assert mail_waiting(now=NOW) == 0
    assert not inbox.mails


def test_words_that_break_a_mails_head_do_not(world: World, inbox: Inbox) -> None:
    mail_address(world.rep)
    make_notice(world, values={"task": "Call\r\nBcc: all@mainstay.example"})
    inbox.controller.start()
    assert mail_waiting(now=NOW) == 1
    assert inbox.mails[0]["Bcc"] is None


def test_without_a_mail_server_notices_wait_on_the_page(world: World, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    make_task(world, remind_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert remind_and_mail() == 1
    assert Notice.objects.get().mailed_at is None

"""The morning mail against a real mail server on the loopback."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client

import crm.tasks
from config.schedule import CELERY_BEAT_SCHEDULE
from crm.models import DailyDigest, DigestState, PlannedVisit, User
from crm.plan.digest import send_digest, send_digests, stop_token
from tests.crm.plan.conftest import TODAY
from tests.fixtures import World

LogIn = Callable[[User], Client]
pytestmark = pytest.mark.usefixtures("wednesday")


class Post:
    """Keeps what it takes; `answer` is what it says to a mail, `break_off` ends the talk instead."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answer = "250 OK"
        self.break_off = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.break_off:
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
            server.transport.close()
            return "421 gone"
        if self.answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    handler = Post()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = False, 5
    yield handler
    controller.stop()


@pytest.fixture
def reader(world: World) -> User:
    """The rep reads Chinese mail and has a visit today."""
    User.objects.exclude(pk=world.rep.pk).update(daily_digest=False)
    world.rep.email, world.rep.language = "wang@mainstay.example", "zh-hans"
    world.rep.save()
    PlannedVisit.objects.create(
        account=world.account, user=world.rep, planned_on=TODAY, purpose="<b>季度回访</b>"
    )
    return world.rep


def states() -> list[str]:
    return list(DailyDigest.objects.order_by("pk").values_list("state", flat=True))


def test_everybody_gets_the_day_in_their_language(world: World, reader: User, post: Post) -> None:
    world.colleague.email, world.colleague.daily_digest = "colleague@mainstay.example", True
    world.colleague.save()
    PlannedVisit.objects.create(
        account=world.colleagues_account, user=world.colleague, planned_on=TODAY, purpose="Samples"
    )
    assert send_digests(TODAY) == {"sent": 2}
    by_reader = {mail["To"]: mail for mail in post.mails}
    chinese = by_reader["wang@mainstay.example"]
    assert "件事要处理" in chinese["Subject"]
    text = chinese.get_body(("plain",)).get_content()
    assert "东方轴承有限公司" in text
    assert "<b>季度回访</b>" in text
    assert "&lt;b&gt;季度回访&lt;/b&gt;" in chinese.get_body(("html",)).get_content()
    english = by_reader["colleague@mainstay.example"]
    assert "to see to" in english["Subject"]
    assert "Orient" not in english.get_body(("plain",)).get_content()
    assert "Colleague Pumps" in english.get_body(("plain",)).get_content()


def test_once_a_day_however_often_the_task_runs(reader: User, post: Post) -> None:
    for _turn in range(3):
        send_digests(TODAY)
    assert len(post.mails) == 1
    send_digests(TODAY + dt.timedelta(days=1))
    assert len(post.mails) == 2, "the visit was not logged: it is asked about the day after"


def test_a_worker_killed_after_its_claim_leaves_no_second_mail(reader: User, post: Post) -> None:
    DailyDigest.objects.create(user=reader, day=TODAY, state=DigestState.SENDING)
    assert send_digests(TODAY) == {}
    assert post.mails == []


def test_nothing_to_say_no_mail_and_none_later_that_day(
    world: World, reader: User, post: Post, settings: Any
) -> None:
    settings.CRM_DAY_SOURCES = ["crm.plan.day.PlannedVisitsSource", "crm.plan.day.NextStepsSource"]
    PlannedVisit.objects.all().delete()
    assert send_digests(TODAY) == {"empty": 1}
    PlannedVisit.objects.create(account=world.account, user=reader, planned_on=TODAY)
    send_digests(TODAY)
    assert post.mails == []


def test_whoever_wants_none_has_left_or_has_no_address_gets_none(reader: User, post: Post) -> None:
    for change in ({"daily_digest": False}, {"is_active": False}, {"email": ""}):
        before = {name: getattr(reader, name) for name in change}
        User.objects.filter(pk=reader.pk).update(**change)
        send_digests(TODAY)
        User.objects.filter(pk=reader.pk).update(**before)
    assert post.mails == []
    assert states() == []


def test_a_server_that_is_down_is_tried_again_and_uses_up_nothing(
    reader: User, post: Post, settings: Any
) -> None:
    up, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    assert send_digests(TODAY) == {}
    assert states() == []
    # It goes down between the greeting and the mail.
    assert send_digest(reader, TODAY) == DigestState.WAITING
    settings.EMAIL_PORT = up
    assert send_digests(TODAY) == {"sent": 1}
    assert len(post.mails) == 1


def test_a_server_that_refuses_for_now_is_tried_again(reader: User, post: Post) -> None:
    post.answer = "451 try later"
    assert send_digests(TODAY) == {"waiting": 1}
    post.answer = "250 OK"
    assert send_digests(TODAY) == {"sent": 1}
    assert send_digests(TODAY) == {}
    assert len(post.mails) == 1
    assert DailyDigest.objects.get().tries == 2


def test_a_connection_that_breaks_after_the_mail_was_handed_over_sends_no_second(
    reader: User, post: Post
) -> None:
    post.break_off = True
    assert send_digests(TODAY) == {"uncertain": 1}
    post.break_off = False
    assert send_digests(TODAY) == {}
    assert len(post.mails) == 1


def test_the_mail_leads_to_a_button_that_stops_it(reader: User, post: Post) -> None:
    send_digests(TODAY)
    token = stop_token(reader)
    assert f"/daily-mail/off/{token}/" in post.mails[0].get_body(("plain",)).get_content()
    client = Client()
    assert "停止每日邮件" in client.get(f"/daily-mail/off/{token}/").content.decode()
    reader.refresh_from_db()
    assert reader.daily_digest, "following the link alone changes nothing"
    client.post(f"/daily-mail/off/{token}/")
    reader.refresh_from_db()
    assert not reader.daily_digest
    assert client.get(f"/daily-mail/off/{token}x/").status_code == 404


def test_without_a_mail_server_nothing_happens(reader: User, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    assert send_digests(TODAY) == {}
    assert states() == []


def test_beat_starts_it_in_the_morning_of_the_company() -> None:
    entry = CELERY_BEAT_SCHEDULE["daily-mails"]
    assert entry["task"] == crm.tasks.send_daily_digests.name
    assert min(entry["schedule"].hour) == 7
    assert min(entry["schedule"].minute) == 0


def test_settings_are_ones_own(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    assert "/settings/" in client.get("/").content.decode()
    body = {"language": "zh-hans", "visits_a_day": "6", "mails_notices": "on"}
    answer = client.post("/settings/", body)
    assert answer.status_code == 302
    world.rep.refresh_from_db()
    assert (world.rep.language, world.rep.visits_a_day) == ("zh-hans", 6)
    assert (world.rep.daily_digest, world.rep.mails_notices) == (False, True)
    assert "我的设置" in client.get("/settings/").content.decode()


@pytest.mark.parametrize("wrong", [{"visits_a_day": "0"}, {"visits_a_day": "21"}, {"language": "tlh"}])
def test_settings_that_make_no_sense_are_refused(world: World, log_in: LogIn, wrong: dict[str, str]) -> None:
    body = {"language": "en", "visits_a_day": "4", **wrong}
    answer = log_in(world.rep).post("/settings/", body)
    assert answer.status_code == 200
    assert "is-invalid" in answer.content.decode()
    world.rep.refresh_from_db()
    assert world.rep.visits_a_day == 4

"""The morning mail: what my day shows, in the reader's language, to each person once a day.

A day's mail is claimed in the table before it goes out, in a transaction of its own. A server that is not there or
says no leaves it waiting for the next try. If a worker dies, or the connection breaks, between handing the mail over
and hearing that it was taken, nobody can know whether it arrived: it is not sent again.
"""

from __future__ import annotations

import datetime as dt
import logging
from smtplib import SMTPConnectError, SMTPException, SMTPHeloError, SMTPResponseException
from smtplib import SMTPRecipientsRefused as RecipientsRefused
from socket import gaierror
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.core.mail import get_connection
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from crm.mail import can_mail, mail_to
from crm.models import DailyDigest, DigestState, User
from crm.plan.board import Section, sections

if TYPE_CHECKING:
    from django.db.models import QuerySet

logger = logging.getLogger(__name__)
SHOWN = 8
MOST_TRIES = 12
SALT = "crm.digest"
# The server refused, or was never reached: nothing was sent.
REFUSED = (
    SMTPResponseException,
    SMTPConnectError,
    SMTPHeloError,
    RecipientsRefused,
    ConnectionRefusedError,
    gaierror,
)


def readers() -> QuerySet[User]:
    return User.objects.filter(is_active=True, daily_digest=True).exclude(email="").order_by("pk")


def send_digests(day: dt.date) -> dict[str, int]:
    """Mail everybody who has something to see to and was not mailed today. Returns how many in which state."""
    counts: dict[str, int] = {}
    if not can_mail() or not _server_answers():
        return counts
    for user in readers().iterator():
        state = send_digest(user, day)
        if state:
            counts[state] = counts.get(state, 0) + 1
    return counts


def _server_answers() -> bool:
    """Asked once before anything is claimed: while the server is down nobody's try is used up."""
    connection = get_connection()
    try:
        connection.open()
    except (OSError, SMTPException) as error:
        logger.warning("No daily mails yet, the mail server does not answer: %s", error)
        return False
    connection.close()
    return True


def send_digest(user: User, day: dt.date) -> str:
    """One person's mail; "" where it is settled already, or another worker is at it.

    All is made ready before the claim: between the claim and the mail server stands nothing that takes time.
    """
    settled = DailyDigest.objects.filter(user=user, day=day).exclude(state=DigestState.WAITING)
    if settled.exists():
        return ""
    with translation.override(user.language):
        found = [section for section in sections(user, day) if section.items]
        context = _context(user, day, found)
    claimed = _claim(user, day)
    if claimed is None:
        return ""
    if not found:
        return _settle(claimed, DigestState.EMPTY)
    try:
        handed_over = mail_to(user, template="digest", context=context)
    except REFUSED as error:
        logger.warning("The daily mail to user %s has to wait: %s", user.pk, error)
        return _settle(claimed, DigestState.WAITING)
    except (OSError, SMTPException) as error:
        logger.warning("The daily mail to user %s may have gone out: %s", user.pk, error)
        return _settle(claimed, DigestState.UNCERTAIN)
    return _settle(claimed, DigestState.SENT if handed_over else DigestState.WAITING)


@transaction.atomic
def _claim(user: User, day: dt.date) -> DailyDigest | None:
    """Committed before the mail goes out. The row's lock lets one of two workers through."""
    digest, created = DailyDigest.objects.get_or_create(user=user, day=day)
    if created:
        return digest
    waiting = DailyDigest.objects.filter(pk=digest.pk, state=DigestState.WAITING, tries__lt=MOST_TRIES)
    again = waiting.select_for_update(skip_locked=True).first()
    if again is None:
        return None
    again.state, again.tries = DigestState.SENDING, again.tries + 1
    again.save()
    return again


def _settle(digest: DailyDigest, state: DigestState) -> str:
    digest.state = state
    digest.save(update_fields=["state", "changed_at"])
    return state.value


def _context(user: User, day: dt.date, found: list[Section]) -> dict[str, Any]:
    return {
        "day": day,
        "count": sum(len(section.items) for section in found),
        "sections": [
            {
                "title": section.source.title,
                "items": section.items[:SHOWN],
                "more": len(section.items) - SHOWN,
            }
            for section in found
        ],
        "home": reverse("crm:home"),
        "settings": reverse("crm:settings"),
        "off": reverse("crm:digest-off", args=[stop_token(user)]),
    }


def stop_token(user: User) -> str:
    """Good for switching the mail off and for nothing else."""
    return signing.dumps(user.pk, salt=SALT)


def user_of(token: str) -> User | None:
    try:
        pk = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk, is_active=True).first()

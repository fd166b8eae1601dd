"""Notices by mail: each once, tried again while the mail server is down."""

from __future__ import annotations

import datetime as dt
import logging
from smtplib import SMTPDataError, SMTPRecipientsRefused

from django.db.models import F, Q

from crm.mail import can_mail, mail_to
from crm.models import Account, Notice, NoticeKind, User

logger = logging.getLogger(__name__)

# What a person is meant by; alerts and changes of figures wait under the bell.
MAILED = (NoticeKind.REMINDER, NoticeKind.ASSIGNED, NoticeKind.MENTION)
# What nobody could be told of for a day is old news.
YOUNG = dt.timedelta(days=1)
MOST_TRIES = 8
MOST_AT_ONCE = 200


def mail_waiting(*, now: dt.datetime) -> int:
    """Mail what is due; returns how many went out. Several workers may do so at a time."""
    if not can_mail():
        return 0
    waiting = (
        Notice.objects.unread()
        .filter(mailed_at=None, created_at__gt=now - YOUNG, mail_tries__lt=MOST_TRIES, kind__in=MAILED)
        .filter(Q(mail_after=None) | Q(mail_after__lte=now))
        .filter(recipient__is_active=True, recipient__mails_notices=True)
        .exclude(recipient__email="")
        .select_related("recipient", "account")
        .order_by("created_at", "pk")
    )
    sent = 0
    for notice in waiting[:MOST_AT_ONCE]:
        if not _claim(notice, now):
            continue
        if notice.account and not _sees(notice.recipient, notice.account):
            continue
        try:
            sent += mail_to(notice.recipient, template="notice", context={"notice": notice})
        except (SMTPRecipientsRefused, SMTPDataError, ValueError) as error:
            logger.warning("Notice %s could not be mailed: %s", notice.pk, error)
            _try_later(notice, now)
        except OSError as error:  # Everything that smtplib raises is one.
            logger.warning("No mail server: %s", error)
            _try_later(notice, now)
            break  # The others need not wait for it one by one.
    return sent


def _claim(notice: Notice, now: dt.datetime) -> bool:
    """Before the mail and not after it: whoever dies between the two leaves one unmailed, none mailed twice."""
    unclaimed = Notice.objects.filter(pk=notice.pk, mailed_at=None, mail_tries=notice.mail_tries)
    return bool(unclaimed.update(mailed_at=now, mail_tries=F("mail_tries") + 1))


def _try_later(notice: Notice, now: dt.datetime) -> None:
    """After 1, 2, 4 ... minutes."""
    pause = dt.timedelta(minutes=2**notice.mail_tries)
    Notice.objects.filter(pk=notice.pk).update(mailed_at=None, mail_after=now + pause)


def _sees(user: User, account: Account) -> bool:
    return Account.objects.visible_to(user).filter(pk=account.pk).exists()

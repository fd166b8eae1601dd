"""Making notices, and marking them as read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from crm.models import Account, Comment, Notice, NoticeKind, Task, User


def notify(
    *,
    recipient: User,
    kind: NoticeKind | str,
    message: str,
    key: str,
    values: Mapping[str, Any] | None = None,
    path: str = "",
    account: Account | None = None,
    task: Task | None = None,
    comment: Comment | None = None,
) -> Notice:
    """Put a notice under a person's bell, once per `key`: the same event again gives the first one.

    `message` is an English msgid (gettext_noop) with %(named)s places for `values`; it is read in the reader's
    language. Its mail follows within a minute (crm.notices.mailing), whether the queue runs or not.
    """
    notice = Notice(
        recipient=recipient,
        kind=kind,
        message=message,
        # In one line: the text is a mail's subject too.
        values={name: " ".join(str(value).split())[:200] for name, value in (values or {}).items()},
        path=path,
        account=account,
        task=task,
        comment=comment,
        key=key,
    )
    # Two at once: the second waits for the first one's row and then leaves it as it is.
    Notice.objects.bulk_create([notice], ignore_conflicts=True)
    return Notice.objects.get(recipient=recipient, key=key)


def mark_read(*, user: User, now: dt.datetime, notice_id: int | None = None) -> int:
    """One notice of the user, or all of them."""
    unread = Notice.objects.filter(recipient=user).unread()
    if notice_id is not None:
        unread = unread.filter(pk=notice_id)
    return unread.update(read_at=now)

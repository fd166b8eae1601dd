"""Writing, changing and deleting comments. Whoever is named is told, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from crm.models import Account, Comment, NoticeKind, User
from crm.notices.operations import notify
from crm.work.mentions import Mentions, mentions_in

MENTIONED = gettext_noop("%(person)s mentioned you: %(text)s")
# The same words of the same person in the same place within this time are a retry.
RETRY = dt.timedelta(minutes=2)
EXCERPT = 120


def comments_of(account: Account, **belongs: Any) -> QuerySet[Comment]:
    """Newest first; `visit=...` and the like narrow to what was said about one row."""
    comments: QuerySet[Comment] = account.comments.filter(**belongs)
    return (
        comments.select_related("author", "account", "visit", "complaint", "opportunity")
        .prefetch_related("mentioned")
        .order_by("-created_at", "-pk")
    )


@transaction.atomic
def add_comment(
    *, account: Account, author: User, text: str, path: str, now: dt.datetime, belongs: Mapping[str, Any]
) -> tuple[Comment, Mentions]:
    """`belongs`: nothing, or one of visit, complaint and opportunity. The same again at once is not doubled."""
    with connection.cursor() as cursor:
        # Two clicks at once: the second waits here and then finds the first one's comment.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"comment:{author.pk}"])
    found = mentions_in(text, account)
    same = {"visit": None, "complaint": None, "opportunity": None} | dict(belongs)
    earlier = Comment.objects.filter(
        account=account, author=author, text=text, created_at__gt=now - RETRY, **same
    ).first()
    if earlier is not None:
        return earlier, found
    comment = Comment.objects.create(account=account, author=author, text=text, **belongs)
    _tell(comment, found, path)
    return comment, found


@transaction.atomic
def edit_comment(*, comment: Comment, text: str, path: str, now: dt.datetime) -> tuple[Comment, Mentions]:
    """Whoever is newly named is told; whoever was, is not told again."""
    found = mentions_in(text, comment.account)
    if text != comment.text:
        comment.text = text
        comment.edited_at = now
        comment.save(update_fields=["text", "edited_at"])
        _tell(comment, found, path)
    return comment, found


def _tell(comment: Comment, found: Mentions, path: str) -> None:
    comment.mentioned.set(found.people)
    for person in found.people:
        if person.pk != comment.author_id:
            notify(
                recipient=person,
                kind=NoticeKind.MENTION,
                message=MENTIONED,
                values={"person": comment.author, "text": comment.text[:EXCERPT]},
                key=f"mention:{comment.pk}",
                path=path,
                account=comment.account,
                comment=comment,
            )

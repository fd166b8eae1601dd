"""Files, comments and tasks on pages of other parts."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.utils.safestring import SafeString

from crm.attachments.checks import PHOTO_MAX_BYTES
from crm.attachments.operations import may_remove
from crm.attachments.queries import BELONGS_TO, files_of
from crm.models import Account, Attachment, Comment
from crm.work.mentions import shown

register = template.Library()
MEGABYTE = 1024 * 1024


@register.inclusion_tag("crm/attachments/_gallery.html", takes_context=True)
def attachments(
    context: dict[str, Any], account: Account, files: Any = None, **belongs: Any
) -> dict[str, Any]:
    """The files of an account, or of a visit, observation, opportunity or complaint of it, with a way to add some.

    `{% attachments account visit=visit %}`. Where the files are known already (prefetched), `files=` saves the query.
    """
    unknown = set(belongs) - set(BELONGS_TO)
    if unknown:
        raise template.TemplateSyntaxError(f"A file belongs to no {unknown}.")
    listed = list(files_of(account, **belongs)) if files is None else files
    kind, row = next(iter(belongs.items()), ("", None))
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "user": context["request"].user,
        "account": account,
        "files": listed,
        "kind": kind,
        "row": row,
        "most": settings.ATTACHMENT_MAX_BYTES // MEGABYTE,
        "most_photo": PHOTO_MAX_BYTES // MEGABYTE,
    }


@register.filter
def removable_by(attachment: Attachment, user: Any) -> bool:
    return may_remove(attachment, user)


@register.filter
def file_icon(attachment: Attachment) -> str:
    for part, name in (("pdf", "file-type-pdf"), ("sheet", "file-spreadsheet"), ("excel", "file-spreadsheet"),
                       ("csv", "file-type-csv"), ("word", "file-type-doc"), ("presentation", "presentation"),
                       ("powerpoint", "presentation"), ("image", "photo")):  # fmt: skip
        if part in attachment.content_type:
            return name
    return "file-text"


@register.filter
def comment_html(comment: Comment) -> SafeString:
    """The words of a comment with the people it names; nothing that was typed is HTML."""
    return shown(comment.text, comment.mentioned.all())

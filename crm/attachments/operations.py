"""Taking a file, and taking it off the record. The row and the file stand or fall together."""

from __future__ import annotations

import hashlib
import logging
import uuid
from contextlib import suppress
from functools import partial
from typing import IO, Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm.access import LEADERS
from crm.attachments.checks import RefusedUpload, clean_name, examine
from crm.attachments.heic import without_location
from crm.attachments.images import redraw
from crm.models import Account, Attachment, Complaint, Observation, Opportunity, User, Visit
from crm.models.attachments import storage_name

logger = logging.getLogger(__name__)


def attach(
    *,
    account: Account,
    user: User,
    upload: UploadedFile | File[bytes],
    client_key: uuid.UUID | None = None,
    visit: Visit | None = None,
    observation: Observation | None = None,
    opportunity: Opportunity | None = None,
    complaint: Complaint | None = None,
) -> Attachment:
    """Keep a file with an account (and the visit or other row it belongs to), once per `client_key`.

    Raises RefusedUpload with a sentence for the sender. The same person's retry returns the first file.
    """
    key = client_key or uuid.uuid4()
    if earlier := _earlier(key, user):
        return earlier
    for thing in (visit, observation, opportunity, complaint):
        if thing is not None and thing.account_id != account.pk:
            raise ValueError("What a file belongs to must be the account's.")
    values, content, thumbnail = _prepared(upload)
    attachment = Attachment(
        account=account, user=user, visit=visit, observation=observation, opportunity=opportunity,
        complaint=complaint, client_key=key, **values,
    )  # fmt: skip
    try:
        attachment.file.name = _store(attachment, content)
        if thumbnail is not None:
            attachment.thumbnail.name = _store(attachment, thumbnail)
        # Of its own: a retry that came at the same time must not spoil the caller's transaction.
        with transaction.atomic():
            attachment.save()
    except BaseException as error:
        _remove(attachment.file.name, attachment.thumbnail.name)
        if isinstance(error, IntegrityError) and (earlier := _earlier(key, user)):
            return earlier
        if isinstance(error, OSError):
            logger.exception("An attachment could not be stored")
            raise RefusedUpload(
                _("The file could not be stored. Nothing was saved; try again later.")
            ) from error
        raise
    return attachment


def _earlier(key: uuid.UUID, user: User) -> Attachment | None:
    earlier = Attachment.objects.filter(client_key=key).first()
    if earlier is not None and earlier.user_id != user.pk:
        raise RefusedUpload(_("This upload belongs to somebody else."))
    return earlier


def _prepared(upload: Any) -> tuple[dict[str, Any], File[bytes], File[bytes] | None]:
    """Name, type, size and digest of what will be kept; the content; and the thumbnail of a picture."""
    sent: IO[bytes] = upload.file if getattr(upload, "file", None) is not None else upload
    name = upload.name or ""
    found = examine(sent, name)
    content: File[bytes]
    if found.image:
        photo = redraw(sent)
        content, thumbnail = ContentFile(photo.content), ContentFile(photo.thumbnail)
        content_type, ending = photo.content_type, photo.ending
    else:
        heic = found.content_type == "image/heic"
        content = ContentFile(without_location(sent.read())) if heic else File(sent)
        content_type, ending, thumbnail = found.content_type, found.ending, None
    digest = hashlib.sha256()
    for chunk in content.chunks():
        digest.update(chunk)
    content.seek(0)
    values = {
        "name": clean_name(name, ending),
        "content_type": content_type,
        "size": content.size,
        "sha256": digest.hexdigest(),
    }
    return values, content, thumbnail


def _store(attachment: Attachment, content: File[bytes]) -> str:
    """Write to a new random name; what was begun is taken away where the disk is full."""
    name = storage_name(attachment, "")
    try:
        return str(default_storage.save(name, content))
    except BaseException:
        _remove(name)
        raise


def may_remove(attachment: Attachment, user: User) -> bool:
    """Whoever brought it, and those who lead."""
    return attachment.user_id == user.pk or user.role in LEADERS


def remove(*, attachment: Attachment) -> None:
    """Take the row, then the files: should the files stay, the nightly sweep finds them."""
    names = (attachment.file.name, attachment.thumbnail.name)
    with transaction.atomic():
        attachment.delete()
        transaction.on_commit(partial(_remove, *names))


def _remove(*names: str | None) -> None:
    for name in names:
        if name:
            with suppress(OSError):
                default_storage.delete(name)

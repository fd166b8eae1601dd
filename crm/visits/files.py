"""Photos and files of a visit."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from crm.attachments.checks import RefusedUpload
from crm.attachments.operations import attach
from crm.models import User, Visit
from crm.visits.rules import MAX_FILES


def attach_all(visit: Visit, user: User, uploads: Sequence[UploadedFile]) -> list[str]:
    """Keep the files that a form without script sent; returns a sentence for each that is refused.

    The form sent twice gives the same keys, so no file is kept twice.
    """
    refused: list[str] = []
    for place, upload in enumerate(uploads):
        if place >= MAX_FILES:
            refused.append(_("At most %(most)d files go with one visit.") % {"most": MAX_FILES})
            break
        key = uuid.uuid5(visit.client_key, f"{place}/{upload.name}/{upload.size}")
        try:
            attach(account=visit.account, user=user, upload=upload, client_key=key, visit=visit)
        except RefusedUpload as error:
            refused.append(f"{upload.name}: {error.message}")
    return refused

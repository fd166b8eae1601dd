"""Which files stand where."""

from __future__ import annotations

from django.db.models import Model, QuerySet

from crm.models import Account, Attachment, Complaint, Observation, Opportunity, Visit

# What a file may belong to besides its account, by the name of the field.
BELONGS_TO: dict[str, type[Model]] = {
    "visit": Visit,
    "observation": Observation,
    "opportunity": Opportunity,
    "complaint": Complaint,
}


def files_of(account: Account, **belongs: object) -> QuerySet[Attachment]:
    """The account's files, newest first; `visit=...` and the like narrow to what belongs to one row."""
    files: QuerySet[Attachment] = account.attachments.filter(**belongs)
    return files.select_related("user").order_by("-created_at", "-pk")

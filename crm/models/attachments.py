"""Files on record: photos of a visit, drawings, reports. Served only to whoever sees the account."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models.accounts import Account
from crm.models.activities import AccountRecordQuerySet, Complaint, Visit
from crm.models.opportunities import Opportunity
from crm.models.trends import Observation


def storage_name(attachment: Attachment, filename: str) -> str:
    """Nothing of the sender's name: two letters of directory, a random name, no extension."""
    name = uuid.uuid4().hex
    return f"attachments/{name[:2]}/{name}"


class Attachment(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="attachments")
    visit = models.ForeignKey(
        Visit, on_delete=models.SET_NULL, null=True, blank=True, related_name="attachments"
    )
    observation = models.ForeignKey(
        Observation, on_delete=models.SET_NULL, null=True, blank=True, related_name="attachments"
    )
    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.SET_NULL, null=True, blank=True, related_name="attachments"
    )
    complaint = models.ForeignKey(
        Complaint, on_delete=models.SET_NULL, null=True, blank=True, related_name="attachments"
    )
    file = models.FileField(upload_to=storage_name, max_length=120)
    thumbnail = models.FileField(upload_to=storage_name, max_length=120, blank=True)
    name = models.CharField(_("file name"), max_length=200)
    # As found in the content, whatever the sender said.
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Made on the device: a retry of the same upload never becomes a second file.
    client_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        indexes = [models.Index(fields=["account", "-created_at"], name="attachment_account_when")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("crm:attachment", args=[self.pk])

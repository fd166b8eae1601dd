"""Rows and bodies of the addresses in urls_work.txt. Everything is the owner's."""

from __future__ import annotations

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from crm.attachments.operations import attach
from crm.models import Comment, Task
from crm.notices.operations import notify
from tests.crm.attachments.samples import PDF, picture, upload
from tests.fixtures import World


class Again(SimpleUploadedFile):
    """A file that is sent by one person after the other."""

    def read(self, *arguments: Any) -> bytes:
        self.seek(0)
        content: bytes = self.file.read(*arguments)
        return content


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    kept = attach(account=world.account, user=world.rep, upload=upload(picture(), "photo.jpg"))
    own: dict[str, Any] = {"assignee": world.rep, "creator": world.rep}
    task = Task.objects.create(title="Offer", account=world.account, **own)
    comment = Comment.objects.create(account=world.account, author=world.rep, text="Hello")
    message = {"message": "Reminder: %(task)s", "values": {"task": "Offer"}}
    notice = notify(
        recipient=world.rep, kind="reminder", key="x", task=task, account=world.account, **message
    )
    return {
        "attachment": kept.pk,
        "task": task.pk,
        "task_alone": Task.objects.create(title="Tidy up", **own).pk,
        "comment": comment.pk,
        "notice": notice.pk,
    }


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    shown = {
        "title": "Offer",
        "assignee": str(world.rep.pk),
        "due_on": "",
        "remind_at": "",
        "urgent": "",
        "note": "",
    }
    return {
        "attachment": {"account": rows["account"], "file": Again("a.pdf", PDF)},
        "task": {"title": "New task", "assignee": world.manager.pk, "account": rows["account"]},
        "task_edit": {**shown, "title": "Changed", "base": json.dumps(shown)},
        "task_done": {"done": "1"},
        "notice_mail": {"mails": "0"},
        "comment": {"text": "Changed @manager"},
    }

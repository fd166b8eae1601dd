"""Rows and bodies of the addresses in urls_work.txt. Everything is the owner's."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from crm.attachments.operations import attach
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
    return {"attachment": kept.pk}


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return {"attachment": {"account": rows["account"], "file": Again("a.pdf", PDF)}}

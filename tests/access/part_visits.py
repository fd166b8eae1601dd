"""Rows and bodies for the addresses of tests/access/urls_visits.txt."""

from __future__ import annotations

import uuid
from io import BytesIO
from typing import Any

from PIL import Image

from crm.models import Notice, NoticeKind, Visit
from tests.fixtures import World


class Photo:
    """A file that can be sent any number of times: each request reads it from its beginning."""

    name = "gate.jpg"
    content_type = "image/jpeg"

    def __init__(self) -> None:
        data = BytesIO()
        Image.new("RGB", (16, 12), "navy").save(data, "JPEG")
        self.content = data.getvalue()

    def read(self, size: int = -1) -> bytes:
        return self.content


def rows(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    notice = Notice.objects.create(
        recipient=world.rep,
        kind=NoticeKind.SYNC,
        account=world.account,
        message="x",
        key="handed",
        values={
            "author": "stranger",
            "author_id": world.stranger.pk,
            "account": str(world.account),
            "account_id": world.account.pk,
            "client_key": str(uuid.uuid4()),
            "entry": {"kind": ["visit"], "happened_at": ["2025-06-04T10:00"], "note": ["Handed"]},
            "files": [],
        },
    )
    return {"handed": notice.pk}


def bodies(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    visit = Visit.objects.get(pk=rows["visit"])
    return {
        "visit_place": {"account": world.account.pk, "latitude": "31.2", "longitude": "121.5"},
        "visit_entry": {
            "account": world.account.pk,
            "client_key": str(uuid.uuid4()),
            "user": world.rep.pk,
            "schema": "1",
            "kind": "visit",
            "happened_at": "2025-06-04T10:00",
        },
        "visit_photo": {"client_key": str(uuid.uuid4()), "visit_key": str(visit.client_key), "file": Photo()},
    }

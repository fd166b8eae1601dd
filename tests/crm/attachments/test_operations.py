"""The row and its file stand or fall together; a retry is no second file."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import connection, transaction
from django.utils import timezone

from crm.attachments.checks import RefusedUpload
from crm.attachments.operations import attach, remove
from crm.attachments.sweeping import sweep
from crm.models import Attachment
from tests.crm.attachments.samples import PDF, photo_with_place, picture, upload
from tests.factories import make_visit
from tests.fixtures import World, build_world

NOW = dt.datetime(2026, 6, 30, 9, tzinfo=dt.UTC)


def stored() -> set[str]:
    root = Path(settings.MEDIA_ROOT)
    return {str(path.relative_to(root)) for path in (root / "attachments").rglob("*") if path.is_file()}


@pytest.fixture(autouse=True)
def empty_store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_a_photo_is_kept_outside_the_web_root_under_a_name_of_chance(world: World) -> None:
    kept = attach(account=world.account, user=world.rep, upload=upload(photo_with_place(), "IMG 7.jpg"))
    assert (kept.name, kept.content_type) == ("IMG 7.jpg", "image/jpeg")
    assert stored() == {kept.file.name, kept.thumbnail.name}
    assert "IMG" not in kept.file.name
    for name in stored():
        assert (Path(settings.MEDIA_ROOT) / name).stat().st_mode & 0o777 == 0o600
    assert not str(settings.MEDIA_ROOT).startswith(str(settings.STATIC_ROOT))
    assert kept.size == (Path(settings.MEDIA_ROOT) / kept.file.name).stat().st_size


def test_a_photo_of_40_megabytes_is_kept_small_and_one_of_70_is_refused(world: World) -> None:
    """What makes it large hangs on behind the picture, as the film of a moving photo does."""
    megabyte = 1024 * 1024
    large = picture(size=(4000, 3000)) + b"\0" * (40 * megabyte)
    kept = attach(account=world.account, user=world.rep, upload=upload(large, "a.jpg"))
    assert kept.size < megabyte
    with pytest.raises(RefusedUpload, match="71 MB; at most 60 MB"):
        attach(account=world.account, user=world.rep, upload=upload(large + b"\0" * (30 * megabyte), "a.jpg"))


def test_a_retry_returns_the_first_and_somebody_elses_key_opens_nothing(world: World) -> None:
    key = uuid.uuid4()
    first = attach(account=world.account, user=world.rep, upload=upload(PDF, "a.pdf"), client_key=key)
    again = attach(account=world.account, user=world.rep, upload=upload(PDF, "a.pdf"), client_key=key)
    assert again == first
    assert stored() == {first.file.name}
    with pytest.raises(RefusedUpload):
        attach(account=world.account, user=world.colleague, upload=upload(PDF, "a.pdf"), client_key=key)


def test_a_refused_file_leaves_nothing(world: World) -> None:
    for content in (b"", b"MZ" + b"\0" * 100, b"\xff\xd8\xff" + b"\0" * 100):
        with pytest.raises(RefusedUpload):
            attach(account=world.account, user=world.rep, upload=upload(content, "photo.jpg"))
    assert not stored()
    assert not Attachment.objects.exists()


def test_a_file_belongs_to_a_row_of_its_own_account_only(world: World) -> None:
    visit = make_visit(world.strangers_account, world.stranger, NOW)
    with pytest.raises(ValueError, match="account"):
        attach(account=world.account, user=world.rep, upload=upload(PDF, "a.pdf"), visit=visit)


@pytest.mark.parametrize("successes", [0, 1])
def test_a_full_disk_leaves_neither_row_nor_file(
    world: World, monkeypatch: pytest.MonkeyPatch, successes: int
) -> None:
    """The second file is the thumbnail."""
    real, calls = FileSystemStorage._save, []

    def save_until_full(self: Any, name: str, content: Any) -> str:
        calls.append(name)
        if len(calls) <= successes:
            return str(real(self, name, content))
        Path(self.path(name)).parent.mkdir(parents=True, exist_ok=True)
        Path(self.path(name)).write_bytes(b"the first ha")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", save_until_full)
    with pytest.raises(RefusedUpload, match="could not be stored"):
        attach(account=world.account, user=world.rep, upload=upload(photo_with_place(), "a.jpg"))
    monkeypatch.undo()
    assert len(calls) == successes + 1
    assert not stored()
    assert not Attachment.objects.exists()


def test_a_file_whose_transaction_was_rolled_back_is_swept_after_a_day(world: World) -> None:
    kept = attach(account=world.account, user=world.rep, upload=upload(photo_with_place(), "a.jpg"))
    with transaction.atomic():
        attach(account=world.account, user=world.rep, upload=upload(PDF, "b.pdf"))
        transaction.set_rollback(True)
    assert len(stored()) == 3
    now = timezone.now()
    assert sweep(now=now) == 0, "an upload may be under way"
    assert sweep(now=now + dt.timedelta(days=2)) == 1
    assert stored() == {kept.file.name, kept.thumbnail.name}


def test_removing_takes_the_files_once_it_is_certain(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    kept = attach(account=world.account, user=world.rep, upload=upload(photo_with_place(), "a.jpg"))
    with django_capture_on_commit_callbacks(execute=True):
        remove(attachment=kept)
        assert len(stored()) == 2
    assert not stored()
    assert not Attachment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_tries_at_the_same_moment_are_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both find no earlier row, both write; the slower one gives way."""
    world, key = build_world(), uuid.uuid4()
    meet = threading.Barrier(2, timeout=20)
    real = FileSystemStorage.save

    def save_together(self: Any, *args: Any, **kwargs: Any) -> str:
        name = real(self, *args, **kwargs)
        meet.wait()
        return name

    monkeypatch.setattr(FileSystemStorage, "save", save_together)
    found: list[int] = []

    def send() -> None:
        try:
            kept = attach(account=world.account, user=world.rep, upload=upload(PDF, "a.pdf"), client_key=key)
            found.append(kept.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1
    assert stored() == {Attachment.objects.get().file.name}

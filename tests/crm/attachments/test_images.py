"""Photos: upright, small, and silent about where they were taken."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from crm.attachments.checks import RefusedUpload
from crm.attachments.heic import without_location
from crm.attachments.images import LONGEST_SIDE, THUMBNAIL_SIDE, redraw
from tests.crm.attachments import samples
from tests.crm.attachments.samples import package, photo_with_place, picture


def test_place_owner_and_comments_are_gone_and_the_photo_stands_upright() -> None:
    sent = photo_with_place()
    assert Image.open(io.BytesIO(sent)).getexif().get_ifd(0x8825)
    kept = redraw(io.BytesIO(sent))
    image = Image.open(io.BytesIO(kept.content))
    assert image.size == (20, 40), "turned as the camera noted"
    assert not dict(image.getexif())
    for trace in (b"Exif", b"Secret Owner", b"PhoneMaker", b"31.2304"):
        assert trace not in kept.content
        assert trace not in kept.thumbnail


def test_a_photo_beyond_the_screen_is_made_smaller_with_its_proportions() -> None:
    kept = redraw(io.BytesIO(picture(size=(6000, 3000))))
    image = Image.open(io.BytesIO(kept.content))
    assert (image.size, kept.content_type) == ((LONGEST_SIDE, LONGEST_SIDE // 2), "image/jpeg")
    assert max(Image.open(io.BytesIO(kept.thumbnail)).size) == THUMBNAIL_SIDE


@pytest.mark.parametrize(
    ("kind", "mode", "content_type"),
    [
        ("PNG", "RGBA", "image/png"),
        ("PNG", "P", "image/png"),
        ("PNG", "I;16", "image/png"),
        ("GIF", "P", "image/png"),
        ("JPEG", "CMYK", "image/jpeg"),
        ("JPEG", "L", "image/jpeg"),
        ("WEBP", "RGB", "image/jpeg"),
        ("WEBP", "RGBA", "image/png"),
        ("AVIF", "RGB", "image/jpeg"),
    ],
)
def test_every_kind_of_picture_is_kept_as_jpeg_or_png(kind: str, mode: str, content_type: str) -> None:
    colours = {"I;16": 1000, "P": 100, "L": 100, "CMYK": 7, "RGBA": (200, 0, 0, 90), "RGB": "red"}
    kept = redraw(io.BytesIO(picture(kind, mode=mode, colour=colours[mode])))
    assert kept.content_type == content_type
    assert Image.open(io.BytesIO(kept.content)).mode in ("RGB", "RGBA")
    assert Image.open(io.BytesIO(kept.thumbnail)).format == "JPEG"


def test_what_hangs_on_a_picture_does_not_come_along() -> None:
    both = picture() + package(("run.js", b"alert(1)")) + b"<script>alert(1)</script>"
    kept = redraw(io.BytesIO(both))
    assert b"script" not in kept.content
    assert b"PK\x03\x04" not in kept.content


@pytest.mark.parametrize("content", [samples.bomb(), picture("PNG", (8000, 7000), mode="1", colour=0)])
def test_a_decompression_bomb_is_refused_before_it_unfolds(content: bytes) -> None:
    assert len(content) < 100_000
    with pytest.raises(RefusedUpload, match="pixels"):
        redraw(io.BytesIO(content))


@pytest.mark.parametrize(
    "content",
    [picture()[:200], b"\xff\xd8\xff" + b"\0" * 300, picture("PNG", (300, 300))[:120], samples.PROGRAM],
)
def test_a_damaged_picture_is_refused(content: bytes) -> None:
    with pytest.raises(RefusedUpload, match="damaged"):
        redraw(io.BytesIO(content))


def test_a_heic_file_keeps_its_bytes_but_not_its_place() -> None:
    sent = samples.heic_with_place()
    kept = without_location(sent)
    assert len(kept) == len(sent)
    assert kept[:88] == sent[:88]
    assert kept[-64:] == sent[-64:]
    assert b"GPSLatitude" not in kept
    start = kept.index(b"MM\x00*") if b"MM\x00*" in kept else kept.index(b"II*\x00")
    exif = Image.Exif()
    exif.load(b"Exif\x00\x00" + kept[start:])
    assert not exif.get_ifd(0x8825)
    before = Image.Exif()
    before.load(b"Exif\x00\x00" + sent[start:])
    assert before.get_ifd(0x8825)

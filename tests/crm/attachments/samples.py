"""Files of every kind, good and bad, made here."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, TiffImagePlugin

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PROGRAM = (
    b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 56 + b"This program cannot be run in DOS mode." + b"\x00" * 400
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


def upload(content: bytes, name: str = "file", content_type: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type)


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, options.pop("colour", "steelblue")).save(buffer, kind, **options)
    return buffer.getvalue()


def photo_with_place(size: tuple[int, int] = (40, 20)) -> bytes:
    """A JPEG as a phone makes it: turned by a note (EXIF orientation 6), with owner and place."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "PhoneMaker"
    exif[0x8298] = "Secret Owner"
    exif.get_ifd(0x8825).update(
        {
            1: "N",
            2: (TiffImagePlugin.IFDRational(31), 14, 9),
            3: "E",
            4: (TiffImagePlugin.IFDRational(121), 28, 1),
        }
    )
    return picture(size=size, exif=exif.tobytes(), comment=b"made at 31.2304,121.4737")


def package(*parts: tuple[str, bytes], before: bytes = b"") -> bytes:
    buffer = io.BytesIO(before)
    buffer.seek(0, 2)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return buffer.getvalue()


def office(part: str = "xl/workbook.xml", *more: tuple[str, bytes]) -> bytes:
    return package(("[Content_Types].xml", b"<Types/>"), (part, b"<x/>"), *more)


def open_document() -> bytes:
    return package(("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<x/>"))


def old_excel(*streams: str) -> bytes:
    return OLE + b"".join(name.encode("utf-16-le") for name in ("Workbook", *streams)) + b"\x00" * 100


def bomb(width: int = 40_000, height: int = 40_000) -> bytes:
    """A PNG of a few hundred bytes that says it has 1.6 thousand million pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\x00" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def heic_with_place() -> bytes:
    """The outline of a HEIC file: brands, then an EXIF block with a place, then data."""
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (TiffImagePlugin.IFDRational(31), 14, 9)})
    block = exif.tobytes().removeprefix(b"Exif\x00\x00")
    xmp = b"<x:xmpmeta><exif:GPSLatitude>31,14N</exif:GPSLatitude></x:xmpmeta>"
    return b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 64 + block + xmp + b"\x01" * 64

"""What a file is, is told by its content: names and types that lie change nothing."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from crm.attachments.checks import RefusedUpload, clean_name, examine
from tests.crm.attachments import samples
from tests.crm.attachments.samples import (
    OLE,
    PDF,
    PROGRAM,
    office,
    old_excel,
    open_document,
    package,
    picture,
)

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("content", "name", "content_type"),
    [
        (PDF, "drawing.pdf", "application/pdf"),
        (PDF, "photo.jpg", "application/pdf"),
        (office("word/document.xml"), "offer.docx", DOCX),
        (open_document(), "offer.odt", "application/vnd.oasis.opendocument.text"),
        (old_excel(), "prices.xls", "application/vnd.ms-excel"),
        ("型号,数量\n6204,20\n".encode(), "list.csv", "text/csv"),
        ("型号,数量\n6204,20\n".encode("gb18030"), "list.csv", "text/csv"),
        ("型号\t数量\n".encode("utf-16"), "list.TXT", "text/plain"),
        (samples.heic_with_place(), "IMG_1.HEIC", "image/heic"),
    ],
)
def test_documents_are_known_by_their_content(content: bytes, name: str, content_type: str) -> None:
    assert examine(io.BytesIO(content), name).content_type == content_type


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_pictures_are_to_be_drawn_anew(kind: str) -> None:
    assert examine(io.BytesIO(picture(kind)), "x.exe").image


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "photo.jpg", "empty"),
        (PROGRAM, "photo.jpg", "a program"),
        (b"\x7fELF" + b"\0" * 100, "photo.jpg", "a program"),
        (b"#!/bin/sh\nrm -rf /\n", "notes.txt", "script"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "photo.png", "web page"),
        (b"  \n<html><body onload=alert(1)>", "list.csv", "web page"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "photo.png", "web page"),
        (b"name,note\n1,<ScRipt>alert(1)</script>\n", "list.csv", "web page"),
        ("<html><script>x</script>".encode("utf-16"), "list.txt", "web page"),
        (b"@echo off\r\ndel *.*\r\n", "run.bat", "not taken"),
        (b"text with \x00 bytes", "list.txt", "not taken"),
        (PDF[:-7], "cut.pdf", "cut off"),
        (package(("x.js", b"1"), before=PDF) + b"\n%%EOF", "two.pdf", "two things"),
        (package(("a.txt", b"1")), "files.zip", "archive"),
        (package(("a.txt", b"1")), "offer.docx", "archive"),
        (b"PK\x03\x04" + b"\0" * 200, "offer.docx", "damaged"),
        (office("word/document.xml", ("word/vbaProject.bin", b"1")), "offer.docx", "macros"),
        (office("word/document.xml", ("word/embeddings/run.EXE", b"1")), "offer.docx", "macros"),
        (old_excel("_VBA_PROJECT"), "prices.xls", "macros"),
        (OLE, "setup.msi", "not taken"),
        (b"Rar!\x1a\x07\x00" + b"\0" * 100, "files.rar", "RAR"),
        (b"\x00\x00\x00\x18ftypmp42" + b"\0" * 100, "film.jpg", "not taken"),
    ],
)
def test_what_is_no_document_is_refused_with_its_reason(content: bytes, name: str, reason: str) -> None:
    with pytest.raises(RefusedUpload) as refusal:
        examine(io.BytesIO(content), name)
    assert reason in refusal.value.message


def test_a_document_that_unpacks_to_gigabytes_is_not_unpacked() -> None:
    bomb = office("xl/workbook.xml", *[(f"xl/sheet{n}.xml", b"\0" * 4_000_000) for n in range(80)])
    assert len(bomb) < 1_000_000
    with pytest.raises(RefusedUpload, match="unpacks"):
        examine(io.BytesIO(bomb), "prices.xlsx")


def test_a_program_with_a_document_at_its_end_is_a_program() -> None:
    both = package(("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>"), before=PROGRAM)
    assert zipfile.is_zipfile(io.BytesIO(both))
    with pytest.raises(RefusedUpload):
        examine(io.BytesIO(both), "offer.docx")


@override_settings(ATTACHMENT_MAX_BYTES=1024 * 1024)
def test_the_limit_is_named() -> None:
    with pytest.raises(RefusedUpload, match=r"3 MB; at most 1 MB"):
        examine(io.BytesIO(PDF[:-6] + b" " * (2 * 1024 * 1024) + b"%%EOF"), "long.pdf")


@pytest.mark.parametrize(
    ("sent", "ending", "kept"),
    [
        ("C:\\photos\\IMG 1.JPG", ".jpg", "IMG 1.JPG"),
        ("../../etc/passwd", ".txt", "passwd.txt"),
        ("evil.exe", ".png", "evil.png"),
        ("invoice\u202egnp.exe", ".pdf", "invoicegnp.pdf"),
        ("6204.2RS drawing", ".pdf", "6204.2RS drawing.pdf"),
        ("", ".jpg", "file.jpg"),
        ("a\r\nSet-Cookie: x.pdf", ".pdf", "aSet-Cookie: x.pdf"),
        ("图纸.pdf", ".pdf", "图纸.pdf"),
    ],
)
def test_names_lose_paths_tricks_and_wrong_endings(sent: str, ending: str, kept: str) -> None:
    assert clean_name(sent, ending) == kept


@given(st.binary(max_size=400), st.text(max_size=20))
def test_whatever_comes_there_is_an_answer_and_no_other_error(content: bytes, name: str) -> None:
    for start in (b"", b"PK\x03\x04", OLE, b"%PDF-", b"\x00\x00\x00\x18ftyp"):
        with suppress(RefusedUpload):
            examine(io.BytesIO(start + content), name)

"""What a file is, told by its content. The sender's name and type count for nothing."""

from __future__ import annotations

import codecs
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

import puremagic
from django.conf import settings
from django.utils.translation import gettext as _

HEAD = 64 * 1024
MEGABYTE = 1024 * 1024
# Photos are made smaller before they are kept, so they may come larger than other files.
PHOTO_MAX_BYTES = 60 * MEGABYTE

IMAGE_MARKS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
AVIF_BRANDS = (b"avif", b"avis")
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")

# A ZIP that is a document names its kind inside: the part that must be there, the type, and how its name ends.
OFFICE = {
    "word/document.xml": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    "xl/workbook.xml": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    "ppt/presentation.xml": (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ".pptx",
    ),
}
OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": ".odt",
    b"application/vnd.oasis.opendocument.spreadsheet": ".ods",
    b"application/vnd.oasis.opendocument.presentation": ".odp",
}
# The older Office container (OLE) names its streams in UTF-16.
OLD_OFFICE = {
    "WordDocument": ("application/msword", ".doc"),
    "Workbook": ("application/vnd.ms-excel", ".xls"),
    "PowerPoint Document": ("application/vnd.ms-powerpoint", ".ppt"),
}
OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MACROS = ("vbaproject.bin", "vbadata.xml")
PROGRAMS = (
    ".exe", ".dll", ".scr", ".com", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".jse", ".wsf", ".msi", ".jar",
    ".lnk", ".hta", ".sh",
)  # fmt: skip
TEXT = {".txt": "text/plain", ".csv": "text/csv", ".tsv": "text/tab-separated-values", ".log": "text/plain"}
MARKUP = re.compile(
    rb"<(?:!doctype|\?xml|\?php|html|head|body|script|svg|iframe|object|embed|meta|style|form|math|a\s|img\s|xsl:)",
    re.IGNORECASE,
)
MOST_PARTS = 5_000
MOST_UNPACKED = 300 * MEGABYTE


class RefusedUpload(Exception):  # noqa: N818  (the name other parts know it by)
    """The file is not taken; the message is for the person who sent it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Found:
    """`image`: one that is decoded and written anew before it is kept."""

    content_type: str
    ending: str
    image: bool = False


def accepted_kinds() -> str:
    return _(
        "Photos (JPEG, PNG, WebP, GIF, HEIC), PDF, Word, Excel, PowerPoint, OpenDocument, text and CSV are taken."
    )


def examine(upload: IO[bytes], name: str) -> Found:
    """Say what `upload` is, or raise RefusedUpload. Leaves the file at its beginning."""
    upload.seek(0, 2)
    size = upload.tell()
    if not size:
        raise RefusedUpload(_("The file is empty."))
    upload.seek(0)
    head = upload.read(HEAD)
    found = _by_mark(upload, head, size, name)
    upload.seek(0)
    most = PHOTO_MAX_BYTES if found.image else settings.ATTACHMENT_MAX_BYTES
    if size > most:
        raise RefusedUpload(
            _("The file has %(size)s MB; at most %(most)s MB are taken.")
            % {"size": -(-size // MEGABYTE), "most": most // MEGABYTE}
        )
    return found


def _by_mark(upload: IO[bytes], head: bytes, size: int, name: str) -> Found:
    if head.startswith(IMAGE_MARKS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return Found("image/*", "", image=True)
    if head[4:8] == b"ftyp":
        return _photo_box(head)
    if head.startswith(b"%PDF-"):
        return _pdf(upload, size)
    if head.startswith(b"PK\x03\x04"):
        return _package(upload)
    if head.startswith(OLE_MARK):
        return _old_office(upload)
    return _text(upload, head, size, name)


def _photo_box(head: bytes) -> Found:
    """AVIF is decoded; HEIC, which nothing here decodes, is kept as the file it is. A video has other brands."""
    brands = {head[8:12], *(head[place : place + 4] for place in range(16, min(64, len(head)), 4))}
    if brands & set(AVIF_BRANDS):
        return Found("image/*", "", image=True)
    if head[8:12] in HEIC_BRANDS:
        return Found("image/heic", ".heic")
    raise RefusedUpload(_what_it_is(head))


def _pdf(upload: IO[bytes], size: int) -> Found:
    upload.seek(max(0, size - 2048))
    if b"%%EOF" not in upload.read():
        raise RefusedUpload(_("The PDF is cut off: its end is missing."))
    upload.seek(0)
    if zipfile.is_zipfile(upload):
        raise RefusedUpload(_("The file is two things at once: a PDF and an archive."))
    return Found("application/pdf", ".pdf")


def _package(upload: IO[bytes]) -> Found:
    try:
        with zipfile.ZipFile(upload) as package:
            parts = package.infolist()
            names = {part.filename for part in parts}
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise RefusedUpload(_("The document unpacks to far more than a document holds."))
            _no_programs(names)
            if "[Content_Types].xml" in names:
                for part, (content_type, ending) in OFFICE.items():
                    if part in names:
                        return Found(content_type, ending)
            if parts and parts[0].filename == "mimetype" and parts[0].file_size < 100:
                ending = OPEN_DOCUMENT.get(package.read("mimetype").strip(), "")
                if ending:
                    return Found(package.read("mimetype").strip().decode(), ending)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise RefusedUpload(_("The document is damaged.")) from error
    raise RefusedUpload(_("This is an archive. Send the files in it one by one.") + " " + accepted_kinds())


def _no_programs(names: set[str]) -> None:
    for name in names:
        last = PurePosixPath(name).name.lower()
        if last in MACROS or name.lower().startswith("basic/") or last.endswith(PROGRAMS):
            raise RefusedUpload(_("The document carries macros or programs. Save it without them."))


def _old_office(upload: IO[bytes]) -> Found:
    content = _scan(upload, [name.encode("utf-16-le") for name in (*OLD_OFFICE, "_VBA_PROJECT", "Macros")])
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise RefusedUpload(_("The document carries macros or programs. Save it without them."))
    for name, (content_type, ending) in OLD_OFFICE.items():
        if name.encode("utf-16-le") in content:
            return Found(content_type, ending)
    raise RefusedUpload(_("This kind of file is not taken.") + " " + accepted_kinds())


def _scan(upload: IO[bytes], needles: list[bytes]) -> set[bytes]:
    """Which of the needles stand anywhere in the file."""
    longest = max(map(len, needles))
    found: set[bytes] = set()
    upload.seek(0)
    kept = b""
    while chunk := upload.read(MEGABYTE):
        window = kept + chunk
        found |= {needle for needle in needles if needle in window}
        kept = window[-longest:]
    return found


def _text(upload: IO[bytes], head: bytes, size: int, name: str) -> Found:
    """Plain text with a plain text's name. Markup is none, whatever it is called."""
    ending = PurePosixPath(name.lower()).suffix
    if size > settings.ATTACHMENT_MAX_BYTES or not _reads_as_text(upload, head):
        raise RefusedUpload(_what_it_is(head))
    plain = head.decode("utf-16", "ignore").encode() if head[:2] in (b"\xff\xfe", b"\xfe\xff") else head
    if plain.startswith(b"#!") or MARKUP.search(plain):
        raise RefusedUpload(_("This is a web page or a script, which is not taken.") + " " + accepted_kinds())
    if ending not in TEXT:
        raise RefusedUpload(_what_it_is(head))
    return Found(TEXT[ending], ending)


def _reads_as_text(upload: IO[bytes], head: bytes) -> bool:
    encodings = ["utf-16"] if head[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        decoder = codecs.getincrementaldecoder(encoding)()
        upload.seek(0)
        try:
            while chunk := upload.read(MEGABYTE):
                if any(
                    unicodedata.category(sign) == "Cc"
                    for sign in set(decoder.decode(chunk)) - set("\t\n\r\f")
                ):
                    return False
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return True
    return False


def _what_it_is(head: bytes) -> str:
    """The refusal, with the name of what the content is where that is known."""
    if head.startswith((b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe")):
        return _("By its content this is a program, which is not taken.")
    try:
        known = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        known = []
    sentence = _("This kind of file is not taken.")
    # Its guesses by two or three bytes alone would only astonish.
    if known and known[0].name and known[0].confidence >= 0.5:
        sentence = _("By its content this is “%(kind)s”, which is not taken.") % {"kind": known[0].name}
    return f"{sentence} {accepted_kinds()}"


def clean_name(name: str, ending: str) -> str:
    """The sender's name for lists and downloads: no path, no control or direction marks, the content's own ending."""
    last = PurePosixPath(name.replace("\\", "/")).name
    last = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C").strip(" .")
    path = PurePosixPath(last or "file")
    same = {".jpeg": ".jpg", ".jpe": ".jpg", ".heif": ".heic"}.get(path.suffix.lower(), path.suffix.lower())
    if same == ending:
        return f"{path.stem[:180]}{path.suffix}"
    stem = path.stem if path.suffix.lower() in KNOWN_ENDINGS else path.name
    return f"{(stem or 'file')[:180]}{ending}"


KNOWN_ENDINGS = frozenset(
    [".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".heic", ".heif", ".pdf", *TEXT, *PROGRAMS]
    + [ending for _type, ending in (*OFFICE.values(), *OLD_OFFICE.values())]
    + list(OPEN_DOCUMENT.values())
)

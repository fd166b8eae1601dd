"""Message catalogues without gettext's programs: a fresh machine need not have them.

Every app has one catalogue for its Python and its folder under templates/ (what belongs to no app goes to crm), and
one for the scripts in static/js. Entries are sorted, so that two people's additions merge.
"""

from __future__ import annotations

import fcntl
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polib
from babel.messages.extract import extract_javascript, extract_python
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "segmentation", "lifecycle", "satisfaction", "crm")
LANGUAGE = "zh_Hans"
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),  # type: ignore[dict-item]
    "pgettext_lazy": ((1, "c"), 2),  # type: ignore[dict-item]
    "npgettext": ((1, "c"), 2, 3),  # type: ignore[dict-item]
}
PLACEHOLDER = re.compile(r"%\([a-z_0-9]+\)[sdfr]|%[sd]|\{[a-z_0-9]*\}", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Message:
    """A text in a source file. `plural` and `context` are "" where there is none."""

    text: str
    plural: str = ""
    context: str = ""


def catalogue_path(app: str, domain: str = "django") -> Path:
    return ROOT / app / "locale" / LANGUAGE / "LC_MESSAGES" / f"{domain}.po"


def app_of(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    if parts[0] == "templates":
        return parts[1] if parts[1] in APPS else "crm"
    return parts[0] if parts[0] in APPS else "crm"


def extract() -> dict[tuple[str, str], dict[Message, set[str]]]:
    """Every message in the sources, by (app, domain), with the files that use it."""
    found: dict[tuple[str, str], dict[Message, set[str]]] = {}
    for path, domain, messages in _sources():
        for message in messages:
            users = found.setdefault((app_of(path), domain), {}).setdefault(message, set())
            users.add(str(path.relative_to(ROOT)))
    return found


def _sources() -> Iterator[tuple[Path, str, list[Message]]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, "django", _extract(extract_python, path.read_bytes())
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in (".html", ".txt"):
            code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            # To Python's tokenizer the markup's indentation would mean something.
            flush_left = "\n".join(line.lstrip() for line in code.split("\n"))
            yield path, "django", _extract(extract_python, flush_left.encode())
    for path in sorted((ROOT / "static" / "js").rglob("*.js")):
        yield path, "djangojs", _extract(extract_javascript, path.read_bytes())


def _extract(extractor: object, source: bytes) -> list[Message]:
    options = {"encoding": "utf-8"}
    messages = []
    for _line, function, texts, _comments in extractor(io.BytesIO(source), KEYWORDS, [], options):  # type: ignore[operator]
        parts = [texts] if isinstance(texts, str) else list(texts or [])
        if not parts or not isinstance(parts[0], str) or not parts[0]:
            continue
        if function.startswith(("pgettext", "npgettext")):
            messages.append(Message(parts[1], parts[2] if function.startswith("n") else "", parts[0]))
        elif function.startswith("ngettext"):
            messages.append(Message(parts[0], parts[1]))
        else:
            messages.append(Message(parts[0]))
    return messages


@contextmanager
def locked() -> Iterator[None]:
    """One writer at a time."""
    with (ROOT / "config" / "messages.py").open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def load(app: str, domain: str) -> polib.POFile:
    path = catalogue_path(app, domain)
    if path.exists():
        return polib.pofile(str(path), wrapwidth=110)
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = {
        "Language": LANGUAGE,
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    return catalogue


def save(app: str, domain: str, entries: list[polib.POEntry]) -> None:
    catalogue = load(app, domain)
    catalogue.clear()
    catalogue.extend(sorted(entries, key=lambda entry: (entry.msgid, entry.msgctxt or "")))
    path = catalogue_path(app, domain)
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(path))


def update(translations: dict[Message, str] | None = None) -> None:
    """Bring the catalogues in step with the sources, keeping and adding translations; what no source uses goes."""
    given = translations or {}
    with locked():
        for (app, domain), messages in extract().items():
            known = {_key(entry): entry for entry in load(app, domain)}
            entries = []
            for message, users in messages.items():
                entry = known.get(message) or polib.POEntry(
                    msgid=message.text, msgid_plural=message.plural, msgctxt=message.context or None
                )
                entry.occurrences = [(user, "") for user in sorted(users)]
                entry.flags = []
                if message in given:
                    if message.plural:
                        entry.msgstr_plural = {0: given[message]}
                    else:
                        entry.msgstr = given[message]
                entries.append(entry)
            save(app, domain, entries)


def _key(entry: polib.POEntry) -> Message:
    return Message(entry.msgid, entry.msgid_plural, entry.msgctxt or "")


def translated(entry: polib.POEntry) -> str:
    return entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr


def problems() -> list[str]:
    """What keeps the Chinese from being complete: missing texts and lost placeholders."""
    found = []
    for (app, domain), messages in sorted(extract().items()):
        known = {_key(entry): translated(entry) for entry in load(app, domain)}
        for message in sorted(messages):
            users = ", ".join(sorted(messages[message]))
            text = known.get(message, "")
            if not text:
                found.append(f"{app}/{domain}: no Chinese for {message.text!r} ({users})")
            elif set(PLACEHOLDER.findall(message.plural or message.text)) != set(PLACEHOLDER.findall(text)):
                found.append(f"{app}/{domain}: placeholders differ in {message.text!r} -> {text!r}")
    return found


def compile_all() -> int:
    count = 0
    for path in sorted(ROOT.glob(f"*/locale/{LANGUAGE}/LC_MESSAGES/*.po")):
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))
        count += 1
    return count

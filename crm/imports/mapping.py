"""Which column of a file means what: read from TOML or the page, checked against the files, kept as JSON."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from crm.custom_fields.values import PREFIX
from crm.imports.encodings import CHOICES
from crm.imports.fields import ONE_OF, fields_of
from crm.imports.problems import ImportFileError
from crm.imports.tables import FileTable
from crm.models import ImportKind

PATTERN = re.compile(r"\{([^{}]+)\}")
LINE_CONTENT = "@content"
OPTIONS: dict[str, Any] = {
    "encoding": "",
    "delimiter": "",
    "sheet": "",
    "date_format": "",  # "", ymd, dmy, mdy, or a strptime pattern
    "decimals": "",  # "", point, comma
    "create_missing_accounts": False,
    "create_missing_products": False,
}
ALLOWED = {
    "encoding": {"", *CHOICES},
    "date_format": {"", "ymd", "dmy", "mdy"},
    "decimals": {"", "point", "comma"},
}


@dataclass
class Lookup:
    """A second file whose row with `match` = the main row's `key` adds its columns, as `name.Header`."""

    name: str
    file: str
    key: str
    match: str


@dataclass
class Mapping:
    kind: str
    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    lookups: list[Lookup] = field(default_factory=list)
    source: str = ""
    file: str = ""  # a pattern like sales*.csv, where one mapping serves several files

    def option(self, name: str) -> Any:
        return self.options.get(name, OPTIONS[name])

    @property
    def mapped(self) -> set[str]:
        return {*self.columns, *self.constants}

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Mapping:
        """Also the form of TOML and REST; every unknown name is an error, never ignored."""
        known = {"kind", "columns", "constants", "options", "lookups", "source", "file"}
        if extra := set(stored) - known:
            raise ImportFileError("bad_mapping", detail=f"unknown: {', '.join(sorted(extra))}")
        kind = stored.get("kind", "")
        if kind not in ImportKind.values:
            raise ImportFileError("bad_mapping", detail=f"kind = {kind!r}")
        try:
            lookups = [
                Lookup(**{"name": Path(entry["file"]).stem, **entry}) for entry in stored.get("lookups", [])
            ]
        except (TypeError, KeyError) as error:
            raise ImportFileError("bad_mapping", detail="lookups: name, file, key, match") from error
        mapping = cls(
            kind=kind,
            columns=_texts(stored, "columns"),
            constants=_texts(stored, "constants"),
            options=dict(stored.get("options", {})),
            lookups=lookups,
            source=str(stored.get("source", "")),
            file=str(stored.get("file", "")),
        )
        mapping.check_names()
        return mapping

    @classmethod
    def kept(cls, stored: dict[str, Any]) -> Mapping:
        """One made earlier, without the further fields that were archived or deleted since."""
        known = fields_of(stored.get("kind", ""))
        still = {
            part: {
                target: value
                for target, value in stored.get(part, {}).items()
                if target in known or not target.startswith(PREFIX)
            }
            for part in ("columns", "constants")
        }
        return cls.from_json({**stored, **still})

    def check_names(self) -> None:
        fields = fields_of(self.kind)
        for target in self.mapped:
            if target not in fields:
                raise ImportFileError("unknown_target", target=target)
        for name, value in self.options.items():
            expected = OPTIONS.get(name)
            if expected is None or not isinstance(value, type(expected)):
                raise ImportFileError("bad_option", option=name, value=str(value))
            if name == "date_format" and "%" in value:
                continue
            if name in ALLOWED and value not in ALLOWED[name]:
                raise ImportFileError("bad_option", option=name, value=str(value))
            if name == "delimiter" and value and (len(value) != 1 or value in '"\r\n'):
                raise ImportFileError("bad_option", option=name, value=value)

    def missing(self) -> list[str]:
        """The labels of fields that must have a column and have none."""
        fields = fields_of(self.kind)
        labels = [
            str(item.label) for item in fields.values() if item.required and item.name not in self.mapped
        ]
        if self.kind == ImportKind.CONTACTS or "external_id" not in fields:
            return labels
        for group in ONE_OF[self.kind]:
            if not self.mapped & set(group):
                labels.append(" / ".join(str(fields[name].label) for name in group))
        return labels

    def check(self, main: FileTable, lookups: dict[str, FileTable]) -> None:
        """Raise for the first thing that does not fit these files."""
        if missing := self.missing():
            raise ImportFileError("target_missing", target=", ".join(missing))
        for lookup in self.lookups:
            table = lookups.get(lookup.name)
            if table is None:
                raise ImportFileError("unknown_lookup", file=lookup.file)
            if table.column(lookup.match) is None:
                raise ImportFileError("unknown_header", header=lookup.match, target=lookup.name)
            if main.column(lookup.key) is None:
                raise ImportFileError("unknown_header", header=lookup.key, target=lookup.name)
        for target, expression in self.columns.items():
            if expression != LINE_CONTENT:
                parts_of(expression, main, lookups, target)


def _texts(stored: dict[str, Any], name: str) -> dict[str, str]:
    given = stored.get(name, {})
    if not isinstance(given, dict) or any(isinstance(value, dict | list) for value in given.values()):
        raise ImportFileError("bad_mapping", detail=f"[{name}]")
    return {target: _text(value) for target, value in given.items() if _text(value)}


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip() if not isinstance(value, bool) else str(int(value))


@dataclass(frozen=True)
class Part:
    """A piece of a cell's text: a column of the main file (lookup "") or of a lookup, or fixed text."""

    text: str = ""
    lookup: str = ""
    column: int = 0


def parts_of(expression: str, main: FileTable, lookups: dict[str, FileTable], target: str) -> list[Part]:
    """ "Header", "orders.Header", or a pattern like "{OrderNo}-{LineNo}"."""
    if whole := _reference(expression, main, lookups):
        return [whole]
    pieces = PATTERN.split(expression)
    if len(pieces) == 1:
        raise ImportFileError("unknown_header", header=expression, target=target)
    parts = []
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            parts += [Part(text=piece)] if piece else []
        elif found := _reference(piece, main, lookups):
            parts.append(found)
        else:
            raise ImportFileError("unknown_header", header=piece, target=target)
    return parts


def example_of(expression: str, main: FileTable, lookups: dict[str, FileTable]) -> str:
    """What stands in the first rows; each column's own first value, joined as the pattern says."""
    try:
        parts = [] if expression == LINE_CONTENT else parts_of(expression, main, lookups, "")
    except ImportFileError:
        return ""
    texts = []
    for part in parts:
        table = lookups[part.lookup] if part.lookup else main
        cells = table.sample_of(part.column) if part.column else [part.text]
        texts.append(next((cell for cell in cells if cell.strip()), ""))
    return "".join(texts)


def _reference(name: str, main: FileTable, lookups: dict[str, FileTable]) -> Part | None:
    if column := main.column(name):
        return Part(column=column)
    prefix, dot, header = name.partition(".")
    if dot and prefix in lookups and (column := lookups[prefix].column(header)):
        return Part(lookup=prefix, column=column)
    return None


def from_toml(text: str) -> list[Mapping]:
    """One mapping, or several under [[files]], in the order they are to be imported."""
    try:
        stored = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ImportFileError("bad_mapping", detail=str(error)) from error
    if "files" not in stored:
        return [Mapping.from_json(stored)]
    entries = stored.pop("files")
    if extra := set(stored) - {"source", "options"}:
        raise ImportFileError("bad_mapping", detail=f"beside [[files]]: {', '.join(sorted(extra))}")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ImportFileError("bad_mapping", detail="[[files]]")
    shared = stored.get("options", {})
    return [
        Mapping.from_json(
            {"source": stored.get("source", ""), **entry, "options": {**shared, **entry.get("options", {})}}
        )
        for entry in entries
    ]

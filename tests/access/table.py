"""Reading the table, walking the addresses, and seeing whether anything changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

TABLES = sorted(Path(__file__).parent.glob("urls*.txt"))
PEOPLE = ("anonymous", "owner", "colleague", "stranger", "manager", "analyst", "admin")
# What a request may touch without being granted: its own log-in and the note of a token's use.
NO_BUSINESS = ("django_session", "crm_apitoken", "axes_", "django_migrations")


@dataclass(frozen=True)
class Row:
    line: int
    method: str
    name: str
    arguments: str
    body: str
    expected: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.name} {self.arguments} {self.body}"


def read_table() -> list[Row]:
    rows = []
    lines = [(path, line) for path in TABLES for line in enumerate(path.read_text("utf-8").splitlines(), 1)]
    for path, (number, text) in lines:
        if not text.strip() or text.startswith("#"):
            continue
        method, name, arguments, body, *statuses = text.split()
        assert len(statuses) == len(PEOPLE), (
            f"{path.name}, line {number}: {len(statuses)} answers for {len(PEOPLE)} people"
        )
        expected = dict(zip(PEOPLE, statuses, strict=True))
        rows.append(
            Row(
                number,
                method,
                name,
                "" if arguments == "-" else arguments,
                "" if body == "-" else body,
                expected,
            )
        )
    return rows


def addresses() -> dict[str, set[str]]:
    """Every named address of the site map with the methods an API view offers (pages: those the table says)."""
    found: dict[str, set[str]] = {}
    for name, pattern in _walk(get_resolver(), ""):
        methods = {method.upper() for method in getattr(pattern.callback, "actions", None) or {}}
        # HEAD comes with GET, once a view has answered for the first time.
        found.setdefault(name, set()).update(methods - {"HEAD"})
    return found


def _walk(resolver: URLResolver, space: str) -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _walk(entry, f"{space}{entry.namespace}:" if entry.namespace else space)
        else:
            # Django's back office has a few redirects without a name; of ours everything has one.
            assert entry.name or space == "admin:", f"{entry.pattern} has no name"
            yield f"{space}{entry.name}", entry


def fingerprint() -> dict[str, str]:
    """A digest of every table that holds business."""
    tables = [table for table in connection.introspection.table_names() if not table.startswith(NO_BUSINESS)]
    parts = [
        f"SELECT '{table}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t"
        for table in tables
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())

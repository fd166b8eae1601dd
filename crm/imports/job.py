"""What one running import knows and carries from step to step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.backends.utils import CursorWrapper
from psycopg2.sql import SQL, Composable, Identifier, Literal

from crm.imports.fields import Field, fields_of
from crm.imports.mapping import Mapping
from crm.imports.tables import FileTable

MAIN, ROWS, ISSUES = "import_main", "import_rows", "import_issues"
EXISTING, MONTHS = "import_existing", "import_months"


@dataclass
class Job:
    cursor: CursorWrapper
    batch_id: int
    mapping: Mapping
    source: str
    today: dt.date
    update_existing: bool
    main: FileTable
    lookups: dict[str, FileTable] = field(default_factory=dict)
    progress: Callable[[int], None] = lambda percent: None
    summary: dict[str, Any] = field(default_factory=dict)
    # Temporary tables made on the way, dropped at the end (a test may run many imports in one transaction).
    temporary: list[str] = field(default_factory=list)

    @cached_property
    def fields(self) -> dict[str, Field]:
        return fields_of(self.mapping.kind)

    @property
    def reporting_currency(self) -> str:
        return settings.REPORTING_CURRENCY

    def run(self, sql: str, /, **values: Any) -> int:
        """Execute a statement; {names} are composed parts, or values that become literals. Rows it touched.

        Never psycopg2's own parameters: a % in a header or constant would be taken for one.
        """
        parts = {
            name: value if isinstance(value, Composable) else Literal(value) for name, value in values.items()
        }
        self.cursor.execute(SQL(sql).format(**parts))
        return int(self.cursor.rowcount)

    def row(self, sql: str, /, **values: Any) -> tuple[Any, ...]:
        self.run(sql, **values)
        return self.cursor.fetchone() or ()

    def table(self, name: str, query: str, /, **values: Any) -> int:
        """CREATE TEMP TABLE name AS query, with statistics: without them the planner guesses badly."""
        self.remember(name)
        made = Identifier(name)
        count = self.run("CREATE TEMP TABLE {made} ON COMMIT DROP AS " + query, made=made, **values)
        self.run("ANALYZE {made}", made=made)
        return count

    def remember(self, name: str) -> None:
        self.run("DROP TABLE IF EXISTS pg_temp.{table}", table=Identifier(name))
        if name not in self.temporary:
            self.temporary.append(name)

    def drop_all(self) -> None:
        for name in self.temporary:
            self.run("DROP TABLE IF EXISTS pg_temp.{table}", table=Identifier(name))

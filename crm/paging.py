"""Pages of long lists without counting millions of rows."""

from __future__ import annotations

from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

PAGE_SIZE = 50
# Nobody pages further than this; whoever needs more filters or exports.
COUNTED_AT_MOST = 10_000


class CappedPaginator(Paginator):
    """Counts to a limit and then says "more than": the cost of a page does not grow with the table."""

    @cached_property
    def _counted(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list).order_by().values("pk")
        return int(rows[: COUNTED_AT_MOST + 1].count())

    @cached_property
    def count(self) -> int:
        return min(self._counted, COUNTED_AT_MOST)

    @property
    def is_capped(self) -> bool:
        return self._counted > COUNTED_AT_MOST


def page_of(rows: Any, number: Any, size: int = PAGE_SIZE) -> Page[Any]:
    """The page asked for; the nearest one where there is no such page."""
    return CappedPaginator(rows, size).get_page(number)

"""Pages of long lists without counting millions of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

PAGE_SIZE = 50
# Nobody pages further than this; whoever needs more filters or exports.
COUNTED_AT_MOST = 10_000


class CappedPaginator(Paginator):
    """Counts to a limit and then says "more than": the cost of a page does not grow with the table.

    `fetch` gets the rows from one place to another where slicing what is counted would be the dear way.
    """

    def __init__(
        self, rows: Any, size: int = PAGE_SIZE, fetch: Callable[[int, int], list[Any]] | None = None
    ) -> None:
        self._fetch = fetch
        super().__init__(rows, size)

    def page(self, number: Any) -> Page[Any]:
        if self._fetch is None:
            return super().page(number)
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        return Page(self._fetch(first, min(first + self.per_page, self.count)), number, self)

    def _check_object_list_is_ordered(self) -> None:
        """What is only counted needs no order."""
        if self._fetch is None:
            super()._check_object_list_is_ordered()  # type: ignore[misc]

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

"""One timeline out of many sources, page by page.

A page ends between two moments, never within one: the next begins strictly before the last moment shown. So entries of
the same moment stay together, and none is lost or shown twice, whatever the sources hold.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from crm.models import Account, User
from crm.panels import TimelineEntry, TimelineSource

PAGE = 30
# Beyond this many entries of one moment (an import of files, say) the page takes what there is.
MOST = 2000


@dataclass(frozen=True)
class Page:
    entries: list[TimelineEntry]
    # Where the next page begins; None at the end.
    older: dt.datetime | None


def page_of_timeline(
    sources: Sequence[TimelineSource], *, account: Account, user: User, before: dt.datetime, size: int = PAGE
) -> Page:
    """At least `size` entries where there are so many, and all of the last one's moment."""
    most = size + 1
    while True:
        found = [source.entries(account=account, user=user, before=before, most=most) for source in sources]
        # A source that gave all it was asked for may have more of its last moment, and older ones.
        open_ends = [entries[-1].at for entries in found if len(entries) >= most]
        floor = max(open_ends, default=None)
        merged = sorted(
            (entry for entries in found for entry in entries), key=lambda entry: entry.at, reverse=True
        )
        whole = merged if floor is None else [entry for entry in merged if entry.at > floor]
        if whole or floor is None or most >= MOST:
            break
        most *= 4
    whole = whole or merged
    if len(whole) <= size:
        more = len(whole) < len(merged) or floor is not None
        return Page(whole, whole[-1].at if whole and more else None)
    last = whole[size - 1].at
    shown = [entry for entry in whole if entry.at >= last]
    rest = len(shown) < len(merged) or floor is not None
    return Page(shown, last if rest else None)

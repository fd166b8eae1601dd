"""What a visit may say, for the page, the phone's queue and REST alike."""

from __future__ import annotations

import datetime as dt

# Clocks of phones run a little ahead.
TOLERANCE = dt.timedelta(minutes=10)
EARLIEST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
# Some ten pages: more is a document, and belongs to the files.
MAX_NOTE = 20_000
MAX_NEWS = 5_000
MAX_FILES = 20
# Of the entries that a phone keeps; raised when an old entry can no longer be understood.
SCHEMA = 1

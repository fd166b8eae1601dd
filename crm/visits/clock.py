"""Putting right what a device with a wrong clock wrote. Pure: the clock is the caller's."""

from __future__ import annotations

import datetime as dt

from crm.visits.rules import TOLERANCE

NONE = dt.timedelta(0)


def corrected(
    happened_at: dt.datetime,
    *,
    device_now: dt.datetime | None,
    saved_at: dt.datetime | None,
    now: dt.datetime,
) -> tuple[dt.datetime, dt.timedelta]:
    """When it happened by our clock, and by how much the device's was off (zero where it was right).

    `device_now` is what the device's clock said when it sent, `saved_at` when the rep tapped "save". A device that set
    its clock right in between gives itself away by an entry saved in the future. What the rep typed as future by the
    device's own clock stays in the future, for the form to refuse.
    """
    off = now - device_now if device_now else NONE
    if abs(off) <= TOLERANCE:
        off = NONE
    if saved_at and saved_at + off > now + TOLERANCE:
        off = now - saved_at
    if not off:
        return happened_at, NONE
    moment = happened_at + off
    if saved_at is None or happened_at <= saved_at + TOLERANCE:
        moment = min(moment, now)
    return moment, off

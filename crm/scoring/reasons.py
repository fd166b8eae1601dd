"""Why a figure is undefined (models.md section 0).

Stored as smallint beside the figure: numbers are never changed or reused, new ones are added at the end.
"""

from enum import IntEnum


class Reason(IntEnum):
    """OK means the figure is there; every other member says why it is missing (or flagged)."""

    OK = 0
    NO_TRADES = 1
    SINGLE_PURCHASE = 2
    ZERO_EXPECTATION = 3
    NO_SURVEY = 4
    STALE_SURVEY = 5
    NO_COST = 6
    ZERO_DENOMINATOR = 7
    TOO_FEW_OBS = 8
    DEGENERATE_FIT = 9
    MISSING_INPUT = 10
    LOW_COVERAGE = 11  # too small a share of the indicators' weight is known
    OUT_OF_RANGE = 12  # a value is there, but its scoring standard has no answer for it

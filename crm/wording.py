"""Codes of the models in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from crm.scoring.reasons import Reason

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# Read after "missing:" or on its own, so every entry is a short statement.
REASONS: dict[int, _StrPromise] = {
    Reason.NO_TRADES: _("never bought"),
    Reason.SINGLE_PURCHASE: _("bought only once"),
    Reason.ZERO_EXPECTATION: _("expected value is 0, so there is no ratio"),
    Reason.NO_SURVEY: _("no survey answered"),
    Reason.STALE_SURVEY: _("last survey is too old"),
    Reason.NO_COST: _("cost unknown for too many trade lines"),
    Reason.ZERO_DENOMINATOR: _("nothing to compare with"),
    Reason.TOO_FEW_OBS: _("too few customers to compare with"),
    Reason.DEGENERATE_FIT: _("the data do not determine the figure"),
    Reason.MISSING_INPUT: _("not on record"),
    Reason.LOW_COVERAGE: _("too few indicators are known"),
    Reason.OUT_OF_RANGE: _("the scoring standard has no points for this value"),
}


def reason_text(code: int) -> str:
    """Why a figure is missing; "" where it is there."""
    return str(REASONS.get(int(code), ""))

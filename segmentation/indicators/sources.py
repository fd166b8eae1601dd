"""Where figures of a date come from: a run in progress, the published figures, or the ledger as of a past date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm.recompute import facts_query
from crm.scoring.finance import FinanceParameters


@dataclass(frozen=True)
class FigureSource:
    """Queries (without a trailing semicolon) for facts, satisfaction, lifecycle and value, all as of one date."""

    as_of: dt.date
    facts: str
    satisfaction: str
    lifecycle: str
    value: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


def staged(run_id: int, as_of: dt.date) -> FigureSource:
    """What the earlier steps of a run have computed."""
    return FigureSource(
        as_of,
        "SELECT * FROM crm_stagedaccountfacts WHERE run_id = %(run)s",
        "SELECT * FROM satisfaction_stagedsatisfaction WHERE run_id = %(run)s",
        "SELECT * FROM lifecycle_stagedlifecycle WHERE run_id = %(run)s",
        "SELECT * FROM lifecycle_stagedvalue WHERE run_id = %(run)s",
        {"run": run_id},
    )


def published(as_of: dt.date) -> FigureSource:
    """What readers see now; `as_of` is the date of the run that published it."""
    return FigureSource(
        as_of,
        "SELECT * FROM crm_accountfacts",
        "SELECT * FROM satisfaction_accountsatisfaction",
        "SELECT * FROM lifecycle_accountlifecycle",
        "SELECT * FROM lifecycle_accountvalue",
    )


def past(as_of: dt.date, finance: FinanceParameters) -> FigureSource:
    """The ledger summed up as of a past date; surveys, loyalty and value as frozen at that month end, if they were."""
    query, parameters = facts_query(as_of, finance)
    return FigureSource(
        as_of,
        query,
        "SELECT * FROM satisfaction_satisfactionsnapshot WHERE month_end = %(month_end)s",
        "SELECT * FROM lifecycle_lifecyclesnapshot WHERE month_end = %(month_end)s",
        "SELECT * FROM lifecycle_valuesnapshot WHERE month_end = %(month_end)s",
        {**parameters, "month_end": as_of},
    )

"""The raw value of every indicator, from the staged figures of the same run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm.copying import read_columns
from crm.scoring.arrays import CodeArray, FloatArray, IntArray, divide
from crm.scoring.finance import FinanceParameters, gross_profit
from crm.scoring.reasons import Reason
from crm.steps import AccountRange, Context

# What a scoring model may weigh.
RAW_CODES = (
    "gross_profit",
    "net_sales",
    "marketing_cost_ratio",
    "industry_position",
    "cooperation_years",
    "satisfaction",
)

DAYS_PER_YEAR = 365.25

# An account that never bought is a prospect: it has no raw values, no grade and no place in the populations.
_CUSTOMERS = """
SELECT f.account_id, f.lines_12m, f.costed_lines_12m, f.gross_profit_12m, f.net_sales_12m,
    f.sales_discount_12m + f.financing_cost_12m, f.first_traded_on, a.industry_position,
    s.index, coalesce(s.reason, %(no_survey)s),
    coalesce(o.value, -1), coalesce(CASE WHEN p.overridden THEN p.computed_grade ELSE p.grade END, -1),
    coalesce(p.computed_grade, -1)
FROM crm_stagedaccountfacts f
JOIN crm_account a ON a.id = f.account_id
LEFT JOIN satisfaction_stagedsatisfaction s ON s.run_id = f.run_id AND s.account_id = f.account_id
LEFT JOIN (
    SELECT DISTINCT ON (account_id) account_id, value FROM segmentation_gradeoverride
    WHERE revoked_at IS NULL AND valid_from <= %(as_of)s AND valid_to > %(as_of)s
    ORDER BY account_id, id DESC
) o ON o.account_id = f.account_id
LEFT JOIN segmentation_gradesnapshot p ON p.account_id = f.account_id AND p.version_id = %(version)s
    AND p.month_end = (SELECT max(month_end) FROM segmentation_gradesnapshot WHERE month_end < %(as_of)s)
WHERE f.run_id = %(run)s AND f.account_id BETWEEN %(lower)s AND %(upper)s AND f.occasions > 0
ORDER BY f.account_id
"""
_COLUMNS = {
    "account_id": "int",
    "lines": "int",
    "costed_lines": "int",
    "profit": "float",
    "net_sales": "float",
    "marketing_cost": "float",
    "first": "date",
    "industry_position": "float",
    "satisfaction": "float",
    "satisfaction_reason": "int",
    "override": "int",
    "previous": "int",
    "previous_computed": "int",
}
EVERYBODY = AccountRange(0, 2**62)


@dataclass(frozen=True)
class RawValues:
    """Arrays of shape (n,), by account id ascending. Grades are positions, -1 is none."""

    account_id: IntArray
    raw: Mapping[str, FloatArray]
    reasons: Mapping[str, CodeArray]
    override: IntArray
    previous: IntArray
    previous_computed: IntArray


def read_raw_values(
    cursor: Any, context: Context, version_id: int, accounts: AccountRange, finance: FinanceParameters
) -> RawValues:
    """Raw values of the customers in the range, and the earlier grades of the same version of the model."""
    rows = read_columns(
        cursor,
        _CUSTOMERS,
        {
            "run": context.run_id,
            "as_of": context.as_of,
            "version": version_id,
            "lower": accounts.lower,
            "upper": accounts.upper,
            "no_survey": int(Reason.NO_SURVEY),
        },
        _COLUMNS,
    )
    profit = gross_profit(rows["profit"], rows["lines"], rows["costed_lines"], finance.min_cost_coverage)
    sold = rows["net_sales"] > 0
    age = np.datetime64(context.as_of, "D") - rows["first"]
    return RawValues(
        account_id=rows["account_id"],
        raw={
            "gross_profit": profit.profit,
            "net_sales": rows["net_sales"],
            "marketing_cost_ratio": np.where(sold, divide(rows["marketing_cost"], rows["net_sales"]), np.nan),
            "industry_position": rows["industry_position"],
            "cooperation_years": age.astype(np.float64) / DAYS_PER_YEAR,
            "satisfaction": rows["satisfaction"],
        },
        reasons={
            "gross_profit": profit.reason,
            "marketing_cost_ratio": _codes(np.where(sold, Reason.OK, Reason.ZERO_DENOMINATOR)),
            "satisfaction": _codes(rows["satisfaction_reason"]),
        },
        override=rows["override"],
        previous=rows["previous"],
        previous_computed=rows["previous_computed"],
    )


def _codes(values: NDArray[Any]) -> CodeArray:
    return values.astype(np.int8)

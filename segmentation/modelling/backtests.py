"""Back-tests of versions: graded as they would have graded at a past date, judged by the gross profit that followed.

Where the ledger knows no costs at all, net sales are the yardstick instead, and the result says so.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from django.db import connection

from crm.copying import read_columns
from crm.parameters import load
from crm.scoring.arrays import FloatArray, IntArray
from crm.scoring.finance import FinanceParameters, gross_profit
from segmentation.evaluation import Evaluation, evaluate, populations, read_population
from segmentation.graders import Grader, resolve_scope
from segmentation.indicators import sources
from segmentation.models import ModelBackTest, ScoringModelVersion
from segmentation.scoring.backtest import Foresight, foresight, grade_outcomes, stability
from segmentation.scoring.grading import GradingModel
from segmentation.scoring.movement import migration

# What followed, of everybody who had bought by then: no line in the time after is a profit of 0.
_FOLLOWED = """
SELECT d.account_id, coalesce(sum(d.gross_profit), 0), coalesce(sum(d.net_sales), 0), coalesce(sum(d.lines), 0),
    coalesce(sum(d.costed_lines), 0)
FROM crm_tradeday d
WHERE d.traded_on > %(after)s AND d.traded_on <= %(until)s
GROUP BY d.account_id
ORDER BY d.account_id
"""


def back_test(version: ScoringModelVersion, as_of: dt.date, until: dt.date) -> ModelBackTest:
    """Grade as of `as_of` by `version` alone and compare with the profit of (as_of, until]. Stores and returns it."""
    finance, _version = load("crm.finance", FinanceParameters)
    then = evaluate_at(version, as_of, finance)
    later = evaluate_at(version, until, finance)
    measure, profit = _earned_after(then.account_id, as_of, until, finance)
    model = then.grader.model
    outcome = grade_outcomes(then.computed, profit, len(model.grades))
    place = np.searchsorted(later.account_id, then.account_id)
    place = np.minimum(place, max(len(later.account_id) - 1, 0))
    found = later.account_id[place] == then.account_id if len(later.account_id) else np.zeros(0, bool)
    grade_later = np.where(found, later.computed[place], -1) if len(found) else np.zeros(0, np.int64)
    weighed = then.result.weighed
    transitions = migration(then.computed, grade_later, len(model.grades))
    result = {
        "accounts": len(then.account_id),
        "rated": int((then.computed >= 0).sum()),
        "measure": measure,
        "grades": list(model.grades),
        "whole": _plain(foresight(weighed.total, profit)),
        "current": _plain(foresight(weighed.current, profit)),
        "future": _plain(foresight(weighed.future, profit)),
        "outcome": {
            "accounts": outcome.accounts.tolist(),
            "profit": _numbers(outcome.profit),
            "mean": _numbers(outcome.mean),
            "lift": _numbers(outcome.lift),
        },
        "stability": _number(stability(then.computed, grade_later)),
        # Rows: the grade then, columns: the grade at the end of what followed; the last of each is "unrated".
        "transitions": transitions.matrix.tolist(),
    }
    stored, _created = ModelBackTest.objects.update_or_create(
        version=version, as_of=as_of, until=until, defaults={"result": result}
    )
    return stored


def evaluate_at(version: ScoringModelVersion, as_of: dt.date, finance: FinanceParameters) -> Evaluation:
    """Score and grade as of any date, from the ledger up to then, for the accounts the version is for."""
    scope = {} if version.model.is_default else resolve_scope(version.scope)
    grader = Grader(version.pk, GradingModel.from_dict(version.definition), scope)
    with connection.cursor() as cursor:
        population = read_population(cursor, [grader], sources.past(as_of, finance), finance)
    return next(evaluate(population, populations(population)))


def _earned_after(
    account_id: IntArray, after: dt.date, until: dt.date, finance: FinanceParameters
) -> tuple[str, FloatArray]:
    """What is earned, and how much each account brought; NaN where too few of its lines have a known cost."""
    kinds = {"account_id": "int", "profit": "float", "sales": "float", "lines": "int", "costed_lines": "int"}
    with connection.cursor() as cursor:
        rows = read_columns(cursor, _FOLLOWED, {"after": after, "until": until}, kinds)
    found = gross_profit(
        rows["profit"], rows["lines"], rows["costed_lines"], finance.min_cost_coverage
    ).profit
    costed = len(found) == 0 or not np.isnan(found).all()
    brought = found if costed else rows["sales"]
    earned = np.zeros(len(account_id))
    place = np.searchsorted(account_id, rows["account_id"])
    known = place < len(account_id)
    known[known] = account_id[place[known]] == rows["account_id"][known]
    earned[place[known]] = brought[known]
    return ("gross_profit" if costed else "net_sales"), earned


def _plain(found: Foresight) -> dict[str, Any]:
    return {
        "n": found.n,
        "gini": _number(found.gini),
        "top_capture": _number(found.top_capture),
        "best_capture": _number(found.best_capture),
        "lift": _number(found.lift),
        "gains": _numbers(found.gains),
    }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _numbers(values: FloatArray) -> list[float | None]:
    return [_number(value) for value in values]

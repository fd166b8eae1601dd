"""What managers have in hand: a scoring model's next version, the back-test of the present one, what-ifs of equity."""

from __future__ import annotations

import datetime as dt
from typing import Any

from config.demo.further_fields import PAYMENT, PAYS
from crm.models import EquityDriver, User
from crm.snapshots import shown_run
from segmentation.equity.board import EquityBoard
from segmentation.equity.equity_forms import WhatIfForm
from segmentation.equity.forms import EquityScopeForm
from segmentation.equity.studies import save_study
from segmentation.indicators.fields import CUSTOM
from segmentation.modelling.backtest_jobs import request_back_test, run_back_tests
from segmentation.modelling.drafts import open_draft, save_draft
from segmentation.operations import ensure_default_model
from segmentation.scoring.model import YEAR

MANAGER, ANALYST = "lin.xiaoming", "mei.tan"
# Less weight on what was, more on growth and on how a customer pays.
WEIGHTS = {"gross_profit": 0.25, "net_sales": 0.15, "satisfaction": 0.15}
POINTS = (0, 50, 100, 100)
STUDIES = (
    (MANAGER, "交期改善：华东周转仓", EquityDriver.CONVENIENCE, "1", "5000000", "2"),
    (MANAGER, "维系：客户技术培训计划", EquityDriver.PROGRAMMES, "0.5", "2400000", "3"),
    (ANALYST, "A second inspection before delivery", EquityDriver.QUALITY, "0.5", "9000000", "3"),
)


def make_draft(users: dict[str, User]) -> None:
    """Nothing is graded by it until somebody publishes it."""
    version = ensure_default_model()
    draft = open_draft(model=version.model, user=users[MANAGER])
    save_draft(
        draft_id=draft.pk,
        revision=draft.revision,
        definition=_changed(draft.definition),
        scope={},
        user=users[MANAGER],
    )


def _changed(definition: dict[str, Any]) -> dict[str, Any]:
    rows = [row | {"weight": WEIGHTS.get(row["code"], row["weight"])} for row in definition["indicators"]]
    table = [[float(mark), points] for (_value, mark, *_names), points in zip(PAYS, POINTS, strict=True)]
    added = (
        ("growth", 0.05, "future", {"kind": "percentile", "direction": "+"}),
        (f"{CUSTOM}{PAYMENT}", 0.10, "current", {"kind": "lookup", "direction": "+", "table": table}),
    )
    rows += [
        {
            "code": code,
            "weight": weight,
            "half": half,
            "missing": "exclude",
            "window": YEAR,
            "standard": standard,
        }
        for code, weight, half, standard in added
    ]
    return {**definition, "indicators": rows}


def make_back_test(now: dt.datetime) -> int:
    """Of the version in use, once figures stand; returns at how many past dates."""
    version = ensure_default_model()
    request_back_test(version=version, now=now)
    return run_back_tests(version.pk)


def make_studies() -> int:
    """What-ifs of customer equity on the figures on show, kept by those who asked."""
    run = shown_run()
    if run is None:
        return 0
    for username, name, driver, marks, cost, years in STUDIES:
        author = User.objects.get(username=username)
        scope = EquityScopeForm({}, user=author)
        question = WhatIfForm({"driver": driver, "marks": marks, "cost": cost, "years": years})
        scope.is_valid()
        save_study(board=EquityBoard(scope, question, run), name=name, author=author)
    return len(STUDIES)

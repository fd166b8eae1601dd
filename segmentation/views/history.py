"""Grade, stage and loyalty of one account over the years."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from crm.access import requires
from crm.snapshots import shown_run
from crm.web import UserRequest, visible_account
from lifecycle.history import loyalty_history, stage_history
from segmentation.history import grade_history, score_table


@requires("view_accounts")
def account_history(request: UserRequest, pk: int) -> HttpResponse:
    account = visible_account(request, pk)
    run = shown_run()
    context: dict[str, Any] = {"account": account, "run": run}
    if run is not None:
        context |= {
            # Here the causes are what one comes for.
            "grade": replace(grade_history(account, run.as_of), table_open=True),
            "scores": score_table(account),
            "stage": stage_history(account, run.as_of),
            "loyalty": loyalty_history(account, run.as_of),
        }
    return render(request, "segmentation/account_history.html", context)

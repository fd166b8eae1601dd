"""The trade history of an account."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from crm.access import requires
from crm.exports import export_response
from crm.models import Account
from crm.queries import figures_date
from crm.trade.reading import read_trade
from crm.trade.report import TradeReport
from crm.web import UserRequest, visible_account

YEARS = (1, 2, 3, 5)


@requires("view_accounts")
@require_GET
def trade_history(request: UserRequest, pk: int) -> HttpResponse:
    account, report, years = _report(request, pk)
    context = {"account": account, "shown": "trade", "report": report, "years": years, "choices": YEARS}
    return render(request, "crm/trade/history.html", context)


@requires("export")
@require_GET
def trade_history_export(request: UserRequest, pk: int, table: str, kind: str) -> HttpResponseBase:
    account, report, _years = _report(request, pk)
    try:
        wanted = report.table(table)
    except KeyError as error:
        raise Http404 from error
    name = f"{account.number}-{table}-{report.trade.as_of:%Y-%m-%d}"
    return export_response(kind, name, wanted.export_headers(), wanted.export_rows())


def _report(request: UserRequest, pk: int) -> tuple[Account, TradeReport, int]:
    account = visible_account(request, pk)
    asked = request.GET.get("years", "")
    years = int(asked) if asked.isdecimal() and int(asked[:3]) in YEARS else 2
    as_of = figures_date(timezone.localdate())
    return account, TradeReport(read_trade(account, as_of=as_of, years=years)), years

"""Panels of the account page that are fetched after the page stands, and the ledger behind the trade chart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Sum
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crm.access import requires
from crm.exports import export_response
from crm.models import Account, ProductFamily, TradeLine
from crm.paging import page_of
from crm.panels import permitted
from crm.queries import TradeScope, months_before, trade_lines
from crm.web import UserRequest


@requires("view_accounts")
@require_GET
def panel(request: UserRequest, pk: int, slug: str) -> HttpResponse:
    account = _account(request, pk)
    panels = {entry.slug: entry for entry in permitted("CRM_ACCOUNT_PANELS", request.user)}
    if slug not in panels:
        raise Http404
    entry = panels[slug]
    # A panel that reads parameters (months=60) names them.
    options = {name: request.GET[name] for name in getattr(entry, "options", ()) if name in request.GET}
    context = entry.get_context(
        account=account,
        user=request.user,
        today=timezone.localdate(),
        **options,
    )
    return render(request, entry.template_name, {"panel": entry, "account": account, **context})


@requires("view_accounts")
@require_GET
def trade(request: UserRequest, pk: int) -> HttpResponse:
    account = _account(request, pk)
    scope = _scope(request)
    lines = trade_lines(request.user, account, scope)
    counted = lines.counted()
    context = {
        "account": account,
        "page": page_of(lines, request.GET.get("page")),
        "scope": scope,
        "family": ProductFamily.objects.filter(pk=scope.family).first() if scope.family else None,
        "without_family": scope.family == 0,
        "totals": counted.aggregate(net_sales=Sum("net_sales"), gross_profit=Sum("gross_profit")),
    }
    return render(request, "crm/accounts/trade.html", context)


@requires("export")
@require_GET
def trade_export(request: UserRequest, pk: int) -> HttpResponseBase:
    account = _account(request, pk)
    lines = trade_lines(request.user, account, _scope(request))
    headers = [
        _("Date"),
        _("Order"),
        _("Product code"),
        _("Product"),
        _("Quantity"),
        _("Unit price"),
        _("Net amount"),
        _("Currency"),
        _("Net sales"),
        _("Gross profit"),
        _("Cancelled"),
    ]
    name = f"{account.number} {_('trade lines')}"
    return export_response(request.GET.get("format", "csv"), name, headers, _rows(lines))


def _rows(lines: Any) -> Iterator[list[Any]]:
    line: TradeLine
    for line in lines.iterator(chunk_size=2000):
        product = line.product
        yield [
            line.traded_on,
            line.order_number,
            product.code if product else None,
            str(product) if product else None,
            line.quantity,
            line.unit_price,
            line.net_amount,
            line.currency,
            line.net_sales,
            line.gross_profit,
            line.cancelled,
        ]


def _account(request: UserRequest, pk: int) -> Account:
    accounts = Account.objects.visible_to(request.user)
    return get_object_or_404(accounts.select_related("owner", "territory", "parent", "facts__run"), pk=pk)


def _scope(request: UserRequest) -> TradeScope:
    """?month=2024-05, or ?from=...&to=..., and ?family=...; nonsense: no such page."""
    asked = request.GET
    family = asked.get("family", "")
    if family and (not family.isdecimal() or len(family) > 17):
        raise Http404
    number = int(family) if family else None
    if asked.get("month"):
        first = _day(f"{asked['month']}-01")
        last = months_before(first, -1) - dt.timedelta(days=1) if first and first.year < 9999 else None
        return TradeScope(first, last, number)
    return TradeScope(_day(asked.get("from", "")), _day(asked.get("to", "")), number)


def _day(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Http404 from None

"""The trade history of an account."""

from __future__ import annotations

from django.urls import path

from crm.views import trade

urlpatterns = [
    path("accounts/<int:pk>/trade/history/", trade.trade_history, name="account-trade-history"),
    path(
        "accounts/<int:pk>/trade/history/<slug:table>.<slug:kind>",
        trade.trade_history_export,
        name="account-trade-history-export",
    ),
]

"""Trade lines: read one by one, written many at a time."""

from __future__ import annotations

from typing import Any

import django_filters
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.base import ReadViewSet
from crm.api.filters import IdFilter
from crm.api.trade_upload import TradeUploadAnswer, TradeUploadSerializer, upload
from crm.models import TradeLine


def _money(**kwargs: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=18, decimal_places=4, **kwargs)


class TradeLineSerializer(serializers.ModelSerializer[TradeLine]):
    """Amounts as traded; from `net_sales` on in the reporting currency."""

    account_id = serializers.IntegerField()
    product_id = serializers.IntegerField(allow_null=True)
    # Columns that the database computes: DRF would show them as numbers.
    net_sales = _money()
    gross_profit = _money(allow_null=True)
    sales_discount = _money()
    financing_cost = _money(allow_null=True)

    class Meta:
        model = TradeLine
        fields = [
            "id", "source", "external_id", "account_id", "product_id", "traded_on", "order_number",
            "quantity", "unit_price", "list_price", "discount", "net_amount", "cost", "marketing_cost",
            "payment_days", "financing_rate", "currency", "exchange_rate", "cancelled",
            "net_sales", "gross_profit", "sales_discount", "financing_cost",
        ]  # fmt: skip
        read_only_fields = fields


class TradeLineFilter(FilterSet):
    account_id = IdFilter()
    product_id = IdFilter()
    traded_from = django_filters.DateFilter(field_name="traded_on", lookup_expr="gte")
    traded_before = django_filters.DateFilter(field_name="traded_on", lookup_expr="lt")
    source = django_filters.CharFilter()
    external_id = django_filters.CharFilter()
    order_number = django_filters.CharFilter()
    cancelled = django_filters.BooleanFilter()

    class Meta:
        model = TradeLine
        fields: list[str] = []


@extend_schema_view(
    list=extend_schema(summary="Trade lines of the accounts the caller sees"),
    retrieve=extend_schema(summary="One trade line"),
    create=extend_schema(
        summary="Create or update up to 5,000 trade lines by source and external_id (analyst or administrator)",
        description="201: done, rejected lines are named. 202: another import is at work on the same request.",
        request=TradeUploadSerializer,
        responses={201: TradeUploadAnswer, 202: TradeUploadAnswer},
    ),
)
class TradeLineViewSet(ReadViewSet):
    queryset = TradeLine.objects.all()
    serializer_class = TradeLineSerializer
    filterset_class = TradeLineFilter
    # The order of an index: reading one account's lines, or a whole ledger, stays quick at any size.
    keyset = ("account_id", "traded_on", "id")
    capabilities = {"create": "import"}
    max_page_size = 5000
    keeps_idempotency_keys = True

    def create(self, request: Request) -> Response:
        return upload(request)

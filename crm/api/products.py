"""Products. Everybody reads them; those who keep the data create them."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from crm.api.base import ReadViewSet
from crm.api.filters import IdFilter, UpdatedSince
from crm.api.idempotency import IdempotentCreate
from crm.models import Product, ProductFamily


class ProductSerializer(serializers.ModelSerializer[Product]):
    family_id = serializers.PrimaryKeyRelatedField(
        source="family", queryset=ProductFamily.objects.all(), allow_null=True, required=False
    )

    class Meta:
        model = Product
        fields = [
            "id", "code", "name", "name_zh", "family_id", "base_unit", "list_price", "unit_cost",
            "source", "external_id", "created_at", "updated_at",
        ]  # fmt: skip
        # A conditional constraint, checked in create.
        validators: list[object] = []

    def validate(self, values: dict[str, object]) -> dict[str, object]:
        external_id = values.get("external_id", "")
        same = Product.objects.filter(source=values.get("source", ""), external_id=external_id)
        if external_id and same.exists():
            message = _("Another product has this identifier.")
            raise serializers.ValidationError({"external_id": [message]}, code="unique")
        return values


class ProductFilter(FilterSet):
    updated_since = UpdatedSince()
    code = django_filters.CharFilter()
    source = django_filters.CharFilter()
    external_id = django_filters.CharFilter()
    family_id = IdFilter()

    class Meta:
        model = Product
        fields: list[str] = []


@extend_schema_view(
    list=extend_schema(summary="Products"),
    retrieve=extend_schema(summary="One product"),
    create=extend_schema(summary="Create a product (analyst or administrator)"),
)
class ProductViewSet(IdempotentCreate, ReadViewSet):
    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    filterset_class = ProductFilter
    capabilities = {"create": "import"}

    def get_queryset(self) -> QuerySet[Product]:
        # Products belong to no account: whoever may log in may read them.
        return Product.objects.all()

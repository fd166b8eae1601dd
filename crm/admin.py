"""The back office: rows that no page of its own edits yet. For administrators only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from crm.models import AccountIdentifier, AccountSupply, ExchangeRate, Product, ProductFamily


class AdministratorsOnly(admin.ModelAdmin):
    """The role decides (crm.access), not Django's own permissions."""

    def _allowed(self, request: HttpRequest) -> bool:
        user = request.user
        return bool(user.is_authenticated and user.can("administer"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._allowed(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._allowed(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._allowed(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._allowed(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._allowed(request)


@admin.register(Product)
class ProductAdmin(AdministratorsOnly):
    list_display = ("code", "name", "name_zh", "family", "list_price", "unit_cost")
    list_select_related = ("family",)
    search_fields = ("code", "name", "name_zh")
    exclude = ("source", "external_id")


@admin.register(ProductFamily)
class ProductFamilyAdmin(AdministratorsOnly):
    list_display = ("name", "name_zh")


@admin.register(ExchangeRate)
class ExchangeRateAdmin(AdministratorsOnly):
    list_display = ("currency", "valid_on", "rate")
    list_filter = ("currency",)


@admin.register(AccountIdentifier)
class AccountIdentifierAdmin(AdministratorsOnly):
    list_display = ("source", "external_id", "account")
    list_select_related = ("account",)
    raw_id_fields = ("account",)
    search_fields = ("external_id",)


@admin.register(AccountSupply)
class AccountSupplyAdmin(AdministratorsOnly):
    list_display = ("supplier", "customer", "since")
    list_select_related = ("supplier", "customer")
    raw_id_fields = ("supplier", "customer")

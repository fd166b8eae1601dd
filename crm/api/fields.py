"""Fields that keep to what the caller may see."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from rest_framework import serializers

from crm.access import SEES_EVERYTHING
from crm.duplicates.resolve import surviving_account_id
from crm.models import Account, Territory, User


class VisibleKey(serializers.PrimaryKeyRelatedField):
    """The id of a row the caller may see; another one does not exist. Name it `x_id` with source="x"."""

    def get_queryset(self) -> QuerySet[Any]:
        request = self.context.get("request")
        queryset: Any = super().get_queryset()
        return queryset.none() if request is None else queryset.visible_to(request.user)

    def use_pk_only_optimization(self) -> bool:
        return self.read_only or not getattr(self.parent, "hides_related", False)


class AccountKey(VisibleKey):
    """An account the caller may see; the id of one that was merged into another means the other."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError:
            known = isinstance(data, int | str) and str(data).isdecimal() and len(str(data)) < 19
            survivor = surviving_account_id(int(data)) if known else None
            if survivor is None or survivor == int(data):
                raise
            return super().to_internal_value(survivor)


class TerritoryKey(serializers.PrimaryKeyRelatedField):
    """A territory the caller works in, or one below it."""

    def get_queryset(self) -> QuerySet[Territory]:
        request = self.context.get("request")
        if request is None:
            return Territory.objects.none()
        user: User = request.user
        if user.role in SEES_EVERYTHING:
            return Territory.objects.all()
        return Territory.objects.within(user.territory_paths)


class JSONObject(serializers.JSONField):
    """Not any JSON, but an object."""

    default_error_messages = {"not_an_object": serializers.DictField.default_error_messages["not_a_dict"]}

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        if not isinstance(value, dict):
            self.fail("not_an_object", input_type=type(value).__name__)
        return value


def account_key(**kwargs: Any) -> AccountKey:
    return AccountKey(source="account", queryset=Account.objects.all(), **kwargs)


def seen_id(related: Model | None) -> int | None:
    return None if related is None else related.pk

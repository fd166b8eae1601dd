"""Contacts with their positions at accounts the caller sees."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from crm.api.base import ReadViewSet
from crm.api.fields import account_key
from crm.api.filters import IdFilter, UpdatedSince
from crm.api.idempotency import IdempotentCreate
from crm.decisions.operations import record_stance
from crm.models import Account, Contact, Position, StanceSource
from crm.operations import save_position


class PositionSerializer(serializers.ModelSerializer[Position]):
    account_id = account_key()

    class Meta:
        model = Position
        fields = [
            "account_id", "title", "department", "decision_role", "influence", "stance", "stance_noted_on",
            "is_primary", "left_on",
        ]  # fmt: skip


class ContactSerializer(serializers.ModelSerializer[Contact]):
    positions = PositionSerializer(many=True, allow_empty=False)

    class Meta:
        model = Contact
        fields = [
            "id", "name", "english_name", "email", "phone", "mobile", "wechat", "note", "positions",
            "created_at", "updated_at",
        ]  # fmt: skip

    def validate_positions(self, positions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        accounts = [position["account"].pk for position in positions]
        if len(set(accounts)) != len(accounts):
            raise serializers.ValidationError(_("One position per account."), code="unique")
        return positions

    def create(self, values: dict[str, Any]) -> Contact:
        positions = values.pop("positions")
        contact = Contact(**values)
        for values_here in positions:
            stance, noted_on = values_here.pop("stance", None), values_here.pop("stance_noted_on", None)
            position = save_position(contact=contact, position=Position(**values_here))
            if stance is not None:
                # As on the page: with its history.
                record_stance(
                    position=position,
                    stance=stance,
                    noted_on=noted_on or timezone.localdate(),
                    source=StanceSource.TOLD,
                    user=self.context["request"].user,
                )
        return contact


class ContactFilter(FilterSet):
    updated_since = UpdatedSince()
    account_id = IdFilter(method="at_account")
    decision_role = django_filters.CharFilter(method="in_role", label="decider, influencer …")

    class Meta:
        model = Contact
        fields: list[str] = []

    # Through the visible positions: nobody learns of a position at an account out of sight.
    def at_account(self, contacts: QuerySet[Contact], name: str, value: int) -> QuerySet[Contact]:
        return contacts.filter(pk__in=self._positions().filter(account_id=value).values("contact"))

    def in_role(self, contacts: QuerySet[Contact], name: str, value: str) -> QuerySet[Contact]:
        return contacts.filter(pk__in=self._positions().filter(decision_role=value).values("contact"))

    def _positions(self) -> QuerySet[Position]:
        return visible_positions(self.request.user)


def visible_positions(user: Any) -> QuerySet[Position]:
    return Position.objects.filter(account__in=Account.objects.visible_to(user))


@extend_schema_view(
    list=extend_schema(summary="People at the accounts the caller sees"),
    retrieve=extend_schema(summary="One person"),
    create=extend_schema(summary="Create a person with at least one position"),
)
class ContactViewSet(IdempotentCreate, ReadViewSet):
    queryset = Contact.objects.all()
    serializer_class = ContactSerializer
    filterset_class = ContactFilter
    capabilities = {"create": "edit_accounts"}

    def get_queryset(self) -> QuerySet[Contact]:
        positions = visible_positions(self.request.user).order_by("pk")
        return super().get_queryset().prefetch_related(Prefetch("positions", positions))

"""Visits and complaints."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.base import ReadViewSet, current_user
from crm.api.contacts import visible_positions
from crm.api.fields import VisibleKey, account_key
from crm.api.filters import IdFilter, UpdatedSince
from crm.api.idempotency import IdempotentCreate, created
from crm.api.problems import ApiProblem
from crm.models import Complaint, ComplaintKind, Contact, Opportunity, Product, Visit, VisitKind
from crm.operations import RefusedError
from crm.visits.operations import log_visit
from crm.visits.rules import EARLIEST, MAX_NEWS, MAX_NOTE, TOLERANCE


def refuse_strangers(user: Any, account: Any, contacts: list[Contact], field: str) -> None:
    """People met, or who complained, have (or had) a position at the account."""
    known = set(
        visible_positions(user)
        .filter(account=account, contact__in=contacts)
        .values_list("contact_id", flat=True)
    )
    if any(contact.pk not in known for contact in contacts):
        message = _("This person has no position at the account.")
        raise serializers.ValidationError({field: [message]}, code="not_at_account")


class VisitSerializer(serializers.ModelSerializer[Visit]):
    account_id = account_key()
    user_id = serializers.PrimaryKeyRelatedField[Any](source="user", read_only=True)
    contact_ids = VisibleKey(source="contacts", queryset=Contact.objects.all(), many=True, required=False)
    opportunity_id = VisibleKey(
        source="opportunity",
        queryset=Opportunity.objects.all(),
        required=False,
        allow_null=True,
        help_text="An opportunity of the same account.",
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=MAX_NOTE)
    competitor_news = serializers.CharField(required=False, allow_blank=True, max_length=MAX_NEWS)
    latitude = serializers.DecimalField(
        max_digits=9, decimal_places=6, min_value=-90, max_value=90, required=False, allow_null=True,
        help_text="Where the rep was, with longitude: the distance to the account's address is worked out.",
    )  # fmt: skip
    longitude = serializers.DecimalField(
        max_digits=9, decimal_places=6, min_value=-180, max_value=180, required=False, allow_null=True
    )
    distance = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Metres from the account's address."
    )
    client_key = serializers.UUIDField(
        required=False, help_text="Made by the client: the same entry sent twice is one visit."
    )

    class Meta:
        model = Visit
        fields = [
            "id", "account_id", "user_id", "contact_ids", "kind", "happened_at", "purpose", "note", "outcome",
            "rating", "not_about_us", "competitor_news", "expected_order_amount", "expected_order_on",
            "opportunity_id", "next_step", "next_step_on", "latitude", "longitude", "distance", "client_key",
            "created_at", "updated_at",
        ]  # fmt: skip
        extra_kwargs = {"expected_order_amount": {"min_value": 0}}

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        user = self.context["request"].user
        refuse_strangers(user, values["account"], values.get("contacts", []), "contact_ids")
        if values.get("next_step_on") and not values.get("next_step"):
            message = _("Say what is to be done on that date.")
            raise serializers.ValidationError({"next_step": [message]}, code="required")
        opportunity = values.get("opportunity")
        if opportunity is not None and opportunity.account_id != values["account"].pk:
            message = _("This opportunity belongs to another account.")
            raise serializers.ValidationError({"opportunity_id": [message]}, code="not_of_account")
        if (values.get("latitude") is None) != (values.get("longitude") is None):
            message = _("A place needs latitude and longitude.")
            raise serializers.ValidationError({"longitude": [message]}, code="required")
        return values

    def validate_happened_at(self, when: dt.datetime) -> dt.datetime:
        if when > timezone.now() + TOLERANCE:
            raise serializers.ValidationError(
                _("This lies in the future. Log a visit after it happened; plan one as a next step."),
                code="future",
            )
        if when < EARLIEST:
            raise serializers.ValidationError(_("This date is too long ago."), code="past")
        return when


class VisitFilter(FilterSet):
    updated_since = UpdatedSince()
    account_id = IdFilter()
    user_id = IdFilter()
    kind = django_filters.ChoiceFilter(choices=VisitKind.choices)
    happened_from = django_filters.IsoDateTimeFilter(field_name="happened_at", lookup_expr="gte")
    happened_before = django_filters.IsoDateTimeFilter(field_name="happened_at", lookup_expr="lt")

    class Meta:
        model = Visit
        fields: list[str] = []


@extend_schema_view(
    list=extend_schema(summary="Visits to the accounts the caller sees"),
    retrieve=extend_schema(summary="One visit"),
    create=extend_schema(
        summary="Log a visit of the caller's",
        description="A `client_key` that is known already answers 200 with the visit it belongs to.",
        responses={201: VisitSerializer, 200: VisitSerializer},
    ),
)
class VisitViewSet(IdempotentCreate, ReadViewSet):
    queryset = Visit.objects.all()
    serializer_class = VisitSerializer
    filterset_class = VisitFilter
    capabilities = {"create": "log_visits"}

    def get_queryset(self) -> QuerySet[Visit]:
        return super().get_queryset().prefetch_related("contacts")

    def perform_once(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        contacts = values.pop("contacts", [])
        try:
            visit, is_new = log_visit(visit=Visit(**values), contacts=contacts, user=current_user(request))
        except RefusedError:
            raise _key_taken() from None
        if visit.account_id != values["account"].pk:
            raise _key_taken()
        return created(self, visit, 201 if is_new else 200)


def _key_taken() -> ApiProblem:
    return ApiProblem("conflict", _("This client_key belongs to another visit."))


class ComplaintSerializer(serializers.ModelSerializer[Complaint]):
    account_id = account_key()
    contact_id = VisibleKey(source="contact", queryset=Contact.objects.all(), allow_null=True, required=False)
    product_id = serializers.PrimaryKeyRelatedField(
        source="product", queryset=Product.objects.all(), allow_null=True, required=False
    )

    class Meta:
        model = Complaint
        fields = [
            "id", "account_id", "contact_id", "product_id", "opened_on", "kind", "severity", "subject",
            "description", "resolved_on", "resolution", "satisfied_with_resolution", "created_at", "updated_at",
        ]  # fmt: skip

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        def current(name: str) -> Any:
            return values.get(name, getattr(self.instance, name, None))

        if (
            self.instance is not None
            and values.get("account", self.instance.account) != self.instance.account
        ):
            message = _("A complaint stays with its account.")
            raise serializers.ValidationError({"account_id": [message]}, code="read_only")
        if current("resolved_on") and current("resolved_on") < current("opened_on"):
            message = _("Resolved before it was opened.")
            raise serializers.ValidationError({"resolved_on": [message]}, code="order")
        if current("resolution") and not current("resolved_on"):
            message = _("When was it resolved?")
            raise serializers.ValidationError({"resolved_on": [message]}, code="required")
        today = timezone.localdate()
        for name in ("opened_on", "resolved_on"):
            if values.get(name) and values[name] > today:
                message = _("This date lies in the future.")
                raise serializers.ValidationError({name: [message]}, code="future")
        if contact := values.get("contact"):
            refuse_strangers(self.context["request"].user, current("account"), [contact], "contact_id")
        return values


class ComplaintFilter(FilterSet):
    updated_since = UpdatedSince()
    account_id = IdFilter()
    kind = django_filters.ChoiceFilter(choices=ComplaintKind.choices)
    open = django_filters.BooleanFilter(
        field_name="resolved_on", lookup_expr="isnull", label="not yet resolved"
    )
    opened_from = django_filters.DateFilter(field_name="opened_on", lookup_expr="gte")
    opened_before = django_filters.DateFilter(field_name="opened_on", lookup_expr="lt")

    class Meta:
        model = Complaint
        fields: list[str] = []


@extend_schema_view(
    list=extend_schema(summary="Complaints of the accounts the caller sees"),
    retrieve=extend_schema(summary="One complaint"),
    create=extend_schema(summary="Open a complaint"),
    partial_update=extend_schema(
        summary="Change or resolve a complaint", responses={200: OpenApiResponse(ComplaintSerializer)}
    ),
)
class ComplaintViewSet(IdempotentCreate, ReadViewSet):
    queryset = Complaint.objects.all()
    serializer_class = ComplaintSerializer
    filterset_class = ComplaintFilter
    capabilities = {"create": "edit_accounts", "partial_update": "edit_accounts"}

    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        locked = self.get_queryset().select_for_update(of=("self",))
        complaint = get_object_or_404(locked, pk=self.kwargs["pk"])
        serializer = self.get_serializer(complaint, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        return Response(self.get_serializer(serializer.save()).data)

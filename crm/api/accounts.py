"""Accounts: read, create, change by revision."""

from __future__ import annotations

from typing import Any, NoReturn

import django_filters
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.validators import UniqueValidator

from crm.api.base import ReadViewSet, current_user
from crm.api.fields import JSONObject, TerritoryKey, VisibleKey, seen_id
from crm.api.filters import IdFilter, UpdatedSince
from crm.api.idempotency import IdempotentCreate
from crm.api.revisions import etag_of, named_revision
from crm.custom_fields import values as further
from crm.models import Account, AccountChannel, AccountIdentifier, AccountKind, Role, User
from crm.operations import OutdatedError, create_account, update_account
from crm.profile.groups import CircularParentError, leads_back
from crm.profile.industries import GBT, ISIC, Standard


class IdentifierSerializer(serializers.ModelSerializer[AccountIdentifier]):
    class Meta:
        model = AccountIdentifier
        fields = ["source", "external_id"]


class AccountSerializer(serializers.ModelSerializer[Account]):
    """`parent_id` and `supplier_ids` name accounts the caller sees; others are left out."""

    parent_id = VisibleKey(source="parent", queryset=Account.objects.all(), allow_null=True, required=False)
    owner_id = VisibleKey(
        source="owner", queryset=User.objects.filter(is_active=True), allow_null=True, required=False
    )
    territory_id = TerritoryKey(source="territory", allow_null=True, required=False)
    supplier_ids = serializers.SerializerMethodField()
    identifiers = IdentifierSerializer(
        many=True, required=False, help_text="Set when the account is created."
    )
    number = serializers.CharField(
        max_length=40,
        required=False,
        validators=[UniqueValidator(Account.objects.all())],
        help_text="Left out when creating: the next free one.",
    )
    custom = JSONObject(required=False)
    revision = serializers.IntegerField(required=False, min_value=0, help_text="Counts the changes.")

    class Meta:
        model = Account
        fields = [
            "id", "number", "name", "short_name", "english_name", "former_name", "kind",
            "channel", "parent_id", "supplier_ids", "owner_id", "territory_id", "identifiers",
            "registration_number", "industry", "industry_code", "isic_code",
            "country", "region", "city", "postal_code", "address", "latitude", "longitude",
            "phone", "fax", "email", "website",
            "industry_position", "employees", "annual_revenue", "first_contact_on",
            "sole_source", "viable_alternatives", "switching_cost",
            "contract_from", "contract_to", "payment_days", "currency", "custom",
            "revision", "created_at", "updated_at",
        ]  # fmt: skip

    def validate_custom(self, custom: dict[str, Any]) -> dict[str, Any]:
        if found := further.problems(custom):
            raise serializers.ValidationError([f"{code}: {text}" for code, text in found.items()])
        return custom

    def get_supplier_ids(self, account: Account) -> list[int]:
        return sorted(supplier.pk for supplier in account.suppliers.all())

    def to_representation(self, account: Account) -> dict[str, Any]:
        shown = super().to_representation(account)
        if "parent_id" in shown:
            # The view prefetched the parent among the visible accounts only.
            shown["parent_id"] = seen_id(account.parent)
        return shown

    def validate_industry_code(self, code: str) -> str:
        return self._code("industry_code", code, GBT)

    def validate_isic_code(self, code: str) -> str:
        return self._code("isic_code", code, ISIC)

    def _code(self, name: str, code: str, standard: Standard) -> str:
        """In capitals without blanks; an old one that the standard does not know may be sent back as it is."""
        if not code.strip() or code == getattr(self.instance, name, None):
            return code
        checked = standard.checked(code)
        if checked is None:
            raise serializers.ValidationError(_("The standard has no code of this form."), code="code")
        return checked

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        account = self.instance
        start = values.get("contract_from", getattr(account, "contract_from", None))
        end = values.get("contract_to", getattr(account, "contract_to", None))
        if start and end and end < start:
            _refuse("contract_to", "order", _("The contract ends before it begins."))
        if account is not None and "identifiers" in values:
            _refuse("identifiers", "read_only", _("Identifiers are set when the account is created."))
        parent = values.get("parent")
        if account is not None and parent is not None and leads_back(parent.pk, account.pk):
            refuse_circle()
        user = self.context["request"].user
        if (
            account is not None
            and user.role == Role.REP
            and values.get("owner", account.owner) != account.owner
        ):
            _refuse("owner_id", "read_only", _("Only those who lead give an account to somebody else."))
        return values


def add_identifiers(account: Account, identifiers: list[dict[str, str]]) -> None:
    for index, identifier in enumerate(identifiers):
        _row, is_new = AccountIdentifier.objects.get_or_create(**identifier, defaults={"account": account})
        if not is_new:
            errors: list[Any] = [{}] * index + [
                {"non_field_errors": [_("Another account has this identifier.")]}
            ]
            raise serializers.ValidationError({"identifiers": errors}, code="unique")


def _refuse(field: str, code: str, message: str) -> NoReturn:
    raise serializers.ValidationError({field: [message]}, code=code)


def refuse_circle() -> NoReturn:
    _refuse("parent_id", "circle", _("This account belongs to the group that you are changing."))


class AccountFilter(FilterSet):
    updated_since = UpdatedSince()
    number = django_filters.CharFilter(method="by_number", label="the exact account number")
    source = django_filters.CharFilter(method="from_source", label="with external_id: whose identifier it is")
    external_id = django_filters.CharFilter(
        method="by_identifier", label="what another system calls the account"
    )
    kind = django_filters.ChoiceFilter(choices=AccountKind.choices)
    channel = django_filters.ChoiceFilter(choices=AccountChannel.choices)
    owner_id = IdFilter()
    territory_id = IdFilter()
    parent_id = IdFilter()

    class Meta:
        model = Account
        fields: list[str] = []

    def by_number(self, accounts: QuerySet[Account], name: str, value: str) -> QuerySet[Account]:
        """The number of an account that was merged into another finds the other."""
        named = Account.objects.filter(number=value)
        return accounts.filter(pk__in=named.values(account=Coalesce("merged_into", "pk")))

    def from_source(self, accounts: QuerySet[Account], name: str, value: str) -> QuerySet[Account]:
        return accounts.filter(pk__in=AccountIdentifier.objects.filter(source=value).values("account"))

    def by_identifier(self, accounts: QuerySet[Account], name: str, value: str) -> QuerySet[Account]:
        matching = AccountIdentifier.objects.filter(external_id=value)
        # Both on the same identifier, not one on each of two.
        if source := self.form.cleaned_data.get("source"):
            matching = matching.filter(source=source)
        return accounts.filter(pk__in=matching.values("account"))


@extend_schema_view(
    list=extend_schema(summary="Accounts the caller sees"),
    retrieve=extend_schema(summary="One account", description="The ETag is the revision, for If-Match."),
    create=extend_schema(summary="Create an account"),
    partial_update=extend_schema(
        summary="Change an account",
        description="Needs If-Match (412 when outdated) or `revision` in the body (409 when outdated).",
        responses={200: OpenApiResponse(AccountSerializer)},
    ),
)
class AccountViewSet(IdempotentCreate, ReadViewSet):
    queryset = Account.objects.all()
    serializer_class = AccountSerializer
    filterset_class = AccountFilter
    capabilities = {"create": "edit_accounts", "partial_update": "edit_accounts"}
    uses_revisions = True

    def get_queryset(self) -> QuerySet[Account]:
        visible = Account.objects.visible_to(self.request.user)  # type: ignore[arg-type]
        names = visible.only("id", "name")
        return super().get_queryset().prefetch_related(
            Prefetch("parent", names), Prefetch("suppliers", names), "identifiers"
        )  # fmt: skip

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        account = self.get_object()
        return Response(self.get_serializer(account).data, headers={"ETag": etag_of(account)})

    def perform_once(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = {name: value for name, value in serializer.validated_data.items() if name != "revision"}
        identifiers = values.pop("identifiers", [])
        account = create_account(account=Account(**values), creator=current_user(request))
        add_identifiers(account, identifiers)
        return self._answer(account, 201)

    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        account = self.get_object()
        named = named_revision(request, account)
        serializer = self.get_serializer(account, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        values = {name: value for name, value in serializer.validated_data.items() if name != "revision"}
        try:
            account = update_account(account_id=account.pk, revision=named.revision, values=values)
        except OutdatedError as outdated:
            raise named.problem(outdated.current) from None
        except CircularParentError:
            refuse_circle()
        return self._answer(account, 200)

    def _answer(self, account: Account, status: int) -> Response:
        """The account as it is read. Whoever gave it away in the same request is told so before it is gone."""
        shown = self.get_queryset().filter(pk=account.pk).first()
        if shown is None:
            message = _("You would not see the account any more: name an owner or a territory that is yours.")
            raise serializers.ValidationError({"owner_id": [message]}, code="out_of_sight")
        headers = {"ETag": etag_of(shown)}
        if status == 201:
            headers["Location"] = f"{self.request.path.rstrip('/')}/{shown.pk}"
        return Response(self.get_serializer(shown).data, status=status, headers=headers)

"""Opportunities: read, enter, change by revision; moves and decisions are changes of `stage_id` and `state`."""

from __future__ import annotations

import datetime as dt
from typing import Any, NoReturn

import django_filters
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters.rest_framework import FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.base import ReadViewSet, current_user
from crm.api.fields import VisibleKey, account_key
from crm.api.filters import IdFilter, UpdatedSince
from crm.api.idempotency import IdempotentCreate
from crm.api.revisions import etag_of, named_revision
from crm.forms.opportunities import competitors_named
from crm.models import (
    BuyingProcess,
    Competitor,
    Opportunity,
    OpportunityState,
    PipelineStage,
    ProductFamily,
    Role,
    User,
)
from crm.pipeline.moves import (
    ChangedMeanwhileError,
    close_opportunity,
    create_opportunity,
    move_opportunity,
    reopen_opportunity,
    update_opportunity,
)

DECISION = ("state", "closed_on", "close_reason", "close_note", "lost_to")


class CompetitorName(serializers.CharField):
    """A competitor by name; one that nobody has named before is put on record."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=120, **kwargs)

    def to_representation(self, value: Any) -> str:
        return str(value.name if isinstance(value, Competitor) else value)


class CompetitorNames(serializers.ListField):
    child = CompetitorName()

    def to_representation(self, data: Any) -> list[str]:
        return sorted(one.name for one in data.all())


class OpportunitySerializer(serializers.ModelSerializer[Opportunity]):
    account_id = account_key()
    owner_id = VisibleKey(
        source="owner", queryset=User.objects.filter(is_active=True), allow_null=True, required=False
    )
    stage_id = serializers.PrimaryKeyRelatedField(
        source="stage",
        queryset=PipelineStage.objects.all(),
        required=False,
        help_text="Left out when creating: the first stage. A change of it is a move; open criteria are recorded.",
    )
    family_id = serializers.PrimaryKeyRelatedField(
        source="family", queryset=ProductFamily.objects.all(), allow_null=True, required=False
    )
    process_id = VisibleKey(
        source="process", queryset=BuyingProcess.objects.all(), allow_null=True, required=False
    )
    competitors = CompetitorNames(required=False, max_length=20)
    lost_to = CompetitorName(allow_null=True, required=False)
    effective_probability = serializers.SerializerMethodField(
        help_text="In percent: its own, else the usual one of the stage."
    )
    revision = serializers.IntegerField(required=False, min_value=0, help_text="Counts the changes.")

    class Meta:
        model = Opportunity
        fields = [
            "id", "account_id", "owner_id", "name", "stage_id", "stage_since", "family_id", "amount", "currency",
            "probability", "effective_probability", "inquired_on", "quoted_on", "expected_on", "process_id",
            "competitors", "state", "closed_on", "close_reason", "close_note", "lost_to", "note", "revision",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["stage_since"]
        # The constraint on closed_on is said in words in validate().
        validators: list[object] = []

    @extend_schema_field(OpenApiTypes.INT)
    def get_effective_probability(self, opportunity: Opportunity) -> int:
        own = opportunity.probability
        return opportunity.stage.probability if own is None else own

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        def current(name: str) -> Any:
            return values.get(name, getattr(self.instance, name, None))

        today = timezone.localdate()
        if self.instance is not None and current("account") != self.instance.account:
            _refuse("account_id", "read_only", _("An opportunity stays with its account."))
        process = values.get("process")
        if process is not None and process.account_id != current("account").pk:
            _refuse("process_id", "not_at_account", _("This buying process belongs to another account."))
        self._check_owner(current("owner"))
        for name in ("inquired_on", "quoted_on", "closed_on"):
            if values.get(name) and values[name] > today:
                _refuse(name, "future", _("This date lies in the future."))
        if current("inquired_on") and current("quoted_on") and current("quoted_on") < current("inquired_on"):
            _refuse("quoted_on", "order", _("Quoted before the inquiry."))
        self._check_decision(values, current("state") or OpportunityState.OPEN)
        return values

    def _check_owner(self, owner: User | None) -> None:
        user = self.context["request"].user
        before = self.instance.owner if isinstance(self.instance, Opportunity) else user
        if user.role == Role.REP and owner not in (None, before) and owner != user:
            _refuse("owner_id", "read_only", _("Only those who lead give an opportunity to somebody else."))

    def _check_decision(self, values: dict[str, Any], state: str) -> None:
        was = self.instance.state if isinstance(self.instance, Opportunity) else OpportunityState.OPEN
        if self.instance is None and state != OpportunityState.OPEN:
            _refuse("state", "invalid", _("Enter it as open, then decide it."))
        named = [name for name in DECISION[1:] if values.get(name)]
        if named and (state == OpportunityState.OPEN or was == state):
            _refuse(named[0], "not_decided", _("Send this with the `state` that decides it: won or lost."))
        if was != state != OpportunityState.OPEN and not values.get("close_reason"):
            _refuse("close_reason", "required", _("Say why it was won or lost."))
        if was not in (OpportunityState.OPEN, state) and state != OpportunityState.OPEN:
            _refuse("state", "decided", _("It is decided. Reopen it first."))
        if was != OpportunityState.OPEN and "stage" in values and state != OpportunityState.OPEN:
            _refuse("stage_id", "decided", _("It is decided. Reopen it first."))


def _refuse(field: str, code: str, message: str) -> NoReturn:
    raise serializers.ValidationError({field: [message]}, code=code)


class OpportunityFilter(FilterSet):
    updated_since = UpdatedSince()
    account_id = IdFilter()
    owner_id = IdFilter()
    stage_id = IdFilter()
    family_id = IdFilter()
    state = django_filters.ChoiceFilter(choices=OpportunityState.choices)
    expected_from = django_filters.DateFilter(field_name="expected_on", lookup_expr="gte")
    expected_before = django_filters.DateFilter(field_name="expected_on", lookup_expr="lt")

    class Meta:
        model = Opportunity
        fields: list[str] = []


@extend_schema_view(
    list=extend_schema(summary="Opportunities of the accounts the caller sees"),
    retrieve=extend_schema(summary="One opportunity", description="The ETag is the revision, for If-Match."),
    create=extend_schema(summary="Enter an opportunity"),
    partial_update=extend_schema(
        summary="Change, move, decide or reopen an opportunity",
        description="Needs If-Match (412 when outdated) or `revision` in the body (409 when outdated).",
        responses={200: OpenApiResponse(OpportunitySerializer)},
    ),
)
class OpportunityViewSet(IdempotentCreate, ReadViewSet):
    queryset = Opportunity.objects.all()
    serializer_class = OpportunitySerializer
    filterset_class = OpportunityFilter
    capabilities = {"create": "edit_accounts", "partial_update": "edit_accounts"}
    uses_revisions = True

    def get_queryset(self) -> QuerySet[Opportunity]:
        return super().get_queryset().select_related("stage", "lost_to").prefetch_related("competitors")

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        opportunity = self.get_object()
        return Response(self.get_serializer(opportunity).data, headers={"ETag": etag_of(opportunity)})

    def perform_once(self, request: Request) -> Response:
        values = self._values(self.get_serializer(data=request.data))
        user = current_user(request)
        competitors = values.pop("competitors", [])
        for name in DECISION:
            values.pop(name, None)
        if "stage" not in values:
            values["stage"] = PipelineStage.objects.order_by("order").first()
            if values["stage"] is None:
                _refuse("stage_id", "required", _("There are no stages yet: an administrator enters them."))
        if "owner" not in values and user.role == Role.REP:
            values["owner"] = user
        values["currency"] = (
            values.get("currency") or values["account"].currency or settings.REPORTING_CURRENCY
        )
        opportunity = create_opportunity(
            opportunity=Opportunity(**values), competitors=_named(competitors), user=user, today=_today()
        )
        return self._answer(opportunity, 201)

    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        opportunity = self.get_object()
        named = named_revision(request, opportunity)
        values = self._values(self.get_serializer(opportunity, data=request.data, partial=True))
        user = current_user(request)
        competitors = values.pop("competitors", None)
        decision = {name: values.pop(name) for name in DECISION if name in values}
        stage = values.pop("stage", None)
        try:
            current = update_opportunity(
                opportunity_id=opportunity.pk,
                revision=named.revision,
                values=values,
                competitors=None if competitors is None else _named(competitors),
                user=user,
            )
        except ChangedMeanwhileError as changed:
            raise named.problem(changed.current) from None
        state = decision.get("state", current.state)
        if state == OpportunityState.OPEN != current.state:
            current = reopen_opportunity(opportunity_id=current.pk, user=user, today=_today())
        if stage is not None and current.state == OpportunityState.OPEN:
            current = move_opportunity(
                opportunity_id=current.pk, stage=stage, user=user, today=_today(), confirmed=True
            )
        if state != current.state:
            current = _decide(current, OpportunityState(state), decision, user)
        return self._answer(current, 200)

    def _values(self, serializer: Any) -> dict[str, Any]:
        serializer.is_valid(raise_exception=True)
        return {name: value for name, value in serializer.validated_data.items() if name != "revision"}

    def _answer(self, opportunity: Opportunity, status: int) -> Response:
        shown = self.get_queryset().get(pk=opportunity.pk)
        headers = {"ETag": etag_of(shown)}
        if status == 201:
            headers["Location"] = f"{self.request.path.rstrip('/')}/{shown.pk}"
        return Response(self.get_serializer(shown).data, status=status, headers=headers)


def _decide(
    current: Opportunity, state: OpportunityState, decision: dict[str, Any], user: User
) -> Opportunity:
    named = decision.get("lost_to")
    return close_opportunity(
        opportunity_id=current.pk,
        state=state,
        closed_on=decision.get("closed_on") or _today(),
        reason=decision.get("close_reason", ""),
        note=decision.get("close_note", ""),
        lost_to=next(iter(_named([named])), None) if named else None,
        user=user,
    )


def _named(names: list[str]) -> list[Competitor]:
    # A name with a comma in it is one name here.
    return [one for name in names for one in competitors_named(name, whole=True)]


def _today() -> dt.date:
    return timezone.localdate()

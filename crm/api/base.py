"""What every endpoint shares: only visible rows, strict parameters, `fields`, keyset pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from crm.api.filters import filter_names, refuse_unknown_parameters
from crm.api.problems import InvalidParameters

if TYPE_CHECKING:
    from crm.models import User

PAGE_PARAMETERS = {"cursor", "page_size"}


class ApiViewSet(GenericViewSet[Any]):
    """Start from `rows`, never from a queryset of your own: it has passed `visible_to`."""

    capability = "view_accounts"
    # Where one action needs another right than the rest: {"create": "import"}.
    capabilities: ClassVar[dict[str, str]] = {}
    keyset: ClassVar[tuple[str, ...]] = ("id",)
    # Actions that answer with pages.
    paged: ClassVar[frozenset[str]] = frozenset({"list", "history"})
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Any]:
        queryset = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return queryset.none()
        return queryset.visible_to(self.request.user)  # type: ignore[attr-defined]

    def get_keyset(self) -> tuple[str, ...]:
        """Whoever asks for changes gets them in their order, so that the walk never misses one."""
        if self.request.query_params.get("updated_since"):
            return ("updated_at", "id")
        return self.keyset

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        refuse_unknown_parameters(request, self.known_parameters())

    def known_parameters(self) -> set[str]:
        known = {str(settings.REST_FRAMEWORK.get("URL_FORMAT_OVERRIDE", "format"))}
        if self.action in ("list", "retrieve"):
            known.add("fields")
        if self.action in self.paged:
            known |= PAGE_PARAMETERS
        if self.action == "list":
            known |= filter_names(getattr(self, "filterset_class", None))
        return known

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        serializer = super().get_serializer(*args, **kwargs)
        if self.request.method == "GET" and (chosen := chosen_fields(self.request)):
            inner: Any = getattr(serializer, "child", serializer)
            narrow(inner, chosen)
        return serializer


class ReadViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """A list and its rows."""


def current_user(request: Request) -> User:
    """The caller, who has been authenticated by the time a view runs."""
    return cast("User", request.user)


def chosen_fields(request: Request) -> list[str]:
    """`fields=id,name`: only these; [] is "all"."""
    return [name for name in request.query_params.get("fields", "").split(",") if name]


def check_fields(chosen: list[str], known: list[str]) -> None:
    unknown = [name for name in chosen if name not in known]
    if unknown:
        message = _("There is no field %(unknown)s. Known here: %(known)s.") % {
            "unknown": ", ".join(unknown),
            "known": ", ".join(known),
        }
        raise InvalidParameters({"fields": [message]}, code="unknown_field")


def narrow(serializer: serializers.Serializer[Any], chosen: list[str]) -> None:
    check_fields(chosen, list(serializer.fields))
    for name in set(serializer.fields) - set(chosen):
        serializer.fields.pop(name)

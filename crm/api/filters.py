"""Filters of lists: django-filter, strict: an unknown parameter or a wrong value is an error, never ignored."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import utils
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from rest_framework.request import Request

from crm.api.problems import InvalidParameters


class UpdatedSince(django_filters.IsoDateTimeFilter):
    """`updated_since`: rows changed at that moment or later. The list then comes in the order of change."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("changed at this moment or later"))
        super().__init__(field_name="updated_at", lookup_expr="gte", **kwargs)


class IdFilter(django_filters.Filter):
    """An id: a whole number, compared as it is (no query to see whether it exists)."""

    field_class = forms.IntegerField


class FilterBackend(DjangoFilterBackend):
    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise InvalidParameters(utils.translate_validation(filterset.errors).detail)
        return filterset.qs


def filter_names(filterset_class: type[FilterSet] | None) -> set[str]:
    return set() if filterset_class is None else set(filterset_class.base_filters)


def refuse_unknown_parameters(request: Request, known: set[str]) -> None:
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        message = _("There is no such parameter. Known here: %(known)s.") % {
            "known": ", ".join(sorted(known))
        }
        raise InvalidParameters({name: [message] for name in unknown}, code="unknown_parameter")

"""Representations: `?format=` or Accept; one that does not exist is 406, whichever way it was asked for."""

from typing import Any

from django.http import Http404
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer


class Negotiation(DefaultContentNegotiation):
    def filter_renderers(self, renderers: Any, format: str | None) -> Any:
        try:
            return super().filter_renderers(renderers, format or "")
        except Http404:
            raise NotAcceptable from None


class NdjsonRenderer(JSONRenderer):
    """One JSON object a line. Views that offer it stream their own bytes; this only takes part in the choice."""

    media_type = "application/x-ndjson"
    format = "ndjson"

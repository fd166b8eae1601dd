"""`Idempotency-Key` on every create: a retried request is answered, not done again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.base import current_user
from crm.api.problems import ApiProblem
from crm.models.idempotency import IdempotencyKey

HEADER = "Idempotency-Key"
KEPT = dt.timedelta(days=2)
KEPT_HEADERS = ("Location", "ETag")
# Old keys go a few at a time, with the requests that bring new ones.
SWEEP = """
DELETE FROM crm_idempotencykey WHERE id IN (
    SELECT id FROM crm_idempotencykey WHERE created_at < %s ORDER BY created_at LIMIT 50 FOR UPDATE SKIP LOCKED
)
"""


def once(request: Request, create: Callable[[], Response]) -> HttpResponseBase:
    """What `create` answers, in one transaction with the key. A second request with the key waits for the first."""
    key = key_of(request)
    with transaction.atomic():
        if key is None:
            return create()
        fingerprint, user = _fingerprint(request), current_user(request)
        IdempotencyKey.objects.bulk_create(
            [IdempotencyKey(user=user, key=key, fingerprint=fingerprint)], ignore_conflicts=True
        )
        row = IdempotencyKey.objects.get(user=user, key=key)
        if row.status is not None:
            return _replay(row, fingerprint)
        response = create()
        IdempotencyKey.objects.filter(pk=row.pk).update(
            status=response.status_code,
            headers={name: response[name] for name in KEPT_HEADERS if name in response},
            body=JSONRenderer().render(response.data).decode(),
        )
        with connection.cursor() as cursor:
            cursor.execute(SWEEP, [timezone.now() - KEPT])
        return response


class IdempotentCreate:
    """Mix in before a viewset; whose rows are not made by the serializer alone writes `perform_once`."""

    keeps_idempotency_keys = True

    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return once(request, lambda: self.perform_once(request))

    def perform_once(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)  # type: ignore[attr-defined]
        serializer.is_valid(raise_exception=True)
        return created(self, serializer.save())


def key_of(request: Request) -> str | None:
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise ParseError(_("Idempotency-Key: 1 to 255 printable ASCII letters."))
    return key


def _fingerprint(request: Request) -> str:
    body = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{request.method}\n{request.path.rstrip('/')}\n{body}".encode()).hexdigest()


def _replay(row: IdempotencyKey, fingerprint: str) -> HttpResponse:
    if row.fingerprint != fingerprint:
        raise ApiProblem("idempotency-key-reused")
    headers = {**row.headers, "Idempotent-Replayed": "true"}
    return HttpResponse(row.body, status=row.status, content_type="application/json", headers=headers)


def created(view: Any, row: Any, status: int = 201) -> Response:
    """The new row as it is read, with its address."""
    shown = view.get_queryset().get(pk=row.pk)
    location = f"{view.request.path.rstrip('/')}/{shown.pk}"
    return Response(view.get_serializer(shown).data, status=status, headers={"Location": location})

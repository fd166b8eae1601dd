"""Every error of the API is a problem detail (RFC 9457): one registry of types, one handler.

A type is a stable name that programs may compare; `detail` is a sentence in the caller's language.
docs/api.md lists the types; a test holds both together.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.signals import got_request_exception
from django.db import IntegrityError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.request import Request

CONTENT_TYPE = "application/problem+json"
URN = "urn:mainstay:problem:"
logger = logging.getLogger("crm.api")


class ProblemType(NamedTuple):
    status: int
    title: Any


PROBLEMS: dict[str, ProblemType] = {
    "malformed": ProblemType(400, _("The request cannot be read")),
    "invalid": ProblemType(400, _("Some values are not accepted")),
    "not-authenticated": ProblemType(401, _("A token is needed")),
    "token-refused": ProblemType(401, _("The token is not accepted")),
    "insufficient-scope": ProblemType(403, _("The token may not do this")),
    "forbidden": ProblemType(403, _("The request is refused")),
    "not-found": ProblemType(404, _("Not found")),
    "method-not-allowed": ProblemType(405, _("The method is not allowed here")),
    "not-acceptable": ProblemType(406, _("No such representation")),
    "conflict": ProblemType(409, _("The request contradicts what is there")),
    "precondition-failed": ProblemType(412, _("Somebody changed it in the meantime")),
    "too-large": ProblemType(413, _("The request is too large")),
    "unsupported-media-type": ProblemType(415, _("The format of the body is not understood")),
    "idempotency-key-reused": ProblemType(422, _("The idempotency key was used for another request")),
    "precondition-required": ProblemType(428, _("Say which revision you change")),
    "throttled": ProblemType(429, _("Too many requests")),
    "server-error": ProblemType(500, _("Something went wrong on our side")),
    "unavailable": ProblemType(503, _("The service is not available at the moment")),
}


class ApiProblem(exceptions.APIException):
    """Raise with a type of the registry; `members` become further members of the problem."""

    def __init__(
        self, slug: str, detail: Any = None, *, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        self.status_code = PROBLEMS[slug].status
        super().__init__(PROBLEMS[slug].title if detail is None else detail)
        self.slug = slug
        self.headers = dict(headers or {})
        self.members = members


class InvalidParameters(exceptions.ValidationError):
    """Errors in the address's parameters; a plain ValidationError is about the body."""


def problem_response(
    request: HttpRequest | Request,
    slug: str,
    detail: Any = None,
    *,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> JsonResponse:
    kind = PROBLEMS[slug]
    body = {
        "type": URN + slug,
        "title": str(kind.title),
        "status": kind.status,
        "detail": str(kind.title if detail is None else detail),
        "instance": request.get_full_path() if isinstance(request, HttpRequest) else _path(request),
        **members,
    }
    return JsonResponse(
        body,
        status=kind.status,
        content_type=CONTENT_TYPE,
        headers=headers,
        json_dumps_params={"ensure_ascii": False},
    )


def handle(exc: Exception, context: dict[str, Any]) -> JsonResponse:
    """REST_FRAMEWORK["EXCEPTION_HANDLER"]: nothing gets past it, so nothing answers in HTML or with a traceback."""
    request: Request = context["request"]
    headers = getattr(exc, "headers", {}) | _headers_of(exc)
    if isinstance(exc, ApiProblem):
        return problem_response(request, exc.slug, exc.detail, headers=headers, **exc.members)
    if isinstance(exc, exceptions.ValidationError):
        where = "parameter" if isinstance(exc, InvalidParameters) else "pointer"
        errors = list(_errors(exc.get_full_details(), where))
        return problem_response(request, "invalid", errors=errors)
    if isinstance(exc, (Http404, exceptions.NotFound)):
        return problem_response(request, "not-found", _("It does not exist, or not for you."))
    if isinstance(exc, exceptions.APIException):
        return problem_response(request, _slug_of(exc), exc.detail, headers=headers)
    if isinstance(exc, PermissionDenied):
        return problem_response(request, "forbidden")
    if isinstance(exc, IntegrityError):
        # Two requests at once: both passed the checks, the database let one through.
        logger.warning("Refused by a constraint at %s: %s", _path(request), exc)
        return problem_response(request, "conflict")
    if isinstance(exc, RequestDataTooBig):
        return problem_response(request, "too-large")
    # As Django does for pages: tell whoever listens, log with the traceback, show nothing of it.
    got_request_exception.send(sender=None, request=getattr(request, "_request", request))
    logger.error("Unhandled error at %s", _path(request), exc_info=exc)
    return problem_response(request, "unavailable" if isinstance(exc, OperationalError) else "server-error")


_SLUGS: list[tuple[type[exceptions.APIException], str]] = [
    (exceptions.ParseError, "malformed"),
    (exceptions.NotAuthenticated, "not-authenticated"),
    (exceptions.AuthenticationFailed, "token-refused"),
    (exceptions.PermissionDenied, "forbidden"),
    (exceptions.MethodNotAllowed, "method-not-allowed"),
    (exceptions.NotAcceptable, "not-acceptable"),
    (exceptions.UnsupportedMediaType, "unsupported-media-type"),
    (exceptions.Throttled, "throttled"),
]


def _slug_of(exc: exceptions.APIException) -> str:
    for kind, slug in _SLUGS:
        if isinstance(exc, kind):
            return slug
    return "server-error" if exc.status_code >= status.HTTP_500_INTERNAL_SERVER_ERROR else "malformed"


def _headers_of(exc: Exception) -> dict[str, str]:
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(max(1, int(wait)))
    return headers


def _path(request: Request) -> str:
    return str(request.get_full_path())


def _errors(details: Any, where: str, path: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested errors, flat: each with a JSON pointer into the body (or the parameter's name)."""
    if isinstance(details, list):
        for index, entry in enumerate(details):
            leaf = isinstance(entry, dict) and entry.keys() == {"message", "code"}
            yield from _errors(entry, where, path if leaf else f"{path}/{index}")
    elif isinstance(details, dict) and details.keys() == {"message", "code"}:
        place = path.strip("/") if where == "parameter" else f"#{path}"
        yield {where: place, "code": str(details["code"]), "detail": str(details["message"])}
    elif isinstance(details, dict):
        for key, entry in details.items():
            # What concerns the whole object points at the object.
            step = "" if key == "non_field_errors" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            yield from _errors(entry, where, path + step)

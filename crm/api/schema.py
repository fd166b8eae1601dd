"""OpenAPI: what every operation has in common is added here, not repeated at each view."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from crm.api.problems import CONTENT_TYPE, PROBLEMS

PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `type` is stable; `detail` is in the language of Accept-Language.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "urn:mainstay:problem:…"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body: #/name"},
                    "parameter": {"type": "string", "description": "A parameter of the address"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
ANY_OPERATION = (400, 401, 403, 404, 406, 429, 500)
WRITES = (409, 413, 415, 422)


class Schema(AutoSchema):
    """Adds the problems to every operation, and the headers that writes understand."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        statuses = list(ANY_OPERATION)
        if self.method in ("POST", "PATCH", "PUT"):
            statuses += WRITES
        if self.method == "PATCH" and getattr(self.view, "uses_revisions", False):
            statuses += (412, 428)
        for status in statuses:
            operation["responses"].setdefault(str(status), _problem(status))
        operation["responses"] = dict(sorted(operation["responses"].items()))
        return operation

    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        if getattr(self.view, "action", "") == "create" and getattr(
            self.view, "keeps_idempotency_keys", False
        ):
            parameters.append(
                _header("Idempotency-Key", "A retry with the same key and body gets the first answer again.")
            )
        if self.method == "PATCH" and getattr(self.view, "uses_revisions", False):
            parameters.append(_header("If-Match", "The ETag of the revision you change."))
        if self.method == "GET" and getattr(self.view, "action", "") in ("list", "retrieve"):
            parameters.append(_query("fields", "Only these fields, separated by commas."))
        return parameters


def _header(name: str, description: str) -> Any:
    from drf_spectacular.utils import OpenApiParameter

    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=description)


def _query(name: str, description: str) -> Any:
    from drf_spectacular.utils import OpenApiParameter

    return OpenApiParameter(name, str, OpenApiParameter.QUERY, description=description)


def _problem(status: int) -> dict[str, Any]:
    slugs = [slug for slug, kind in PROBLEMS.items() if kind.status == status]
    return {
        "description": " or ".join(slugs),
        "content": {CONTENT_TYPE: {"schema": PROBLEM_REF}},
    }


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "crm.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "ms_…, made on the page “API tokens”"}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "crm.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def without_trailing_slash(endpoints: list[Any]) -> list[Any]:
    """Both forms work; one is documented."""
    return [(path.rstrip("/"), regex, method, view) for path, regex, method, view in endpoints]


def add_problem(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    _loosen(result)
    return result


def _loosen(node: Any) -> None:
    """ "An address or empty" fits an empty string twice where it says oneOf; anyOf says what is meant."""
    if isinstance(node, dict):
        if "oneOf" in node and "discriminator" not in node:
            node["anyOf"] = node.pop("oneOf")
        for child in node.values():
            _loosen(child)
    elif isinstance(node, list):
        for child in node:
            _loosen(child)

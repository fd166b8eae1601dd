"""Old addresses of a merged account lead to the account it became part of: every page, fragment and API address."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch

from crm.duplicates.resolve import surviving_account_id
from crm.models import Account, User

# Addresses that name an account say so at the same place.
_ROUTES = ("accounts/<int:pk>/", "api/v1/accounts/")


class MergedAccountMiddleware:
    """Costs nothing but for pages that were not found. Only where the reader sees what is left of the account."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != 404 or request.method not in ("GET", "HEAD"):
            return response
        return _redirect(request) or response


def _redirect(request: HttpRequest) -> HttpResponseBase | None:
    match: ResolverMatch | None = request.resolver_match
    user = getattr(request, "user", None)
    if match is None or not (match.route or "").startswith(_ROUTES) or not isinstance(user, User):
        return None
    pk = str(match.kwargs.get("pk", match.kwargs.get("account_id", "")))
    if not pk.isdecimal() or len(pk) > 18:
        return None
    survivor = surviving_account_id(int(pk))
    if survivor == int(pk) or not Account.objects.visible_to(user).filter(pk=survivor).exists():
        return None
    address = request.get_full_path().replace(f"/accounts/{pk}", f"/accounts/{survivor}", 1)
    response = HttpResponsePermanentRedirect(address)
    # A merge can be undone: nobody may remember the redirect.
    response["Cache-Control"] = "no-store"
    return response

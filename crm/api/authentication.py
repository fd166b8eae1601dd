"""Who calls: a token in the Authorization header, or the session of a logged-in browser."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from crm.models import ApiToken, User
from crm.tokens import TokenError, find_token

REFUSALS = {
    "unknown": _("This token is unknown."),
    "revoked": _("This token was revoked."),
    "expired": _("This token has expired."),
    "inactive_user": _("The token's user is no longer active."),
}


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer ms_…`. It comes first: a bad token is refused even beside a good session."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _blank, raw = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            token = find_token(raw.strip(), now=timezone.now())
        except TokenError as refused:
            raise exceptions.AuthenticationFailed(REFUSALS[refused.code], code=refused.code) from None
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Mainstay"'


class SessionAuthentication(authentication.SessionAuthentication):
    """For people who look at the API in their browser; writing needs the CSRF token, as on every page."""

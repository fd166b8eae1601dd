"""What a caller may do at all; which rows it may do it to is `visible_to`."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from crm.access import has_capability
from crm.api.problems import ApiProblem
from crm.models import ApiToken, Scope


class ScopePermission(BasePermission):
    """A token with scope read reads; everything else needs write. A session has its user's whole rights."""

    def has_permission(self, request: Request, view: Any) -> bool:
        token = request.auth
        if not isinstance(token, ApiToken):
            return True
        needed = Scope.READ if request.method in SAFE_METHODS else Scope.WRITE
        if needed in token.scopes or (needed == Scope.READ and Scope.WRITE in token.scopes):
            return True
        raise ApiProblem(
            "insufficient-scope",
            _("This token lacks the scope “%(scope)s”.") % {"scope": needed},
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{needed}"'},
        )


class CapabilityPermission(BasePermission):
    """A view names its `capability`, or one per action in `capabilities`. Lacking it is "not found", as on pages."""

    def has_permission(self, request: Request, view: Any) -> bool:
        capabilities: dict[str, str] = getattr(view, "capabilities", {})
        capability = capabilities.get(getattr(view, "action", None) or "", view.capability)
        if not has_capability(request.user, capability):  # type: ignore[arg-type]
            raise Http404
        return True

"""Setting a stage by hand, and taking it back."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from crm.access import requires
from crm.override_pages import decide_page, override_page, revoke_page
from crm.web import UserRequest
from lifecycle.overriding import STAGE


@requires("edit_accounts")
def stage_override(request: UserRequest, pk: int) -> HttpResponse:
    return override_page(request, pk, STAGE)


@requires("edit_accounts")
@require_POST
def stage_override_revoke(request: UserRequest, pk: int) -> HttpResponse:
    return revoke_page(request, pk, STAGE)


@requires("override_figures")
@require_POST
def stage_decide(request: UserRequest, pk: int, proposal: int) -> HttpResponse:
    return decide_page(request, pk, proposal, STAGE)

"""Setting a grade by hand, and the review of everything that people have set or would like to set."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from crm.access import requires
from crm.override_pages import decide_page, override_page, revoke_page
from crm.overrides import DECIDES
from crm.web import UserRequest
from segmentation.override_review import TABS, review
from segmentation.overriding import GRADE


@requires("edit_accounts")
def grade_override(request: UserRequest, pk: int) -> HttpResponse:
    return override_page(request, pk, GRADE)


@requires("edit_accounts")
@require_POST
def grade_override_revoke(request: UserRequest, pk: int) -> HttpResponse:
    return revoke_page(request, pk, GRADE)


@requires("override_figures")
@require_POST
def grade_decide(request: UserRequest, pk: int, proposal: int) -> HttpResponse:
    return decide_page(request, pk, proposal, GRADE)


@requires("view_accounts")
@require_GET
def override_list(request: UserRequest) -> HttpResponse:
    """?tab=waiting|running|due"""
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else next(iter(TABS))
    page, lines, waiting = review(request.user, tab, timezone.localdate(), request.GET.get("page"))
    context = {
        "tab": tab,
        "tabs": TABS.items(),
        "page": page,
        "lines": lines,
        "waiting": waiting,
        "decides": request.user.can(DECIDES),
    }
    return render(request, "segmentation/overrides/list.html", context)

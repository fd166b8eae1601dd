"""Search from everywhere: accounts, people with their phones, opportunities, visits."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from crm.access import requires
from crm.search.everywhere import everywhere
from crm.web import UserRequest

SHOWN = 5
SHOWN_ON_PAGE = 20
DIALOG = "quick-search-results"


@requires("view_accounts")
@require_GET
def search(request: UserRequest) -> HttpResponse:
    """A list in the dialog while typing; a page of its own for all results and without scripts."""
    text = request.GET.get("q", "").replace("\0", "").strip()
    target = request.headers.get("HX-Target")
    in_dialog = target == DIALOG
    found = everywhere(request.user, text, SHOWN if in_dialog else SHOWN_ON_PAGE)
    context = {"text": text, "found": found, "in_dialog": in_dialog}
    fragment = in_dialog or target == "quick-results"
    return render(request, "crm/search/_results.html" if fragment else "crm/search/page.html", context)

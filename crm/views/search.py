"""The search box in the header: accounts and people, with their phones."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from crm.access import requires
from crm.models import Account, Contact, Position
from crm.web import UserRequest

SHOWN = 6
SHOWN_ON_PAGE = 20


@requires("view_accounts")
@require_GET
def search(request: UserRequest) -> HttpResponse:
    """A list under the box while typing; a page of its own for Enter and without scripts."""
    text = request.GET.get("q", "").strip()
    target = request.headers.get("HX-Target")
    fragment = target in ("quick-search-results", "quick-results")
    most = SHOWN if target == "quick-search-results" else SHOWN_ON_PAGE
    accounts: list[Account] = []
    contacts: list[Contact] = []
    if text:
        visible = Account.objects.visible_to(request.user)
        accounts = list(visible.matching(text).select_related("owner")[:most])
        # People are found also through their other accounts, but only those in sight are named.
        here = Position.objects.filter(account__in=visible, left_on=None).select_related("account")
        people = Contact.objects.visible_to(request.user).matching(text)
        contacts = list(
            people.prefetch_related(Prefetch("positions", here, to_attr="known_positions"))[:most]
        )
    template = "crm/search/_results.html" if fragment else "crm/search/page.html"
    return render(request, template, {"text": text, "accounts": accounts, "contacts": contacts})

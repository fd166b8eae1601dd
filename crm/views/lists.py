"""What every list page shares: saved views."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import requires
from crm.models import SavedView
from crm.web import UserRequest

# Lists that keep views, and the address of each.
PAGES = {
    "accounts": "crm:account-list",
    "visits": "crm:visit-list",
    "opportunities": "crm:opportunity-list",
    "tasks": "crm:task-list",
}


@requires("view_accounts")
@require_POST
def save_view(request: UserRequest) -> HttpResponse:
    """Keep the list's present filters under a name; the same name again replaces them."""
    page = request.POST.get("page", "")
    if page not in PAGES:
        raise Http404
    name = request.POST.get("name", "").replace("\0", "").strip()[:80]
    # Parsed and written anew: nothing but parameters can hide in it.
    query = QueryDict(request.POST.get("query", "").lstrip("?")).urlencode()
    address = f"{reverse(PAGES[page])}?{query}"
    if not name or len(query) > 2000:
        messages.error(request, _("Give the view a name."))
        return redirect(address)
    SavedView.objects.update_or_create(
        user=request.user,
        page=page,
        name=name,
        defaults={"query": query, "shared": bool(request.POST.get("shared"))},
    )
    messages.success(request, _("View “%(name)s” saved.") % {"name": name})
    return redirect(address)


@requires("view_accounts")
@require_POST
def delete_view(request: UserRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, user=request.user)
    view.delete()
    messages.success(request, _("View “%(name)s” deleted.") % {"name": view.name})
    return redirect(PAGES.get(view.page, "crm:account-list"))

"""The tree of territories."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import requires
from crm.account_filters import offered_territories
from crm.forms.people import TerritoryForm
from crm.models import Territory
from crm.operations import RefusedError, delete_territory, move_territory
from crm.queries import territory_rows
from crm.web import UserRequest


@requires("view_people")
@require_GET
def tree(request: UserRequest) -> HttpResponse:
    rows = territory_rows(offered_territories(request.user))
    return render(request, "crm/territories/tree.html", {"rows": rows})


@requires("administer")
@require_http_methods(["GET", "POST"])
def create(request: UserRequest) -> HttpResponse:
    parent = request.GET.get("parent", "")
    form = TerritoryForm(request.POST or None, initial={"parent": parent if parent.isdecimal() else None})
    if request.method == "POST" and form.is_valid():
        territory = Territory.objects.create(**form.cleaned_data)
        messages.success(request, _("%(name)s saved.") % {"name": territory})
        return redirect("crm:territories")
    return render(request, "crm/territories/form.html", {"form": form})


@requires("administer")
@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    """Rename, or hang elsewhere with everything below."""
    territory = get_object_or_404(Territory, pk=pk)
    initial = {"name": territory.name, "name_zh": territory.name_zh, "parent": territory.parent_id}
    form = TerritoryForm(request.POST or None, territory=territory, initial=initial)
    if request.method == "POST" and form.is_valid():
        parent = form.cleaned_data["parent"]
        try:
            move_territory(territory_id=pk, parent_id=parent.pk if parent else None)
        except RefusedError:
            form.add_error("parent", _("A territory cannot be part of itself."))
        else:
            names = {name: form.cleaned_data[name] for name in ("name", "name_zh")}
            Territory.objects.filter(pk=pk).update(**names)
            messages.success(request, _("%(name)s saved.") % {"name": names["name"]})
            return redirect("crm:territories")
    return render(request, "crm/territories/form.html", {"form": form, "territory": territory})


@requires("administer")
@require_POST
def delete(request: UserRequest, pk: int) -> HttpResponse:
    territory = get_object_or_404(Territory, pk=pk)
    try:
        delete_territory(territory=territory)
    except RefusedError:
        messages.error(
            request,
            _("%(name)s is not empty: move its accounts, people and parts first.") % {"name": territory},
        )
        return redirect("crm:territory-edit", pk)
    messages.success(request, _("%(name)s deleted.") % {"name": territory})
    return redirect("crm:territories")

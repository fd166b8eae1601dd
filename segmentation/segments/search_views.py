"""Searches for groups: asked for with a reason, shown with what was tried, adopted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm.access import requires
from crm.snapshots import shown_run
from crm.web import UserRequest
from segmentation.models import Clustering
from segmentation.segments.forms import SearchForm
from segmentation.segments.groups import profiles, silhouettes_chart, silhouettes_table
from segmentation.segments.operations import (
    DONE,
    FAILED,
    QUEUED,
    AlreadyAdopted,
    adopt,
    request_clustering,
)


@requires("edit_models")
@require_POST
def search_start(request: UserRequest) -> HttpResponse:
    form = SearchForm(request.POST)
    run = shown_run()
    if run is None:
        messages.error(request, _("There are no figures yet: import trade and publish a run."))
        return redirect("segmentation:segments")
    if not form.is_valid():
        messages.error(request, _("Say why, and what the groups are for."))
        return redirect("segmentation:segments")
    chosen = form.cleaned_data
    clustering = request_clustering(
        run=run, reason=chosen["reason"], purpose=chosen["purpose"], user=request.user
    )
    return redirect("segmentation:segment-search", clustering.pk)


@requires("view_dashboards")
@require_GET
def search_detail(request: UserRequest, pk: int) -> HttpResponse:
    """While it is searched the page asks again by itself, for the body alone."""
    clustering = get_object_or_404(Clustering.objects.select_related("author"), pk=pk)
    state = clustering.model.get("state")
    context: dict[str, Any] = {
        "clustering": clustering,
        "waiting": state == QUEUED,
        "failed": state == FAILED,
        "may_edit": request.user.can("edit_models"),
        "profiles": profiles(clustering),
    }
    if state == DONE:
        table = silhouettes_table(clustering)
        context |= {"silhouettes": silhouettes_chart(table), "chosen": len(clustering.model["sizes"])}
        if clustering.active:
            context["segments"] = {segment.cluster: segment for segment in clustering.segments.all()}
    body = request.headers.get("HX-Request") and state == QUEUED
    response = render(request, f"segmentation/segments/{'_search' if body else 'search'}.html", context)
    if request.headers.get("HX-Request") and not body:
        response["HX-Refresh"] = "true"
    return response


@requires("edit_models")
@require_POST
def search_adopt(request: UserRequest, pk: int) -> HttpResponse:
    clustering = get_object_or_404(Clustering, pk=pk)
    names = {}
    for group in range(len(clustering.model.get("sizes", ()))):
        english = request.POST.get(f"name-{group}", "").strip()[:120]
        if english:
            names[group] = (english, request.POST.get(f"name_zh-{group}", "").strip()[:120])
    try:
        adopted = adopt(clustering, names=names, user=request.user)
    except AlreadyAdopted:
        messages.error(request, _("These groups are in use already, or there is nothing to use yet."))
        return redirect("segmentation:segment-search", pk)
    messages.success(request, _("%(count)s groups are in use.") % {"count": len(adopted)})
    purpose = clustering.model.get("purpose", "marketing")
    response: HttpResponse = redirect("segmentation:segments")
    response["Location"] += f"?purpose={purpose}"
    return response

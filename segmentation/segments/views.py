"""Segments: list, one segment, the rule editor with its live count."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import requires
from crm.snapshots import shown_run
from crm.views.dashboards import download
from crm.web import UserRequest
from segmentation.models import Clustering, Segment, SegmentPurpose
from segmentation.segments import rules
from segmentation.segments.boards import segment_board, segment_list
from segmentation.segments.count import Count, count
from segmentation.segments.fields import catalogue, known
from segmentation.segments.forms import SearchForm, SegmentForm
from segmentation.segments.groups import profile_of
from segmentation.segments.operations import InvalidRule, archive_segment, save_segment
from segmentation.segments.rules import Condition, Group, RuleProblem
from segmentation.segments.shown import matches, offered, tree
from segmentation.segments.typed import FIRST, apply, rule_of
from segmentation.segments.wording import Labels, problem_text, say

NEW_RULE = Group("all", (Condition(FIRST, "ge"),))


@requires("view_dashboards")
@require_GET
def segments(request: UserRequest) -> HttpResponse:
    form, board, purpose = segment_list(request.user, request.GET)
    context: dict[str, Any] = {
        "form": form,
        "board": board,
        "purpose": purpose,
        "purposes": SegmentPurpose.choices,
        "may_edit": request.user.can("edit_models"),
        "search": SearchForm(initial={"purpose": purpose}),
        "clusterings": Clustering.objects.select_related("author").order_by("-pk")[:5],
        "archived": Segment.objects.exclude(archived_at=None).order_by("-archived_at")[:20],
    }
    return render(request, "segmentation/segments/list.html", context)


@requires("view_dashboards")
def segments_export(request: HttpRequest, table: str, kind: str) -> HttpResponseBase:
    _form, board, _purpose = segment_list(request.user, request.GET)  # type: ignore[arg-type]
    return download(board, table, kind)


@requires("view_dashboards")
@require_GET
def segment_detail(request: UserRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment.objects.select_related("clustering", "author"), pk=pk)
    form, board = segment_board(request.user, segment, request.GET)
    context: dict[str, Any] = {
        "segment": segment,
        "form": form,
        "board": board,
        "may_edit": request.user.can("edit_models"),
    }
    if segment.clustering is None:
        fields = catalogue()
        rule = rules.node_of(segment.rule)
        context["said"] = say(rule, Labels(request.user, fields))
        context["problems"] = [problem_text(one) for one in rules.problems(rule, known(fields))]
    else:
        context["profile"] = profile_of(segment.clustering, segment.cluster)
    return render(request, "segmentation/segments/detail.html", context)


@requires("view_dashboards")
def segment_export(request: HttpRequest, pk: int, table: str, kind: str) -> HttpResponseBase:
    segment = get_object_or_404(Segment, pk=pk)
    _form, board = segment_board(request.user, segment, request.GET)  # type: ignore[arg-type]
    return download(board, table, kind)


@requires("edit_models")
@require_http_methods(["GET", "POST"])
def segment_create(request: UserRequest) -> HttpResponse:
    return _edit(request, Segment(purpose=request.GET.get("purpose", SegmentPurpose.MARKETING)))


@requires("edit_models")
@require_http_methods(["GET", "POST"])
def segment_edit(request: UserRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(Segment, pk=pk))


def _edit(request: UserRequest, segment: Segment) -> HttpResponse:
    """A group found from behaviour has a name, a purpose and a note, but no rule to edit."""
    has_rule = segment.clustering_id is None
    fields = catalogue()
    problems: list[RuleProblem] = []
    # What the page was made from: two people who edit at once do not overwrite each other unseen.
    seen = segment.updated_at.isoformat() if segment.pk else ""
    if request.method == "GET":
        form = SegmentForm(instance=segment)
        stored = rules.node_of(segment.rule) if segment.rule else NEW_RULE
        rule = stored if isinstance(stored, Group) else Group("all", (stored,))
        problems = rules.problems(rule, known(fields)) if segment.rule else []
    else:
        form = SegmentForm(request.POST, instance=segment)
        rule = rule_of(request.POST, fields)
        action = request.POST.get("action", "save")
        if action == "save" and segment.pk and request.POST.get("seen") != seen:
            messages.error(
                request,
                _("Somebody changed this segment meanwhile. Nothing was saved: look, then save again."),
            )
        elif action == "save" and form.is_valid():
            try:
                saved = save_segment(segment, rule=rule, user=request.user) if has_rule else form.save()
            except InvalidRule as error:
                problems = error.problems
                messages.error(request, _("The rule is not complete yet: look at what is marked."))
            else:
                messages.success(request, _("%(segment)s is kept.") % {"segment": saved})
                return redirect("segmentation:segment-detail", saved.pk)
        elif action != "save":
            rule = apply(rule, action)
    context = {"segment": segment, "form": form, "has_rule": has_rule, "seen": seen}
    context |= _rule(request, rule, problems, fields)
    if has_rule:
        context["count"] = _count(request, rule, fields)
    return render(request, "segmentation/segments/edit.html", context)


@requires("edit_models")
@require_POST
def segment_rule(request: UserRequest) -> HttpResponse:
    """The rule after one of the editor's buttons, or another field: the tree alone; the page then counts anew."""
    fields = catalogue()
    rule = apply(rule_of(request.POST, fields), request.POST.get("action", ""))
    response = render(request, "segmentation/segments/_rule.html", _rule(request, rule, [], fields))
    response["HX-Trigger-After-Swap"] = "rule-changed"
    return response


@requires("edit_models")
@require_POST
def segment_count(request: UserRequest) -> HttpResponse:
    fields = catalogue()
    found = _count(request, rule_of(request.POST, fields), fields)
    return render(request, "segmentation/segments/_count.html", {"count": found})


@requires("edit_models")
@require_POST
def segment_archive(request: UserRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk)
    archived = segment.archived_at is None
    if not archived and segment.clustering_id is not None and not segment.clustering.active:  # type: ignore[union-attr]
        messages.error(request, _("Its groups are no longer in use: search for groups again."))
        return redirect("segmentation:segment-detail", pk)
    archive_segment(segment, archived=archived)
    said = _("%(segment)s is archived.") if archived else _("%(segment)s is in use again.")
    messages.success(request, said % {"segment": segment})
    if archived:
        return redirect("segmentation:segments")
    return redirect("segmentation:segment-detail", pk)


def _rule(
    request: UserRequest, rule: Group, problems: list[RuleProblem], fields: dict[str, Any]
) -> dict[str, Any]:
    return {
        "row": tree(rule, problems, Labels(request.user, fields)),
        "offered": offered(fields),
        "matches": matches(),
    }


def _count(request: UserRequest, rule: Group, fields: dict[str, Any]) -> Count:
    return count(rule, fields, shown_run(), request.user)

"""Service policies: what each grade gets, how often it is visited, and what counts as a visit."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm import parameters
from crm.access import requires
from crm.models import ModelParameters, VisitKind
from crm.web import UserRequest
from segmentation.cadence.replanning import replan_policy
from segmentation.cadence.standing import PARAMETERS, rules
from segmentation.forms_policies import CadenceForm, PolicyForm
from segmentation.models import ServicePolicy, ServicePolicyChange
from segmentation.policies import FIELDS, GradePolicy, change_policy
from segmentation.policies import policies as all_policies
from segmentation.scoring.cadence import CadenceParameters

HISTORY = 30
NAMES = {name: ServicePolicy._meta.get_field(name).verbose_name for name in FIELDS}  # type: ignore[union-attr]


@requires("edit_policies")
@require_GET
def policies(request: UserRequest) -> HttpResponse:
    found = rules()
    changed = [entry.policy for entry in found.policies if not entry.is_default]
    prefetch_related_objects(changed, "updated_by")
    kinds = dict(VisitKind.choices)
    context = {
        "entries": found.policies,
        "several": len({entry.model.pk for entry in found.policies}) > 1,
        "rule": found.parameters,
        "lead_percent": round(found.parameters.lead_share * 100),
        "kinds": [kinds.get(kind, kind) for kind in found.parameters.kinds],
        "rule_changes": ModelParameters.objects.filter(model=PARAMETERS)
        .select_related("published_by")
        .order_by("-version")[:HISTORY],
        "changes": _history(found.policies),
    }
    return render(request, "segmentation/policies.html", context)


def _history(entries: tuple[GradePolicy, ...]) -> list[dict[str, Any]]:
    """Newest first, in words."""
    names = {entry.policy.pk: entry for entry in entries if entry.policy.pk}
    rows = (
        ServicePolicyChange.objects.filter(policy__in=names).select_related("author").order_by("-at", "-pk")
    )
    return [
        {
            "entry": names[row.policy_id],
            "who": row.author,
            "at": row.at,
            "lines": [
                {"name": NAMES.get(name, name), "before": before, "now": now}
                for name, (before, now) in row.values.items()
            ],
        }
        for row in rows[:HISTORY]
    ]


@requires("edit_policies")
@require_http_methods(["GET", "POST"])
def policy_edit(request: UserRequest, model: int, grade: str) -> HttpResponse:
    entry = next((e for e in all_policies() if e.model.pk == model and e.slug == grade), None)
    if entry is None:
        raise Http404
    days_before = entry.policy.visit_every_days
    form = PolicyForm(request.POST or None, initial={name: getattr(entry.policy, name) for name in FIELDS})
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        with transaction.atomic():
            change = change_policy(entry=entry, values=form.cleaned_data, author=request.user)
            if change and form.cleaned_data["visit_every_days"] != days_before:
                replan_policy(change=change, today=timezone.localdate(now), now=now)
        messages.success(request, _("Saved. It holds from now on.") if change else _("Nothing was changed."))
        return redirect("segmentation:policies")
    return render(request, "segmentation/policy_edit.html", {"form": form, "entry": entry})


@requires("edit_policies")
@require_http_methods(["GET", "POST"])
def cadence_rules(request: UserRequest) -> HttpResponse:
    current, _version = parameters.load(PARAMETERS, CadenceParameters)
    form = CadenceForm(request.POST or None, initial=CadenceForm.initial_of(current))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        parameters.publish(PARAMETERS, form.parameters(), reason=reason, user=request.user)
        messages.success(request, _("Saved. It holds from now on."))
        return redirect("segmentation:policies")
    return render(request, "segmentation/policies_rules.html", {"form": form})

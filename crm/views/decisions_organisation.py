"""The organisation of an account: units, their people, who reports to whom."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import requires
from crm.decisions.people import staying
from crm.decisions.structure import delete_unit, organisation_of, save_unit
from crm.forms.decisions import UnitForm
from crm.models import OrganisationUnit, Position
from crm.operations import RefusedError
from crm.web import UserRequest, visible_account


@requires("view_accounts")
@require_GET
def organisation(request: UserRequest, pk: int) -> HttpResponse:
    account = visible_account(request, pk)
    positions = Position.objects.filter(staying(timezone.localdate()), account=account)
    branches = organisation_of(
        list(account.units.all()),
        list(positions.select_related("contact", "reports_to__contact")),
    )
    context = {"account": account, "shown": "decisions", "branches": branches}
    return render(request, "crm/decisions/organisation.html", context)


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def unit_create(request: UserRequest, pk: int) -> HttpResponse:
    account = visible_account(request, pk)
    above = request.GET.get("parent", "")
    parent = None
    if above.isdecimal() and len(above) < 18:
        parent = account.units.filter(pk=above).first()
    return _edit(request, OrganisationUnit(account=account, parent=parent))


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def unit_edit(request: UserRequest, pk: int) -> HttpResponse:
    return _edit(request, _unit(request, pk))


def _edit(request: UserRequest, unit: OrganisationUnit) -> HttpResponse:
    title = unit.name
    form = UnitForm(request.POST if request.method == "POST" else None, instance=unit)
    if form.is_bound and form.is_valid():
        try:
            save_unit(unit=form.save(commit=False))
        except RefusedError as refusal:
            form.add_error("parent", str(refusal))
        else:
            messages.success(request, _("%(name)s saved.") % {"name": unit})
            return redirect("crm:account-organisation", unit.account_id)
    context = {"form": form, "account": unit.account, "unit": unit, "title": title}
    return render(request, "crm/decisions/unit_form.html", context)


@requires("edit_accounts")
@require_POST
def unit_delete(request: UserRequest, pk: int) -> HttpResponse:
    unit = _unit(request, pk)
    delete_unit(unit=unit)
    messages.success(request, _("%(name)s deleted. What was below it has moved up.") % {"name": unit})
    return redirect("crm:account-organisation", unit.account_id)


def _unit(request: UserRequest, pk: int) -> OrganisationUnit:
    units = OrganisationUnit.objects.visible_to(request.user).select_related("account")
    unit: OrganisationUnit = get_object_or_404(units, pk=pk)
    return unit

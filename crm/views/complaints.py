"""Complaints: log, follow up, settle."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm.access import requires
from crm.forms.complaints import ComplaintForm
from crm.models import Complaint
from crm.paging import page_of
from crm.queries import open_complaints
from crm.web import UserRequest, visible_account


@requires("view_accounts")
@require_GET
def complaint_list(request: UserRequest) -> HttpResponse:
    """The open ones, worst and oldest first."""
    page = page_of(open_complaints(request.user), request.GET.get("page"))
    return render(request, "crm/complaints/list.html", {"page": page, "today": timezone.localdate()})


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def create(request: UserRequest, pk: int) -> HttpResponse:
    account = visible_account(request, pk)
    return _edit(request, Complaint(account=account))


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    complaints = Complaint.objects.visible_to(request.user)
    return _edit(request, get_object_or_404(complaints.select_related("account"), pk=pk))


def _edit(request: UserRequest, complaint: Complaint) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    account = complaint.account
    initial = {}
    if request.GET.get("resolve") and complaint.resolved_on is None:
        initial["resolved_on"] = timezone.localdate()
    form = ComplaintForm(
        data, instance=complaint, account=account, today=timezone.localdate(), initial=initial
    )
    if data is not None and form.is_valid():
        form.save()
        messages.success(request, _("Complaint saved."))
        return redirect(f"{reverse('crm:account-detail', args=[account.pk])}#panel-complaints")
    return render(
        request, "crm/complaints/form.html", {"form": form, "account": account, "complaint": complaint}
    )

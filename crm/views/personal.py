"""Personal details of people at the accounts: for those who hold the right, and every use on record."""

from __future__ import annotations

import json

from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from crm.access import requires
from crm.exports import export_response
from crm.forms.personal import PERSON, EraseForm, PersonalDetailsForm
from crm.models import Account, Contact, PersonalDataLog, PersonalDataUse, PersonalDetails, Position
from crm.operations import RefusedError
from crm.paging import page_of
from crm.profile.erasure import erase_details, erase_person, mentions
from crm.profile.person_export import as_rows, headers, person_data
from crm.profile.personal import (
    FIELDS,
    DetailsChangedError,
    details_of,
    note_use,
    positions_elsewhere,
    read_details,
    save_details,
)
from crm.web import UserRequest

RIGHT = "view_personal_details"


@requires(RIGHT)
@never_cache
@require_GET
def details(request: UserRequest, pk: int) -> HttpResponse:
    contact = _contact(request, pk)
    found = read_details(contact=contact, user=request.user)
    rows = [
        (capfirst(PersonalDetails._meta.get_field(name).verbose_name), getattr(found, name))  # type: ignore[union-attr]
        for name in FIELDS
        if getattr(found, name)
    ]
    context = {"contact": contact, "positions": _positions(request, contact), "rows": rows, "found": found}
    return render(request, "crm/personal/details.html", context)


@requires(RIGHT)
@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    contact, today, status = _contact(request, pk), timezone.localdate(), 200
    if request.method == "GET":
        # The form shows them: it is a reading like any other.
        form = PersonalDetailsForm(instance=read_details(contact=contact, user=request.user), today=today)
    else:
        form = PersonalDetailsForm(request.POST, instance=details_of(contact), today=today)
        if form.is_valid():
            try:
                save_details(
                    details=form.save(commit=False), user=request.user, shown=form.cleaned_data["shown"]
                )
            except DetailsChangedError:
                form.add_error(
                    None, _("A colleague changed these details meanwhile. Open them again to see the change.")
                )
                status = 409
            else:
                messages.success(request, _("Saved."))
                return redirect("crm:personal-details", pk)
    context = {"contact": contact, "positions": _positions(request, contact), "form": form}
    return render(request, "crm/personal/form.html", context, status=status)


@never_cache
@require_GET
def log(request: UserRequest, pk: int) -> HttpResponse:
    """For holders of the right, and for administrators who answer for its use."""
    if not (request.user.can(RIGHT) or request.user.can("administer")):
        raise Http404
    contact = _contact(request, pk)
    entries = PersonalDataLog.objects.filter(contact_number=contact.pk).select_related("user")
    page = page_of(entries.order_by("-at", "-pk"), request.GET.get("page"))
    return render(request, "crm/personal/log.html", {"contact": contact, "page": page})


@requires(RIGHT)
@never_cache
@require_GET
def export(request: UserRequest, pk: int) -> HttpResponseBase:
    """Everything that is kept about the person; that it was handed out is in the log, and in the copy."""
    contact, kind = _contact(request, pk), request.GET.get("format", "json")
    if kind not in ("json", "csv", "xlsx"):
        raise Http404
    with transaction.atomic():
        note_use(contact, request.user, PersonalDataUse.EXPORT)
        data = person_data(contact, request.user)
    name = f"{_('person')} {contact.pk}"
    if kind != "json":
        return export_response(kind, name, headers(), list(as_rows(data)))
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="person-{contact.pk}.json"'
    return response


@requires(RIGHT)
@never_cache
@require_http_methods(["GET", "POST"])
def erase(request: UserRequest, pk: int) -> HttpResponse:
    contact = _contact(request, pk)
    form = EraseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["level"] != PERSON:
            erase_details(contact=contact, user=request.user)
            messages.success(request, _("The personal details are erased."))
            return redirect("crm:personal-details", pk)
        account = _positions(request, contact)[0].account_id
        try:
            erase_person(contact=contact, user=request.user, today=timezone.localdate())
        except RefusedError:
            form.add_error(
                "level", _("The person also works for accounts of other teams: ask somebody who sees all.")
            )
        else:
            messages.success(request, _("The person is erased."))
            return redirect(f"{reverse('crm:account-detail', args=[account])}#panel-people")
    context = {
        "contact": contact,
        "form": form,
        "mentions": mentions(contact),
        "elsewhere": positions_elsewhere(contact, request.user),
    }
    return render(request, "crm/personal/erase.html", context)


def _contact(request: UserRequest, pk: int) -> Contact:
    return get_object_or_404(Contact.objects.visible_to(request.user), pk=pk)


def _positions(request: UserRequest, contact: Contact) -> list[Position]:
    visible = Account.objects.visible_to(request.user)
    positions = Position.objects.filter(contact=contact, account__in=visible)
    return list(positions.select_related("account").order_by("left_on", "-is_primary", "pk"))

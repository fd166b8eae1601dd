"""People at an account."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.access import requires
from crm.forms.contacts import ContactForm, PositionForm
from crm.models import Account, Contact, Position
from crm.operations import save_position
from crm.web import UserRequest


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def create(request: UserRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    return _edit(request, account, Position(account=account), Contact())


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    visible = Account.objects.visible_to(request.user)
    positions = Position.objects.filter(account__in=visible).select_related("contact", "account")
    position = get_object_or_404(positions, pk=pk)
    return _edit(request, position.account, position, position.contact)


def _edit(request: UserRequest, account: Account, position: Position, contact: Contact) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    person_form = ContactForm(data, instance=contact, prefix="person")
    position_form = PositionForm(data, instance=position, today=timezone.localdate(), prefix="position")
    # Both are asked, so that both show their errors.
    if data is not None and all([person_form.is_valid(), position_form.is_valid()]):
        person = person_form.save(commit=False)
        save_position(contact=person, position=position_form.save(commit=False))
        messages.success(request, _("%(person)s saved.") % {"person": person})
        return redirect(f"{reverse('crm:account-detail', args=[account.pk])}#panel-people")
    context = {
        "account": account,
        "person_form": person_form,
        "position_form": position_form,
        "position": position,
    }
    return render(request, "crm/contacts/form.html", context)

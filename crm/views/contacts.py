"""People at an account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm.access import requires
from crm.decisions.operations import forget_stance, record_stance
from crm.decisions.structure import save_person
from crm.forms.contacts import ContactForm, PositionForm
from crm.models import Account, Contact, Position, StanceSource
from crm.operations import RefusedError
from crm.web import UserRequest, visible_account

KNOWN_SHOWN = 5


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def create(request: UserRequest, pk: int) -> HttpResponse:
    """A new person; or, with ?contact=, one who is known from another account."""
    account = visible_account(request, pk)
    asked = request.GET.get("contact", "")
    contact = Contact()
    if asked.isdecimal() and len(asked) < 18:
        contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=asked)
        held = Position.objects.filter(contact=contact, account=account).first()
        if held is not None:
            return redirect("crm:position-edit", held.pk)
    return _edit(request, account, Position(account=account), contact)


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    visible = Account.objects.visible_to(request.user)
    positions = Position.objects.filter(account__in=visible).select_related("contact", "account")
    position = get_object_or_404(positions, pk=pk)
    return _edit(request, position.account, position, position.contact)


@requires("edit_accounts")
@require_GET
def known(request: UserRequest, pk: int) -> HttpResponse:
    """While a name is typed: people on record who may be the same, with where they work."""
    account = visible_account(request, pk)
    name = request.GET.get("person-name", "").strip()
    found: list[tuple[Contact, list[Position], Position | None]] = []
    if len(name) >= 2:
        people = list(Contact.objects.visible_to(request.user).matching(name)[:KNOWN_SHOWN])
        held: dict[int, list[Position]] = {}
        for position in _visible_positions(request, [person.pk for person in people]):
            held.setdefault(position.contact_id, []).append(position)
        for person in people:
            positions = held.get(person.pk, [])
            here = next((row for row in positions if row.account_id == account.pk), None)
            found.append((person, positions, here))
    return render(request, "crm/contacts/_known.html", {"account": account, "found": found})


def _visible_positions(request: UserRequest, people: list[int]) -> Any:
    visible = Account.objects.visible_to(request.user)
    positions = Position.objects.filter(contact__in=people, account__in=visible)
    return positions.select_related("account").order_by("account__sort_name")


def _edit(request: UserRequest, account: Account, position: Position, contact: Contact) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    person_form = ContactForm(data, instance=contact, prefix="person")
    position_form = PositionForm(data, instance=position, today=timezone.localdate(), prefix="position")
    # Both are asked, so that both show their errors.
    if data is not None and all([person_form.is_valid(), position_form.is_valid()]):
        person = person_form.save(commit=False)
        try:
            _save(request, person, position_form)
        except RefusedError as refusal:
            position_form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(person)s saved.") % {"person": person})
            return redirect(f"{reverse('crm:account-detail', args=[account.pk])}#panel-people")
    elsewhere = []
    if contact.pk:
        elsewhere = list(_visible_positions(request, [contact.pk]).exclude(account=account))
    context = {
        "account": account,
        "person_form": person_form,
        "position_form": position_form,
        "position": position,
        "picked": contact if contact.pk and not position.pk else None,
        "elsewhere": elsewhere,
    }
    return render(request, "crm/contacts/form.html", context)


@transaction.atomic
def _save(request: UserRequest, person: Contact, form: PositionForm) -> None:
    """Person, place and stance together or not at all."""
    position = save_person(contact=person, position=form.save(commit=False))
    if not form.stance_changed:
        return
    if form.cleaned_data["stance"] is None:
        forget_stance(position=position)
        return
    record_stance(
        position=position,
        stance=form.cleaned_data["stance"],
        noted_on=form.cleaned_data["stance_day"],
        source=form.cleaned_data["stance_source"] or StanceSource.OBSERVED,
        user=request.user,
    )

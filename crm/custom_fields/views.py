"""Further fields of accounts: the list, one field with its choices, order, archive, removal."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import requires
from crm.custom_fields.forms import ChoiceFormSet, CustomFieldForm, choice_problems, choices_of
from crm.custom_fields.operations import (
    archive_field,
    remove_field,
    restore_field,
    save_field,
    shift_field,
    uses,
)
from crm.models import CustomField, CustomFieldKind
from crm.operations import RefusedError
from crm.web import UserRequest


@requires("edit_custom_fields")
@require_GET
def field_list(request: UserRequest) -> HttpResponse:
    used = uses()
    rows = [(field, used.get(field.code, [])) for field in CustomField.objects.all()]
    context = {
        "rows": [row for row in rows if row[0].archived_at is None],
        "archived": [row for row in rows if row[0].archived_at is not None],
    }
    return render(request, "crm/custom_fields/list.html", context)


@requires("edit_custom_fields")
@require_http_methods(["GET", "POST"])
def field_edit(request: UserRequest, pk: int | None = None) -> HttpResponse:
    field = get_object_or_404(CustomField, pk=pk) if pk else CustomField()
    data = request.POST if request.method == "POST" else None
    form = CustomFieldForm(data, instance=field)
    # What is sent stands for itself: a row like the one shown is no empty row.
    choices = ChoiceFormSet(data, initial=None if data else field.choices, prefix="choices")
    users = uses().get(field.code, []) if field.pk else []
    problems: list[str] = []
    if data is not None and form.is_valid() and choices.is_valid():
        field = form.instance
        wanted = choices_of(choices) if field.kind == CustomFieldKind.CHOICE else []
        problems = choice_problems(field, wanted, users)
        if not problems:
            field.choices = wanted
            save_field(field=field)
            messages.success(request, _("Saved."))
            return redirect("crm:custom-fields")
    context = {"form": form, "choices": choices, "field": field, "users": users, "problems": problems}
    return render(request, "crm/custom_fields/edit.html", context)


@requires("edit_custom_fields")
@require_POST
def field_shift(request: UserRequest, pk: int) -> HttpResponse:
    field = get_object_or_404(CustomField, pk=pk)
    shift_field(field_id=field.pk, up=request.POST.get("to") == "up")
    return redirect("crm:custom-fields")


@requires("edit_custom_fields")
@require_POST
def field_archive(request: UserRequest, pk: int) -> HttpResponse:
    """Away from the forms, or back again."""
    field = get_object_or_404(CustomField, pk=pk)
    if field.archived_at is not None:
        restore_field(field_id=field.pk)
        messages.success(request, _("“%(field)s” is offered again.") % {"field": field})
        return redirect("crm:custom-fields")
    try:
        archive_field(field_id=field.pk, now=timezone.now())
    except RefusedError as refused:
        messages.error(request, _("“%(field)s” stays: %(reason)s") % {"field": field, "reason": refused})
    else:
        messages.success(request, _("“%(field)s” is offered no more; its values stay.") % {"field": field})
    return redirect("crm:custom-fields")


@requires("edit_custom_fields")
@require_POST
def field_delete(request: UserRequest, pk: int) -> HttpResponse:
    field = get_object_or_404(CustomField, pk=pk)
    try:
        cleared = remove_field(field_id=field.pk)
    except RefusedError as refused:
        messages.error(request, _("“%(field)s” stays: %(reason)s") % {"field": field, "reason": refused})
    else:
        text = _("“%(field)s” is deleted, and with it the values of %(accounts)s accounts.")
        messages.success(request, text % {"field": field, "accounts": cleared})
    return redirect("crm:custom-fields")

"""The account list, and entering and changing accounts."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm.access import requires
from crm.account_list import COLUMNS, AccountList
from crm.custom_fields.listing import filters_of
from crm.custom_fields.values import offered
from crm.duplicates.entry import Typed, look
from crm.exports import export_response
from crm.forms.accounts import CIRCLE, AccountForm
from crm.models import Account, SavedView
from crm.operations import OutdatedError, create_account, update_account
from crm.panels import load, permitted
from crm.profile.groups import CircularParentError
from crm.web import UserRequest


@requires("view_accounts")
@require_GET
def account_list(request: UserRequest) -> HttpResponse:
    listed = AccountList(request.user, request.GET)
    context = {
        "listed": listed,
        "columns": listed.columns,
        "headings": listed.headings(),
        "active_filters": listed.active_filters(),
        "page": listed.page(request.GET.get("page")),
        "saved_views": SavedView.objects.offered_to(request.user).filter(page="accounts").order_by("name"),
    }
    if request.headers.get("HX-Target") == "results":
        return render(request, "crm/accounts/_results_in_place.html", context)
    return render(request, "crm/accounts/list.html", context)


@requires("view_accounts")
@require_GET
def filters(request: UserRequest) -> HttpResponse:
    """The form of all filters: fetched when it is opened, so that the list itself does not pay for its choices."""
    fields = []
    for entry in [*load("CRM_ACCOUNT_FILTERS"), *filters_of(offered())]:
        value = entry.value_of(request.GET)
        choices = [(str(key), label) for key, label in entry.choices(request.user)]
        fields.append(
            {
                "title": entry.title,
                "slug": entry.slug,
                "control": entry.control,
                "value": value,
                "choices": choices,
                "ticked": value.split(",") if entry.control == "several" and value else [],
                "words": entry.words(value) if value else "",
            }
        )
    kept = [(key, value) for key in ("q", "sort", COLUMNS) for value in request.GET.getlist(key) if value]
    template = (
        "crm/accounts/_filters.html" if request.headers.get("HX-Request") else "crm/accounts/filters.html"
    )
    return render(request, template, {"fields": fields, "kept": kept})


@requires("view_accounts")
@require_GET
def columns(request: UserRequest) -> HttpResponse:
    """The further fields among the columns to choose: fetched when the choice is opened, as the filters are."""
    chosen = AccountList(request.user, request.GET).further_choices()
    return render(request, "crm/accounts/_further_columns.html", {"choices": chosen})


@requires("export")
@require_GET
def export(request: UserRequest) -> HttpResponseBase:
    listed = AccountList(request.user, request.GET)
    kind = request.GET.get("format", "csv")
    return export_response(kind, _("accounts"), listed.export_headers(), listed.export_rows())


@requires("view_accounts")
@require_GET
def detail(request: UserRequest, pk: int) -> HttpResponse:
    """The account seen from all sides: crm's own panels and those of the upper apps."""
    account = get_object_or_404(_with_relations(request), pk=pk)
    today = timezone.localdate()
    places = []
    panels = [panel for panel in permitted("CRM_ACCOUNT_PANELS", request.user) if not panel.within]
    for order, panel in enumerate(panels, start=1):
        place = {"panel": panel, "order": order, "html": ""}
        if not panel.lazy:
            found = panel.get_context(account=account, user=request.user, today=today)
            panel_context = {"panel": panel, "account": account, **found}
            place["html"] = render_to_string(panel.template_name, panel_context, request)
        places.append(place)
    context = {
        "account": account,
        "side": [place for place in places if place["panel"].column == "side"],
        "main": [place for place in places if place["panel"].column != "side"],
    }
    return render(request, "crm/accounts/detail.html", context)


def _with_relations(request: UserRequest) -> Any:
    accounts = Account.objects.visible_to(request.user)
    return accounts.select_related("owner", "territory", "parent", "facts__run")


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def create(request: UserRequest) -> HttpResponse:
    initial = {"territory": _only_territory(request)}
    form = AccountForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        account = form.instance
        account.parent = form.cleaned_data["parent"]
        create_account(account=account, creator=request.user)
        messages.success(request, _("%(account)s is on record.") % {"account": account})
        return redirect(account if _sees(request, account) else "crm:account-list")
    return render(request, "crm/accounts/form.html", {"form": form})


def _only_territory(request: UserRequest) -> Any:
    """A rep of one territory need not choose it."""
    own = list(request.user.territories.all()[:2])
    return own[0] if len(own) == 1 else None


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(_with_relations(request), pk=pk)
    shown = AccountForm(user=request.user, instance=account)
    if request.method == "GET":
        return render(request, "crm/accounts/form.html", {"form": shown, "account": account})
    # The form writes what it is given onto its instance: hand it one of its own.
    copy = _with_relations(request).get(pk=pk)
    form = AccountForm(request.POST, user=request.user, instance=copy)
    context: dict[str, Any] = {"form": form, "account": account}
    if form.is_valid():
        try:
            revision = form.cleaned_data["revision"]
            update_account(account_id=pk, revision=-1 if revision is None else revision, values=form.values())
        except OutdatedError:
            context |= _comparison(request, shown)
            return render(request, "crm/accounts/form.html", context, status=409)
        except CircularParentError:
            # Somebody closed the circle from the other side since the form was checked.
            form.add_error("parent", CIRCLE)
            return render(request, "crm/accounts/form.html", context)
        messages.success(request, _("Saved."))
        changed = Account.objects.get(pk=pk)
        return redirect(changed if _sees(request, changed) else "crm:account-list")
    return render(request, "crm/accounts/form.html", context)


def _sees(request: UserRequest, account: Account) -> bool:
    """An account handed to another team is out of sight."""
    return Account.objects.visible_to(request.user).filter(pk=account.pk).exists()


def _comparison(request: UserRequest, shown: AccountForm) -> dict[str, Any]:
    """A colleague saved first: what the colleague changed, beside what this editor typed.

    Fields that only the colleague touched come in as the colleague left them; where both changed one, the editor's
    text stays in the form and the difference is shown. Nothing is written before the editor saves again.
    """
    try:
        base = json.loads(request.POST.get("base", "")) or {}
    except ValueError:
        base = {}
    if not isinstance(base, dict):
        base = {}
    theirs = shown.as_shown()
    merged = request.POST.copy()
    rows = []
    for name, field in shown.own_fields():
        mine = request.POST.get(name, "")
        if mine == theirs[name]:
            continue
        untouched = name in base and str(base[name]) == mine
        if untouched:
            merged[name] = theirs[name]
        rows.append(
            {
                "label": shown[name].label,
                "theirs": _words(field, theirs[name]),
                "mine": _words(field, mine),
                "untouched": untouched,
            }
        )
    merged["revision"] = str(shown.instance.revision)
    merged["base"] = json.dumps(theirs)
    form = AccountForm(merged, user=request.user, instance=shown.instance)
    return {"form": form, "differences": rows}


def _words(field: Any, value: str) -> str:
    """A choice by its label, everything else as typed."""
    labels = {str(key): str(label).strip() for key, label in getattr(field, "choices", [])}
    return labels.get(value, value) or "–"


@requires("edit_accounts")
@require_GET
def similar(request: UserRequest) -> HttpResponse:
    """While a name, phone or registration number is typed: accounts that may be the same company."""
    typed = Typed(
        *(request.GET.get(name, "").strip()[:200] for name in ("name", "phone", "registration_number"))
    )
    found = look(request.user, typed)
    return render(request, "crm/accounts/_similar.html", {"found": found})

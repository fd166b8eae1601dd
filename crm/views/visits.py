"""Visits: log one in half a minute, see them all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm.access import requires
from crm.exports import export_response
from crm.forms.visits import VisitForm
from crm.models import Account, SavedView, Visit, VisitKind
from crm.operations import RefusedError, log_visit
from crm.paging import page_of
from crm.queries import recent_accounts
from crm.web import UserRequest

VISITS_ON_PAGE = 30


@requires("view_accounts")
@require_GET
def visit_list(request: UserRequest) -> HttpResponse:
    visits, account = _listed(request)
    context = {
        "page": page_of(visits, request.GET.get("page"), VISITS_ON_PAGE),
        "account": account,
        "kinds": VisitKind.choices,
        "saved_views": SavedView.objects.offered_to(request.user).filter(page="visits").order_by("name"),
    }
    return render(request, "crm/visits/list.html", context)


@requires("export")
@require_GET
def export(request: UserRequest) -> HttpResponseBase:
    visits, _account = _listed(request)
    headers = [
        _("When"), _("Account number"), _("Account"), _("Sales rep"), _("Kind"), _("People met"), _("Purpose"),
        _("Outcome"), _("Mood"), _("Note"), _("Next step"), _("Next step on"),
    ]  # fmt: skip
    return export_response(request.GET.get("format", "csv"), _("visits"), headers, _rows(visits))


def _listed(request: UserRequest) -> tuple[Any, Account | None]:
    """The visits that the address asks for; newest first unless it says otherwise."""
    asked = request.GET
    visits = Visit.objects.visible_to(request.user).select_related("account", "user")
    account = None
    if asked.get("account"):
        visible = Account.objects.visible_to(request.user)
        if not asked["account"].isdecimal() or len(asked["account"]) > 17:
            raise Http404
        account = get_object_or_404(visible, pk=asked["account"])
        visits = visits.filter(account=account)
    if asked.get("mine"):
        visits = visits.filter(user=request.user)
    if asked.get("kind"):
        visits = visits.filter(kind=asked["kind"])
    if text := asked.get("q", "").replace("\0", "").strip():
        visits = visits.filter(
            account__in=Account.objects.visible_to(request.user).matching(text).values("pk")
        )
    order = ("happened_at", "pk") if asked.get("sort") == "oldest" else ("-happened_at", "-pk")
    return visits.prefetch_related("contacts").order_by(*order), account


def _rows(visits: Any) -> Iterator[list[Any]]:
    visit: Visit
    for visit in visits.iterator(chunk_size=1000):
        people = ", ".join(str(person) for person in visit.contacts.all())
        mood = visit.get_rating_display() if visit.rating is not None else None
        yield [
            visit.happened_at, visit.account.number, str(visit.account), str(visit.user), visit.get_kind_display(),
            people, visit.purpose, visit.get_outcome_display(), mood, visit.note, visit.next_step,
            visit.next_step_on,
        ]  # fmt: skip


@requires("log_visits")
@require_http_methods(["GET", "POST"])
def create(request: UserRequest) -> HttpResponse:
    """Without an account: choose one, the recent ones first. With one: the form."""
    number = (request.POST.get("account") if request.method == "POST" else None) or request.GET.get(
        "account", ""
    )
    if not number:
        return _choose_account(request)
    if not number.isdecimal() or len(number) > 17:
        raise Http404
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=number)
    now = timezone.now()
    last = account.visits.filter(user=request.user).order_by("-happened_at").first()
    if request.method == "POST":
        form = VisitForm(request.POST, account=account, now=now)
        if form.is_valid():
            return _log(request, account, form)
    else:
        initial = _as_last_time(last) if last and request.GET.get("same") else {}
        form = VisitForm(account=account, now=now, initial=initial)
    context = {"form": form, "account": account, "last": last, "same": request.GET.get("same")}
    return render(request, "crm/visits/form.html", context)


def _as_last_time(last: Visit) -> dict[str, Any]:
    return {"kind": last.kind, "purpose": last.purpose, "contacts": list(last.contacts.all())}


def _log(request: UserRequest, account: Account, form: VisitForm) -> HttpResponse:
    visit = form.save(commit=False)
    visit.account = account
    visit.user = request.user
    if key := form.cleaned_data["client_key"]:
        visit.client_key = key
    try:
        visit, created = log_visit(
            visit=visit,
            contacts=form.cleaned_data["contacts"],
            user=request.user,
        )
    except RefusedError:
        raise Http404 from None
    if created:
        messages.success(request, _("Visit to %(account)s saved.") % {"account": account})
    else:
        messages.info(request, _("This visit was saved already."))
    return redirect(account)


def _choose_account(request: UserRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    if text:
        visible = Account.objects.visible_to(request.user)
        accounts = list(visible.matching(text).select_related("territory")[:10])
    else:
        accounts = recent_accounts(request.user)
    fragment = request.headers.get("HX-Target") == "choices"
    template = "crm/visits/_choices.html" if fragment else "crm/visits/choose.html"
    return render(request, template, {"accounts": accounts, "text": text})


@requires("log_visits")
@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    """Only whoever logged a visit corrects it."""
    visits = Visit.objects.visible_to(request.user).filter(user=request.user)
    visit = get_object_or_404(visits.select_related("account"), pk=pk)
    data = request.POST if request.method == "POST" else None
    form = VisitForm(data, account=visit.account, now=timezone.now(), instance=visit)
    if data is not None and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect(visit.account)
    return render(request, "crm/visits/form.html", {"form": form, "account": visit.account, "visit": visit})

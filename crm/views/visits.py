"""Visits: log one in half a minute, see them all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import requires
from crm.exports import export_response
from crm.forms.visits import PlaceForm, VisitForm
from crm.models import Account, SavedView, Visit, VisitKind
from crm.operations import RefusedError
from crm.paging import page_of
from crm.panels import load
from crm.queries import recent_accounts
from crm.visits.files import attach_all
from crm.visits.operations import correct_visit, distance_in_metres, log_visit
from crm.visits.queries import last_visit, planned_visits, recent_purposes
from crm.visits.wording import distance_words
from crm.web import UserRequest

VISITS_ON_PAGE = 30


@requires("view_accounts")
@require_GET
def visit_list(request: UserRequest) -> HttpResponse:
    visits, account = _listed(request)
    page = page_of(visits, request.GET.get("page"), VISITS_ON_PAGE)
    mark_all(list(page.object_list))
    context = {
        "page": page,
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
        _("Outcome"), _("Mood"), _("Mood is not about us"), _("Note"), _("News of competitors"),
        _("Expected order"), _("Order expected on"), _("Opportunity"), _("Next step"), _("Next step on"),
        _("Distance to the address in metres"), _("Files"),
    ]  # fmt: skip
    return export_response(request.GET.get("format", "csv"), _("visits"), headers, _rows(visits))


def mark_all(visits: Sequence[Visit]) -> None:
    """Give each visit its `marks`."""
    found = [mark.marks(visits) for mark in load("CRM_VISIT_MARKS")]
    for visit in visits:
        marks = [known[visit.pk] for known in found if visit.pk in known]
        visit.marks = marks  # type: ignore[attr-defined]


def _listed(request: UserRequest) -> tuple[Any, Account | None]:
    """The visits that the address asks for; newest first unless it says otherwise."""
    asked = request.GET
    visits = Visit.objects.visible_to(request.user).select_related("account", "user", "opportunity")
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
    return visits.prefetch_related("contacts", "attachments").order_by(*order), account


def _rows(visits: Any) -> Iterator[list[Any]]:
    visit: Visit
    for visit in visits.iterator(chunk_size=1000):
        people = ", ".join(str(person) for person in visit.contacts.all())
        mood = visit.get_rating_display() if visit.rating is not None else None
        yield [
            visit.happened_at, visit.account.number, str(visit.account), str(visit.user), visit.get_kind_display(),
            people, visit.purpose, visit.get_outcome_display(), mood, _("Yes") if visit.not_about_us else "",
            visit.note, visit.competitor_news, visit.expected_order_amount, visit.expected_order_on,
            visit.opportunity and visit.opportunity.name, visit.next_step, visit.next_step_on, visit.distance,
            ", ".join(file.name for file in visit.attachments.all()),
        ]  # fmt: skip


@requires("log_visits")
@require_http_methods(["GET", "POST"])
def create(request: UserRequest) -> HttpResponse:
    """Without an account: choose one, today's plan and the recent ones first. With one: the form."""
    number = (request.POST.get("account") if request.method == "POST" else None) or request.GET.get(
        "account", ""
    )
    if not number:
        return _choose_account(request)
    account = _account_or_404(request, number)
    now = timezone.now()
    if request.method == "POST":
        form = VisitForm(request.POST, account=account, now=now)
        if form.is_valid():
            return _log(request, account, form)
    else:
        last = last_visit(request.user, account) if request.GET.get("same") else None
        form = VisitForm(account=account, now=now, initial=as_last_time(last) if last else {})
    return render(request, "crm/visits/form.html", _page(request, form, account))


def _page(
    request: UserRequest, form: VisitForm, account: Account, visit: Visit | None = None
) -> dict[str, Any]:
    last = None if visit else last_visit(request.user, account)
    return {
        "form": form,
        "account": account,
        "visit": visit,
        "last": last,
        "last_time": as_last_time(last) if last else None,
        "people": form.people(),
        "purposes": recent_purposes(request.user),
        "same": request.GET.get("same"),
    }


def _account_or_404(request: UserRequest, number: str) -> Account:
    if not number.isdecimal() or len(number) > 17:
        raise Http404
    return get_object_or_404(Account.objects.visible_to(request.user), pk=number)


def as_last_time(last: Visit) -> dict[str, Any]:
    contacts = list(last.contacts.values_list("pk", flat=True))
    return {"kind": last.kind, "purpose": last.purpose, "contacts": contacts}


def _log(request: UserRequest, account: Account, form: VisitForm) -> HttpResponse:
    visit = form.save(commit=False)
    visit.account = account
    visit.user = request.user
    if key := form.cleaned_data["client_key"]:
        visit.client_key = key
    try:
        visit, created = log_visit(visit=visit, user=request.user, **form.details())
    except RefusedError:
        raise Http404 from None
    if created:
        messages.success(request, _("Visit to %(account)s saved.") % {"account": account})
    else:
        messages.info(request, _("This visit was saved already."))
    for refusal in attach_all(visit, request.user, request.FILES.getlist("files")):
        messages.error(request, refusal)
    return redirect(account)


def _choose_account(request: UserRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    fragment = request.headers.get("HX-Target") == "choices"
    template = "crm/visits/_choices.html" if fragment else "crm/visits/choose.html"
    if text:
        visible = Account.objects.visible_to(request.user)
        found = list(visible.matching(text).select_related("territory")[:10])
        return render(request, template, {"accounts": found, "text": text})
    today = timezone.localdate()
    planned = list(planned_visits(request.user, today, today).select_related("account"))
    known = {plan.account_id for plan in planned}
    recent = [account for account in recent_accounts(request.user) if account.pk not in known]
    return render(request, template, {"accounts": recent, "planned": planned, "text": ""})


@requires("log_visits")
@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    """Only whoever logged a visit corrects it."""
    visits = Visit.objects.visible_to(request.user).filter(user=request.user)
    visit = get_object_or_404(visits.select_related("account"), pk=pk)
    data = request.POST if request.method == "POST" else None
    form = VisitForm(data, account=visit.account, now=timezone.now(), instance=visit)
    if data is not None and form.is_valid():
        correct_visit(visit=form.save(commit=False), **form.details())
        messages.success(request, _("Saved."))
        for refusal in attach_all(visit, request.user, request.FILES.getlist("files")):
            messages.error(request, refusal)
        return redirect(visit.account)
    return render(request, "crm/visits/form.html", _page(request, form, visit.account, visit))


@requires("log_visits")
@require_POST
def distance(request: UserRequest) -> JsonResponse:
    """How far the place that the device gives is from the account's address. Nothing of it is kept."""
    account = _account_or_404(request, request.POST.get("account", ""))
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    metres = distance_in_metres(account, form.cleaned_data["latitude"], form.cleaned_data["longitude"])
    return JsonResponse({"metres": metres, "text": distance_words(metres)})

"""The decision map of an account: shown, and edited in place.

Every edit answers with the whole workspace, drawn anew; htmx takes from it what it needs. Without scripts an edit
leads back to the page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm.access import requires
from crm.decisions.operations import draw_arrow, forget_stance, place_person, record_stance
from crm.decisions.people import Person
from crm.decisions.queries import decision_map, history_of, processes_of
from crm.forms.decisions import (
    STRENGTHS,
    ArrowForm,
    FactionForm,
    PlaceForm,
    StanceForm,
    StepForm,
    StrengthForm,
)
from crm.models import (
    Account,
    BuyingProcess,
    DecisionRole,
    DecisionStep,
    Faction,
    Influence,
    Level,
    Position,
    Stance,
)
from crm.operations import RefusedError
from crm.web import UserRequest, visible_account


@requires("view_accounts")
@require_GET
def page(request: UserRequest, pk: int) -> HttpResponse:
    account = visible_account(request, pk)
    return answer(request, account, process_of(account, request.GET.get("process", "")))


@requires("edit_accounts")
@require_POST
def place(request: UserRequest, pk: int) -> HttpResponse:
    """Role, influence, level or faction of one person; only what is sent is written."""
    position = position_of(request, pk)
    process = process_of(position.account, request.POST.get("process", ""))
    form = PlaceForm(request.POST, account=position.account)
    refused = ""
    if form.is_valid():
        refused = _refusal(place_person, position=position, process=process, values=form.given)
    # A card that was dragged opens nobody: the page names the person beside the map, if there is one.
    chosen = None if "person" in request.POST else position.pk
    return answer(request, position.account, process, refused=refused or _wrong(form), person=chosen)


@requires("edit_accounts")
@require_POST
def stance(request: UserRequest, pk: int) -> HttpResponse:
    """A dated note of how a person stands; or that we no longer know."""
    position = position_of(request, pk)
    process = process_of(position.account, request.POST.get("process", ""))
    if request.POST.get("forget"):
        forget_stance(position=position, process=process)
        return answer(request, position.account, process, person=position.pk)
    form = StanceForm(request.POST, today=timezone.localdate())
    refused = ""
    if form.is_valid():
        refused = _refusal(
            record_stance, position=position, process=process, user=request.user, **form.cleaned_data
        )
    return answer(request, position.account, process, refused=refused or _wrong(form), person=position.pk)


@requires("edit_accounts")
@require_POST
def arrow_create(request: UserRequest, pk: int) -> HttpResponse:
    account = visible_account(request, pk)
    process = process_of(account, request.POST.get("process", ""))
    form = ArrowForm(request.POST, account=account)
    refused = ""
    if form.is_valid():
        refused = _refusal(draw_arrow, process=process, **form.cleaned_data)
    return answer(request, account, process, refused=refused or _wrong(form))


@requires("edit_accounts")
@require_POST
def arrow_edit(request: UserRequest, pk: int) -> HttpResponse:
    arrow = arrow_of(request, pk)
    account = arrow.source.account
    process = process_of(account, request.POST.get("process", ""))
    form = StrengthForm(request.POST)
    if form.is_valid():
        arrow.strength = form.cleaned_data["strength"]
        arrow.save(update_fields=["strength"])
    return answer(request, account, process, refused=_wrong(form), arrow=arrow.pk)


@requires("edit_accounts")
@require_POST
def arrow_delete(request: UserRequest, pk: int) -> HttpResponse:
    arrow = arrow_of(request, pk)
    account = arrow.source.account
    process = process_of(account, request.POST.get("process", ""))
    arrow.delete()
    return answer(request, account, process)


@requires("edit_accounts")
@require_POST
def faction_create(request: UserRequest, pk: int) -> HttpResponse:
    account = visible_account(request, pk)
    process = process_of(account, request.POST.get("process", ""))
    form = FactionForm(request.POST, instance=Faction(account=account))
    if form.is_valid():
        form.save()
    return answer(request, account, process, refused=_wrong(form))


@requires("edit_accounts")
@require_POST
def faction_edit(request: UserRequest, pk: int) -> HttpResponse:
    faction = get_object_or_404(Faction.objects.visible_to(request.user).select_related("account"), pk=pk)
    process = process_of(faction.account, request.POST.get("process", ""))
    form = FactionForm(request.POST, instance=faction)
    if form.is_valid():
        form.save()
    return answer(request, faction.account, process, refused=_wrong(form))


@requires("edit_accounts")
@require_POST
def faction_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Its people stay, without a faction."""
    faction = get_object_or_404(Faction.objects.visible_to(request.user).select_related("account"), pk=pk)
    account = faction.account
    process = process_of(account, request.POST.get("process", ""))
    faction.delete()
    return answer(request, account, process)


def position_of(request: UserRequest, pk: int) -> Position:
    visible = Account.objects.visible_to(request.user)
    positions = Position.objects.filter(account__in=visible).select_related("account", "contact")
    return get_object_or_404(positions, pk=pk)


def arrow_of(request: UserRequest, pk: int) -> Influence:
    visible = Account.objects.visible_to(request.user)
    arrows = Influence.objects.filter(source__account__in=visible).select_related("source__account")
    return get_object_or_404(arrows, pk=pk)


def process_of(account: Account, asked: str) -> BuyingProcess | None:
    """The buying process that is named; None for the account as a whole."""
    if not asked:
        return None
    return get_object_or_404(BuyingProcess.objects.filter(account=account), pk=number(asked))


def number(asked: str) -> int:
    if not asked.isdecimal() or len(asked) > 17:
        raise Http404
    return int(asked)


def map_url(account: Account, process: BuyingProcess | None = None, **more: Any) -> str:
    query = {"process": process.pk if process else None, **more}
    text = urlencode({name: value for name, value in query.items() if value})
    return reverse("crm:account-decisions", args=[account.pk]) + (f"?{text}" if text else "")


def answer(
    request: UserRequest,
    account: Account,
    process: BuyingProcess | None,
    *,
    refused: str = "",
    person: int | None = None,
    arrow: int | None = None,
    step_form: StepForm | None = None,
) -> HttpResponse:
    """The map; for htmx without what stands around it."""
    in_place = bool(request.headers.get("HX-Request"))
    if request.method == "POST" and not in_place and not refused:
        return redirect(map_url(account, process, person=person, arrow=arrow))
    context = workspace(request, account, process, person=person, arrow=arrow, step_form=step_form)
    context["refused"] = refused
    template = "crm/decisions/_workspace.html" if in_place else "crm/decisions/map.html"
    return render(request, template, context)


def workspace(
    request: UserRequest,
    account: Account,
    process: BuyingProcess | None,
    *,
    person: int | None,
    arrow: int | None,
    step_form: StepForm | None,
) -> dict[str, Any]:
    asked = request.POST if request.method == "POST" else request.GET
    today = timezone.localdate()
    shown = decision_map(account, process, today=today)
    chosen = _chosen(shown.people, person or _id(asked.get("person", "")))
    arrow = arrow or _id(asked.get("arrow", ""))
    context: dict[str, Any] = {
        "account": account,
        "shown": "decisions",
        "map": shown,
        "process": process,
        "processes": processes_of(account),
        "today": today,
        "query": f"?process={process.pk}" if process else "?",
        "person": chosen,
        "arrow": next((row for row in shown.influences if row.pk == arrow), None),
        "arrow_ends": {row.pk: row for row in shown.people},
        "strengths": STRENGTHS,
    }
    if chosen is not None:
        context |= _about(chosen, shown.influences, shown.people, today)
    if process is not None:
        # After a step was saved it is shown, not edited.
        edited = _id(asked.get("step", "")) if step_form or request.method == "GET" else None
        context["edited_step"] = edited
        step = next((row for row in shown.steps if row.pk == edited), None)
        context["step_form"] = step_form or StepForm(
            instance=step or DecisionStep(process=process), auto_id="step-%s"
        )
    return context


def _about(
    person: Person, influences: Iterable[Influence], people: Iterable[Person], today: dt.date
) -> dict[str, Any]:
    """What the side panel shows of one person."""
    named = {row.pk: row for row in people}
    arrows = list(influences)
    return {
        "history": history_of(person),
        "stance_form": StanceForm(today=today, auto_id="stance-%s"),
        "moves": [(row, named[row.target_id]) for row in arrows if row.source_id == person.pk],
        "moved_by": [(row, named[row.source_id]) for row in arrows if row.target_id == person.pk],
        "others": sorted((row for row in named.values() if row.pk != person.pk), key=str),
        "roles": DecisionRole.choices,
        "levels": Level.choices,
        "stances": [(value, Stance(value).label) for value in (1, 0, -1)],
    }


def _chosen(people: Iterable[Person], pk: int | None) -> Person | None:
    return next((person for person in people if person.pk == pk), None)


def _id(asked: str) -> int | None:
    return int(asked) if asked.isdecimal() and len(asked) < 18 else None


def _refusal(operation: Any, **values: Any) -> str:
    """Carry it out; what the operation has against it, or ""."""
    try:
        operation(**values)
    except RefusedError as refusal:
        return str(refusal)
    return ""


def _wrong(form: Any) -> str:
    """The first thing that is wrong with a form, in words."""
    if form.is_valid():
        return ""
    return next(iter(form.errors.values()))[0] or _("This was not saved.")

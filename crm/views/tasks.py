"""Tasks: the list, quick entry, done and undone in place."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import requires
from crm.exports import export_response
from crm.forms.tasks import FIELDS, TaskForm
from crm.models import Account, SavedView, Task
from crm.operations import RefusedError
from crm.paging import page_of
from crm.web import UserRequest
from crm.work.listing import DUE, ORDERS, VIEWS, TaskList
from crm.work.tasks import TaskChanged, assignable, by_name, create_task, set_done, update_task

TASKS_ON_PAGE = 50


@requires("view_accounts")
@require_GET
def task_list(request: UserRequest) -> HttpResponse:
    today = timezone.localdate()
    listed = TaskList(request.user, request.GET, today)
    context = {
        "listed": listed,
        "views": VIEWS.items(),
        "orders": [(slug, title) for slug, (title, _order) in ORDERS.items()],
        "due_choices": DUE.items(),
        "page": page_of(listed.tasks(), request.GET.get("page"), TASKS_ON_PAGE),
        "today": today,
        "saved_views": SavedView.objects.offered_to(request.user).filter(page="tasks").order_by("name"),
    }
    return render(request, "crm/tasks/list.html", context)


@requires("export")
@require_GET
def export(request: UserRequest) -> HttpResponseBase:
    listed = TaskList(request.user, request.GET, timezone.localdate())
    return export_response(request.GET.get("format", "csv"), _("tasks"), listed.headers(), listed.rows())


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def create(request: UserRequest) -> HttpResponse:
    """From anywhere: ?account= says about whom, ?title= and ?due_on= come from a visit's next step."""
    account = _account(request, request.GET.get("account", ""))
    initial = {name: request.GET[name][:200] for name in ("title", "due_on") if request.GET.get(name)}
    data = request.POST if request.method == "POST" else None
    form = TaskForm(
        data, user=request.user, account=account, choose_account=True, initial={**initial, "account": account}
    )
    if data is not None and form.is_valid():
        if account is None:
            account = form.cleaned_data["account"]
        task = form.save(commit=False)
        task.account = account
        try:
            create_task(task=task, creator=request.user, now=timezone.now())
        except RefusedError as refusal:
            form.add_error("assignee", str(refusal))
        else:
            messages.success(request, _("Task saved."))
            return redirect(_back(request, task))
    context = {
        "form": form,
        "account": account,
        "back": request.GET.get("next") or request.POST.get("next", ""),
    }
    return render(request, "crm/tasks/form.html", context)


def _account(request: UserRequest, number: str) -> Account | None:
    if not number:
        return None
    if not (number.isdecimal() and number.isascii() and len(number) < 18):
        raise Http404
    return get_object_or_404(Account.objects.visible_to(request.user), pk=number)


def _back(request: UserRequest, task: Task) -> Any:
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}):
        return address
    return f"{task.account.get_absolute_url()}#panel-tasks" if task.account else "crm:task-list"


@requires("edit_accounts")
@require_GET
def assignees(request: UserRequest) -> HttpResponse:
    """The options of "who does it" for the account that was just chosen."""
    account = _account(request, request.GET.get("account", ""))
    people = by_name(assignable(request.user, account))
    return render(request, "crm/tasks/_assignees.html", {"people": people, "chosen": request.user.pk})


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    """Two at a time: each one's fields are kept; where both changed the same one, the second is told."""
    if request.method == "POST":
        with transaction.atomic():
            # From here on nobody else changes it: what is compared is what is written over.
            Task.objects.select_for_update().filter(pk=pk).first()
            return _save(request, _task(request, pk))
    task = _task(request, pk)
    return render(
        request, "crm/tasks/form.html", _editing(request, task, TaskForm(user=request.user, instance=task))
    )


def _editing(request: UserRequest, task: Task, form: TaskForm, **more: Any) -> dict[str, Any]:
    return {"form": form, "task": task, "account": task.account, "today": timezone.localdate(), **more}


def _save(request: UserRequest, task: Task) -> HttpResponse:
    shown = TaskForm(user=request.user, instance=task)
    # The form writes what it is given onto its instance: hand it one of its own.
    form = TaskForm(request.POST, user=request.user, instance=_task(request, task.pk))
    if not form.is_valid():
        return render(request, "crm/tasks/form.html", _editing(request, task, form))
    opened, now_shown = _opened(form.cleaned_data["base"]), shown.as_shown()
    try:
        update_task(
            task_id=task.pk,
            values=form.changes(opened),
            touched_since=[name for name in FIELDS if opened.get(name) != now_shown[name]],
            editor=request.user,
            now=timezone.now(),
        )
    except TaskChanged as changed:
        theirs = [(form[name].label, _words(shown, name)) for name in FIELDS if name in changed.fields]
        data = request.POST.copy()
        # What the editor sees now is what the next save is compared with.
        data["base"] = json.dumps(now_shown)
        again = TaskForm(data, user=request.user, instance=task)
        return render(
            request, "crm/tasks/form.html", _editing(request, task, again, theirs=theirs), status=409
        )
    except RefusedError as refusal:
        form.add_error("assignee", str(refusal))
        return render(request, "crm/tasks/form.html", _editing(request, task, form))
    messages.success(request, _("Saved."))
    return redirect(_back(request, task))


def _opened(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _words(form: TaskForm, name: str) -> str:
    if name == "assignee":
        return str(form.instance.assignee)
    if name == "urgent":
        return _("Yes") if form.instance.urgent else _("No")
    shown = form.as_shown()[name]
    return (shown.replace("T", " ") if name == "remind_at" else shown) or "–"


def _task(request: UserRequest, pk: int) -> Task:
    tasks = Task.objects.visible_to(request.user).select_related("account", "assignee", "creator")
    return get_object_or_404(tasks, pk=pk)


@requires("edit_accounts")
@require_POST
def done(request: UserRequest, pk: int) -> HttpResponse:
    task = set_done(task=_task(request, pk), done=request.POST.get("done") == "1", now=timezone.now())
    if request.headers.get("HX-Request"):
        return render(request, "crm/tasks/_task.html", {"task": task, "today": timezone.localdate()})
    messages.success(request, _("Done.") if task.done_at else _("Open again."))
    return redirect(_back(request, task))

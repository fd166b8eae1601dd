"""Files of an account: sent, shown, taken away. Every one passes visible_to, and a file out of sight is not found."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from crm.access import requires
from crm.attachments.checks import PHOTO_MAX_BYTES, RefusedUpload
from crm.attachments.operations import attach, may_remove, remove
from crm.attachments.queries import BELONGS_TO, files_of
from crm.attachments.serving import file_response, thumbnail_response
from crm.models import Account, Attachment, Visit
from crm.paging import page_of
from crm.web import UserRequest, visible_account

FILES_ON_PAGE = 24
# Beside the files a form has little in it.
SLACK = 1024 * 1024
MOST_AT_ONCE = 10


@csrf_exempt
@login_not_required
@require_POST
def upload(request: UserRequest) -> HttpResponseBase:
    """`file` (one or more), `client_key`, and one of account, visit_key, observation, opportunity, complaint.

    Answers in JSON where that is asked for, so that a device that kept the file knows: 401 log in again, 400 never
    send this again. What is far too large is refused before its body is read.
    """
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > _most_bytes() + SLACK:
        return _refusal(request, _("The upload is too large."), 413)
    if not request.user.is_authenticated:
        if _wants_json(request):
            return JsonResponse({"error": _("Log in again.")}, status=401)
        return redirect(f"{settings.LOGIN_URL}")
    return _upload(request)


def _most_bytes() -> int:
    return max(PHOTO_MAX_BYTES, int(settings.ATTACHMENT_MAX_BYTES)) * 2


@csrf_protect
@requires("edit_accounts")
def _upload(request: UserRequest) -> HttpResponse:
    belongs = _belonging(request)
    files = request.FILES.getlist("file")
    if not files:
        return _refusal(request, _("Choose a file."), 400)
    if len(files) > MOST_AT_ONCE:
        return _refusal(request, _("At most %(most)s files at a time.") % {"most": MOST_AT_ONCE}, 400)
    try:
        key = uuid.UUID(request.POST["client_key"]) if request.POST.get("client_key") else None
    except ValueError:
        return _refusal(request, _("The key of the upload is none."), 400)
    kept, refused = [], []
    for place, file in enumerate(files):
        # One key names one file; the others of a form without a script get keys that follow from it.
        own_key = key if not place or key is None else uuid.uuid5(key, str(place))
        try:
            kept.append(attach(user=request.user, upload=file, client_key=own_key, **belongs))
        except RefusedUpload as refusal:
            refused.append(f"{_short(file)}: {refusal.message}")
    if _wants_json(request):
        if refused:
            return JsonResponse(
                {"error": " ".join(refused), "files": [_described(f) for f in kept]}, status=400
            )
        return JsonResponse({**_described(kept[0]), "files": [_described(file) for file in kept]}, status=201)
    for sentence in refused:
        messages.error(request, sentence)
    if kept:
        count = len(kept)
        messages.success(
            request, ngettext("%(count)s file saved.", "%(count)s files saved.", count) % {"count": count}
        )
    return redirect(_back(request, belongs["account"]))


def _belonging(request: UserRequest) -> dict[str, Any]:
    """The account, and the row of it that the files belong to; 404 where the user does not see it."""
    asked = request.POST
    if key := asked.get("visit_key", ""):
        try:
            visit = get_object_or_404(
                Visit.objects.visible_to(request.user).select_related("account"), client_key=uuid.UUID(key)
            )
        except ValueError:
            raise Http404 from None
        return {"account": visit.account, "visit": visit}
    for name, model in BELONGS_TO.items():
        if asked.get(name):
            rows = model._default_manager.visible_to(request.user).select_related("account")  # type: ignore[attr-defined]
            row = get_object_or_404(rows, pk=_number(asked[name]))
            return {"account": row.account, name: row}
    accounts = Account.objects.visible_to(request.user)
    return {"account": get_object_or_404(accounts, pk=_number(asked.get("account", "")))}


def _number(text: str) -> int:
    if not (text.isdecimal() and text.isascii() and len(text) < 18):
        raise Http404
    return int(text)


def _short(file: UploadedFile) -> str:
    return (file.name or "")[:60]


def _described(attachment: Attachment) -> dict[str, Any]:
    return {
        "id": attachment.pk,
        "name": attachment.name,
        "url": attachment.get_absolute_url(),
        "content_type": attachment.content_type,
        "size": attachment.size,
        "client_key": str(attachment.client_key),
    }


def _wants_json(request: UserRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _refusal(request: UserRequest, sentence: str, status: int) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"error": sentence}, status=status)
    return render(request, "crm/attachments/refused.html", {"sentence": sentence}, status=status)


def _back(request: UserRequest, account: Account) -> str:
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}):
        return address
    return f"{account.get_absolute_url()}#panel-files"


@requires("view_accounts")
@require_safe
def show(request: UserRequest, pk: int) -> HttpResponseBase:
    return file_response(request, get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk))


@requires("view_accounts")
@require_safe
def thumbnail(request: UserRequest, pk: int) -> HttpResponseBase:
    return thumbnail_response(request, get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk))


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def delete(request: UserRequest, pk: int) -> HttpResponse:
    """Asked once more; by whoever brought the file, or by those who lead."""
    attachments = Attachment.objects.visible_to(request.user).select_related("account", "user")
    attachment = get_object_or_404(attachments, pk=pk)
    if not may_remove(attachment, request.user):
        raise Http404
    account = attachment.account
    if request.method == "GET":
        return render(request, "crm/attachments/delete.html", {"attachment": attachment, "account": account})
    remove(attachment=attachment)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": attachment.name})
    return redirect("crm:account-files", pk=account.pk)


@requires("view_accounts")
@require_GET
def account_files(request: UserRequest, pk: int) -> HttpResponse:
    """All files of an account, or of one row of it (?visit=3); only the list where a page asks for it in place."""
    account = visible_account(request, pk)
    chosen = {name: _number(request.GET[name]) for name in BELONGS_TO if request.GET.get(name)}
    page = page_of(files_of(account, **chosen), request.GET.get("page"), FILES_ON_PAGE)
    context = {"account": account, "page": page, "files": page.object_list}
    if request.headers.get("HX-Request"):
        return render(request, "crm/attachments/_files.html", context)
    return render(request, "crm/attachments/list.html", context)

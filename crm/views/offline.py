"""What a phone asks for and sends when it has network again. Whoever is logged out is told so in JSON."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import requires
from crm.attachments.checks import RefusedUpload
from crm.attachments.operations import attach
from crm.models import Notice, NoticeKind, Visit
from crm.visits.bundle import offline_bundle, serialised
from crm.visits.handover import hand_over, handed, put_on_record
from crm.visits.syncing import Attention, describe, take_entry
from crm.web import UserRequest

View = Callable[..., HttpResponseBase]


def for_device(view: View) -> View:
    """401 in JSON instead of the log-in page: a phone in the background cannot follow a redirect to a form."""

    @login_not_required
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return JsonResponse({"state": "login", "login": reverse("crm:login")}, status=401)
        return view(request, *args, **kwargs)

    return guarded


def _attention(error: Attention) -> JsonResponse:
    answer = {"state": "attention", "reason": error.reason, "message": error.message, "errors": error.errors}
    return JsonResponse(answer, status=400 if error.reason == "invalid" else 409)


@for_device
@require_GET
def session(request: UserRequest) -> JsonResponse:
    """Who is logged in, with a fresh token for the posts that follow."""
    user = request.user
    return JsonResponse(
        {
            "user": user.pk,
            "name": str(user),
            "language": get_language(),
            "csrf": get_token(request),
        }
    )


@for_device
@requires("log_visits")
@require_GET
def bundle(request: UserRequest) -> HttpResponse:
    body, etag = serialised(offline_bundle(request.user, timezone.localdate()))
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    return HttpResponse(body, content_type="application/json", headers={"ETag": etag})


@for_device
@requires("log_visits")
@require_POST
def sync(request: UserRequest) -> JsonResponse:
    """One entry, as many times as the phone likes."""
    try:
        taken = take_entry(user=request.user, sent=request.POST, now=timezone.now())
    except Attention as error:
        return _attention(error)
    answer = describe(taken, request.user)
    if request.POST.get("announce") and answer["url"]:
        # The rep is waiting at the form and goes to the account's page next.
        messages.success(request, _("Visit to %(account)s saved.") % {"account": answer["account"]})
        for note in taken.notes:
            messages.info(request, note)
    return JsonResponse(answer)


@for_device
@requires("log_visits")
@require_POST
def photo(request: UserRequest) -> JsonResponse:
    """A photo or file of a visit that is on record already."""
    key, visit_key = _uuid(request.POST.get("client_key")), _uuid(request.POST.get("visit_key"))
    upload = request.FILES.get("file")
    if key is None or upload is None:
        return _attention(Attention("invalid", _("The file did not arrive.")))
    visits = Visit.objects.filter(user=request.user).select_related("account")
    visit = visits.filter(client_key=visit_key).first() if visit_key else None
    if visit is None:
        return _attention(Attention("invalid", _("The visit that this file belongs to is not on record.")))
    try:
        attachment = attach(
            account=visit.account, user=request.user, upload=upload, client_key=key, visit=visit
        )
    except RefusedUpload as error:
        return _attention(Attention("invalid", error.message))
    return JsonResponse({"state": "saved", "attachment": attachment.pk})


@for_device
@requires("log_visits")
@require_POST
def handover(request: UserRequest) -> JsonResponse:
    """An entry of a customer that was taken away, for whoever looks after the customer now."""
    sent: Any = request.FILES
    keys = [_uuid(name.removeprefix("file-")) for name in sent]
    uploads = [(key, sent[f"file-{key}"]) for key in keys if key and f"file-{key}" in sent]
    try:
        hand_over(user=request.user, sent=request.POST, uploads=uploads, now=timezone.now())
    except (Attention, RefusedUpload) as error:
        return _attention(error if isinstance(error, Attention) else Attention("invalid", error.message))
    return JsonResponse({"state": "handed", "notes": [_("Handed to whoever looks after the customer now.")]})


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


@requires("log_visits")
@require_http_methods(["GET", "POST"])
def handed_over(request: UserRequest, pk: int) -> HttpResponse:
    """The recipient reads what a colleague handed over, and may put it on record."""
    notice = get_object_or_404(Notice, pk=pk, recipient=request.user, kind=NoticeKind.SYNC)
    entry = handed(notice, request.user)
    if request.method == "POST":
        try:
            visit = put_on_record(entry=entry, now=timezone.now())
        except Attention as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("The visit is on record."))
            return redirect(visit.account)
    if notice.read_at is None:
        notice.read_at = timezone.now()
        notice.save(update_fields=["read_at"])
    return render(request, "crm/visits/handed.html", {"handed": entry, "lines": entry.lines()})

"""The bell and what is under it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from crm.access import requires
from crm.models import Notice
from crm.notices.operations import mark_read
from crm.paging import page_of
from crm.web import UserRequest

NOTICES_ON_PAGE = 40
MOST_COUNTED = 100
# To htmx: nothing to come here, stop asking.
STOP_POLLING = 286


@login_not_required
@require_GET
def bell(request: UserRequest) -> HttpResponse:
    """How many are unread: asked by every open page each minute. One small query."""
    if not request.user.is_authenticated:
        return HttpResponse(status=STOP_POLLING)
    unread = Notice.objects.shown_to(request.user).unread().order_by()
    count = unread[:MOST_COUNTED].count()
    return render(request, "crm/notices/_count.html", {"count": count, "most": MOST_COUNTED})


@requires("view_accounts")
@require_GET
def notice_list(request: UserRequest) -> HttpResponse:
    notices = Notice.objects.shown_to(request.user).select_related("account").order_by("-created_at", "-pk")
    unread_only = request.GET.get("show") != "all"
    if unread_only:
        notices = notices.unread()
    page = page_of(notices, request.GET.get("page"), NOTICES_ON_PAGE)
    return render(request, "crm/notices/list.html", {"page": page, "unread_only": unread_only})


@requires("view_accounts")
@require_GET
def open_notice(request: UserRequest, pk: int) -> HttpResponse:
    """To what the notice is about; it is read by that."""
    notice = get_object_or_404(Notice.objects.shown_to(request.user), pk=pk)
    mark_read(user=request.user, now=timezone.now(), notice_id=notice.pk)
    if url_has_allowed_host_and_scheme(notice.path, allowed_hosts=None):
        return redirect(notice.path)
    return redirect(notice.account if notice.account else "crm:notices")


@requires("view_accounts")
@require_POST
def read(request: UserRequest, pk: int) -> HttpResponse:
    notice = get_object_or_404(Notice.objects.shown_to(request.user).select_related("account"), pk=pk)
    mark_read(user=request.user, now=timezone.now(), notice_id=notice.pk)
    if not request.headers.get("HX-Request"):
        return redirect("crm:notices")
    notice.refresh_from_db(fields=["read_at"])
    response = render(request, "crm/notices/_notice.html", {"notice": notice})
    response["HX-Trigger"] = "notices:changed"
    return response


@requires("view_accounts")
@require_POST
def read_all(request: UserRequest) -> HttpResponse:
    mark_read(user=request.user, now=timezone.now())
    return redirect("crm:notices")


@requires("view_accounts")
@require_POST
def mail_setting(request: UserRequest) -> HttpResponse:
    """Whether reminders, tasks and mentions come by mail too: everybody decides for themselves."""
    request.user.mails_notices = request.POST.get("mails") == "1"
    request.user.save(update_fields=["mails_notices"])
    return redirect("crm:notices")

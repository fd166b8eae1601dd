"""One's own settings: language, mails, capacity, calendar link. And the way out of the daily mail without a log-in."""

from __future__ import annotations

from django.conf import settings as site
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import requires
from crm.forms.plan import SettingsForm
from crm.mail import can_mail
from crm.models import CalendarFeed
from crm.plan.digest import user_of
from crm.plan.operations import new_feed, revoke_feeds
from crm.views.session import remember_language
from crm.web import UserRequest


@requires("view_accounts")
@require_http_methods(["GET", "POST"])
@never_cache
def settings(request: UserRequest) -> HttpResponse:
    form = SettingsForm(request.POST if request.method == "POST" else None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        response = redirect("crm:settings")
        remember_language(response, request.user.language)
        messages.success(request, _("Saved."))
        return response
    if request.method == "POST":
        # The form has written what it refused onto the reader of this page.
        request.user.refresh_from_db()
    return _page(request, form)


def _page(request: UserRequest, form: SettingsForm, secret: str = "") -> HttpResponse:
    address = f"{site.SITE_URL}{reverse('crm:calendar-feed', args=[secret])}" if secret else ""
    context = {
        "form": form,
        "address": address,
        "webcal": "webcal" + address.removeprefix("https").removeprefix("http") if address else "",
        "feed": CalendarFeed.objects.filter(user=request.user, revoked_at=None).order_by("-pk").first(),
        "can_mail": can_mail(),
    }
    return render(request, "crm/plan/settings.html", context)


@requires("view_accounts")
@require_POST
@never_cache
def feed_create(request: UserRequest) -> HttpResponse:
    """The answer shows the address: kept nowhere, it can be shown at no other time."""
    _feed, secret = new_feed(user=request.user, now=timezone.now())
    return _page(request, SettingsForm(instance=request.user), secret)


@requires("view_accounts")
@require_POST
def feed_revoke(request: UserRequest) -> HttpResponse:
    if not revoke_feeds(user=request.user, now=timezone.now()):
        raise Http404
    messages.success(request, _("The calendar link does not work any more."))
    return redirect("crm:settings")


@login_not_required
@require_http_methods(["GET", "POST"])
@never_cache
def digest_off(request: HttpRequest, token: str) -> HttpResponse:
    """From the mail: a page with one button, so that a program that follows links switches nothing off."""
    user = user_of(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        user.daily_digest = False
        user.save(update_fields=["daily_digest"])
    with translation.override(user.language):
        return render(request, "crm/plan/digest_off.html", {"reader": user})

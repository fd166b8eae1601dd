"""Log-in, log-out, language, home."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.forms.session import LoginForm
from crm.models import Role
from crm.panels import permitted
from crm.plan.board import day_route, sections


class Login(LoginView):
    template_name = "crm/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        remember_language(response, form.get_user().language)
        return response


login = Login.as_view()
logout = LogoutView.as_view()


def locked_out(request: HttpRequest, response: HttpResponse, credentials: Any, **kwargs: Any) -> HttpResponse:
    """Called by axes after too many failures."""
    minutes = max(1, round(float(settings.AXES_COOLOFF_TIME) * 60))
    context = {
        "title": _("Too many failed log-ins"),
        "hint": _("Wait %(minutes)d minutes, then try again.") % {"minutes": minutes},
    }
    return render(request, "crm/error.html", context, status=429)


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language; a logged-in user's choice is kept with the user."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        chosen = settings.LANGUAGE_CODE
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    if request.user.is_authenticated and request.user.language != chosen:
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    response = redirect(target)
    remember_language(response, chosen)
    return response


def remember_language(response: HttpResponse, code: str) -> None:
    translation.activate(code)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=365 * 86400,
        samesite="Lax",
        secure=settings.HTTPS,
        httponly=True,
    )


def home(request: HttpRequest) -> HttpResponse:
    """My day, and cards. Where both bear the same slug a rep gets the day's entries, a leader the card of the team."""
    user: Any = request.user
    today: dt.date = timezone.localdate()
    shown = permitted("CRM_HOME_CARDS", user)
    board = sections(user, today)
    if user.role == Role.REP:
        told = {section.source.slug for section in board}
        shown = [card for card in shown if card.slug not in told]
    else:
        slugs = {card.slug for card in shown}
        board = [section for section in board if section.source.slug not in slugs]
    cards = []
    for card in shown:
        found = card.get_context(user=user, today=today)
        html = render_to_string(card.template_name, {"card": card, **found}, request)
        cards.append({"card": card, "html": html})
    full = [section for section in board if section.items]
    empty = [section for section in board if not section.items]
    context = {"cards": cards, "today": today, "full": full, "empty": empty}
    return render(request, "crm/home.html", {**context, "route": day_route(board, user, today)})

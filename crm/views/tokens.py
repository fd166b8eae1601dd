"""API tokens of the user's own: make one (shown once), revoke one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import requires
from crm.forms.tokens import TokenForm
from crm.models import ApiToken, User
from crm.tokens import TokenNameError, create_token, end_of, revoke_token


@requires("view_accounts")
@require_http_methods(["GET", "POST"])
@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """The answer to the POST shows the token: kept nowhere, it can be shown at no other time."""
    user: User = request.user  # type: ignore[assignment]
    now = timezone.now()
    today = timezone.localdate(now)
    data = request.POST if request.method == "POST" else None
    form = TokenForm(data, today=today)
    made, secret = None, ""
    if data is not None and form.is_valid():
        last_day = form.cleaned_data["expires_on"]
        try:
            made, secret = create_token(
                user=user,
                scope=form.cleaned_data["scope"],
                name=form.cleaned_data["name"],
                expires_at=end_of(last_day) if last_day else None,
                now=now,
            )
        except TokenNameError:
            form.add_error("name", _("You have a token of this name that still works."))
        else:
            form = TokenForm(today=today)
    rows = ApiToken.objects.filter(user=user).order_by("-created_at", "-pk")
    context = {"form": form, "tokens": rows, "made": made, "secret": secret, "now": now}
    return render(request, "crm/tokens.html", context)


@requires("view_accounts")
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken.objects.filter(user=request.user), pk=pk)  # type: ignore[misc]
    revoke_token(token=token, now=timezone.now())
    messages.success(request, _("The token “%(name)s” does not work any more.") % {"name": token.name})
    return redirect("crm:tokens")

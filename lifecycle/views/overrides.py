"""Setting a stage by hand, and taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import requires
from crm.models import Account
from crm.overrides import override_of, revoke_override, set_override
from lifecycle.forms import StageOverrideForm
from lifecycle.models import AccountLifecycle, StageOverride
from lifecycle.wording import stage_name


@requires("override_figures")
def stage_override(request: HttpRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)  # type: ignore[arg-type]
    today = timezone.localdate()
    form = StageOverrideForm(request.POST or None, today=today)
    if form.is_valid():
        chosen = form.cleaned_data
        set_override(
            StageOverride,
            account=account,
            value=chosen["stage"],
            reason=chosen["reason"],
            author=request.user,  # type: ignore[arg-type]
            today=today,
            now=timezone.now(),
            valid_to=chosen["valid_to"],
        )
        messages.success(request, _("Stage set by hand. The figures follow within moments."))
        return redirect(account)
    override = override_of(StageOverride, account, today)
    context = {
        "account": account,
        "form": form,
        "figures": AccountLifecycle.objects.filter(account=account).first(),
        "override": override,
        "override_stage": stage_name(override.value) if override else "",
    }
    return render(request, "lifecycle/stage_override.html", context)


@requires("override_figures")
@require_POST
def stage_override_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)  # type: ignore[arg-type]
    revoke_override(StageOverride, account=account, author=request.user, now=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The computed stage holds again. The figures follow within moments."))
    return redirect(account)

"""Setting a grade by hand, and taking it back."""

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
from segmentation.explanations import explain, grade_name
from segmentation.forms import GradeOverrideForm
from segmentation.models import GradeOverride
from segmentation.queries import grade_names


@requires("override_figures")
def grade_override(request: HttpRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)  # type: ignore[arg-type]
    today = timezone.localdate()
    form = GradeOverrideForm(request.POST or None, grades=grade_names(), today=today)
    if form.is_valid():
        chosen = form.cleaned_data
        set_override(
            GradeOverride,
            account=account,
            value=chosen["grade"],
            reason=chosen["reason"],
            author=request.user,  # type: ignore[arg-type]
            today=today,
            now=timezone.now(),
            valid_to=chosen["valid_to"],
        )
        messages.success(request, _("Grade set by hand. The figures follow within moments."))
        return redirect(account)
    override, explained = override_of(GradeOverride, account, today), explain(account)
    context = {
        "account": account,
        "form": form,
        "explained": explained,
        "override": override,
        "override_grade": grade_name(explained.model, override.value) if explained and override else "",
    }
    return render(request, "segmentation/grade_override.html", context)


@requires("override_figures")
@require_POST
def grade_override_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)  # type: ignore[arg-type]
    revoke_override(GradeOverride, account=account, author=request.user, now=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The model's grade holds again. The figures follow within moments."))
    return redirect(account)

"""Setting a figure by hand, one page whatever the figure: an upper app says what is set, and gives it an address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from crm.forms.overrides import DecisionForm, OverrideForm
from crm.models import Account
from crm.overrides import (
    DECIDES,
    OverrideRefusedError,
    decide_override,
    revoke_override,
    said_of,
    set_override,
)
from crm.web import UserRequest, visible_account

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from crm.models import User
    from crm.models.history import Override


class OverrideKind:
    """A figure that a person may set against the model's."""

    slug: ClassVar[str]
    title: ClassVar[str | _StrPromise]
    heading: ClassVar[str | _StrPromise]
    model: ClassVar[type[Override]]
    most_days: ClassVar[int]
    # Of the pages of one account, taking its pk.
    url_name: ClassVar[str]
    revoke_url_name: ClassVar[str]
    # Takes the account's pk and the proposal's.
    decide_url_name: ClassVar[str]

    def choices(self, account: Account) -> Sequence[tuple[int, Any]]:
        """Values to choose from, with their names."""
        raise NotImplementedError

    def names(self, overrides: Sequence[Any]) -> dict[int, tuple[str, str]]:
        """By the override's pk: the name of its value, and of what the model says now. A constant number of queries."""
        raise NotImplementedError

    def url(self, account_id: int) -> str:
        return reverse(self.url_name, args=[account_id])


def standing(kind: OverrideKind, account: Account, user: User, today: dt.date) -> dict[str, Any]:
    """For panel and page: the word that holds, the proposals that wait, and what the user may do about them."""
    override, proposals = said_of(kind.model, account, today)
    names = kind.names([*([override] if override else []), *proposals])
    return {
        "override": override,
        "override_name": names[override.pk][0] if override else "",
        "proposals": [(proposal, names[proposal.pk][0]) for proposal in proposals],
        "kind": kind,
        "decides": user.can(DECIDES),
        "may_override": user.can("edit_accounts"),
    }


def override_page(request: UserRequest, pk: int, kind: OverrideKind) -> HttpResponse:
    account = visible_account(request, pk)
    today = timezone.localdate()
    form = OverrideForm(
        request.POST if request.method == "POST" else None,
        name=kind.slug,
        label=kind.title,
        choices=kind.choices(account),
        most_days=kind.most_days,
        today=today,
    )
    if form.is_valid():
        set_override(
            kind.model,
            account=account,
            value=form.value,
            reason=form.cleaned_data["reason"],
            author=request.user,
            valid_to=form.cleaned_data["valid_to"],
            today=today,
            now=timezone.now(),
        )
        if request.user.can(DECIDES):
            messages.success(request, _("Set by hand. The figures follow within moments."))
        else:
            messages.success(request, _("Proposed. It counts once a manager has approved it."))
        return redirect(account)
    context = {
        "account": account,
        "form": form,
        "computed": kind.names([_Now(account.pk)])[0][1],
        "revoke_url": reverse(kind.revoke_url_name, args=[account.pk]),
        **standing(kind, account, request.user, today),
    }
    return render(request, "crm/overrides/edit.html", context)


def revoke_page(request: UserRequest, pk: int, kind: OverrideKind) -> HttpResponse:
    account = visible_account(request, pk)
    revoke_override(kind.model, account=account, author=request.user, now=timezone.now())
    if request.user.can(DECIDES):
        messages.success(request, _("The computed value holds again. The figures follow within moments."))
    else:
        messages.success(request, _("Your proposal is taken back."))
    return redirect(account)


def decide_page(request: UserRequest, pk: int, proposal: int, kind: OverrideKind) -> HttpResponse:
    """Approve or refuse; then back to where the buttons stood."""
    account = visible_account(request, pk)
    override = get_object_or_404(kind.model._default_manager, pk=proposal, account=account)
    form = DecisionForm(request.POST)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = kind.url(account.pk)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect(back)
    approve = form.cleaned_data["decision"] == "approve"
    try:
        decide_override(
            override,
            approve=approve,
            word=form.cleaned_data["word"],
            user=request.user,
            today=timezone.localdate(),
            now=timezone.now(),
        )
    except OverrideRefusedError as error:
        messages.error(
            request,
            _("The end it was proposed for has passed.")
            if error.reason == "ended"
            else _("This proposal has been decided or taken back already."),
        )
    else:
        done = (
            _("Approved. The figures follow within moments.") if approve else _("Refused. The rep is told.")
        )
        messages.success(request, done)
    return redirect(back)


class _Now:
    """Asks for the computed value alone."""

    pk, value = 0, -1

    def __init__(self, account_id: int) -> None:
        self.account_id = account_id

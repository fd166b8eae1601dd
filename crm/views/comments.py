"""Comments on an account and on what hangs on it, in place; and the colleagues that an @ offers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm.access import requires
from crm.forms.comments import CommentForm
from crm.models import Account, Comment, Complaint, Opportunity, Visit
from crm.paging import page_of
from crm.web import UserRequest, visible_account
from crm.work.comments import add_comment, comments_of, edit_comment
from crm.work.mentions import Mentions, offered

COMMENTS_ON_PAGE = 20
# What a comment may be about besides the account.
ABOUT: dict[str, Any] = {"visit": Visit, "complaint": Complaint, "opportunity": Opportunity}


@requires("view_accounts")
@require_http_methods(["GET", "POST"])
def thread(request: UserRequest, pk: int) -> HttpResponse:
    """The comments on an account, or on one row of it (?visit=3). Only the thread where a page asks for it in place."""
    account = visible_account(request, pk)
    belongs = _about(request, account)
    form = CommentForm(request.POST if request.method == "POST" else None)
    hint = ""
    if form.is_bound and form.is_valid():
        _comment, found = add_comment(
            account=account,
            author=request.user,
            text=form.cleaned_data["text"],
            path=_address(account, belongs),
            now=timezone.now(),
            belongs=belongs,
        )
        hint = _hint(found)
        if not request.headers.get("HX-Request"):
            if hint:
                messages.warning(request, hint)
            return redirect(_address(account, belongs))
        form = CommentForm()
    context = {
        "account": account,
        "page": page_of(comments_of(account, **belongs), request.GET.get("page"), COMMENTS_ON_PAGE),
        "form": form,
        "hint": hint,
        "address": _address(account, belongs),
        "alone": not belongs,
    }
    in_place = bool(request.headers.get("HX-Request"))
    return render(request, "crm/comments/_comments.html" if in_place else "crm/comments/page.html", context)


def _about(request: UserRequest, account: Account) -> dict[str, Any]:
    for name, model in ABOUT.items():
        number = request.GET.get(name, "")
        if number:
            if not (number.isdecimal() and number.isascii() and len(number) < 18):
                raise Http404
            return {name: get_object_or_404(model, account=account, pk=number)}
    return {}


def _address(account: Account, belongs: dict[str, Any]) -> str:
    address = reverse("crm:account-comments", args=[account.pk])
    return f"{address}?{urlencode({name: row.pk for name, row in belongs.items()})}" if belongs else address


def _hint(found: Mentions) -> str:
    if not found.unknown:
        return ""
    names = ", ".join(f"@{name}" for name in found.unknown[:5])
    return _("Nobody of this name sees the account, so nobody was told: %(names)s") % {"names": names}


def _own(request: UserRequest, pk: int) -> Comment:
    comments = Comment.objects.visible_to(request.user).filter(author=request.user)
    found: Comment = get_object_or_404(
        comments.select_related("account", "author", "visit", "complaint", "opportunity"), pk=pk
    )
    return found


def _belongs(comment: Comment) -> dict[str, Any]:
    return {name: getattr(comment, name) for name in ABOUT if getattr(comment, f"{name}_id")}


@requires("view_accounts")
@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    """Whoever wrote it. ?as=shown: back to the comment without a change."""
    comment = _own(request, pk)
    account, address = comment.account, _address(comment.account, _belongs(comment))
    in_place = bool(request.headers.get("HX-Request"))
    form = CommentForm(request.POST if request.method == "POST" else None, initial={"text": comment.text})
    context: dict[str, Any] = {"comment": comment, "account": account, "form": form, "address": address}
    if form.is_bound and form.is_valid():
        _comment, found = edit_comment(
            comment=comment, text=form.cleaned_data["text"], path=address, now=timezone.now()
        )
        if not in_place:
            return redirect(address)
        return render(request, "crm/comments/_comment.html", {**context, "hint": _hint(found)})
    if in_place and request.GET.get("as") == "shown":
        return render(request, "crm/comments/_comment.html", context)
    return render(request, "crm/comments/_edit.html" if in_place else "crm/comments/edit.html", context)


@requires("view_accounts")
@require_http_methods(["GET", "POST"])
def delete(request: UserRequest, pk: int) -> HttpResponse:
    """Whoever wrote it, asked once more. Its notices go with it."""
    comment = _own(request, pk)
    address = _address(comment.account, _belongs(comment))
    context = {"comment": comment, "account": comment.account, "address": address}
    in_place = bool(request.headers.get("HX-Request"))
    if request.method == "GET":
        return render(
            request, "crm/comments/_delete.html" if in_place else "crm/comments/delete.html", context
        )
    comment.delete()
    return HttpResponse() if in_place else redirect(address)


@requires("view_accounts")
@require_GET
def colleagues(request: UserRequest, pk: int) -> HttpResponse:
    """Whom an @ may name here: those who see the account."""
    account = visible_account(request, pk)
    text = request.GET.get("q", "").replace("\0", "").strip()[:80]
    people = [
        {"username": person.username, "name": str(person), "role": person.get_role_display()}
        for person in offered(text, account, request.user)
    ]
    return JsonResponse({"people": people})

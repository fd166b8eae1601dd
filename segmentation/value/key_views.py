"""Key accounts: the list, the reviews of one account, a review."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm.access import requires
from crm.exports import export_response
from crm.snapshots import shown_run
from crm.web import UserRequest, visible_account
from segmentation.models import KeyAccountReview
from segmentation.value.key_board import key_board
from segmentation.value.key_forms import ReviewForm
from segmentation.value.key_reading import CRITERIA, points_of, suggestions
from segmentation.value.key_wording import NAMES


@requires("view_dashboards")
@require_GET
def key_accounts(request: UserRequest) -> HttpResponse:
    form, board = key_board(request.user, request.GET, timezone.localdate())
    return render(request, "segmentation/value/key_accounts.html", {"form": form, "board": board})


@requires("view_dashboards")
@require_GET
def key_accounts_export(request: UserRequest, table: str, kind: str) -> HttpResponseBase:
    today = timezone.localdate()
    _form, board = key_board(request.user, request.GET, today)
    try:
        wanted = board.table(table)
    except KeyError as error:
        raise Http404 from error
    name = f"key-accounts-{table}-{today:%Y-%m-%d}"
    return export_response(kind, name, wanted.export_headers(), wanted.export_rows())


@requires("view_accounts")
@require_GET
def key_account(request: UserRequest, pk: int) -> HttpResponse:
    """All reviews of one account, the newest first."""
    account = visible_account(request, pk)
    today = timezone.localdate()
    reviews = KeyAccountReview.objects.filter(account=account).select_related("reviewer")
    shown = [_shown(review) for review in reviews.order_by("-reviewed_on")]
    context = {
        "account": account,
        "shown": "key-account",
        "reviews": shown,
        "newest": shown[0]["review"] if shown else None,
        "is_due": bool(shown) and shown[0]["review"].next_review_on <= today,
        "may_review": request.user.can("view_dashboards"),
    }
    return render(request, "segmentation/value/key_account.html", context)


def _shown(review: KeyAccountReview) -> dict[str, Any]:
    return {
        "review": review,
        "points": points_of(review),
        "lines": [(NAMES[name], getattr(review, name), review.evidence.get(name, "")) for name in CRITERIA],
    }


@requires("view_dashboards")
@require_http_methods(["GET", "POST"])
def key_review(request: UserRequest, pk: int) -> HttpResponse:
    account = visible_account(request, pk)
    today, run = timezone.localdate(), shown_run()
    reviews = KeyAccountReview.objects.filter(account=account).select_related("reviewer")
    last = reviews.order_by("-reviewed_on").first()
    form = ReviewForm(
        request.POST if request.method == "POST" else None,
        today=today,
        last=last,
        suggested=suggestions(run.as_of).of(account.pk) if run else {},
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        given = {"account": account, "reviewed_on": today}
        try:
            with transaction.atomic():
                # One review a day; whoever wrote it may correct it.
                KeyAccountReview.objects.filter(**given, reviewer=request.user).delete()
                KeyAccountReview.objects.create(**given, reviewer=request.user, **form.values())
        except IntegrityError:
            form.add_error(
                None, _("A colleague reviewed this account today. Open it again to see the review.")
            )
            status = 409
        else:
            messages.success(request, _("Review saved."))
            return redirect("segmentation:key-account", pk)
    context = {"account": account, "shown": "key-account", "form": form, "last": last}
    return render(request, "segmentation/value/key_review.html", context, status=status)

"""Accounts that may be one: the review list, the merge page, what was merged, and the undo."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import requires
from crm.duplicates import fields, wording
from crm.duplicates.counting import weigh
from crm.duplicates.merging import MergeRefused, merge_accounts, undo_merge
from crm.duplicates.scans import newest_scan, request_scan
from crm.models import Account, AccountMerge, DistinctAccounts, DuplicatePair, ScanState
from crm.paging import page_of
from crm.web import UserRequest


@requires("merge_accounts")
@require_GET
def duplicate_list(request: UserRequest) -> HttpResponse:
    """Pairs of which the reader sees both sides, the likeliest first."""
    visible = Account.objects.visible_to(request.user)
    pairs = (
        DuplicatePair.objects.filter(first__in=visible, second__in=visible)
        .select_related("first__owner", "second__owner", "first__facts", "second__facts")
        .order_by("-score", "pk")
    )
    page = page_of(pairs, request.GET.get("page"))
    context = {
        "page": page,
        "pairs": [(pair, *_order(pair), wording.reasons(pair.reasons)) for pair in page],
        "scan": newest_scan(),
        "tab": "pairs",
    }
    return render(request, "crm/duplicates/list.html", context)


def _order(pair: DuplicatePair) -> tuple[Account, Account]:
    """The account that is rather kept, and the other: who buys from us, else who was there first."""
    bought = [
        getattr(getattr(account, "facts", None), "occasions", 0) for account in (pair.first, pair.second)
    ]
    return (pair.second, pair.first) if bought[1] > bought[0] else (pair.first, pair.second)


@requires("merge_accounts")
@require_GET
def scan_state(request: UserRequest) -> HttpResponse:
    """How far the search is; once it is done the page is asked to load again."""
    scan = newest_scan()
    answer = render(request, "crm/duplicates/_scan.html", {"scan": scan})
    if scan is not None and scan.state in (ScanState.DONE, ScanState.FAILED):
        answer["HX-Refresh"] = "true"
    return answer


@requires("merge_accounts")
@require_POST
def scan_start(request: UserRequest) -> HttpResponse:
    request_scan(user=request.user, now=timezone.now())
    return redirect("crm:duplicate-list")


@requires("merge_accounts")
@require_POST
def distinct(request: UserRequest) -> HttpResponse:
    """Two accounts that are not the same: the pair is never proposed again."""
    first, second = sorted((_number(request, "first"), _number(request, "second")))
    if Account.objects.visible_to(request.user).filter(pk__in=(first, second)).count() != 2:
        raise Http404
    DistinctAccounts.objects.get_or_create(first_id=first, second_id=second, defaults={"user": request.user})
    DuplicatePair.objects.filter(first=first, second=second).delete()
    messages.success(request, _("The two stay apart and are not proposed again."))
    return redirect("crm:duplicate-list")


@requires("merge_accounts")
@require_GET
def pick(request: UserRequest) -> HttpResponse:
    """Two account numbers, typed: any two accounts can be merged, proposed or not."""
    numbers = [request.GET.get(name, "").strip() for name in ("first", "second")]
    visible = Account.objects.visible_to(request.user)
    accounts = [visible.filter(number=number).first() for number in numbers]
    unknown = [number for number, account in zip(numbers, accounts, strict=True) if account is None]
    if unknown or accounts[0] == accounts[1]:
        text = (
            _("There is no account with the number %(number)s.") % {"number": unknown[0] or "–"}
            if unknown
            else _("An account cannot be merged with itself.")
        )
        messages.error(request, text)
        return redirect("crm:duplicate-list")
    address = reverse("crm:account-merge", args=[accounts[0].pk])  # type: ignore[union-attr]
    return redirect(f"{address}?with={accounts[1].pk}")  # type: ignore[union-attr]


@requires("merge_accounts")
@require_http_methods(["GET", "POST"])
def merge(request: UserRequest, pk: int) -> HttpResponse:
    """Both accounts side by side; the one in the address is kept."""
    kept, merged = _pair(request, pk, _number(request, "with"))
    if request.method == "GET":
        return render(request, "crm/duplicates/merge.html", _merge_context(request, kept, merged))
    chosen = {
        name: request.POST[f"field-{name}"]
        for name in fields.choosable()
        if request.POST.get(f"field-{name}") in (fields.KEPT, fields.MERGED)
    }
    try:
        done = merge_accounts(
            kept_id=kept.pk,
            merged_id=merged.pk,
            chosen=chosen,
            user=request.user,
            now=timezone.now(),
            revisions=(_number(request, "kept-revision"), _number(request, "merged-revision")),
        )
    except MergeRefused as refused:
        context = _merge_context(request, *_pair(request, pk, merged.pk))
        context["refusal"] = wording.refusal(refused)
        return render(request, "crm/duplicates/merge.html", context, status=409)
    messages.success(
        request, _("%(merged)s is part of %(kept)s now.") % {"merged": merged, "kept": done.kept}
    )
    return redirect("crm:merge-detail", pk=done.pk)


def _pair(request: UserRequest, kept: int, merged: int) -> tuple[Account, Account]:
    visible = Account.objects.visible_to(request.user).select_related("owner", "territory", "facts")
    found = visible.in_bulk([kept, merged])
    if kept == merged or len(found) != 2:
        raise Http404
    return found[kept], found[merged]


def _merge_context(request: UserRequest, kept: Account, merged: Account) -> dict[str, Any]:
    differences = fields.differences(kept, merged)
    values = [(entry.name, value) for entry in differences for value in (entry.kept, entry.merged)]
    speaker = wording.Speaker(request.user, values)
    return {
        "kept": kept,
        "merged": merged,
        "rows": [
            {
                "name": entry.name,
                "label": wording.label(entry.name),
                "proposed": entry.proposed,
                "kept": speaker.text(entry.name, entry.kept),
                "merged": speaker.text(entry.name, entry.merged),
            }
            for entry in differences
        ],
        "weights": weigh(kept, merged),
    }


@requires("merge_accounts")
@require_GET
def merge_list(request: UserRequest) -> HttpResponse:
    page = page_of(_merges(request).order_by("-pk"), request.GET.get("page"))
    return render(
        request, "crm/duplicates/merges.html", {"page": page, "tab": "merges", "scan": newest_scan()}
    )


@requires("merge_accounts")
@require_GET
def merge_detail(request: UserRequest, pk: int) -> HttpResponse:
    """What became of what, and the way back."""
    done = get_object_or_404(_merges(request), pk=pk)
    encoded = {
        name: tuple(fields.decode(Account._meta.get_field(name), value) for value in pair)  # type: ignore[arg-type]
        # A JSON object keeps no order of its own.
        for name, pair in sorted(done.fields.items(), key=lambda entry: fields.place_of(entry[0]))
    }
    speaker = wording.Speaker(
        request.user, [(name, value) for name, pair in encoded.items() for value in pair]
    )
    context = {
        "merge": done,
        "fields": [
            (wording.label(name), *(speaker.text(name, value) for value in pair))
            for name, pair in encoded.items()
        ],
        "moved": wording.moved(done),
        "leftovers": [wording.leftover(entry) for entry in done.leftovers],
    }
    return render(request, "crm/duplicates/merge_detail.html", context)


@requires("merge_accounts")
@require_POST
def merge_undo(request: UserRequest, pk: int) -> HttpResponse:
    done = get_object_or_404(_merges(request), pk=pk)
    try:
        undone = undo_merge(merge_id=done.pk, user=request.user, now=timezone.now())
    except MergeRefused as refused:
        messages.error(request, wording.refusal(refused))
    else:
        messages.success(
            request, _("%(account)s is an account of its own again.") % {"account": undone.merged}
        )
    return redirect("crm:merge-detail", pk=done.pk)


def _merges(request: UserRequest) -> Any:
    """Whoever sees what was kept (or, after an undo, what came back) sees the merge."""
    visible = Account.objects.visible_to(request.user)
    merges = AccountMerge.objects.select_related("kept", "merged", "user", "undone_by")
    # A merged account went on into another: seen by whoever sees that one.
    return merges.filter(Q(kept__in=visible) | Q(kept__merged_into__in=visible))


def _number(request: UserRequest, name: str) -> int:
    text = request.POST.get(name, request.GET.get(name, ""))
    if not text.isdecimal() or len(text) > 18:
        raise Http404
    return int(text)

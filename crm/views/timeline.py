"""The timeline of an account."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from crm.access import requires
from crm.panels import TimelineEntry, permitted
from crm.timeline.merging import page_of_timeline
from crm.web import UserRequest, visible_account

WEEK = dt.timedelta(days=7)


@requires("view_accounts")
@require_GET
def timeline(request: UserRequest, pk: int) -> HttpResponse:
    """?kind= one kind only, ?before= older ones. In place: just those, to go on below the others."""
    account = visible_account(request, pk)
    sources = permitted("CRM_TIMELINE_SOURCES", request.user)
    kind = request.GET.get("kind", "")
    chosen = [source for source in sources if source.slug == kind] if kind else sources
    if kind and not chosen:
        raise Http404
    before = _before(request.GET.get("before", ""))
    today = timezone.localdate()
    first = dt.datetime.combine(today + dt.timedelta(days=1), dt.time(), timezone.get_current_timezone())
    page = page_of_timeline(chosen, account=account, user=request.user, before=before or first)
    context = {
        "account": account,
        "kinds": [(source.slug, source.title) for source in sources],
        "kind": kind,
        "groups": _grouped(
            page.entries, today, _heading(timezone.localdate(before), today) if before else ""
        ),
        "older": page.older.isoformat() if page.older else "",
        "first": before is None,
    }
    in_place = request.headers.get("HX-Target") == "timeline-more"
    return render(request, "crm/timeline/_entries.html" if in_place else "crm/timeline/page.html", context)


def _before(text: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        before = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        before = None
    if before is None or timezone.is_naive(before) or not 1900 < before.year < 9999:
        raise Http404
    return before


def _grouped(entries: list[TimelineEntry], today: dt.date, above: str) -> list[dict[str, Any]]:
    """Weeks at first, then months. A page that goes on with the group above it does not name it again."""
    groups: list[dict[str, Any]] = []
    for entry in entries:
        heading = _heading(timezone.localdate(entry.at), today)
        if not groups or groups[-1]["heading"] != heading:
            groups.append({"heading": heading, "named": heading != above or bool(groups), "entries": []})
        groups[-1]["entries"].append(entry)
    return groups


def _heading(day: dt.date, today: dt.date) -> str:
    monday = today - dt.timedelta(days=today.weekday())
    if day >= monday:
        return _("This week")
    if day >= monday - WEEK:
        return _("Last week")
    return date_format(day, str(MONTH))


# Translators: Django's date format for "March 2026"; Chinese: Y年n月
MONTH = gettext_lazy("F Y")

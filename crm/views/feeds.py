"""The calendar feed: fetched by programs that cannot log in, under a secret address."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.models import CalendarFeed
from crm.plan.feed import feed_of
from crm.plan.operations import digest_of

# The note of the last reading need not be exact: a write an hour, not one for each fetch.
NOTED_EVERY = dt.timedelta(hours=1)


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """404 for a link that is wrong or revoked and for a person who has left, all alike."""
    link = (
        CalendarFeed.objects.filter(digest=digest_of(token), revoked_at=None, user__is_active=True)
        .select_related("user")
        .first()
    )
    if link is None:
        raise Http404
    now = timezone.now()
    stale = Q(last_read_at=None) | Q(last_read_at__lt=now - NOTED_EVERY)
    CalendarFeed.objects.filter(stale, pk=link.pk).update(last_read_at=now)
    body = feed_of(link.user, now)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response: HttpResponse
    if etag in [
        tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")
    ]:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="mainstay.ics"'
    response["ETag"] = etag
    # Every fetch is answered anew: a revoked link must not live on in a store between.
    response["Cache-Control"] = "private, no-cache"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response

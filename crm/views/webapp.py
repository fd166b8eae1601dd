"""The installable app: its manifest, its service worker and the page for when the network is gone. No personal data."""

from __future__ import annotations

import json

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from crm import webapp

# Asked for anew each time, sent again only when changed.
FRESH = {"Cache-Control": "no-cache"}


@login_not_required
@require_GET
def manifest(request: HttpRequest, language: str) -> JsonResponse:
    if language not in webapp.languages():
        raise Http404
    return JsonResponse(
        webapp.manifest(language),
        json_dumps_params={"ensure_ascii": False},
        content_type="application/manifest+json",
        headers=FRESH,
    )


@login_not_required
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """A few lines: the code with its digest in the name, and what it is to keep. A new digest is a new worker."""
    config = json.dumps(webapp.worker_config(), ensure_ascii=False)
    script = f'import {{ serve }} from "{static("js/service-worker.js")}";\nserve({config});\n'
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers=FRESH)


@login_not_required
@require_GET
def page(request: HttpRequest, language: str = "") -> HttpResponse:
    language = language or get_language() or ""
    if language not in webapp.languages():
        raise Http404
    return HttpResponse(webapp.offline_page(language), headers={**FRESH, "Content-Language": language})

"""Sending a kept file: the right type, nothing that a browser would run, nothing that outlives a right to see it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.response import HttpResponseNotModified

from crm.models import Attachment

# What the browser may show; everything else is saved. PDF viewers of browsers do not open sandboxed documents, and
# a PDF that is sent as one cannot act as a page of ours.
SHOWN = {"image/jpeg": "sandbox", "image/png": "sandbox", "application/pdf": ""}


def file_response(request: HttpRequest, attachment: Attachment) -> HttpResponseBase:
    content_type = attachment.content_type
    shown = content_type in SHOWN and "download" not in request.GET
    if content_type.startswith("text/"):
        content_type = "application/octet-stream"
    return _send(
        request,
        name=str(attachment.file.name),
        etag=f'"{attachment.sha256}"',
        content_type=content_type,
        disposition=f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(attachment.name)}",
        sandbox=SHOWN.get(content_type, "sandbox"),
    )


def thumbnail_response(request: HttpRequest, attachment: Attachment) -> HttpResponseBase:
    if not attachment.thumbnail:
        raise Http404
    etag = f'"{attachment.sha256}-small"'
    name = str(attachment.thumbnail.name)
    return _send(
        request, name=name, etag=etag, content_type="image/jpeg", disposition="inline", sandbox="sandbox"
    )


def _send(
    request: HttpRequest, *, name: str, etag: str, content_type: str, disposition: str, sandbox: str
) -> HttpResponseBase:
    response: Any
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    elif request.method == "HEAD":
        response = HttpResponse(content_type=content_type)
    else:
        try:
            response = FileResponse(default_storage.open(name), content_type=content_type)
        except OSError as error:
            raise Http404 from error
        response["Content-Disposition"] = disposition
    response["ETag"] = etag
    # Kept by this browser only, and asked about each time: whoever lost the account loses the file.
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "; ".join(filter(None, ["default-src 'none'", sandbox]))
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response

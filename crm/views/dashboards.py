"""What every dashboard page does: shows its board, kept per run, and hands out its tables as files."""

from __future__ import annotations

from typing import Any

from celery import current_app
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from kombu.exceptions import OperationalError as BrokerError

from crm.exports import export_response
from crm.remember import remember

# The task of config.warm: this floor knows it by name only.
PREPARE = "config.warm.prepare"


def show(request: HttpRequest, name: str, form: Any, board: Any, *, page: str, body: str) -> HttpResponse:
    """`body` is the template of the board alone: what is kept under `name`. Without a run there is no board.

    A board that shows more than the run published names in `kept_with` what it must be as new as.
    """
    context: dict[str, Any] = {"form": form, "board": board}
    if board is not None:
        context["body"] = remember(
            request.user,  # type: ignore[arg-type]
            board.run,
            name,
            lambda: render_to_string(body, {"board": board}, request),
            request.GET.urlencode(),
            *getattr(board, "kept_with", ()),
            renew=lambda: _ask(request),
        )
    return render(request, page, context)


def _ask(request: HttpRequest) -> bool:
    """Have a worker prepare the page anew; False without a broker."""
    try:
        current_app.send_task(PREPARE, [request.get_full_path(), get_language()], retry=False, expires=60)
    except (BrokerError, OSError):
        return False
    return True


def download(board: Any, table: str, kind: str) -> HttpResponseBase:
    """One table of a board as CSV or XLSX."""
    if board is None:
        raise Http404
    try:
        wanted = board.table(table)
    except KeyError as error:
        raise Http404 from error
    name = f"{table}-{board.run.as_of:%Y-%m-%d}"
    return export_response(kind, name, wanted.export_headers(), wanted.export_rows())

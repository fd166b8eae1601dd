"""What the parts of a page ask for one after the other and what cannot change meanwhile is read once a page."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

P = ParamSpec("P")
R = TypeVar("R")
_answers: ContextVar[dict[Any, Any] | None] = ContextVar("answers", default=None)


class OncePerPageMiddleware:
    """Keeps answers while a page is read. A request that changes something reads what it changed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        token = _answers.set({})
        try:
            return self.get_response(request)
        finally:
            _answers.reset(token)


def once_per_page(function: Callable[P, R]) -> Callable[P, R]:
    """The same arguments (hashable) get the same object within a page: it must not be changed. Elsewhere no memory."""

    @wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        answers = _answers.get()
        if answers is None:
            return function(*args, **kwargs)
        key = (function, args, tuple(sorted(kwargs.items())))
        if key not in answers:
            answers[key] = function(*args, **kwargs)
        found: R = answers[key]
        return found

    return asked

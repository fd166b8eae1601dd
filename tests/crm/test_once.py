"""What a page's parts ask for is read once; what changes something reads anew."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from crm.once import OncePerPageMiddleware, once_per_page

asked: list[str] = []


@once_per_page
def answer(question: str) -> list[str]:
    asked.append(question)
    return [question]


def page(request: HttpRequest) -> HttpResponse:
    same = answer("a") is answer("a")
    answer("b")
    return HttpResponse("same" if same else "anew")


def test_a_page_asks_once_and_the_next_page_again() -> None:
    asked.clear()
    middleware = OncePerPageMiddleware(page)
    for _visit in range(2):
        assert middleware(RequestFactory().get("/")).content == b"same"  # type: ignore[attr-defined]
    assert asked == ["a", "b", "a", "b"]


def test_what_changes_something_and_what_is_no_page_has_no_memory() -> None:
    asked.clear()
    assert OncePerPageMiddleware(page)(RequestFactory().post("/")).content == b"anew"  # type: ignore[attr-defined]
    assert answer("c") is not answer("c")
    assert asked == ["a", "a", "b", "c", "c"]

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from config.urls import handler404, handler500, urlpatterns  # noqa: F401


def empty_page(request: HttpRequest) -> HttpResponse:
    """A logged-in page with the whole shell and nothing in it."""
    return render(request, "base.html")


urlpatterns = [path("bench/empty/", empty_page), *urlpatterns]

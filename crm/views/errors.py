"""Pages for what went wrong. The API answers with problem details instead."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    context = {
        "title": _("This page does not exist, or not for you"),
        "hint": _("The address may be mistyped, or the record belongs to another team."),
    }
    return render(request, "crm/error.html", context, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    context = {
        "title": _("Something went wrong on our side"),
        "hint": _("Nothing was saved. Try again; if it happens twice, tell your administrator the time."),
    }
    return render(request, "crm/error.html", context, status=500)

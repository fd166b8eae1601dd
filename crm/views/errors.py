"""Pages for what went wrong. The API answers with problem details instead."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm.api.problems import problem_response

API = "/api/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return problem_response(request, "not-found", _("There is no such address in the API."))
    context = {
        "title": _("This page does not exist, or not for you"),
        "hint": _("The address may be mistyped, or the record belongs to another team."),
    }
    return render(request, "crm/error.html", context, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(API):
        return problem_response(request, "server-error")
    context = {
        "title": _("Something went wrong on our side"),
        "hint": _("Nothing was saved. Try again; if it happens twice, tell your administrator the time."),
    }
    return render(request, "crm/error.html", context, status=500)

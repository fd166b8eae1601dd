"""Types of what views get."""

from django.http import HttpRequest

from crm.models import User


class UserRequest(HttpRequest):
    """A request past the log-in gate (LoginRequiredMiddleware): its user is one of ours."""

    user: User

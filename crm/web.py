"""What views get, and the account that nearly all of them begin with."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from crm.models import Account, User


class UserRequest(HttpRequest):
    """A request past the log-in gate (LoginRequiredMiddleware): its user is one of ours."""

    user: User


def visible_account(request: UserRequest, pk: int) -> Account:
    """Http404 where there is none, or none that the reader may see."""
    return get_object_or_404(Account.objects.visible_to(request.user), pk=pk)

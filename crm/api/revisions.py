"""Optimistic locks: a change names the revision it was made on."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from crm.api.problems import ApiProblem
from crm.models import Account

TAG = re.compile(r'"([^"]*)"')


def etag_of(account: Account) -> str:
    return f'"{account.revision}"'


def check_revision(request: Request, account: Account) -> None:
    """Call with the row locked. If-Match wins over `revision` in the body; without either the change is refused."""
    header = request.headers.get("If-Match")
    current = {"revision": account.revision}
    if header is not None:
        if header.strip() == "*":
            return
        tags = TAG.findall(header)
        if not tags:
            raise ParseError(_('If-Match: write the ETag with its quotes, as in "3".'))
        if str(account.revision) not in tags:
            raise ApiProblem("precondition-failed", headers={"ETag": etag_of(account)}, **current)
        return
    named = request.data.get("revision") if isinstance(request.data, dict) else None
    if named is None:
        message = _("Send If-Match with the ETag you read, or `revision` in the body.")
        raise ApiProblem("precondition-required", message)
    if named != account.revision or isinstance(named, bool):
        message = _("It is at revision %(revision)d by now.") % current
        raise ApiProblem("conflict", message, headers={"ETag": etag_of(account)}, **current)

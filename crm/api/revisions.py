"""Optimistic locks: a change names the revision it was made on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from crm.api.problems import ApiProblem
from crm.models import Account, Opportunity

TAG = re.compile(r'"([^"]*)"')


def etag_of(account: Account | Opportunity) -> str:
    return f'"{account.revision}"'


@dataclass(frozen=True)
class NamedRevision:
    """The revision a request says it changes, and how to answer when it is another by now."""

    revision: int
    by_header: bool

    def problem(self, current: Account | Opportunity) -> ApiProblem:
        message = _("It is at revision %(revision)d by now.") % {"revision": current.revision}
        slug = "precondition-failed" if self.by_header else "conflict"
        return ApiProblem(slug, message, headers={"ETag": etag_of(current)}, revision=current.revision)


def named_revision(request: Request, account: Account | Opportunity) -> NamedRevision:
    """If-Match wins over `revision` in the body; without either the change is refused."""
    header = request.headers.get("If-Match")
    if header is not None:
        if header.strip() == "*":
            return NamedRevision(account.revision, by_header=True)
        tags = TAG.findall(header)
        if not tags:
            raise ParseError(_('If-Match: write the ETag with its quotes, as in "3".'))
        # Of several tags the matching one, else any: it will not match.
        chosen = str(account.revision) if str(account.revision) in tags else tags[0]
        return NamedRevision(int(chosen) if chosen.isdecimal() else -1, by_header=True)
    named = request.data.get("revision") if isinstance(request.data, dict) else None
    if named is None:
        message = _("Send If-Match with the ETag you read, or `revision` in the body.")
        raise ApiProblem("precondition-required", message)
    return NamedRevision(named if type(named) is int else -1, by_header=False)

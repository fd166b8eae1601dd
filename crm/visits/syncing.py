"""Taking in an entry that waited on a phone: once, whatever happened to the account meanwhile."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.duplicates.resolve import surviving_account_id
from crm.forms.visits import VisitForm
from crm.models import Account, Contact, Opportunity, User, Visit
from crm.operations import RefusedError
from crm.visits.clock import corrected
from crm.visits.operations import correct_visit, log_visit
from crm.visits.rules import SCHEMA

WALL_TIME = "%Y-%m-%dT%H:%M"


class Attention(Exception):  # noqa: N818  (not a failure of ours: something for the rep to decide)
    """The entry stays on the phone until the rep has seen to it."""

    def __init__(self, reason: str, message: str, errors: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.errors = errors or {}


@dataclass
class Taken:
    visit: Visit
    created: bool
    # Sentences for the rep: what is other than it was typed.
    notes: list[str] = field(default_factory=list)


def take_entry(*, user: User, sent: QueryDict, now: dt.datetime) -> Taken:
    """Put the entry on record, or say that it is there already. Raises Attention where a person must decide."""
    if sent.get("schema", "") != str(SCHEMA):
        raise Attention(
            "schema", _("This entry was written by another version of the form. Open it and save it anew.")
        )
    if sent.get("user", "") != str(user.pk):
        raise Attention("other_user", _("Somebody else wrote this entry on this device."))
    known = Visit.objects.filter(client_key=key_of(sent)).select_related("account").first()
    if known is not None and known.user_id != user.pk:
        raise Attention("other_user", _("Somebody else wrote this entry on this device."))
    if known is not None and not sent.get("edited"):
        return Taken(known, created=False)
    notes: list[str] = []
    account = _account(str(known.account_id) if known else sent.get("account", ""), user, notes)
    data = as_of_now(sent, account, now, notes)
    form = VisitForm(data, account=account, now=now, late=True, instance=known)
    if not form.is_valid():
        errors = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
        raise Attention("invalid", _("Something in this entry must be put right first."), errors)
    visit: Visit = form.save(commit=False)
    if known is not None:
        return Taken(correct_visit(visit=visit, **form.details()), created=False, notes=notes)
    visit.account, visit.user, visit.client_key = account, user, key_of(sent)
    try:
        saved, created = log_visit(visit=visit, user=user, **form.details())
    except RefusedError:
        raise Attention("other_user", _("Somebody else wrote this entry on this device.")) from None
    return Taken(saved, created, notes if created else [])


def key_of(sent: QueryDict) -> uuid.UUID:
    try:
        return uuid.UUID(sent.get("client_key", ""))
    except ValueError:
        raise Attention("invalid", _("This entry has no key. Open it and save it anew.")) from None


def _account(text: str, user: User, notes: list[str]) -> Account:
    """The account as it is now; the same answer for one that was taken away and for one that never was."""
    gone = Attention(
        "not_yours", _("This customer is no longer among yours. The entry is still on this device.")
    )
    if not text.isdecimal() or len(text) > 17:
        raise gone
    pk = surviving_account_id(int(text))
    account = Account.objects.visible_to(user).filter(pk=pk).first()
    if account is None:
        raise gone
    if pk != int(text):
        notes.append(
            _("The customer was merged meanwhile: the visit stands with %(account)s.") % {"account": account}
        )
    return account


def as_of_now(sent: QueryDict, account: Account | None, now: dt.datetime, notes: list[str]) -> QueryDict:
    """The entry with the device's clock put right, and without what is no longer on record."""
    data = sent.copy()
    if happened_at := _wall_time(sent.get("happened_at", "")):
        moment, off = corrected(
            happened_at,
            device_now=_moment(sent.get("device_now", "")),
            saved_at=_moment(sent.get("saved_at", "")),
            now=now,
        )
        if off:
            data["happened_at"] = timezone.localtime(moment).strftime(WALL_TIME)
            notes.append(_off_by(off))
    people = [pk for pk in sent.getlist("contacts") if pk.isdecimal() and len(pk) <= 17]
    there = {str(pk) for pk in Contact.objects.filter(pk__in=people).values_list("pk", flat=True)}
    if gone := [pk for pk in people if pk not in there]:
        data.setlist("contacts", [pk for pk in sent.getlist("contacts") if pk not in gone])
        notes.append(
            ngettext(
                "%(count)d person whom you met is no longer on record.",
                "%(count)d people whom you met are no longer on record.",
                len(gone),
            )
            % {"count": len(gone)}
        )
    deal = sent.get("opportunity", "")
    if deal and account and not _still_open(deal, account):
        data["opportunity"] = ""
        notes.append(_("The opportunity is closed or gone: the visit was saved without it."))
    return data


def _still_open(text: str, account: Account) -> bool:
    """One of another account is no leftover: the form refuses it."""
    if not text.isdecimal() or len(text) > 17:
        return True
    found = Opportunity.objects.filter(pk=text).values_list("account", "state").first()
    return found is not None and (found[0] != account.pk or found[1] == "open")


def _off_by(off: dt.timedelta) -> str:
    minutes = round(abs(off).total_seconds() / 60)
    if minutes < 120:
        return _("The clock of this device was %(minutes)d minutes off: the time was put right.") % {
            "minutes": minutes
        }
    return _("The clock of this device was %(hours)d hours off: the time was put right.") % {
        "hours": round(minutes / 60)
    }


def _wall_time(text: str) -> dt.datetime | None:
    """What stands in the form's field, in the company's time zone."""
    parsed = _parsed(text)
    return timezone.make_aware(parsed) if parsed and timezone.is_naive(parsed) else parsed


def _moment(text: str) -> dt.datetime | None:
    parsed = _parsed(text)
    return None if parsed is None or timezone.is_naive(parsed) else parsed


def _parsed(text: str) -> dt.datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


def describe(taken: Taken, user: User) -> dict[str, Any]:
    """What the phone is told of a saved entry. An account out of sight by now is not named."""
    visible = Account.objects.visible_to(user).filter(pk=taken.visit.account_id).exists()
    return {
        "state": "saved",
        "visit": taken.visit.pk,
        "created": taken.created,
        "account": str(taken.visit.account) if visible else "",
        "url": taken.visit.account.get_absolute_url() if visible else "",
        "notes": taken.notes,
    }

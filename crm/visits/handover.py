"""An entry whose customer was taken away from the rep: handed to whoever looks after the customer now."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm.attachments.operations import attach
from crm.duplicates.resolve import surviving_account_id
from crm.forms.visits import VisitForm
from crm.models import Account, Attachment, Notice, NoticeKind, Role, User, Visit, VisitKind, VisitOutcome
from crm.visits.operations import log_visit
from crm.visits.queries import contacts_ever
from crm.visits.rules import MAX_FILES
from crm.visits.syncing import Attention, as_of_now, key_of

MESSAGE = gettext_noop("%(author)s hands you a visit to %(account)s")

SHOWN = (
    "happened_at", "kind", "purpose", "outcome", "rating", "note", "competitor_news", "expected_order_amount",
    "expected_order_on", "next_step", "next_step_on",
)  # fmt: skip
CHOICES: dict[str, Any] = {
    "kind": VisitKind.choices,
    "outcome": VisitOutcome.choices,
    "rating": Visit._meta.get_field("rating").choices,
}


@dataclass(frozen=True)
class Handed:
    """A notice with an entry, read by its recipient."""

    notice: Notice
    author: User
    account: Account | None
    entry: QueryDict
    visit: Visit | None

    @property
    def key(self) -> uuid.UUID:
        return uuid.UUID(self.notice.values["client_key"])

    def lines(self) -> list[tuple[str, str]]:
        """What the entry says, for a person to read."""
        account = self.account
        people = (
            contacts_ever(account.pk).filter(pk__in=_numbers(self.entry.getlist("contacts")))
            if account
            else []
        )
        labels = VisitForm(account=None, now=self.notice.created_at).fields
        words = {name: {str(key): str(text) for key, text in choices} for name, choices in CHOICES.items()}
        found = [(str(labels["contacts"].label), ", ".join(map(str, people)))]
        for name in SHOWN:
            text = self.entry.get(name, "")
            shown = text.replace("T", " ") if name == "happened_at" else words.get(name, {}).get(text, text)
            found.append((str(labels[name].label), shown))
        return [(label, text) for label, text in found if text]


def hand_over(
    *, user: User, sent: QueryDict, uploads: Iterable[tuple[uuid.UUID, UploadedFile]], now: dt.datetime
) -> list[Notice]:
    """Send the whole entry to the new owner (else the managers, else the administrators), once per entry.

    Raises Attention or RefusedUpload. The sender is not told who that is, nor whether the customer exists.
    """
    if sent.get("user", "") != str(user.pk):
        raise Attention("other_user", _("Somebody else wrote this entry on this device."))
    key, account, uploads = key_of(sent), _account_of(sent.get("account", "")), list(uploads)
    if len(uploads) > MAX_FILES:
        raise Attention("invalid", _("At most %(most)d files go with one visit.") % {"most": MAX_FILES})
    data = as_of_now(sent, account, now, [])
    known = contacts_ever(account.pk).filter(pk__in=_numbers(data.getlist("contacts"))) if account else ()
    data.setlist("contacts", [str(person.pk) for person in known])
    data["opportunity"] = ""
    form = VisitForm(data, account=account, now=now, late=True)
    if not form.is_valid():
        errors = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
        raise Attention("invalid", _("Something in this entry must be put right first."), errors)
    files = [str(_keep(file_key, upload, account, user).client_key) for file_key, upload in uploads]
    names = {name for name in data if name in form.fields or name.startswith("stance-")}
    values = {
        "author": str(user),
        "author_id": user.pk,
        "account": str(account or sent.get("account_name", "")[:200]),
        "account_id": account.pk if account else None,
        "client_key": str(key),
        "entry": {name: data.getlist(name) for name in sorted(names)},
        "files": files,
    }
    with transaction.atomic():
        return [_notify(person, f"visit:{key}", account, values) for person in _recipients(account, user)]


def _keep(key: uuid.UUID, upload: UploadedFile, account: Account | None, user: User) -> Attachment:
    if account is None:
        raise Attention("not_yours", _("There is nobody to send photos to. Save them on the device first."))
    return attach(account=account, user=user, upload=upload, client_key=key)


def _notify(person: User, key: str, account: Account | None, values: dict[str, Any]) -> Notice:
    defaults = {"kind": NoticeKind.SYNC, "account": account, "message": MESSAGE, "values": values}
    notice, created = Notice.objects.get_or_create(recipient=person, key=key, defaults=defaults)
    if created:
        notice.path = reverse("crm:visit-handed", args=[notice.pk])
        notice.save(update_fields=["path"])
    return notice


def _recipients(account: Account | None, sender: User) -> list[User]:
    """The owner; else the managers nearest above; else the administrators."""
    if account and account.owner and account.owner.is_active:
        return [account.owner]
    paths = [account.territory.path] if account and account.territory else sender.territory_paths
    above = Q(pk__in=[])
    for path in paths:
        steps = path.split(".")[:-1]
        above |= Q(
            territories__path__in=[".".join(steps[:depth]) + "." for depth in range(1, len(steps) + 1)]
        )
    active = User.objects.filter(is_active=True).exclude(pk=sender.pk)
    managers = list(active.filter(above, role=Role.MANAGER).distinct().order_by("pk"))
    return managers or list(active.filter(role=Role.ADMINISTRATOR).order_by("pk"))


def _account_of(text: str) -> Account | None:
    """Out of the sender's sight on purpose: nothing about it goes back."""
    if not text.isdecimal() or len(text) > 17:
        return None
    found = Account.objects.filter(pk=surviving_account_id(int(text)))
    return found.select_related("owner", "territory").first()


def _numbers(texts: Iterable[str]) -> list[int]:
    return [int(text) for text in texts if text.isdecimal() and len(text) <= 17]


def handed(notice: Notice, reader: User) -> Handed:
    """The entry as its recipient sees it; without an account where that is out of the reader's sight."""
    values = notice.values
    entry = QueryDict(mutable=True)
    for name, texts in values["entry"].items():
        entry.setlist(name, texts)
    account = _account_of(str(values["account_id"] or ""))
    if account and not Account.objects.visible_to(reader).filter(pk=account.pk).exists():
        account = None
    visit = Visit.objects.visible_to(reader).filter(client_key=values["client_key"]).first()
    return Handed(notice, User.objects.get(pk=values["author_id"]), account, entry, visit)


@transaction.atomic
def put_on_record(*, entry: Handed, now: dt.datetime) -> Visit:
    """The recipient takes the entry over as its author's visit, with the photos that came along."""
    if entry.account is None:
        raise Attention("not_yours", _("This customer is not among yours."))
    form = VisitForm(entry.entry, account=entry.account, now=now, late=True)
    if not form.is_valid():
        errors = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
        raise Attention("invalid", _("Something in this entry must be put right first."), errors)
    visit: Visit = form.save(commit=False)
    visit.account, visit.user, visit.client_key = entry.account, entry.author, entry.key
    saved, _created = log_visit(visit=visit, user=entry.author, **form.details())
    photos = Attachment.objects.filter(client_key__in=entry.notice.values["files"], account=entry.account)
    photos.filter(visit=None).update(visit=saved)
    return saved

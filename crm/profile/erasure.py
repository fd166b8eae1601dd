"""Erasing a person: the personal details alone, or everything that tells who it was. There is no way back."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from crm.models import (
    AccountPhone,
    Attachment,
    Comment,
    Complaint,
    Contact,
    DecisionStep,
    IdempotencyKey,
    ImportRejection,
    ImportReplacement,
    Influence,
    MergedRows,
    Notice,
    Observation,
    Opportunity,
    OpportunityChange,
    PersonalDataUse,
    PersonalDetails,
    PlannedVisit,
    Position,
    StanceChange,
    Task,
    User,
    Visit,
)
from crm.operations import RefusedError
from crm.profile.personal import note_use, positions_elsewhere

ERASED_NAME, ERASED_NAME_ENGLISH = "已删除的联系人", "Erased person"

# Free text that hangs on an account and may name its people.
TEXTS: tuple[tuple[type[models.Model], str, tuple[str, ...]], ...] = (
    (Visit, "account", ("purpose", "note", "next_step", "competitor_news")),
    (Complaint, "account", ("subject", "description", "resolution")),
    (Comment, "account", ("text",)),
    (Task, "account", ("title", "note")),
    (PlannedVisit, "account", ("purpose",)),
    (Observation, "account", ("title", "detail", "source")),
    (Opportunity, "account", ("name", "note", "close_note")),
    (OpportunityChange, "opportunity__account", ("note",)),
    (DecisionStep, "process__account", ("name", "criterion")),
    (StanceChange, "position__account", ("note",)),
    (Influence, "source__account", ("note",)),
    (Attachment, "account", ("name",)),
    (AccountPhone, "account", ("label",)),
)


@transaction.atomic
def erase_details(*, contact: Contact, user: User) -> None:
    """The sensitive fields are gone, the business contact stays."""
    PersonalDetails.objects.filter(contact=contact).delete()
    note_use(contact, user, PersonalDataUse.ERASE)


@dataclass(frozen=True)
class Erased:
    """How many texts named the person and were changed."""

    texts: int


@transaction.atomic
def erase_person(*, contact: Contact, user: User, today: dt.date) -> Erased:
    """What is left is that somebody held these positions and was met. Logged; the log names nobody.

    RefusedError where the person also holds a position at an account out of the user's sight.
    """
    contact = Contact.objects.select_for_update().get(pk=contact.pk)
    if positions_elsewhere(contact, user):
        raise RefusedError
    words = [word for word in (contact.name, contact.english_name) if word]
    traces = [
        word
        for word in (*words, contact.email, contact.phone, contact.mobile, contact.wechat)
        if len(word) > 1
    ]
    positions = Position.objects.filter(contact=contact)
    accounts = list(positions.values_list("account", flat=True))
    _forget_copies(contact, positions, traces)
    PersonalDetails.objects.filter(contact=contact).delete()
    StanceChange.objects.filter(position__in=positions).update(note="")
    Influence.objects.filter(Q(source__in=positions) | Q(target__in=positions)).update(note="")
    changed = _forget_in_texts(accounts, words, contact)
    positions.filter(Q(left_on__isnull=True) | Q(left_on__gt=today)).update(left_on=today)
    positions.update(title="", is_primary=False)
    # Not save(): nothing of the person is to be found by search any more.
    Contact.objects.filter(pk=contact.pk).update(
        name=ERASED_NAME,
        english_name=ERASED_NAME_ENGLISH,
        email="",
        phone="",
        mobile="",
        wechat="",
        note="",
        search_text="",
        source="",
        external_id="",
    )
    note_use(contact, user, PersonalDataUse.ERASE)
    return Erased(changed)


def _forget_copies(contact: Contact, positions: Any, traces: list[str]) -> None:
    """Copies kept for retries and for undoing: answers of the API, rows before an import, refused rows, merges."""
    ImportReplacement.objects.filter(table="crm_contact", row_id=contact.pk).delete()
    ids = list(positions.values_list("pk", flat=True))
    ImportReplacement.objects.filter(table="crm_position", row_id__in=ids).delete()
    for trace in traces:
        cells = Q(value__contains=trace) | Q(original__contains=[trace])
        ImportRejection.objects.filter(cells, batch__kind="contacts").delete()
    _forget_answers(traces)
    for merge in MergedRows.objects.filter(displaced__contains=[{"row": {"contact_id": contact.pk}}]):
        for entry in merge.displaced:
            if entry.get("row", {}).get("contact_id") == contact.pk:
                entry["row"]["title"] = ""
                entry.get("filled", {}).pop("title", None)
        merge.save(update_fields=["displaced"])


def _forget_answers(traces: list[str]) -> None:
    """Answers of the API to whoever entered people: the key stays, so that a retry still enters nobody twice."""
    said = [json.dumps(trace, ensure_ascii=False) for trace in traces]
    if not said:
        return
    name = Q(body__contains='"positions"') & Q(body__contains=f'"name":{said[0]}')
    for answer in IdempotencyKey.objects.filter(name):
        for word in said:
            answer.body = answer.body.replace(word, '"…"')
        answer.save(update_fields=["body"])


def _forget_in_texts(accounts: list[int], words: list[str], contact: Contact) -> int:
    """Put "erased" for the full name in what was written about these accounts; returns how many rows."""
    patterns = [re.compile(_pattern(word, accounts, contact)) for word in words if len(word) > 1]
    changed = 0
    for model, path, fields in TEXTS:
        named = Q()
        for field in fields:
            for word in words:
                named |= Q(**{f"{field}__contains": word})
        rows: Any = model._default_manager.filter(named, **{f"{path}__in": accounts})
        for row in rows:
            before = [getattr(row, field) for field in fields]
            for field, text in zip(fields, before, strict=True):
                setattr(row, field, _crossed_out(text, patterns))
            if before != [getattr(row, field) for field in fields]:
                # save(): what is folded for search follows the text.
                row.save()
                _forget_readings(row)
                changed += 1
    _forget_in_notices(accounts, patterns)
    return changed


def _forget_readings(row: models.Model) -> None:
    """What upper floors derived from the old text (and quote): they derive it again from the new one."""
    for relation in row._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ForeignObjectRel) and relation.related_model._meta.app_label != "crm":
            relation.related_model._base_manager.filter(**{relation.field.name: row}).delete()


def _forget_in_notices(accounts: list[int], patterns: list[re.Pattern[str]]) -> None:
    for notice in Notice.objects.filter(account__in=accounts).exclude(values={}):
        values = {
            key: _crossed_out(value, patterns) if isinstance(value, str) else value
            for key, value in notice.values.items()
        }
        if values != notice.values:
            notice.values = values
            notice.save(update_fields=["values"])


def _crossed_out(text: str, patterns: list[re.Pattern[str]]) -> str:
    for pattern in patterns:
        text = pattern.sub("…", text)
    return text


def _pattern(word: str, accounts: list[int], contact: Contact) -> str:
    """The name as a word of its own; not where it is a part of a colleague's longer name."""
    others = Contact.objects.filter(positions__account__in=accounts).exclude(pk=contact.pk)
    longer = {
        name
        for pair in others.values_list("name", "english_name")
        for name in pair
        if name != word and word in name
    }
    edge = r"\b" if word.isascii() else ""
    pattern = f"{edge}{re.escape(word)}{edge}"
    for name in longer:
        before, _word, after = name.partition(word)
        if before:
            pattern = f"(?<!{re.escape(before)}){pattern}"
        if after:
            pattern = f"{pattern}(?!{re.escape(after)})"
    return pattern


def mentions(contact: Contact) -> int:
    """How many texts about the person's accounts hold the full name."""
    words = [word for word in (contact.name, contact.english_name) if len(word) > 1]
    accounts = list(Position.objects.filter(contact=contact).values_list("account", flat=True))
    count = 0
    for model, path, fields in TEXTS:
        named = Q(pk__in=[])
        for field in fields:
            for word in words:
                named |= Q(**{f"{field}__contains": word})
        count += model._default_manager.filter(named, **{f"{path}__in": accounts}).count()
    return count

"""Everything that is kept about one person, as sections of plain rows: for the person's own right to a copy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.models import Account, Contact, PersonalDataLog, Position, StanceChange, User
from crm.profile.personal import FIELDS, details_of, positions_elsewhere

CONTACT_FIELDS = ("name", "english_name", "email", "phone", "mobile", "wechat", "note")


def person_data(contact: Contact, user: User) -> dict[str, Any]:
    """JSON values by section. Accounts out of the user's sight are counted, not named."""
    visible = Account.objects.visible_to(user)
    positions = Position.objects.filter(contact=contact, account__in=visible)
    stances = StanceChange.objects.filter(position__in=positions).select_related("position__account", "user")
    visits = contact.visits.filter(account__in=visible).select_related("account", "user")
    complaints = contact.complaints.filter(account__in=visible).select_related("account")
    details = details_of(contact)
    log = PersonalDataLog.objects.filter(contact_number=contact.pk).select_related("user")
    return {
        "contact": {name: getattr(contact, name) for name in CONTACT_FIELDS}
        | {"created_at": contact.created_at, "updated_at": contact.updated_at},
        "personal_details": {name: getattr(details, name) for name in FIELDS} if details.updated_at else None,
        "positions": [
            {
                "account": position.account.name,
                "title": position.title,
                "department": position.department,
                "unit": position.unit.name if position.unit else None,
                "level": position.get_level_display() if position.level else None,
                "decision_role": position.get_decision_role_display(),
                "influence": position.influence,
                "stance": None if position.stance is None else position.get_stance_display(),
                "stance_noted_on": position.stance_noted_on,
                "faction": position.faction.name if position.faction else None,
                "left_on": position.left_on,
            }
            for position in positions.select_related("account", "unit", "faction").order_by("pk")
        ],
        "positions_not_shown": positions_elsewhere(contact, user),
        "parts_in_buying_processes": [
            {
                "account": part.process.account.name,
                "process": part.process.name,
                "decision_role": part.get_decision_role_display(),
                "influence": part.influence,
                "stance": None if part.stance is None else part.get_stance_display(),
            }
            for position in positions.prefetch_related("participations__process__account").order_by("pk")
            for part in position.participations.all()
        ],
        "stances": [
            {
                "account": change.position.account.name,
                "stance": change.get_stance_display(),
                "noted_on": change.noted_on,
                "source": change.get_source_display(),
                "note": change.note,
                "by": str(change.user),
            }
            for change in stances.order_by("noted_on", "pk")
        ],
        "visits": [
            {
                "account": visit.account.name,
                "happened_at": visit.happened_at,
                "kind": visit.get_kind_display(),
                "purpose": visit.purpose,
                "note": visit.note,
                "by": str(visit.user),
            }
            for visit in visits.order_by("happened_at", "pk")
        ],
        "complaints": [
            {
                "account": complaint.account.name,
                "opened_on": complaint.opened_on,
                "subject": complaint.subject,
                "description": complaint.description,
            }
            for complaint in complaints.order_by("opened_on", "pk")
        ],
        "log": [
            {"at": entry.at, "use": entry.get_use_display(), "by": str(entry.user)}
            for entry in log.order_by("at", "pk")
        ],
    }


def headers() -> list[str]:
    return [_("Section"), _("Row"), _("Field"), _("Value")]


def sections() -> dict[str, str]:
    return {
        "contact": _("Contact data"),
        "personal_details": _("Personal details"),
        "positions": _("Positions"),
        "positions_not_shown": _("Positions at accounts of other teams (number)"),
        "parts_in_buying_processes": _("Parts in buying processes"),
        "stances": _("Stances"),
        "visits": _("Visits"),
        "complaints": _("Complaints"),
        "log": _("Uses of the personal details"),
    }


def as_rows(data: dict[str, Any]) -> Iterator[list[Any]]:
    """The same as a table: section, number of the row in it, field, value."""
    titles, words = sections(), _field_words()
    for section, content in data.items():
        if not isinstance(content, dict | list):
            if content:
                yield [titles[section], 1, None, content]
            continue
        for number, row in enumerate(content if isinstance(content, list) else [content], 1):
            for name, value in row.items():
                if value not in (None, ""):
                    yield [titles[section], number, words.get(name, name), value]


def _field_words() -> dict[str, str]:
    from crm.models import Complaint, PersonalDetails, Visit

    found = {}
    for model in (Complaint, Visit, StanceChange, Position, PersonalDetails, Contact):
        for field in model._meta.get_fields():
            if hasattr(field, "verbose_name"):
                found[field.name] = str(capfirst(field.verbose_name))
    return found | {"by": _("By"), "at": _("When"), "use": _("What was done"), "process": _("Buying process")}

"""System checks: every contribution named in settings imports, is unique, and has its template."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from crm.access import CAPABILITIES
from crm.panels import load

SLOTS = (
    "CRM_ACCOUNT_PANELS",
    "CRM_ACCOUNT_COLUMNS",
    "CRM_ACCOUNT_FILTERS",
    "CRM_HOME_CARDS",
    "CRM_NAVIGATION",
)


@register()
def check_slots(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    for slot in SLOTS:
        try:
            entries = load(slot)
        except (ImportError, TypeError) as error:
            problems.append(Error(f"{slot}: {error}", id="crm.E001"))
            continue
        slugs = [entry.slug for entry in entries if hasattr(entry, "slug")]
        if len(slugs) != len(set(slugs)):
            problems.append(Error(f"{slot} names the same slug twice: {slugs}", id="crm.E002"))
        for entry in entries:
            problems += _check_entry(slot, entry)
    if settings.TIME_ZONE == "":
        problems.append(
            Error("TIME_ZONE is empty: the local date decides the day of a trade.", id="crm.E005")
        )
    return problems


def _check_entry(slot: str, entry: Any) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    name = f"{slot}: {type(entry).__name__}"
    template_name = getattr(entry, "template_name", None)
    if template_name:
        try:
            get_template(template_name)
        except TemplateDoesNotExist:
            problems.append(Error(f"{name} names a missing template {template_name}", id="crm.E003"))
    capability = getattr(entry, "capability", "view_accounts")
    if capability not in CAPABILITIES:
        problems.append(Error(f"{name} asks for an unknown capability {capability!r}", id="crm.E004"))
    return problems

"""Which accounts a model is for, as choices for the editor and in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from crm.models import Account, AccountKind, Territory
from segmentation.models import ScoringModel

MOST_INDUSTRIES = 200


def scope_choices(scope: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What can be chosen, with what is. Two queries."""
    territories = [
        (territory.pk, f"{'– ' * territory.depth}{territory}")
        for territory in Territory.objects.order_by("path")
    ]
    industries = Account.objects.exclude(industry="").order_by("industry").values_list("industry", flat=True)
    listed = list(industries.distinct()[:MOST_INDUSTRIES])
    return [
        _choice("territories", _("Territories"), territories, scope),
        _choice("industries", _("Industries"), [(name, name) for name in listed], scope),
        _choice("kinds", _("Kinds of account"), AccountKind.choices, scope),
    ]


def _choice(name: str, label: str, options: list[Any], scope: Mapping[str, Any]) -> dict[str, Any]:
    chosen = set(scope.get(name, []))
    return {
        "name": name,
        "label": label,
        "options": [{"value": value, "label": text, "chosen": value in chosen} for value, text in options],
    }


def scope_text(model: ScoringModel, scope: Mapping[str, Any]) -> str:
    """ "South; Pumps, Steel": everything that narrows it; the default model is for all others."""
    if model.is_default:
        return _("All accounts that no other model is for")
    parts = []
    if scope.get("territories"):
        found = Territory.objects.filter(pk__in=scope["territories"]).order_by("path")
        parts.append(", ".join(str(territory) for territory in found) or _("a territory that is gone"))
    if scope.get("industries"):
        parts.append(", ".join(scope["industries"]))
    if scope.get("kinds"):
        names = dict(AccountKind.choices)
        parts.append(", ".join(str(names.get(kind, kind)) for kind in scope["kinds"]))
    return "; ".join(parts) or _("All accounts")

"""What the pages say about duplicates, merges and their undo, in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.duplicates.fields import TOGETHER
from crm.duplicates.merging import MergeRefused
from crm.duplicates.returning import model_of
from crm.models import Account, AccountMerge
from crm.templatetags.ui import MISSING, day

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from crm.models import User

# Tone and words of each reason, the strongest first.
REASONS: dict[str, tuple[str, _StrPromise]] = {
    "same_registration": ("red", gettext_lazy("Same registration number")),
    "same_name": ("orange", gettext_lazy("Same name but for the legal form")),
    "same_sound": ("orange", gettext_lazy("Sounds the same")),
    "same_phone": ("yellow", gettext_lazy("Same phone")),
    "other_registration": ("green", gettext_lazy("Different registration numbers")),
    "other_city": ("secondary", gettext_lazy("Different cities")),
}


def reasons(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(tone, words) of what speaks for a pair and against it."""
    shown = [(tone, str(words)) for name, (tone, words) in REASONS.items() if found.get(name)]
    similarity = found.get("similarity")
    if similarity is not None and not (found.get("same_name") or found.get("same_sound")):
        shown.insert(0, ("yellow", _("Names %(percent)d%% alike") % {"percent": round(similarity * 100)}))
    # Two names that sound the same because they are the same need not say so twice.
    if found.get("same_name"):
        shown = [entry for entry in shown if entry[1] != str(REASONS["same_sound"][1])]
    return shown


def refusal(refused: MergeRefused) -> str:
    if refused.code == "merged_already":
        return _("%(account)s has been merged into another account meanwhile.") % {"account": refused.account}
    if refused.code == "merged_further":
        return _("%(account)s has itself been merged into another account since. Undo that merge first.") % {
            "account": refused.account
        }
    sentences = {
        "itself": _("An account cannot be merged with itself."),
        "gone": _("One of the two accounts does not exist any more."),
        "changed": _("Somebody changed one of the two accounts meanwhile. Look again before you merge."),
        "undone": _("This merge has been undone already."),
        "in_the_way": _("Something entered since stands in the way of the undo. Nothing was changed."),
    }
    return sentences[refused.code]


def leftover(entry: Mapping[str, Any]) -> str:
    """What an undo could not bring back."""
    if entry["code"] == "field":
        name = label(entry["name"])
        return _("%(field)s was changed since the merge and stays as it is.") % {"field": name}
    model = model_of(entry["table"])
    title = str(model._meta.verbose_name_plural) if model else entry["table"]
    if entry["code"] == "rows":
        sentence = ngettext(
            "%(title)s: one row was deleted or moved since and stays where it is.",
            "%(title)s: %(count)d rows were deleted or moved since and stay where they are.",
            entry["count"],
        )
        return sentence % {"title": capfirst(title), "count": entry["count"]}
    if entry["code"] == "row_field":
        return _("%(title)s: a value was changed since and stays as it is.") % {"title": capfirst(title)}
    return _("%(title)s: a row could not come back, because what it belongs to was deleted.") % {
        "title": capfirst(title)
    }


def moved(merge: AccountMerge) -> list[tuple[str, int, int]]:
    """(kind, rows that moved, rows put away because the kept account had their like), of a merge."""
    rows: dict[str, list[int]] = {}
    for table, gone, away in merge.rows.order_by("pk").values_list("table", "moved", "displaced"):
        sums = rows.setdefault(table, [0, 0])
        sums[0] += len(gone)
        sums[1] += len(away)
    return [
        (capfirst(str(model._meta.verbose_name_plural)), gone, away)
        for table, (gone, away) in rows.items()
        if (model := model_of(table))
    ]


def label(name: str) -> str:
    if name in {part for parts in TOGETHER.values() for part in parts}:
        return _("Place on the map")
    return capfirst(str(Account._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


class Speaker:
    """Values of account fields as the reader may see them. What they refer to is fetched at once."""

    def __init__(self, user: User, values: Sequence[tuple[str, Any]]) -> None:
        self.named: dict[str, dict[Any, Any]] = {}
        for name in {name for name, _value in values}:
            field = _field(name)
            if isinstance(field, models.ForeignKey):
                ids = {value for other, value in values if other == name and value is not None}
                rows = field.related_model._default_manager.all()
                if field.related_model is Account:
                    rows = Account.objects.visible_to(user)
                self.named[name] = rows.in_bulk(ids)

    def text(self, name: str, value: Any) -> str:
        if value in (None, "", {}):
            return MISSING
        if name in self.named:
            return str(self.named[name].get(value) or _("An account out of your sight"))
        if isinstance(value, tuple):
            return ", ".join(f"{part:f}" for part in value)
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if isinstance(value, Decimal):
            return f"{value:,f}"
        if isinstance(value, dt.date):
            return day(value)
        if isinstance(value, dict):
            return "; ".join(f"{key}: {entry}" for key, entry in sorted(value.items()))
        choices = dict(_field(name).flatchoices)
        return str(choices.get(value, value))


def _field(name: str) -> models.Field[Any, Any]:
    return Account._meta.get_field(name)  # type: ignore[return-value]

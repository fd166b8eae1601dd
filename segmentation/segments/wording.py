"""Rules and their defects in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.models import User
from crm.templatetags.ui import number
from segmentation.segments.fields import NONE, Field
from segmentation.segments.rules import CHOICE, VALUES, Condition, Node, RuleProblem

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MATCH_NAMES: dict[str, _StrPromise] = {
    "all": gettext_lazy("All of these"),
    "any": gettext_lazy("Any of these"),
    "none": gettext_lazy("None of these"),
}
OPERATOR_NAMES: dict[str, _StrPromise] = {
    "ge": gettext_lazy("at least"),
    "gt": gettext_lazy("more than"),
    "le": gettext_lazy("at most"),
    "lt": gettext_lazy("less than"),
    "between": gettext_lazy("between"),
    "known": gettext_lazy("is known"),
    "unknown": gettext_lazy("is not known"),
    "in": gettext_lazy("is one of"),
    "not_in": gettext_lazy("is none of"),
}
WINDOWS: dict[int, _StrPromise] = {
    30: gettext_lazy("30 days"),
    90: gettext_lazy("90 days"),
    180: gettext_lazy("180 days"),
    365: gettext_lazy("1 year"),
    730: gettext_lazy("2 years"),
    1096: gettext_lazy("3 years"),
    1826: gettext_lazy("5 years"),
}
UNITS: dict[str, str | _StrPromise] = {
    "percent": "%",
    "days": pgettext_lazy("unit", "days"),
    "years": pgettext_lazy("unit", "years"),
    "mark": gettext_lazy("of 5"),
    "index": gettext_lazy("of 100"),
}


def unit_of(found: Field) -> str:
    return settings.REPORTING_CURRENCY if found.unit == "money" else str(UNITS.get(found.unit, ""))


@dataclass
class Labels:
    """What choices are called, each field asked for once; what the reader may not see has no name."""

    user: User
    fields: Mapping[str, Field]
    _known: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def options(self, key: str) -> list[tuple[str, str]]:
        if key not in self._known:
            offered = self.fields[key].options(self.user)
            self._known[key] = [*((value, str(name)) for value, name in offered), (NONE, _("not known"))]
        return self._known[key]

    def names(self, condition: Condition) -> list[str]:
        names = dict(self.options(condition.field))
        return [names.get(str(value), "…").strip() for value in condition.values]


@dataclass(frozen=True)
class Said:
    """A group with what is in it, or one condition."""

    text: str
    parts: Sequence[Said] = ()
    broken: bool = False


def say(node: Node, labels: Labels) -> Said:
    if isinstance(node, Condition):
        found = labels.fields.get(node.field)
        if found is None:
            return Said(_("a field that is gone: %(field)s") % {"field": node.field}, broken=True)
        return Said(_condition(node, found, labels))
    return Said(str(MATCH_NAMES[node.match]), tuple(say(child, labels) for child in node.nodes))


def _condition(node: Condition, found: Field, labels: Labels) -> str:
    title = str(found.title)
    if found.windowed:
        window = WINDOWS.get(node.window, _("%(days)s days") % {"days": node.window})
        title = _("%(figure)s (%(window)s)") % {"figure": title, "window": window}
    operator = str(OPERATOR_NAMES.get(node.op, node.op))
    if found.kind == CHOICE:
        return f"{title} {operator} {_(', ').join(labels.names(node))}"
    values = [_figure(value) for value in node.values[: VALUES.get(node.op, 0)]]
    unit = unit_of(found) if values else ""
    return " ".join(filter(None, [title, operator, " – ".join(values), unit]))


def _figure(value: Any) -> str:
    if not isinstance(value, int | float):
        return str(value)
    return number(value, 0 if float(value).is_integer() else 2)


def problem_text(problem: RuleProblem) -> str:
    texts = {
        "empty_group": _("A group without conditions: add one or take the group out."),
        "unknown_field": _("There is no field %(field)s."),
        "field_removed": _(
            "The further field %(field)s was removed: choose another or take the condition out."
        ),
        "operator_unknown": _("Choose how to compare."),
        "number_missing": _("A number is missing."),
        "number_invalid": _("“%(text)s” is not a number."),
        "limits_reversed": _("The first limit is above the second."),
        "choice_missing": _("Choose at least one."),
        "window_invalid": _("The window must be between 1 day and 10 years."),
        "too_deep": _("Groups go at most %(most)s levels deep."),
        "too_many": _("A rule has at most %(most)s conditions."),
    }
    params = {key: str(value).removeprefix("custom:") for key, value in problem.params.items()}
    return texts[problem.code] % params

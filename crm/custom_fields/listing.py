"""Further fields in the account list: a column each, and filters by what accounts hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.db.models import Case, DecimalField, F, JSONField, Q, TextField, Value, When
from django.db.models.expressions import Expression, Func
from django.db.models.lookups import Exact
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from crm.custom_fields.values import PREFIX, is_number, text_of, titled
from crm.models import CustomFieldKind
from crm.panels import ListColumn, ListFilter
from crm.templatetags.ui import MISSING, number

if TYPE_CHECKING:
    from django.http import QueryDict
    from django.utils.functional import _StrPromise

    from crm.models import Account, CustomField, User
    from crm.models.accounts import AccountQuerySet

# Codes have no point: no field's own slug ends so.
FROM, TO = ".from", ".to"
# No choice's value begins with a point.
EMPTY = ".empty"
ORDERED = (CustomFieldKind.NUMBER, CustomFieldKind.DATE)
SHOWN_CHARACTERS = 60
LONGEST_SEARCH = 100


def is_further(slug: str) -> bool:
    """Whether a parameter of the list's address is about a further field."""
    return slug.startswith(PREFIX)


def text_in_row(field: CustomField) -> Func:
    return Func(F("custom"), Value(field.code), function="jsonb_extract_path_text", output_field=TextField())


def ordered_in_row(field: CustomField) -> Expression:
    """The number, or the day as text that sorts by time; NULL for what other systems left there."""
    value = Func(F("custom"), Value(field.code), function="jsonb_extract_path", output_field=JSONField())
    kind = Func(value, function="jsonb_typeof", output_field=TextField())
    if field.kind == CustomFieldKind.NUMBER:
        number = Func(text_in_row(field), template="(%(expressions)s)::numeric", output_field=DecimalField())
        return Case(When(Exact(kind, Value("number")), then=number))
    return Case(When(Exact(kind, Value("string")), then=text_in_row(field)))


class FurtherColumn(ListColumn):
    """What an account holds stands in its row: only the order asks the database for it."""

    on_demand = True
    reads = ("custom",)

    def __init__(self, field: CustomField) -> None:
        self.field = field
        self.slug = f"{PREFIX}{field.code}"
        self.title = titled(field)
        if field.kind in ORDERED:
            self.sort = f"further_{field.pk}"
        if field.kind == CustomFieldKind.NUMBER:
            self.align = "end"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.alias(**{self.sort: ordered_in_row(self.field)}) if self.sort else accounts

    def _value(self, account: Account) -> Any:
        value = (account.custom or {}).get(self.field.code)
        return None if value == "" else value

    def cell(self, account: Account) -> str:
        value = self._value(account)
        if value is None:
            return MISSING
        if _is_number(self.field, value):
            # The unit stands in the column's head.
            return number(value, 0 if float(value).is_integer() else 2)
        text = text_of(self.field, value)
        if len(text) <= SHOWN_CHARACTERS:
            return text
        return format_html('<span title="{}">{}</span>', text, Truncator(text).chars(SHOWN_CHARACTERS))

    def export_value(self, account: Account) -> Any:
        value = self._value(account)
        if value is None or _is_number(self.field, value):
            return value
        if self.field.kind == CustomFieldKind.DATE:
            try:
                return dt.date.fromisoformat(str(value))
            except ValueError:
                return str(value)
        return text_of(self.field, value)


def _is_number(field: CustomField, value: Any) -> bool:
    return field.kind == CustomFieldKind.NUMBER and is_number(value)


class _FurtherFilter(ListFilter):
    def __init__(self, field: CustomField) -> None:
        self.field = field
        self.slug = f"{PREFIX}{field.code}"
        self.title = titled(field)

    def value_of(self, parameters: QueryDict) -> str:
        return super().value_of(parameters).replace("\0", "").strip()


class ChoiceFilter(_FurtherFilter):
    """One of the values chosen, or (with EMPTY) nothing at all."""

    def __init__(self, field: CustomField) -> None:
        super().__init__(field)
        self.control = "several" if field.kind == CustomFieldKind.CHOICE else "select"

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        if self.field.kind == CustomFieldKind.YES_NO:
            offered = [("true", _("Yes")), ("false", _("No"))]
        else:
            offered = [(value, self.field.label_of(value)) for value in self.field.marks]
        return [*offered, (EMPTY, _("Not filled in"))]

    def value_of(self, parameters: QueryDict) -> str:
        """Several of them with commas between, as one parameter or as many."""
        return ",".join(value for value in parameters.getlist(self.slug) if value)

    def words(self, value: str) -> str:
        labels = {
            **{choice: self.field.label_of(choice) for choice in self.field.marks},
            EMPTY: _("Not filled in"),
        }
        return _(", ").join(labels.get(part, part) for part in value.split(","))

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        name = f"further_{self.field.pk}_text"
        known = {"true", "false"} if self.field.kind == CustomFieldKind.YES_NO else set(self.field.marks)
        wanted = Q(**{f"{name}__in": [part for part in value.split(",") if part in known]})
        if EMPTY in value.split(","):
            wanted |= Q(**{f"{name}__isnull": True}) | Q(**{name: ""})
        return accounts.alias(**{name: text_in_row(self.field)}).filter(wanted)


class TextFilter(_FurtherFilter):
    """A part of the text, large letters or small."""

    control = "text"

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        name = f"further_{self.field.pk}_text"
        text = {f"{name}__icontains": value[:LONGEST_SEARCH]}
        return accounts.alias(**{name: text_in_row(self.field)}).filter(**text)


class BoundFilter(_FurtherFilter):
    """The least or the greatest number, the first or the last day."""

    def __init__(self, field: CustomField, end: str) -> None:
        super().__init__(field)
        self.lookup = "gte" if end == FROM else "lte"
        self.slug += end
        if field.kind == CustomFieldKind.NUMBER:
            self.control = "number"
            title = _("%(field)s, at least") if end == FROM else _("%(field)s, at most")
        else:
            self.control = "date"
            title = _("%(field)s, from") if end == FROM else _("%(field)s, until")
        self.title = title % {"field": titled(field)}

    def _bound(self, value: str) -> Decimal | str | None:
        """None for what is no number or day."""
        try:
            if self.control == "number":
                found = Decimal(value)
                return found if found.is_finite() and abs(found.adjusted()) < 400 else None
            return dt.date.fromisoformat(value).isoformat()
        except (InvalidOperation, ValueError):
            return None

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        bound = self._bound(value)
        if bound is None:
            return accounts.none()
        name = f"further_{self.field.pk}_{self.lookup}"
        return accounts.alias(**{name: ordered_in_row(self.field)}).filter(
            **{f"{name}__{self.lookup}": bound}
        )


class GoneFilter(ListFilter):
    """An old address or view asks for a field that is archived or deleted: nothing rather than everybody."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.title = slug.removeprefix(PREFIX).removesuffix(FROM).removesuffix(TO)

    def words(self, value: str) -> str:
        return _("this field is no longer in use")

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        return accounts.none()


def columns_of(fields: Iterable[CustomField]) -> list[ListColumn]:
    return [FurtherColumn(field) for field in fields]


def filters_of(fields: Iterable[CustomField]) -> list[ListFilter]:
    found: list[ListFilter] = []
    for field in fields:
        if field.kind in ORDERED:
            found += [BoundFilter(field, FROM), BoundFilter(field, TO)]
        else:
            found.append(TextFilter(field) if field.kind == CustomFieldKind.TEXT else ChoiceFilter(field))
    return found


def filters_named(fields: Iterable[CustomField], parameters: QueryDict) -> list[ListFilter]:
    """Those that an address may mean, and one for each name that is no field's."""
    known = filters_of(fields)
    slugs = {entry.slug for entry in known}
    gone = [GoneFilter(name) for name in parameters if is_further(name) and name not in slugs]
    return [*known, *gone]

"""What a rule may name: every indicator, and the fields of an account that are choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from crm.account_filters import indented, offered_territories
from crm.models import Account, AccountKind, CustomField, CustomFieldKind, User
from crm.models.accounts import AccountChannel
from lifecycle.wording import LEVELS, STAGES
from satisfaction.wording import CLASSES
from segmentation.indicators.catalogue import BUILT_IN, custom_kinds
from segmentation.indicators.fields import CUSTOM, quoted
from segmentation.queries import grade_names
from segmentation.segments.rules import CHOICE, NUMBER, Known

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Text = str | _StrPromise

FIGURES, ACCOUNT, FURTHER = "figures", "account", "further"
GROUPS: dict[str, Text] = {FIGURES: _("Figures"), ACCOUNT: _("Account"), FURTHER: _("Further fields")}
# The key of "nothing chosen": a value like any other.
NONE = ""
MOST_WORDS = 300
TIERS: dict[int, Text] = {
    0: _("High lifetime value"),
    1: _("Medium lifetime value"),
    2: _("Low lifetime value"),
}

Options = Sequence[tuple[str, "Text"]]
# What a reader may choose among.
Offer = Callable[[User], Options]


@dataclass(frozen=True)
class Field:
    key: str
    title: Text
    kind: str
    group: str
    unit: str = ""
    windowed: bool = False
    # Of a choice: the SQL that reads its key as text (accounts `a`, figures as joined in `reading`).
    sql: str = ""
    options: Offer = lambda user: ()

    @property
    def known(self) -> Known:
        return Known(self.kind, 100.0 if self.unit == "percent" else 1.0)


def _fixed(options: Options) -> Offer:
    return lambda user: options


def _of_enum(names: Mapping[int, Text]) -> Offer:
    return _fixed([(str(int(value)), name) for value, name in names.items()])


def _words(column: str) -> Offer:
    def words(user: User) -> Options:
        names = Account.objects.visible_to(user).exclude(**{column: ""}).order_by(column)
        return [(name, name) for name in names.values_list(column, flat=True).distinct()[:MOST_WORDS]]

    return words


def _territories(user: User) -> Options:
    return [(str(one.pk), indented(one)) for one in offered_territories(user)]


def _owners(user: User) -> Options:
    owners = User.objects.visible_to(user).order_by("last_name", "first_name", "username")
    return [(str(one.pk), str(one)) for one in owners]


def _grades(user: User) -> Options:
    return [(str(place), name) for place, name in enumerate(grade_names())]


_CHOICES: tuple[Field, ...] = (
    Field("grade", _("Grade"), CHOICE, ACCOUNT, sql="xg.grade::text", options=_grades),
    Field("stage", _("Stage"), CHOICE, ACCOUNT, sql="xl.stage::text", options=_of_enum(STAGES)),
    Field("tier", _("Tier of lifetime value"), CHOICE, ACCOUNT, sql="xv.tier::text", options=_of_enum(TIERS)),
    Field(
        "loyalty_level",
        _("Loyalty level"),
        CHOICE,
        ACCOUNT,
        sql="nullif(xl.loyalty_level, -1)::text",
        options=_of_enum(LEVELS),
    ),
    Field(
        "satisfaction_class",
        _("Class of satisfaction"),
        CHOICE,
        ACCOUNT,
        sql="nullif(xs.satisfaction_class, -1)::text",
        options=_of_enum(CLASSES),
    ),
    Field("territory", _("Territory"), CHOICE, ACCOUNT, sql="a.territory_id::text", options=_territories),
    Field("owner", _("Sales rep"), CHOICE, ACCOUNT, sql="a.owner_id::text", options=_owners),
    Field("industry", _("Industry"), CHOICE, ACCOUNT, sql="a.industry", options=_words("industry")),
    Field("region", _("Province or state"), CHOICE, ACCOUNT, sql="a.region", options=_words("region")),
    Field("country", _("Country"), CHOICE, ACCOUNT, sql="a.country", options=_words("country")),
    Field("kind", _("Kind of account"), CHOICE, ACCOUNT, sql="a.kind", options=_fixed(AccountKind.choices)),
    Field("channel", _("Channel"), CHOICE, ACCOUNT, sql="a.channel", options=_fixed(AccountChannel.choices)),
)


def _of_custom(field: CustomField) -> Field:
    options = (
        [(value, field.label_of(value)) for value in field.marks]
        if field.kind == CustomFieldKind.CHOICE
        else [("true", _("Yes")), ("false", _("No"))]
    )
    return Field(
        f"{CUSTOM}{field.code}",
        str(field),
        CHOICE,
        FURTHER,
        sql=f"a.custom ->> {quoted(field.code)}",
        options=_fixed(options),
    )


def catalogue() -> dict[str, Field]:
    """Everything that can be named now, by key, in the order it is offered. Three queries at most."""
    built_in = [Field(kind.code, kind.title, NUMBER, FIGURES, kind.unit, kind.windowed) for kind in BUILT_IN]
    numbers = [
        Field(kind.code, kind.title, NUMBER, FURTHER, kind.unit)
        for kind in custom_kinds()
        if not kind.choices
    ]
    choices = CustomField.objects.filter(
        kind__in=(CustomFieldKind.CHOICE, CustomFieldKind.YES_NO), archived_at=None
    ).order_by("order", "pk")
    fields = [*built_in, *_CHOICES, *numbers, *map(_of_custom, choices)]
    return {field.key: field for field in fields}


def known(fields: dict[str, Field]) -> dict[str, Known]:
    return {key: field.known for key, field in fields.items()}

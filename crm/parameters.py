"""Parameters of models: the defaults stand in code beside the formula, what a company changed in `ModelParameters`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Max

from crm.models import ModelParameters, User
from crm.once import once_per_page

T = TypeVar("T")


class InvalidParameters(ValueError):  # noqa: N818 - reads as a sentence where it is raised
    """Values that the model does not know or cannot use."""


@once_per_page
def load(model: str, cls: type[T]) -> tuple[T, int]:
    """The newest published parameters over the defaults of the dataclass `cls`, and their version (0: defaults)."""
    newest = ModelParameters.objects.filter(model=model).order_by("-version").first()
    if newest is None:
        return cls(), 0
    return from_values(cls, newest.values), newest.version


def from_values(cls: type[T], values: Mapping[str, Any]) -> T:
    """A dataclass from JSON values; fields not named keep their default. InvalidParameters for an unknown name."""
    assert dataclasses.is_dataclass(cls)
    known = {field.name for field in dataclasses.fields(cls)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise InvalidParameters(f"{cls.__name__} has no parameter {', '.join(unknown)}")
    defaults = cls()
    given = {name: _like(getattr(defaults, name), value, name) for name, value in values.items()}
    return dataclasses.replace(defaults, **given)


def to_values(parameters: Any) -> dict[str, Any]:
    """JSON values of a parameter dataclass; `from_values` is the inverse."""
    return {
        field.name: _plain(getattr(parameters, field.name)) for field in dataclasses.fields(type(parameters))
    }


def publish(model: str, parameters: Any, *, reason: str, user: User | None = None) -> ModelParameters:
    """Make `parameters` (a dataclass) the newest version; runs that start from now on use it."""
    with transaction.atomic():
        rows = ModelParameters.objects.filter(model=model)
        last = rows.aggregate(last=Max("version"))["last"] or 0
        return ModelParameters.objects.create(
            model=model,
            version=last + 1,
            values=to_values(parameters),
            reason=reason,
            published_by=user,
        )


def _like(default: Any, value: Any, name: str) -> Any:
    """`value` as the type of the default: JSON has lists for tuples and one kind of number."""
    wrong = InvalidParameters(f"{name}: {value!r} is not of the kind of {default!r}")
    if isinstance(default, bool) or isinstance(value, bool):
        if isinstance(default, bool) and isinstance(value, bool):
            return value
        raise wrong
    if isinstance(default, Enum):
        return type(default)(value)
    if isinstance(default, (int, float)):
        if not isinstance(value, (int, float)):
            raise wrong
        if isinstance(default, int) and value != int(value):
            raise wrong
        return type(default)(value)
    if isinstance(default, tuple):
        if not isinstance(value, (list, tuple)):
            raise wrong
        return tuple(value)
    if isinstance(default, Mapping):
        if not isinstance(value, Mapping):
            raise wrong
        return dict(value)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    return value

"""What is wrong with a scoring model, as data: the page puts it into the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One defect. ``code`` is stable; ``indicator`` names the indicator concerned ("" = the model itself)."""

    code: str
    indicator: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


class InvalidModel(ValueError):  # noqa: N818 - reads as a sentence where it is raised
    """A scoring model that cannot be used; ``problems`` lists everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(
            "; ".join(f"{p.indicator or 'model'}: {p.code} {dict(p.params)}" for p in self.problems)
        )

"""How many a rule would take, while it is being written: of the accounts that the reader sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F

from crm.models import Account, Run, User
from segmentation.segments import rules
from segmentation.segments.fields import Field, known
from segmentation.segments.queries import among_ids, whole
from segmentation.segments.reading import matching
from segmentation.segments.rules import Group
from segmentation.segments.tables import share
from segmentation.segments.wording import problem_text

FIRST_NAMES = 8


@dataclass(frozen=True)
class Count:
    """`problems` keep it from being counted; without a run there is nothing to count yet."""

    problems: Sequence[str] = ()
    ready: bool = False
    accounts: int = 0
    of: int = 0
    gross_profit: Decimal | None = None
    share_of_profit: float | None = None
    names: Sequence[Account] = ()

    @property
    def more(self) -> int:
        return self.accounts - len(self.names)

    @property
    def share(self) -> float | None:
        return self.accounts / self.of if self.of else None


def count(rule: Group, fields: Mapping[str, Field], run: Run | None, user: User) -> Count:
    """The names are those that earn most. Four queries, however large the rule."""
    if found := rules.problems(rule, known(dict(fields))):
        return Count(problems=list(dict.fromkeys(problem_text(problem) for problem in found)))
    if run is None:
        return Count()
    ids = matching(rule, fields, run, user)
    taken, everybody = whole(among_ids(ids)), whole(Account.objects.visible_to(user))
    names = among_ids(ids).order_by(F("facts__gross_profit_12m").desc(nulls_last=True), "pk")
    return Count(
        ready=True,
        accounts=len(ids),
        of=everybody.accounts,
        gross_profit=taken.gross_profit,
        share_of_profit=share(taken.gross_profit, everybody.gross_profit),
        names=list(names[:FIRST_NAMES]),
    )

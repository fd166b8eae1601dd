"""How a person stands towards us is dated, has a source, and is never lost."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.decisions.operations import record_stance
from crm.models import BuyingProcess, Participation, Position, StanceChange
from crm.operations import RefusedError
from tests.factories import make_contact, make_visit
from tests.fixtures import World

MAY, JUNE, JULY = dt.date(2025, 5, 5), dt.date(2025, 6, 5), dt.date(2025, 7, 5)


@pytest.fixture
def position(world: World) -> Position:
    return Position.objects.get(contact=make_contact(world.account, "李工"))


@pytest.fixture
def process(world: World) -> BuyingProcess:
    return BuyingProcess.objects.create(account=world.account, name="New line")


def standing(row: Position | Participation) -> tuple[int | None, dt.date | None]:
    row.refresh_from_db()
    return row.stance, row.stance_noted_on


def test_the_newest_by_day_counts_in_whatever_order_it_is_entered(world: World, position: Position) -> None:
    note = {"position": position, "source": "said", "user": world.rep}
    record_stance(stance=0, noted_on=JUNE, **note)
    record_stance(stance=-1, noted_on=MAY, **note)
    assert standing(position) == (0, JUNE)
    record_stance(stance=1, noted_on=JULY, **note)
    assert standing(position) == (1, JULY)
    # Two on one day: the one entered last.
    record_stance(stance=0, noted_on=JULY, **note)
    assert standing(position) == (0, JULY)
    assert StanceChange.objects.filter(position=position, process=None).count() == 4


def test_a_process_has_a_stance_of_its_own(world: World, position: Position, process: BuyingProcess) -> None:
    note = {"position": position, "source": "told", "user": world.rep}
    record_stance(stance=1, noted_on=MAY, **note)
    record_stance(stance=-1, noted_on=JUNE, process=process, **note)
    assert standing(position) == (1, MAY)
    assert standing(Participation.objects.get()) == (-1, JUNE)


def test_an_imported_stance_of_a_later_day_stays(world: World, position: Position) -> None:
    Position.objects.filter(pk=position.pk).update(stance=1, stance_noted_on=JUNE)
    record_stance(position=position, stance=-1, noted_on=MAY, source="guess", user=world.rep)
    assert standing(position) == (1, JUNE)
    record_stance(position=position, stance=-1, noted_on=JUNE, source="guess", user=world.rep)
    assert standing(position) == (-1, JUNE)


def test_the_same_visit_says_it_once(world: World, position: Position) -> None:
    visit = make_visit(world.account, world.rep, dt.datetime(2025, 6, 5, 9, tzinfo=dt.UTC))
    note = {"position": position, "source": "said", "user": world.rep, "visit": visit, "noted_on": JUNE}
    record_stance(stance=1, **note)
    record_stance(stance=-1, **note)
    assert StanceChange.objects.count() == 1
    assert standing(position) == (-1, JUNE)
    # The visit's day is put right to before an older note: that one is the newest now.
    record_stance(position=position, stance=0, noted_on=MAY, source="said", user=world.rep)
    record_stance(stance=1, **(note | {"noted_on": dt.date(2025, 4, 1)}))
    assert standing(position) == (0, MAY)


def test_rows_of_other_accounts_and_unknown_words_are_refused(
    world: World, position: Position, process: BuyingProcess
) -> None:
    elsewhere = BuyingProcess.objects.create(account=world.strangers_account, name="x")
    note = {"position": position, "noted_on": MAY, "user": world.rep}
    for wrong in (
        {"stance": 1, "source": "said", "process": elsewhere},
        {"stance": 3, "source": "said"},
        {"stance": 1, "source": "dream"},
        {
            "stance": 1,
            "source": "said",
            "visit": make_visit(
                world.strangers_account, world.stranger, dt.datetime(2025, 6, 5, 9, tzinfo=dt.UTC)
            ),
        },
    ):
        with pytest.raises(RefusedError):
            record_stance(**note, **wrong)
    assert not StanceChange.objects.exists()
    assert standing(position) == (None, None)

"""What is kept between requests never tells a person more, or older, than that person may see."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.core.cache import cache
from django.utils import timezone, translation
from time_machine import TimeMachineFixture

from crm.models import User
from crm.remember import remember, renewing
from tests.fixtures import World


@pytest.fixture(autouse=True)
def _empty_cache(db: None) -> None:
    cache.clear()


class Asker:
    """Each computing gives the next number: equal answers were kept."""

    def __init__(self) -> None:
        self.numbers = itertools.count()

    def __call__(self, user: User, *parts: str) -> int:
        fresh = User.objects.get(pk=user.pk)  # a request reads its user anew
        return remember(fresh, None, "test", lambda: next(self.numbers), *parts)


def test_those_who_see_all_share(world: World) -> None:
    ask = Asker()
    assert ask(world.analyst) == ask(world.administrator) == 0
    assert ask(world.analyst, "industry=Steel") == 1
    with translation.override("zh-hans"):
        assert ask(world.analyst) == 2


def test_a_manager_shares_with_nobody(world: World) -> None:
    ask = Asker()
    kept = ask(world.manager)
    assert ask(world.manager) == kept
    assert ask(world.analyst) != kept


def test_a_change_of_what_a_manager_sees_shows_at_once(world: World) -> None:
    ask = Asker()
    answers = [ask(world.manager)]
    world.account.owner = world.stranger
    world.account.save()
    answers.append(ask(world.manager))
    world.colleague.territories.clear()
    answers.append(ask(world.manager))
    world.manager.territories.set([world.west])
    answers.append(ask(world.manager))
    assert answers == [0, 1, 2, 3]


def test_a_reps_accounts_are_never_kept(world: World) -> None:
    ask = Asker()
    assert [ask(world.rep), ask(world.rep)] == [0, 1]


class Renewer:
    """Somebody who can be asked to work out again, or is away."""

    def __init__(self, *, there: bool) -> None:
        self.there, self.asked = there, 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.there


@pytest.mark.parametrize("there", [True, False])
def test_what_is_old_is_shown_and_asked_for_anew(
    world: World, time_machine: TimeMachineFixture, there: bool
) -> None:
    renewer, numbers = Renewer(there=there), itertools.count()

    def ask(user: User) -> int:
        fresh = User.objects.get(pk=user.pk)
        return remember(fresh, None, "test", lambda: next(numbers), renew=renewer)

    start = timezone.now()
    assert ask(world.analyst) == 0
    # Hours later nothing was edited: as good as new.
    time_machine.move_to(start + dt.timedelta(hours=5), tick=False)
    assert (ask(world.analyst), renewer.asked) == (0, 0)
    world.account.save()
    time_machine.move_to(start + dt.timedelta(hours=6), tick=False)
    if there:
        # Shown as it was; however many look, one is asked.
        assert [ask(world.analyst), ask(world.analyst), renewer.asked] == [0, 0, 1]
        with renewing():
            assert ask(world.administrator) == 1
        assert (ask(world.analyst), renewer.asked) == (1, 1)
    else:
        assert (ask(world.analyst), renewer.asked) == (1, 1)


def test_a_manager_is_never_shown_old_figures(world: World) -> None:
    renewer = Renewer(there=True)
    numbers = itertools.count()
    seen = []
    for _look in range(2):
        fresh = User.objects.get(pk=world.manager.pk)
        seen.append(remember(fresh, None, "test", lambda: next(numbers), renew=renewer))
        world.account.save()
    assert seen == [0, 1]
    assert not renewer.asked

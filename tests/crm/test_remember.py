"""What is kept between requests never tells a person more, or older, than that person may see."""

from __future__ import annotations

import itertools

import pytest
from django.core.cache import cache
from django.utils import translation

from crm.models import User
from crm.remember import remember
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

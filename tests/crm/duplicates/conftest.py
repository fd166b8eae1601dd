"""Two accounts of one team that may be one."""

from __future__ import annotations

import pytest

from crm.models import Account
from tests.factories import make_account
from tests.fixtures import World


@pytest.fixture
def kept(world: World) -> Account:
    return make_account(world.rep, world.east, number="K", name="甲轴承", phone="0574-1")


@pytest.fixture
def merged(world: World) -> Account:
    return make_account(world.colleague, world.east, number="M", name="甲轴承有限公司", city="宁波")

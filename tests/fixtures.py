"""People and places that most tests need: a rep, a colleague in the same team, a stranger, and the other roles.

East (manager, rep, colleague) and West (stranger) are territories below China; `analyst` and `administrator` see all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client

from crm.models import Account, Role, Territory, User
from tests.factories import make_account, make_territory, make_user


@dataclass
class World:
    china: Territory
    east: Territory
    west: Territory
    rep: User
    colleague: User
    stranger: User
    manager: User
    analyst: User
    administrator: User
    account: Account  # the rep's, in East
    colleagues_account: Account  # the colleague's, without a territory
    strangers_account: Account  # the stranger's, in West

    @property
    def users(self) -> dict[str, User]:
        return {
            "rep": self.rep,
            "colleague": self.colleague,
            "stranger": self.stranger,
            "manager": self.manager,
            "analyst": self.analyst,
            "administrator": self.administrator,
        }


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def build_world() -> World:
    china = make_territory("China", name_zh="中国")
    east = make_territory("East", china, name_zh="华东")
    west = make_territory("West", china, name_zh="西部")
    rep = make_user(Role.REP, east, username="rep", first_name="伟", last_name="王")
    colleague = make_user(Role.REP, east, username="colleague")
    stranger = make_user(Role.REP, west, username="stranger")
    return World(
        china=china,
        east=east,
        west=west,
        rep=rep,
        colleague=colleague,
        stranger=stranger,
        manager=make_user(Role.MANAGER, east, username="manager"),
        analyst=make_user(Role.ANALYST, username="analyst"),
        administrator=make_user(Role.ADMINISTRATOR, username="administrator"),
        account=make_account(
            rep, east, number="C-REP", name="东方轴承有限公司", english_name="Orient Bearing Co."
        ),
        colleagues_account=make_account(colleague, number="C-COL", name="Colleague Pumps"),
        strangers_account=make_account(stranger, west, number="C-STR", name="Stranger Gears"),
    )


@pytest.fixture
def log_in() -> Callable[[User], Client]:
    """A logged-in test client, without the cost of a password."""

    def client_of(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return client_of

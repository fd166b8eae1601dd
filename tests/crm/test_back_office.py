"""The back office is for administrators, whatever Django's own flags say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from crm.models import ProductFamily, User
from tests.fixtures import World

PAGES = ["product", "productfamily", "exchangerate", "accountidentifier", "accountsupply"]


@pytest.mark.parametrize("page", PAGES)
def test_only_administrators_enter(world: World, log_in: Callable[[User], Client], page: str) -> None:
    User.objects.filter(pk=world.analyst.pk).update(is_staff=True)
    assert log_in(world.administrator).get(f"/back-office/crm/{page}/").status_code == 200
    assert log_in(world.administrator).get(f"/back-office/crm/{page}/add/").status_code == 200
    for other in (world.rep, world.manager, world.analyst):
        assert log_in(other).get(f"/back-office/crm/{page}/").status_code != 200


def test_a_family_is_entered(world: World, log_in: Callable[[User], Client]) -> None:
    data = {"name": "Ball bearings", "name_zh": "球轴承"}
    assert log_in(world.administrator).post("/back-office/crm/productfamily/add/", data).status_code == 302
    assert ProductFamily.objects.get().name_zh == "球轴承"

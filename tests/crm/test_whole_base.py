"""Whoever sees every account is not asked which: figures are read without the list, and merged accounts stay out."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Account
from crm.snapshots import among
from lifecycle.queries import stage_flows, stage_totals
from segmentation.models import GradeSnapshot
from segmentation.queries import grade_flows, grade_totals, grade_totals_at
from tests.factories import make_account
from tests.fixtures import World
from tests.segmentation.worlds import MONTH_END, two_dates

LIST = re.compile(r'IN \(SELECT "?\w+"?\."id".*"merged_into_id" IS NULL', re.DOTALL)


def test_only_the_untouched_whole_is_the_whole(world: World) -> None:
    whole = Account.objects.visible_to(world.analyst)
    assert whole.is_whole_base
    assert not whole.filter(owner=world.rep).is_whole_base
    assert not whole.exclude(owner=world.rep).is_whole_base
    assert not whole[:5].is_whole_base
    assert not whole.none().is_whole_base
    assert not Account.objects.filter(owner=world.rep).visible_to(world.analyst).is_whole_base
    assert not Account.objects.all()[:5].is_whole_base
    assert not Account.objects.visible_to(world.manager).is_whole_base
    assert not Account.objects.all().is_whole_base


@pytest.mark.parametrize(
    "read",
    [
        lambda accounts: grade_totals(accounts),
        lambda accounts: grade_totals_at(accounts, MONTH_END),
        lambda accounts: grade_flows(accounts, MONTH_END),
        lambda accounts: stage_totals(accounts),
        lambda accounts: stage_flows(accounts, MONTH_END),
    ],
)
def test_the_list_of_accounts_is_no_part_of_the_query(world: World, read) -> None:  # type: ignore[no-untyped-def]
    two_dates(world)
    answers = []
    for narrowed, listed in ((False, False), (True, True)):
        accounts = Account.objects.visible_to(world.analyst)
        if narrowed:
            accounts = accounts.filter(pk__gt=0)
        with CaptureQueriesContext(connection) as captured:
            answers.append(read(accounts))
        assert any(LIST.search(query["sql"]) for query in captured) is listed
    assert answers[0] == answers[1]


def test_merged_accounts_are_in_no_figure_of_either(world: World) -> None:
    accounts = two_dates(world)
    Account.objects.filter(pk=accounts["Beta"].pk).update(merged_into=accounts["Alpha"])
    # Its frozen figures are still there: they are left out, not gone.
    assert GradeSnapshot.objects.filter(account=accounts["Beta"], month_end=MONTH_END).exists()
    whole = Account.objects.visible_to(world.analyst)
    narrowed = whole.filter(pk__gt=0)
    for read in (
        grade_totals,
        stage_totals,
        lambda a: grade_totals_at(a, MONTH_END),
        lambda a: grade_flows(a, MONTH_END),
    ):
        assert read(whole) == read(narrowed)
    assert among(GradeSnapshot.objects.all(), whole).count() == GradeSnapshot.objects.count() - 1


def test_without_a_month_everybody_is_new(world: World) -> None:
    two_dates(world)
    make_account(world.rep)
    flows = grade_flows(Account.objects.visible_to(world.analyst), None)
    assert flows
    assert not any(flow.there_before for flow in flows)
    assert grade_flows(Account.objects.none(), dt.date(2025, 5, 31)) == []

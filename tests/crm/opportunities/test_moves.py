"""What happens to an opportunity: moves ask for criteria, decisions are kept, nobody is overwritten silently."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import BuyingProcess, Competitor, CriterionMet, Opportunity, OpportunityState, User
from crm.operations import RefusedError
from crm.pipeline.moves import (
    ChangedMeanwhileError,
    UnmetError,
    close_opportunity,
    move_opportunity,
    reopen_opportunity,
    tick_criterion,
    unmet_criteria,
    update_opportunity,
)
from tests.crm.opportunities.support import TODAY, make_opportunity, stage
from tests.fixtures import World

LogIn = Callable[[User], Client]
TOMORROW = TODAY + dt.timedelta(days=1)


def fields(**changes: str) -> dict[str, str]:
    day = str(timezone.localdate() + dt.timedelta(days=40))
    return {"name": "主轴轴承年度合同", "amount": "120000", "currency": "CNY", "expected_on": day, **changes}


def test_a_rep_enters_one_with_new_competitors_and_a_map_of_its_own(world: World, log_in: LogIn) -> None:
    known = Competitor.objects.create(name="北辰精轴", english_name="Nordlager")
    body = fields(stage=str(stage(1).pk), new_competitors="nordlager， 富岳轴承", new_process="on")
    client = log_in(world.rep)
    response = client.post(f"/opportunities/new/?account={world.account.pk}", body)
    row = Opportunity.objects.get()
    assert response["Location"] == row.get_absolute_url()
    assert (row.owner, row.account, row.stage.order, row.state) == (world.rep, world.account, 1, "open")
    assert {one.name for one in row.competitors.all()} == {"北辰精轴", "富岳轴承"}
    assert known in row.competitors.all()
    assert row.process == BuyingProcess.objects.get(account=world.account)
    step = row.changes.get()
    assert (step.stage, step.state, step.amount, step.user) == (row.stage, "open", 120_000, world.rep)
    assert "主轴轴承年度合同" in client.get(f"/accounts/{world.account.pk}/opportunities/").content.decode()


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"amount": "-1"}, "greater than or equal to 0"),
        ({"amount": "NaN"}, "number"),
        ({"probability": "101"}, "less than or equal to 100"),
        ({"expected_on": "0026-01-01"}, "Check the year"),
        ({"name": "   "}, "required"),
        ({"inquired_on": "2999-01-01"}, "lies in the future"),
        ({"inquired_on": "2026-02-02", "quoted_on": "2026-02-01"}, "Quoted before the inquiry"),
        ({"currency": "XXX"}, "valid choice"),
    ],
)
def test_bad_input_is_told_and_nothing_is_kept(
    world: World, log_in: LogIn, changes: dict[str, str], text: str
) -> None:
    body = fields(stage=str(stage(1).pk), **changes)
    response = log_in(world.rep).post(f"/opportunities/new/?account={world.account.pk}", body)
    assert response.status_code == 200
    assert text in response.content.decode()
    assert not Opportunity.objects.exists()


def test_html_in_a_name_stays_text(world: World, log_in: LogIn) -> None:
    row = make_opportunity(world.account, world.rep, name="<script>alert(1)</script>", note="<b>x</b>")
    for path in (f"/opportunities/{row.pk}/", "/pipeline/", "/pipeline/list/"):
        page = log_in(world.rep).get(path).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_open_criteria_are_asked_about_and_recorded(world: World) -> None:
    row = make_opportunity(world.account, world.rep, 1)
    with pytest.raises(UnmetError) as asked:
        move_opportunity(opportunity_id=row.pk, stage=stage(2), user=world.rep, today=TOMORROW)
    assert len(asked.value.unmet) == 3
    first, *others = asked.value.unmet
    tick_criterion(opportunity_id=row.pk, criterion=first, met=True, user=world.rep)
    tick_criterion(opportunity_id=row.pk, criterion=first, met=True, user=world.rep)
    assert CriterionMet.objects.count() == 1
    moved = move_opportunity(
        opportunity_id=row.pk, stage=stage(2), user=world.rep, today=TOMORROW, confirmed=True
    )
    assert (moved.stage.order, moved.stage_since, moved.revision) == (2, TOMORROW, 1)
    step = row.changes.get()
    assert step.unmet == [[one.text, one.text_zh] for one in others]


def test_a_leap_asks_for_all_stages_between_and_going_back_for_none(world: World) -> None:
    row = make_opportunity(world.account, world.rep, 2)
    orders = {one.stage.order for one in unmet_criteria(row, stage(5))}
    assert orders == {2, 3, 4}
    assert unmet_criteria(row, stage(1)) == []
    back = move_opportunity(opportunity_id=row.pk, stage=stage(1), user=world.rep, today=TODAY)
    assert back.stage.order == 1


def test_a_move_from_where_it_no_longer_is_is_refused(world: World) -> None:
    row = make_opportunity(world.account, world.rep, 2)
    with pytest.raises(ChangedMeanwhileError):
        move_opportunity(
            opportunity_id=row.pk,
            stage=stage(3),
            user=world.rep,
            today=TODAY,
            seen_in=stage(1).pk,
            confirmed=True,
        )
    row.refresh_from_db()
    assert row.stage.order == 2


def test_won_lost_and_reopened_with_the_reasons_kept(world: World, log_in: LogIn) -> None:
    row = make_opportunity(world.account, world.rep, 4)
    client = log_in(world.rep)
    today = str(timezone.localdate())
    body = {
        "closed_on": today,
        "close_reason": "price",
        "close_note": "一成差距",
        "other": "Atlas, Roller & Co",
    }
    assert client.post(f"/opportunities/{row.pk}/close/lost/", body).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.close_reason, row.closed_on) == ("lost", "price", timezone.localdate())
    assert row.lost_to is not None
    assert row.lost_to.name == "Atlas, Roller & Co"
    with pytest.raises(RefusedError):
        move_opportunity(opportunity_id=row.pk, stage=stage(5), user=world.rep, today=TODAY, confirmed=True)
    # A second browser that still shows the form changes nothing.
    client.post(f"/opportunities/{row.pk}/close/won/", {"closed_on": today, "close_reason": "quality"})
    row.refresh_from_db()
    assert row.state == "lost"
    client.post(f"/opportunities/{row.pk}/reopen/")
    row.refresh_from_db()
    assert (row.state, row.closed_on, row.close_reason, row.lost_to) == ("open", None, "", None)
    page = client.get(f"/opportunities/{row.pk}/").content.decode()
    assert "一成差距" in page, "what was learned stays in the course"


def test_a_decision_in_the_future_or_before_the_inquiry_is_refused(world: World, log_in: LogIn) -> None:
    row = make_opportunity(world.account, world.rep, inquired_on=TODAY)
    for day in (timezone.localdate() + dt.timedelta(days=1), TODAY - dt.timedelta(days=1)):
        body = {"closed_on": str(day), "close_reason": "price"}
        assert log_in(world.rep).post(f"/opportunities/{row.pk}/close/won/", body).status_code == 200
    row.refresh_from_db()
    assert row.state == "open"


def test_two_editors_see_each_others_work(world: World, log_in: LogIn) -> None:
    row = make_opportunity(world.account, world.rep, amount=Decimal(1000))
    client = log_in(world.rep)
    form = client.get(f"/opportunities/{row.pk}/edit/").context["form"]
    shown = {name: value for name, value in form.as_shown().items() if not isinstance(value, list)}
    body = shown | {"base": form.initial["base"], "revision": str(form.initial["revision"])}
    update_opportunity(
        opportunity_id=row.pk,
        revision=0,
        values={"amount": Decimal(2000)},
        competitors=None,
        user=world.manager,
    )
    response = client.post(f"/opportunities/{row.pk}/edit/", body | {"name": "Renamed"})
    assert response.status_code == 409
    again = response.context["form"]
    assert again["amount"].value() == "2000.00", "the colleague's amount came in"
    assert again["name"].value() == "Renamed"
    row.refresh_from_db()
    assert row.name == "Bearings for the new line"
    merged = {name: str(again[name].value() or "") for name in (*shown, "base", "revision")}
    assert client.post(f"/opportunities/{row.pk}/edit/", merged).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.amount, row.revision) == ("Renamed", 2000, 2)


def test_an_edit_without_a_revision_changes_nothing(world: World, log_in: LogIn) -> None:
    row = make_opportunity(world.account, world.rep)
    assert log_in(world.rep).post(f"/opportunities/{row.pk}/edit/", fields()).status_code == 409
    row.refresh_from_db()
    assert row.amount == 1000


def test_slipping_dates_and_shrinking_amounts_are_on_record(world: World) -> None:
    row = make_opportunity(world.account, world.rep)
    values = {"amount": Decimal(800), "expected_on": TOMORROW}
    update_opportunity(opportunity_id=row.pk, revision=0, values=values, competitors=None, user=world.rep)
    note = row.changes.get().note
    assert "1,000.00 CNY → 800.00 CNY" in note
    assert str(TOMORROW) in note


def test_reopening_an_open_one_does_nothing(world: World) -> None:
    row = make_opportunity(world.account, world.rep)
    reopen_opportunity(opportunity_id=row.pk, user=world.rep, today=TODAY)
    assert not row.changes.exists()


def test_closing_twice_is_refused(world: World) -> None:
    row = make_opportunity(world.account, world.rep, state="won")
    with pytest.raises(RefusedError):
        close_opportunity(
            opportunity_id=row.pk, state=OpportunityState.LOST, closed_on=TODAY, reason="price", note="",
            lost_to=None, user=world.rep,
        )  # fmt: skip

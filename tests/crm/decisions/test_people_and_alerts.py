"""Who takes part with what weight, and what warns us: on the map, in the list's filter and in the rep's day alike."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import parameters
from crm.decisions.alerts import (
    OPPOSES,
    PARAMETERS,
    STALE,
    UNKNOWN,
    UNMET,
    alert_parameters,
    alerts_of,
    support_of,
)
from crm.decisions.panels import DecisionAlerts, DecisionFilter, StanceChanges
from crm.decisions.people import people_of_map, people_of_maps
from crm.models import Account, BuyingProcess, Contact, Participation, Position, StanceChange, Visit
from crm.scoring.decision_flags import AlertParameters
from tests.factories import make_account, make_contact, make_visit
from tests.fixtures import World

TODAY = dt.date(2025, 8, 31)
FRESH = {"stance": 1, "stance_noted_on": dt.date(2025, 8, 1)}


def position(account: Account, name: str, **fields: Any) -> Position:
    return Position.objects.get(contact=make_contact(account, name, **fields), account=account)


def meet(account: Account, user: Any, contact: Contact, day: dt.date, **fields: Any) -> Visit:
    visit = make_visit(account, user, dt.datetime(day.year, day.month, day.day, 9, tzinfo=dt.UTC), **fields)
    visit.contacts.add(contact)
    return visit


def kinds(account: Account, process: BuyingProcess | None = None) -> list[str]:
    people = people_of_map(account, process, today=TODAY)
    key = (account.pk, process.pk if process else None)
    found = alerts_of({key: people}, today=TODAY, parameters=alert_parameters())
    return [alert.kind for alert in found[key]]


def test_a_process_overrides_only_what_it_names(world: World) -> None:
    wang = position(world.account, "王总", decision_role="decider", influence=5, **FRESH)
    li = position(world.account, "李工", decision_role="influencer", influence=2, stance=0)
    process = BuyingProcess.objects.create(account=world.account, name="Spare parts")
    Participation.objects.create(process=process, position=wang, decision_role="gatekeeper")
    Participation.objects.create(process=process, position=li, influence=4, stance=-1, stance_noted_on=TODAY)
    general = {person.pk: person for person in people_of_map(world.account, None, today=TODAY)}
    assert (general[li.pk].influence, general[li.pk].stance, general[wang.pk].role) == (2, 0, "decider")
    there = {person.pk: person for person in people_of_map(world.account, process, today=TODAY)}
    assert (there[wang.pk].role, there[wang.pk].influence, there[wang.pk].stance) == ("gatekeeper", 5, 1)
    assert (there[li.pk].role, there[li.pk].influence, there[li.pk].stance) == ("influencer", 4, -1)
    assert there[li.pk].noted_on == TODAY
    # 5 for us, 4 against: (5 - 4) / 9; in general 5 for us, 2 neutral: 5 / 7.
    assert support_of(list(there.values())) == pytest.approx(1 / 9)
    assert support_of(list(general.values())) == pytest.approx(5 / 7)
    assert support_of([]) is None


def test_who_has_left_takes_no_part(world: World) -> None:
    position(world.account, "赵离职", decision_role="decider", left_on=TODAY)
    stays = position(world.account, "钱留任", left_on=dt.date(2025, 9, 1))
    assert [person.pk for person in people_of_map(world.account, None, today=TODAY)] == [stays.pk]


def test_a_meeting_is_with_the_person_at_this_account_up_to_today(world: World) -> None:
    wang = make_contact(world.account, "王总", influence=5)
    Position.objects.create(contact=wang, account=world.colleagues_account)
    meet(world.account, world.rep, wang, dt.date(2025, 7, 1))
    meet(world.account, world.rep, wang, dt.date(2025, 8, 1), kind="call")
    meet(world.account, world.rep, wang, dt.date(2025, 8, 2), outcome="absent")
    meet(world.account, world.rep, wang, dt.date(2025, 9, 2))
    meet(world.colleagues_account, world.colleague, wang, dt.date(2025, 8, 20))
    (person,) = people_of_map(world.account, None, today=TODAY)
    assert person.last_met_on == dt.date(2025, 7, 1)


def test_the_four_warnings_in_their_order_and_words(world: World) -> None:
    account = world.account
    assert kinds(account) == [UNKNOWN]
    position(account, "<b>旧", stance=1, stance_noted_on=dt.date(2025, 1, 1), influence=1)
    key = position(account, "孙要人", influence=4, **FRESH)
    assert kinds(account) == [UNKNOWN, UNMET, STALE]
    meet(account, world.rep, key.contact, dt.date(2025, 8, 1))
    assert kinds(account) == [UNKNOWN, STALE]
    boss = position(account, "王总", decision_role="decider", stance=-1, stance_noted_on=TODAY)
    assert kinds(account) == [OPPOSES, UNMET, STALE]
    meet(account, world.rep, boss.contact, dt.date(2025, 4, 1))
    people = people_of_map(account, None, today=TODAY)
    alerts = alerts_of({(account.pk, None): people}, today=TODAY, parameters=alert_parameters())
    assert [alert.text for alert in alerts[account.pk, None]] == [
        "王总 decides and opposes us.",
        "王总 was last met 152 days ago.",
        "Stance older than 6 months: <b>旧.",
    ]


def test_limits_are_the_companys(world: World) -> None:
    boss = position(world.account, "王总", decision_role="decider", **FRESH)
    meet(world.account, world.rep, boss.contact, dt.date(2025, 8, 1))
    assert kinds(world.account) == []
    parameters.publish(PARAMETERS, AlertParameters(unmet_days=20, stale_months=1), reason="stricter")
    assert kinds(world.account) == [UNMET]
    parameters.publish(PARAMETERS, AlertParameters(unmet_days=20, stale_months=1), reason="again")
    Position.objects.update(stance_noted_on=dt.date(2025, 7, 30))
    assert kinds(world.account) == [UNMET, STALE]


def test_the_filter_finds_what_the_maps_warn_of(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parity: the list's SQL and the pure function, over accounts of every sort."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)
    for number, fields in enumerate(
        [
            {"decision_role": "decider", "stance": -1},
            {"decision_role": "decider", "stance": 1},
            {"decision_role": "decider"},
            {"decision_role": "decider", "stance": -1, "left_on": TODAY},
            {"decision_role": "decider", "stance": -1, "left_on": dt.date(2025, 9, 1)},
            {"decision_role": "influencer", "stance": -1},
            {},
        ]
    ):
        account = make_account(world.rep, number=f"F{number}")
        position(account, f"P{number}", **fields)
    visible = Account.objects.visible_to(world.rep)
    found = people_of_maps([(pk, None) for pk in visible.values_list("pk", flat=True)], visible, today=TODAY)
    alerts = alerts_of(found, today=TODAY, parameters=AlertParameters())
    for kind in (UNKNOWN, OPPOSES):
        warned = {key[0] for key, those in alerts.items() if kind in [alert.kind for alert in those]}
        assert set(DecisionFilter().apply(visible, kind, world.rep).values_list("pk", flat=True)) == warned
        assert warned
    assert not DecisionFilter().apply(visible, "nonsense", world.rep)


def test_the_filter_sees_an_opposing_decider_of_a_process_under_way(world: World) -> None:
    process = BuyingProcess.objects.create(account=world.account, name="New line")
    person = position(world.account, "周总工", decision_role="influencer", stance=-1)
    visible = Account.objects.visible_to(world.rep)
    assert not DecisionFilter().apply(visible, OPPOSES, world.rep)
    Participation.objects.create(process=process, position=person, decision_role="decider")
    assert DecisionFilter().apply(visible, OPPOSES, world.rep).get() == world.account
    process.closed_on = TODAY
    process.save()
    assert not DecisionFilter().apply(visible, OPPOSES, world.rep)


def test_my_day_names_my_accounts_the_worst_first_in_a_constant_number_of_queries(world: World) -> None:
    position(world.account, "王总", decision_role="decider", stance=-1, stance_noted_on=TODAY)
    source = DecisionAlerts()
    with CaptureQueriesContext(connection) as few:
        (item,) = source.items(user=world.rep, today=TODAY)
    assert (item.account, item.tone) == (world.account, "bad")
    assert item.title == "王总 decides and opposes us."
    for number in range(12):
        account = make_account(world.rep, number=f"D{number}")
        person = position(account, f"决策人{number}", decision_role="decider", **FRESH)
        process = BuyingProcess.objects.create(account=account, name=f"Line {number}")
        if number == 3:
            Participation.objects.create(process=process, position=person, stance=-1, stance_noted_on=TODAY)
    with CaptureQueriesContext(connection) as many:
        items = source.items(user=world.rep, today=TODAY)
    # The first time there was no process to ask about.
    assert len(many) - len(few) <= 1
    assert len(items) == 13
    assert items[1].title == "Line 3: 决策人3 decides and opposes us."
    assert "?process=" in items[1].url
    assert [entry.tone for entry in items[2:]] == ["warn"] * 11
    # A colleague of the same territory sees the accounts, but they are not the colleague's day.
    assert [entry.account for entry in source.items(user=world.colleague, today=TODAY)] == [
        world.colleagues_account
    ]


def test_the_timeline_shows_stances_before_a_moment(world: World) -> None:
    person = position(world.account, "李工")
    for day, stance in ((1, 1), (2, -1)):
        StanceChange.objects.create(
            position=person, stance=stance, noted_on=dt.date(2025, 8, day), source="said", user=world.rep
        )
    ask = {"account": world.account, "user": world.rep, "most": 5}
    entries = StanceChanges().entries(before=dt.datetime(2025, 8, 3, tzinfo=dt.UTC), **ask)
    assert [entry.tone for entry in entries] == ["bad", "good"]
    entries = StanceChanges().entries(before=entries[0].at, **ask)
    assert [entry.title for entry in entries] == ["+ 李工: Supports us"]

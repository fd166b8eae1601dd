"""The map page and its edits over HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import (
    BuyingProcess,
    DecisionStep,
    Faction,
    Influence,
    OrganisationUnit,
    Participation,
    Position,
    StanceChange,
    User,
)
from tests.factories import make_contact
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def people(world: World) -> list[Position]:
    rows = [("王总", 1, "decider", 5), ("李工", 3, "influencer", 3), ("赵采购", 2, "negotiator", 4)]
    return [
        Position.objects.get(
            contact=make_contact(world.account, name, level=level, decision_role=role, influence=weight)
        )
        for name, level, role, weight in rows
    ]


def url(world: World, query: str = "") -> str:
    return f"{world.account.get_absolute_url()}decisions/{query}"


def test_the_page_draws_everybody_with_sign_and_arrow(
    world: World, people: list[Position], log_in: LogIn
) -> None:
    boss, engineer, buyer = people
    Position.objects.filter(pk=boss.pk).update(stance=-1, stance_noted_on=timezone.localdate())
    Influence.objects.create(source=engineer, target=boss, strength=3)
    text = log_in(world.rep).get(url(world)).content.decode()
    for person in people:
        assert f'id="dm-card-{person.pk}"' in text
    assert 'class="dm-arrow dm-strength-3' in text
    assert "李工 influences 王总: Strong" in text
    assert "王总 decides and opposes us." in text
    assert "王总, Final decision maker, Opposes us, influence 5 of 5" in text
    assert ">–</text>" in text  # the sign, beside the colour


def test_each_edit_writes_one_thing_and_answers_with_the_map(
    world: World, people: list[Position], log_in: LogIn
) -> None:
    client, engineer = log_in(world.rep), people[1]
    place = f"/positions/{engineer.pk}/place/"
    answer = client.post(place, {"level": "1"}, headers=HTMX)
    assert b"dm-workspace" in answer.content
    assert b"<html" not in answer.content
    faction = Faction.objects.create(account=world.account, name="技术派")
    client.post(place, {"faction": faction.pk}, headers=HTMX)
    client.post(place, {"influence": ""}, headers=HTMX)
    engineer.refresh_from_db()
    assert (engineer.level, engineer.faction, engineer.influence) == (1, faction, None)
    assert engineer.decision_role == "influencer"
    refused = client.post(place, {"level": "9"}, headers=HTMX).content.decode()
    assert 'role="alert"' in refused
    # Without scripts an edit leads back to the page.
    plain = client.post(place, {"decision_role": "user"})
    assert plain["Location"] == url(world, f"?person={engineer.pk}")
    foreign = Faction.objects.create(account=world.strangers_account, name="x")
    client.post(place, {"faction": foreign.pk}, headers=HTMX)
    engineer.refresh_from_db()
    assert engineer.faction == faction


def test_in_a_process_role_and_influence_are_the_processs(
    world: World, people: list[Position], log_in: LogIn
) -> None:
    process = BuyingProcess.objects.create(account=world.account, name="备件")
    client, engineer = log_in(world.rep), people[1]
    data = {"process": process.pk, "influence": "5"}
    client.post(f"/positions/{engineer.pk}/place/", data, headers=HTMX)
    engineer.refresh_from_db()
    assert engineer.influence == 3
    assert Participation.objects.get().influence == 5
    client.post(
        f"/positions/{engineer.pk}/stance/",
        {
            "process": process.pk,
            "stance": "1",
            "source": "told",
            "noted_on": "2024-05-05",
            "note": "展会上说",
        },
        headers=HTMX,
    )
    change = StanceChange.objects.get()
    assert (change.process, change.stance, change.noted_on) == (process, 1, dt.date(2024, 5, 5))
    assert (change.source, change.note, change.user) == ("told", "展会上说", world.rep)
    engineer.refresh_from_db()
    assert engineer.stance is None
    text = client.get(url(world, f"?process={process.pk}&person={engineer.pk}")).content.decode()
    assert "展会上说" in text
    client.post(f"/positions/{engineer.pk}/stance/", {"process": process.pk, "forget": "1"}, headers=HTMX)
    assert Participation.objects.get().stance is None
    assert StanceChange.objects.count() == 1


def test_a_stance_of_tomorrow_is_refused_and_a_second_tap_adds_nothing(
    world: World, people: list[Position], log_in: LogIn
) -> None:
    client, boss = log_in(world.rep), people[0]
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    answer = client.post(
        f"/positions/{boss.pk}/stance/", {"stance": "1", "noted_on": str(tomorrow)}, headers=HTMX
    )
    assert "day to come" in answer.content.decode()
    assert not StanceChange.objects.exists()
    for _tap in range(2):
        client.post(f"/positions/{boss.pk}/stance/", {"stance": "-1"}, headers=HTMX)
    assert StanceChange.objects.count() == 1


def test_arrows_factions_and_steps_come_and_go(world: World, people: list[Position], log_in: LogIn) -> None:
    client, (boss, engineer, _buyer) = log_in(world.rep), people
    ends = {"source": engineer.pk, "target": boss.pk, "strength": "3"}
    client.post(url(world, "arrows/"), ends, headers=HTMX)
    arrow = Influence.objects.get()
    client.post(f"/influences/{arrow.pk}/edit/", {"strength": "1"}, headers=HTMX)
    arrow.refresh_from_db()
    assert arrow.strength == 1
    loop = client.post(url(world, "arrows/"), ends | {"target": engineer.pk}, headers=HTMX)
    assert "two different people" in loop.content.decode()
    client.post(f"/influences/{arrow.pk}/delete/", headers=HTMX)
    assert not Influence.objects.exists()
    client.post(url(world, "factions/"), {"name": "技术派", "colour": "2"}, headers=HTMX)
    twice = client.post(url(world, "factions/"), {"name": "技术派", "colour": "1"}, headers=HTMX)
    assert "already" in twice.content.decode()
    faction = Faction.objects.get()
    Position.objects.filter(pk=boss.pk).update(faction=faction)
    client.post(f"/factions/{faction.pk}/edit/", {"name": "工程派", "colour": "9"}, headers=HTMX)
    faction.refresh_from_db()
    assert faction.name == "技术派"
    client.post(f"/factions/{faction.pk}/delete/", headers=HTMX)
    boss.refresh_from_db()
    assert boss.faction is None
    response = client.post(f"{world.account.get_absolute_url()}buying-processes/new/", {"name": "新产线"})
    process = BuyingProcess.objects.get()
    assert response["Location"] == url(world, f"?process={process.pk}")
    steps = f"/buying-processes/{process.pk}/steps/"
    client.post(
        steps, {"name": "报价", "owner": boss.pk, "criterion": "价格", "usual_days": "12"}, headers=HTMX
    )
    wrong = client.post(steps, {"name": "", "usual_days": "99999"}, headers=HTMX)
    assert "The step was not saved." in wrong.content.decode()
    step = DecisionStep.objects.get()
    client.post(f"/decision-steps/{step.pk}/edit/", {"name": "比价", "usual_days": "8"}, headers=HTMX)
    step.refresh_from_db()
    assert (step.name, step.owner, step.usual_days) == ("比价", None, 8)
    assert "usually 8 days" in client.get(url(world, f"?process={process.pk}")).content.decode()
    client.post(f"/decision-steps/{step.pk}/delete/", headers=HTMX)
    client.post(f"/buying-processes/{process.pk}/delete/")
    assert not BuyingProcess.objects.exists()


def test_rows_of_accounts_out_of_sight_do_not_exist(
    world: World, people: list[Position], log_in: LogIn
) -> None:
    client = log_in(world.rep)
    theirs = BuyingProcess.objects.create(account=world.strangers_account, name="x")
    assert client.get(url(world, f"?process={theirs.pk}")).status_code == 404
    assert client.get(url(world, "?process=nonsense")).status_code == 404
    stranger = Position.objects.get(contact=make_contact(world.strangers_account))
    refused = client.post(
        url(world, "arrows/"),
        {"source": stranger.pk, "target": people[0].pk, "strength": "2"},
        headers=HTMX,
    )
    assert 'role="alert"' in refused.content.decode()
    assert not Influence.objects.exists()
    # A person of another account is nobody on this map.
    assert "dm-side-title" not in client.get(url(world, f"?person={stranger.pk}")).content.decode()


def test_nothing_typed_becomes_markup(world: World, log_in: LogIn) -> None:
    evil = '"><script>alert(1)</script>'
    faction = Faction.objects.create(account=world.account, name=evil)
    unit = OrganisationUnit.objects.create(account=world.account, name=evil, duties=evil)
    one = make_contact(world.account, evil, title=evil, faction=faction, level=1, unit=unit)
    two = make_contact(world.account, f"{evil}2", decision_role="decider", stance=-1)
    process = BuyingProcess.objects.create(account=world.account, name=evil, note=evil)
    source, target = (Position.objects.get(contact=contact) for contact in (one, two))
    Influence.objects.create(source=source, target=target, process=process)
    DecisionStep.objects.create(process=process, name=evil, criterion=evil, owner=source)
    StanceChange.objects.create(
        position=source, stance=1, noted_on=dt.date(2024, 1, 1), note=evil, user=world.rep
    )
    client = log_in(world.rep)
    for query in (
        "",
        f"?process={process.pk}",
        f"?person={source.pk}",
        f"?process={process.pk}&arrow={Influence.objects.get().pk}",
    ):
        text = client.get(url(world, query)).content.decode()
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text
    for page in ("", "organisation/", f"contacts/known/?person-name={evil}"):
        assert "<script>alert" not in client.get(f"{world.account.get_absolute_url()}{page}").content.decode()


def test_the_number_of_queries_does_not_grow(world: World, people: list[Position], log_in: LogIn) -> None:
    process = BuyingProcess.objects.create(account=world.account, name="x")
    client = log_in(world.rep)
    page, open_person = url(world, f"?process={process.pk}"), f"?process={process.pk}&person={people[0].pk}"
    assert_query_count(client, page, "decision map")
    for number in range(9):
        contact = make_contact(world.account, f"第{number}人", level=number % 4 + 1)
        member = Position.objects.get(contact=contact)
        Influence.objects.create(source=member, target=people[0])
        DecisionStep.objects.create(process=process, name=str(number), owner=member)
        Faction.objects.create(account=world.account, name=str(number))
        StanceChange.objects.create(
            position=people[0], stance=1, noted_on=dt.date(2024, 1, 1), user=world.rep
        )
        OrganisationUnit.objects.create(account=world.account, name=str(number))
    assert_query_count(client, page, "decision map")
    assert_query_count(client, url(world, open_person), "decision map, a person")
    assert_query_count(client, f"{world.account.get_absolute_url()}organisation/", "organisation")


def test_the_tree_is_changed_through_its_forms(world: World, log_in: LogIn) -> None:
    client, base = log_in(world.rep), world.account.get_absolute_url()
    client.post(f"{base}units/new/", {"name": "总部"})
    head = OrganisationUnit.objects.get()
    client.post(f"{base}units/new/?parent={head.pk}", {"name": "采购部", "parent": head.pk, "order": "2"})
    part = OrganisationUnit.objects.get(name="采购部")
    assert (part.parent, part.order) == (head, 2)
    answer = client.post(f"/units/{head.pk}/edit/", {"name": "总部", "parent": part.pk})
    assert "cannot stand above it" in answer.content.decode()
    text = client.get(f"{base}organisation/").content.decode()
    assert text.index("总部</h2>") < text.index("采购部</h2>")
    client.post(f"/units/{head.pk}/delete/")
    part.refresh_from_db()
    assert part.parent is None
    assert log_in(world.stranger).get(f"/units/{part.pk}/edit/").status_code == 404


def test_leaders_set_when_information_is_old(world: World, log_in: LogIn) -> None:
    from crm.decisions.alerts import alert_parameters

    client = log_in(world.manager)
    data = {"unmet_days": "30", "stale_months": "3", "key_influence": "5", "reason": "重点项目"}
    assert client.post("/decision-limits/", data).status_code == 302
    assert (alert_parameters().unmet_days, alert_parameters().stale_months) == (30, 3)
    wrong = client.post("/decision-limits/", data | {"unmet_days": "0"})
    assert wrong.context["form"].errors
    assert log_in(world.rep).get("/decision-limits/").status_code == 404

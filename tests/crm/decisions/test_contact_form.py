"""A person's form: unit, reporting line, stance with its history, and a person who belongs to two accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from crm.models import Contact, OrganisationUnit, Position, StanceChange, User
from tests.factories import make_account, make_contact
from tests.fixtures import World

LogIn = Callable[[User], Client]


def test_a_person_known_elsewhere_is_taken_not_entered_twice(world: World, log_in: LogIn) -> None:
    client, second = log_in(world.rep), make_account(world.rep, number="C-2", name="第二家公司")
    person = make_contact(world.account, "王建国", title="总经理")
    base = second.get_absolute_url()
    offered = client.get(f"{base}contacts/known/", {"person-name": "wangjianguo"}).content.decode()
    assert f"{base}contacts/new/?contact={person.pk}" in offered
    assert "总经理" in offered
    taken = f"{base}contacts/new/?contact={person.pk}"
    assert 'value="王建国"' in client.get(taken).content.decode()
    client.post(taken, {"person-name": "王建国", "position-title": "顾问"})
    assert Contact.objects.filter(name="王建国").count() == 1
    assert set(person.positions.values_list("account", "title")) == {
        (world.account.pk, "总经理"),
        (second.pk, "顾问"),
    }
    # Asked again, it is the place that the person has now; offered again, it says so.
    here = Position.objects.get(contact=person, account=second)
    assert client.get(taken)["Location"] == f"/positions/{here.pk}/edit/"
    assert (
        "at this account already" in client.get(f"{base}contacts/known/?person-name=王建国").content.decode()
    )
    assert "also works at" in client.get(f"/positions/{here.pk}/edit/").content.decode()


def test_people_out_of_sight_are_neither_offered_nor_taken(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    hidden = make_contact(world.strangers_account, "隐身人")
    base = world.account.get_absolute_url()
    assert "隐身人" not in client.get(f"{base}contacts/known/?person-name=隐身人").content.decode()
    assert client.get(f"{base}contacts/new/?contact={hidden.pk}").status_code == 404
    assert client.post(f"{base}contacts/new/?contact={hidden.pk}", {"person-name": "x"}).status_code == 404


def test_a_shared_persons_other_account_out_of_sight_is_not_named(world: World, log_in: LogIn) -> None:
    person = make_contact(world.account, "王建国")
    Position.objects.create(contact=person, account=world.strangers_account)
    here = Position.objects.get(contact=person, account=world.account)
    text = log_in(world.rep).get(f"/positions/{here.pk}/edit/").content.decode()
    assert "Stranger Gears" not in text


def test_the_forms_stance_goes_into_the_history(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    person = Position.objects.get(contact=make_contact(world.account, "李工"))
    edit = f"/positions/{person.pk}/edit/"
    data = {"person-name": "李工", "position-title": "工程师"}
    client.post(edit, data)
    assert not StanceChange.objects.exists()
    told = {"position-stance": "1", "position-stance_source": "told", "position-stance_day": "2024-03-01"}
    client.post(edit, data | told)
    change = StanceChange.objects.get()
    assert (change.stance, change.source, change.noted_on) == (1, "told", dt.date(2024, 3, 1))
    # Saved again without a change of stance, nothing is added.
    client.post(edit, data | told | {"position-title": "总工"})
    assert StanceChange.objects.count() == 1
    # A note about an earlier day does not overwrite.
    client.post(edit, data | told | {"position-stance": "-1", "position-stance_day": "2023-03-01"})
    person.refresh_from_db()
    assert (person.stance, person.stance_noted_on) == (1, dt.date(2024, 3, 1))
    assert StanceChange.objects.count() == 2
    late = str(timezone.localdate() + dt.timedelta(days=1))
    refused = client.post(edit, data | told | {"position-stance": "0", "position-stance_day": late})
    assert refused.context["position_form"].errors
    client.post(edit, data | {"position-stance": ""})
    person.refresh_from_db()
    assert person.stance is None
    assert StanceChange.objects.count() == 2


def test_unit_and_boss_are_of_the_same_account(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    boss, worker = (
        Position.objects.get(contact=make_contact(world.account, name)) for name in ("王总", "赵工")
    )
    unit = OrganisationUnit.objects.create(account=world.account, name="采购部")
    theirs = OrganisationUnit.objects.create(account=world.strangers_account, name="x")
    data = {
        "person-name": "赵工",
        "position-unit": unit.pk,
        "position-reports_to": boss.pk,
        "position-level": "3",
    }
    client.post(f"/positions/{worker.pk}/edit/", data)
    worker.refresh_from_db()
    assert (worker.unit, worker.reports_to, worker.level) == (unit, boss, 3)
    wrong = client.post(f"/positions/{worker.pk}/edit/", data | {"position-unit": theirs.pk})
    assert "unit" in wrong.context["position_form"].errors
    circle = {"person-name": "王总", "position-reports_to": worker.pk}
    answer = client.post(f"/positions/{boss.pk}/edit/", circle)
    assert "赵工 reports to 王总 already" in answer.content.decode()
    boss.refresh_from_db()
    assert boss.reports_to is None

"""Personal details: only with the right and in sight, every use on record, a copy, and erasure that erases."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from crm.models import (
    Contact,
    IdempotencyKey,
    ImportBatch,
    ImportRejection,
    ImportReplacement,
    PersonalDataLog,
    PersonalDetails,
    Position,
    StanceChange,
    User,
    Visit,
)
from crm.operations import RefusedError
from crm.profile.erasure import ERASED_NAME, erase_person
from crm.profile.person_export import person_data
from crm.tokens import create_token
from tests.api.conftest import NOW, ApiClient
from tests.crm.profile.conftest import SECRET
from tests.factories import make_contact, make_visit
from tests.fixtures import World

LogIn = Callable[[User], Client]
TODAY = dt.date(2025, 6, 20)
PAGES = ("", "edit/", "log/", "export/", "erase/")


def allow(*users: User) -> None:
    User.objects.filter(pk__in=[user.pk for user in users]).update(sees_personal_details=True)
    for user in users:
        user.refresh_from_db()


def uses() -> list[tuple[str, str]]:
    return list(PersonalDataLog.objects.order_by("pk").values_list("use", "user__username"))


def url(contact: Contact, part: str = "") -> str:
    return f"/contacts/{contact.pk}/personal/{part}"


def test_without_the_right_or_out_of_sight_there_is_nothing(
    world: World, log_in: LogIn, person: Contact
) -> None:
    allow(world.stranger)
    for user in (world.rep, world.manager, world.analyst, world.stranger):
        for part in PAGES:
            assert log_in(user).get(url(person, part)).status_code == 404, (user, part)
        assert log_in(user).post(url(person, "erase/"), {"level": "person", "sure": "on"}).status_code == 404
    # An administrator without the right answers for the log, and sees nothing else.
    statuses = [log_in(world.administrator).get(url(person, part)).status_code for part in PAGES]
    assert statuses == [404, 404, 200, 404, 404]
    assert uses() == []
    assert PersonalDetails.objects.exists()


def test_every_read_and_change_is_one_line_in_the_log(world: World, log_in: LogIn, person: Contact) -> None:
    allow(world.rep)
    client = log_in(world.rep)
    page = client.get(url(person)).content.decode()
    assert SECRET in page
    assert uses() == [("read", "rep")]
    form = client.get(url(person, "edit/")).context["form"]
    assert uses() == [("read", "rep")] * 2
    data = {"health": "fine", "consent": "wrote it", "shown": form.initial["shown"]}
    assert client.post(url(person, "edit/"), data).status_code == 302
    assert uses()[2:] == [("change", "rep")]
    # An old form overwrites nothing, and says so.
    assert client.post(url(person, "edit/"), data | {"health": "old"}).status_code == 409
    assert PersonalDetails.objects.get().health == "fine"
    client.get(url(person, "log/"))
    client.get(url(person, "erase/"))
    assert len(uses()) == 3
    log = client.get(url(person, "log/")).content.decode()
    assert log.count("<td>Read</td>") == 2
    assert log.count("<td>Changed</td>") == 1
    assert SECRET not in log


def test_nothing_is_kept_without_consent(world: World, log_in: LogIn, person: Contact) -> None:
    allow(world.rep)
    client = log_in(world.rep)
    shown = client.get(url(person, "edit/")).context["form"].initial["shown"]
    response = client.post(
        url(person, "edit/"), {"hobbies": "Chess", "birth_date": "2999-01-01", "shown": shown}
    )
    assert set(response.context["form"].errors) == {"consent", "birth_date"}
    assert PersonalDetails.objects.get().hobbies == ""


def test_a_copy_holds_everything_about_the_person_and_is_on_record(
    world: World, log_in: LogIn, person: Contact
) -> None:
    allow(world.rep)
    position = Position.objects.get(contact=person)
    StanceChange.objects.create(
        position=position, stance=-1, noted_on=dt.date(2024, 1, 1), note="Price", user=world.rep
    )
    visit = make_visit(
        world.account, world.rep, dt.datetime(2024, 5, 1, 9, tzinfo=dt.UTC), purpose="Quarterly talk"
    )
    visit.contacts.add(person)
    Position.objects.create(contact=person, account=world.strangers_account, title="Hidden adviser")
    client = log_in(world.rep)
    data = json.loads(client.get(url(person, "export/")).content)
    assert uses() == [("export", "rep")]
    assert data["personal_details"]["health"] == SECRET
    assert data["contact"]["mobile"] == "13912345678"
    assert data["visits"][0]["purpose"] == "Quarterly talk"
    assert data["stances"][0]["note"] == "Price"
    assert len(data["log"]) == 1
    assert data["positions_not_shown"] == 1
    assert "Hidden adviser" not in json.dumps(data)
    csv = b"".join(client.get(url(person, "export/?format=csv")).streaming_content).decode("utf-8-sig")
    for text in (SECRET, "13912345678", "Quarterly talk", "Price"):
        assert text in csv
    assert client.get(url(person, "export/?format=xlsx")).status_code == 200
    assert client.get(url(person, "export/?format=exe")).status_code == 404
    assert len(uses()) == 3


def everything() -> str:
    """Every table as text, the log of uses and all."""
    with connection.cursor() as cursor:
        texts = []
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{table}\" t")
            texts.append(f"{table}: {cursor.fetchone()[0]}")
    return "\n".join(texts)


def test_erasing_the_details_leaves_the_contact(world: World, log_in: LogIn, person: Contact) -> None:
    allow(world.rep)
    client = log_in(world.rep)
    assert client.post(url(person, "erase/"), {"level": "details"}).status_code == 200
    assert PersonalDetails.objects.exists(), "not without being sure"
    assert client.post(url(person, "erase/"), {"level": "details", "sure": "on"}).status_code == 302
    assert uses() == [("erase", "rep")]
    text = everything()
    assert SECRET not in text
    assert "Two daughters" not in text
    person.refresh_from_db()
    assert person.name == "周志强"
    assert Position.objects.get(contact=person).left_on is None


def test_an_erased_person_is_nowhere_to_be_found(world: World, log_in: LogIn, person: Contact) -> None:
    allow(world.rep)
    position = Position.objects.get(contact=person)
    StanceChange.objects.create(
        position=position,
        stance=1,
        noted_on=dt.date(2024, 1, 1),
        note="Zhou Zhiqiang told us",
        user=world.rep,
    )
    visit = make_visit(
        world.account, world.rep, dt.datetime(2024, 5, 1, 9, tzinfo=dt.UTC),
        note="周志强说价格高。周志强国在场。Zhou Zhiqiang agreed.",
    )  # fmt: skip
    visit.contacts.add(person)
    make_contact(world.account, "周志强国")
    batch = ImportBatch.objects.create(kind="contacts", filename="c.csv", file="c")
    ImportReplacement.objects.create(
        batch=batch, table="crm_contact", row_id=person.pk, before={"name": "周志强", "mobile": "13912345678"}
    )
    ImportRejection.objects.create(
        batch=batch, row_number=2, column="mail", value="x", cause="x", original=["周志强", "13912345678"]
    )
    answer = json.dumps(
        {"id": 1, "name": "周志强", "mobile": "13912345678", "positions": []}, ensure_ascii=False
    )
    body = answer.replace(": ", ":").replace(", ", ",")
    IdempotencyKey.objects.create(user=world.rep, key="k", fingerprint="f", status=201, body=body)
    client = log_in(world.rep)
    answered = client.post(url(person, "erase/"), {"level": "person", "sure": "on"})
    assert answered["Location"] == f"{world.account.get_absolute_url()}#panel-people"
    text = everything().replace("周志强国", "")
    for trace in (
        "周志强",
        "Zhou Zhiqiang",
        "13912345678",
        SECRET,
        "Two daughters",
        "总工程师",
        "zhouzhiqiang",
    ):
        assert trace not in text.replace("zhouzhiqiangguo", ""), trace
    person.refresh_from_db()
    assert person.name == ERASED_NAME
    assert Position.objects.get(contact=person).left_on is not None
    assert list(Visit.objects.get().contacts.all()) == [person]
    assert Visit.objects.get().note == "…说价格高。周志强国在场。… agreed."
    assert IdempotencyKey.objects.filter(key="k").exists(), "a retry must still be recognised"
    assert not Contact.objects.visible_to(world.rep).matching("周志强").filter(pk=person.pk).exists()
    assert uses() == [("erase", "rep")]


def test_somebody_who_also_works_elsewhere_is_not_erased_by_one_team(world: World, person: Contact) -> None:
    Position.objects.create(contact=person, account=world.strangers_account)
    with pytest.raises(RefusedError):
        erase_person(contact=person, user=world.rep, today=TODAY)
    person.refresh_from_db()
    assert person.name == "周志强"
    erase_person(contact=person, user=world.administrator, today=TODAY)
    assert set(Position.objects.filter(contact=person).values_list("left_on", flat=True)) == {TODAY}


def test_the_details_are_in_no_other_page_and_no_api(world: World, log_in: LogIn, person: Contact) -> None:
    allow(*world.users.values())
    client = log_in(world.administrator)
    position = Position.objects.get(contact=person)
    for path in (
        world.account.get_absolute_url(), f"/positions/{position.pk}/edit/", f"/search/?q={SECRET}",
        "/accounts/?q=Diabetes", f"{world.account.get_absolute_url()}profile/", "/accounts/export/",
    ):  # fmt: skip
        response = client.get(path)
        text = (b"".join(response.streaming_content) if response.streaming else response.content).decode()
        assert "Two daughters" not in text, path
        assert f">{SECRET}" not in text, path
    token = create_token(user=world.administrator, scope="read", now=NOW)[1]
    answer = ApiClient(token).call("GET", f"contacts/{person.pk}")
    assert SECRET not in answer.content.decode()
    assert "birth" not in answer.content.decode()
    assert uses() == []


def test_only_an_administrator_gives_the_right(world: World, log_in: LogIn) -> None:
    body = {
        "username": "rep",
        "role": "rep",
        "language": "en",
        "is_active": "on",
        "sees_personal_details": "on",
    }
    path = f"/people/{world.rep.pk}/edit/"
    assert log_in(world.manager).post(path, body).status_code == 404
    log_in(world.administrator).post(path, body)
    world.rep.refresh_from_db()
    assert world.rep.sees_personal_details


def test_a_contact_gone_leaves_a_nameless_log(world: World, log_in: LogIn, person: Contact) -> None:
    allow(world.rep)
    log_in(world.rep).get(url(person))
    number = person.pk
    data = person_data(person, world.rep)
    assert data["personal_details"]
    person.delete()
    entry = PersonalDataLog.objects.get()
    assert (entry.contact_id, entry.contact_number) == (None, number)

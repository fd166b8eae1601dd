"""Tasks: given to whoever sees the account, finished in place, changed by two without losing anything."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.access import users_seeing
from crm.models import Account, Notice, Role, Task, User
from crm.operations import RefusedError
from crm.work.day import TasksDue
from crm.work.tasks import create_task, set_done
from tests.factories import make_account, make_territory, make_user
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
NOW = dt.datetime(2026, 6, 30, 9, tzinfo=dt.UTC)
TODAY = dt.date(2026, 6, 30)


def make_task(world: World, **fields: Any) -> Task:
    values: dict[str, Any] = {"title": "Send the offer", "assignee": world.rep, "creator": world.manager}
    return Task.objects.create(**{"account": world.account, **values, **fields})


def test_who_sees_an_account_is_the_same_from_both_sides(world: World) -> None:
    city = make_territory("Shanghai", world.east)
    lead = make_user(Role.MANAGER, world.china)
    make_user(Role.MANAGER, world.west)
    make_user(Role.REP, city)
    make_user(Role.REP, world.china)
    make_user(Role.REP, world.east, is_active=False)
    make_account(lead, city)
    make_account(None, city)
    make_account(world.stranger, None)
    make_account(None, None)
    make_account(world.rep, world.west, merged_into=world.account)
    people = list(User.objects.all())
    for account in Account.objects.all():
        there = set(users_seeing(User.objects.all(), account))
        assert there == {user for user in people if account in Account.objects.visible_to(user)}, account
    assert len(people) >= 11


def test_a_task_is_given_and_the_colleague_is_told(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    data = {"title": "Bring samples", "assignee": world.colleague.pk, "due_on": "2026-07-01", "urgent": "on"}
    response = client.post(f"/tasks/new/?account={world.account.pk}", {**data, "account": world.account.pk})
    assert response["Location"] == f"{world.account.get_absolute_url()}#panel-tasks"
    task = Task.objects.get()
    assert (task.account, task.assignee, task.creator, task.urgent) == (
        world.account,
        world.colleague,
        world.rep,
        True,
    )
    notice = Notice.objects.get()
    assert (notice.recipient, notice.kind, notice.path) == (world.colleague, "assigned", f"/tasks/{task.pk}/")
    assert notice.text == "王伟 gave you a task: Bring samples"


def test_a_task_for_oneself_tells_nobody(world: World, log_in: LogIn) -> None:
    log_in(world.rep).post("/tasks/new/", {"title": "Tidy up", "assignee": world.rep.pk})
    assert Task.objects.get().account is None
    assert not Notice.objects.exists()


def test_nobody_gets_work_on_an_account_out_of_sight(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    data = {"title": "x", "assignee": world.stranger.pk, "account": world.account.pk}
    assert "assignee" in client.post("/tasks/new/", data).context["form"].errors
    with pytest.raises(RefusedError, match="does not see"):
        create_task(
            task=Task(title="x", assignee=world.stranger, account=world.account), creator=world.rep, now=NOW
        )
    data = {"title": "x", "assignee": world.rep.pk, "account": world.strangers_account.pk}
    assert "account" in client.post("/tasks/new/", data).context["form"].errors
    assert client.get(f"/tasks/new/?account={world.strangers_account.pk}").status_code == 404
    assert not Task.objects.exists()


def test_who_may_do_it_is_offered_by_the_account(world: World, log_in: LogIn) -> None:
    options = log_in(world.rep).get(f"/tasks/assignees/?account={world.account.pk}").content.decode()
    offered = {int(number) for number in re.findall(r'value="(\d+)"', options)}
    assert offered == {user.pk for name, user in world.users.items() if name != "stranger"}
    assert log_in(world.stranger).get(f"/tasks/assignees/?account={world.account.pk}").status_code == 404


def test_a_step_of_a_visit_becomes_a_task(world: World, log_in: LogIn) -> None:
    page = log_in(world.rep).get(f"/tasks/new/?account={world.account.pk}&title=Call+back&due_on=2026-07-03")
    form = page.context["form"]
    assert (form["title"].value(), form["due_on"].value()) == ("Call back", "2026-07-03")
    assert form["account"].value() == world.account.pk


def test_done_and_undone_in_place(world: World, log_in: LogIn) -> None:
    task, client = make_task(world), log_in(world.rep)
    headers = {"HX-Request": "true"}
    row = client.post(f"/tasks/{task.pk}/done/", {"done": "1"}, headers=headers).content.decode()
    assert "task-done" in row
    assert "<html" not in row
    row = client.post(f"/tasks/{task.pk}/done/", {"done": "0"}, headers=headers).content.decode()
    assert "task-done" not in row
    task.refresh_from_db()
    assert task.done_at is None


def test_the_account_of_a_task_stays(world: World, log_in: LogIn) -> None:
    task, client = make_task(world), log_in(world.rep)
    assert 'name="account"' not in client.get(f"/tasks/{task.pk}/").content.decode()
    client.post(
        f"/tasks/{task.pk}/", edit_data(client, task, account=world.colleagues_account.pk, title="New")
    )
    task.refresh_from_db()
    assert (task.account, task.title) == (world.account, "New")


def test_a_second_click_keeps_the_first_moment(world: World) -> None:
    task = make_task(world)
    set_done(task=task, done=True, now=NOW)
    assert set_done(task=task, done=True, now=NOW + dt.timedelta(hours=1)).done_at == NOW


def edit_data(client: Client, task: Task, **changes: Any) -> dict[str, Any]:
    """What the form sends back as it was opened, with some fields changed."""
    form = client.get(f"/tasks/{task.pk}/").context["form"]
    return {**form.as_shown(), "base": form.initial["base"], **changes}


def test_two_people_change_different_fields_and_both_stay(world: World, log_in: LogIn) -> None:
    task = make_task(world, due_on=dt.date(2026, 7, 1), remind_at=NOW, note="One\nTwo")
    rep, manager = log_in(world.rep), log_in(world.manager)
    mine = edit_data(rep, task, title="Send the new offer", note="One\r\nTwo")
    theirs = edit_data(manager, task, due_on="2026-07-15", urgent="on")
    assert manager.post(f"/tasks/{task.pk}/", theirs).status_code == 302
    assert rep.post(f"/tasks/{task.pk}/", mine).status_code == 302
    task.refresh_from_db()
    assert (task.title, task.due_on, task.urgent) == ("Send the new offer", dt.date(2026, 7, 15), True)
    assert (task.note, task.remind_at) == ("One\nTwo", NOW)


def test_two_people_change_the_same_field_and_the_second_is_told(world: World, log_in: LogIn) -> None:
    task = make_task(world)
    rep, manager = log_in(world.rep), log_in(world.manager)
    mine = edit_data(rep, task, title="Mine")
    manager.post(f"/tasks/{task.pk}/", edit_data(manager, task, title="Theirs"))
    response = rep.post(f"/tasks/{task.pk}/", mine)
    assert response.status_code == 409
    html = response.content.decode()
    assert "Somebody changed this task" in html
    assert "What is to be done: <strong>Theirs</strong>" in html, response.context["theirs"]
    task.refresh_from_db()
    assert task.title == "Theirs"
    again = {**mine, "base": response.context["form"].data["base"]}
    assert rep.post(f"/tasks/{task.pk}/", again).status_code == 302
    task.refresh_from_db()
    assert task.title == "Mine"


def test_a_new_assignee_is_told_also_the_second_time(world: World, log_in: LogIn) -> None:
    task, client = make_task(world), log_in(world.manager)
    for person in (world.colleague, world.rep, world.colleague):
        client.post(f"/tasks/{task.pk}/", edit_data(client, task, assignee=person.pk))
    told = list(Notice.objects.order_by("pk").values_list("recipient__username", flat=True))
    assert told == ["colleague", "rep", "colleague"]


def test_a_moved_reminder_is_to_come_again(world: World, log_in: LogIn) -> None:
    task, client = make_task(world, remind_at=NOW, reminded_at=NOW), log_in(world.rep)
    client.post(f"/tasks/{task.pk}/", edit_data(client, task, title="Other"))
    task.refresh_from_db()
    assert task.reminded_at == NOW
    client.post(f"/tasks/{task.pk}/", edit_data(client, task, remind_at="2026-07-02T08:00"))
    task.refresh_from_db()
    assert task.reminded_at is None


def test_tasks_out_of_sight_do_not_exist(world: World, log_in: LogIn) -> None:
    with_account, without = make_task(world), make_task(world, account=None)
    for task in (with_account, without):
        assert log_in(world.stranger).get(f"/tasks/{task.pk}/").status_code == 404
        assert log_in(world.stranger).post(f"/tasks/{task.pk}/done/", {"done": "1"}).status_code == 404
    assert log_in(world.colleague).get(f"/tasks/{with_account.pk}/").status_code == 200
    assert log_in(world.colleague).get(f"/tasks/{without.pk}/").status_code == 404
    assert log_in(world.rep).get(f"/tasks/{without.pk}/").status_code == 200
    assert log_in(world.analyst).get(f"/tasks/{without.pk}/").status_code == 200


def test_the_list_shows_what_is_asked_for(world: World, log_in: LogIn) -> None:
    today = timezone.localdate()
    day = dt.timedelta(days=1)
    make_task(world, title="late", due_on=today - day)
    make_task(world, title="today", due_on=today, urgent=True)
    make_task(world, title="someday")
    make_task(world, title="given", assignee=world.colleague, creator=world.rep)
    make_task(world, title="finished", done_at=NOW)
    make_task(world, title="strange", account=world.strangers_account, assignee=world.stranger)
    client = log_in(world.rep)

    def listed(query: str = "") -> list[str]:
        return [task.title for task in client.get(f"/tasks/{query}").context["page"]]

    assert listed() == ["late", "today", "someday"]
    assert listed("?sort=urgent") == ["today", "late", "someday"]
    assert listed("?due=overdue") == ["late"]
    assert listed("?due=none") == ["someday"]
    assert listed("?urgent=1") == ["today"]
    assert listed("?show=given") == ["given"]
    assert set(listed("?show=team")) == {"late", "today", "someday", "given"}
    assert listed(f"?show=team&assignee={world.colleague.pk}") == ["given"]
    assert listed("?show=done") == ["finished"]
    assert set(listed("?q=dongfang&show=team")) == {"late", "today", "someday", "given"}
    assert listed("?q=some") == ["someday"]
    assert listed("?sort=nonsense&show=nonsense&assignee=²") == ["late", "today", "someday"]
    assert "Overdue ·" in client.get("/tasks/").content.decode()


def test_the_list_as_a_file(world: World, log_in: LogIn) -> None:
    make_task(world, title="=cmd()", due_on=TODAY)
    body = b"".join(log_in(world.rep).get("/tasks/export/?format=csv").streaming_content).decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(body))
    assert (row["Task"], row["Account number"], row["Due on"]) == ("'=cmd()", "C-REP", "2026-06-30")
    assert log_in(world.rep).get("/tasks/export/?format=xlsx").status_code == 200
    assert log_in(world.rep).get("/tasks/export/?format=exe").status_code == 404


def test_my_day_has_what_is_due(world: World) -> None:
    make_task(world, title="late", due_on=TODAY - dt.timedelta(days=2))
    make_task(world, title="today", due_on=TODAY)
    make_task(world, title="urgent", urgent=True)
    make_task(world, title="later", due_on=TODAY + dt.timedelta(days=1))
    make_task(world, title="done", due_on=TODAY, done_at=NOW)
    make_task(world, title="other", due_on=TODAY, assignee=world.colleague)
    make_task(world, title="gone", due_on=TODAY, account=world.strangers_account)
    items = TasksDue().items(user=world.rep, today=TODAY)
    assert [(item.title, item.tone) for item in items] == [
        ("late", "bad"),
        ("today", "warn"),
        ("urgent", "warn"),
    ]
    assert items[0].detail == "2 days overdue"


def test_what_is_typed_is_text(world: World, log_in: LogIn) -> None:
    make_task(world, title="<script>alert(1)</script>", note="<b>x</b>")
    for path in ("/tasks/", f"/accounts/{world.account.pk}/panels/tasks/"):
        html = log_in(world.rep).get(path).content.decode()
        assert "<script>alert(1)" not in html
        assert "&lt;script&gt;alert(1)" in html


def test_queries_do_not_grow_with_tasks(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    for _round in range(2):
        for number in range(4):
            make_task(world, account=make_account(world.rep), creator=make_user(), due_on=TODAY)
            make_task(world, title=str(number))
        assert_query_count(client, "/tasks/", "task list")
        assert_query_count(client, "/tasks/?show=team", "task list of the team")
        assert_query_count(client, f"/tasks/new/?account={world.account.pk}", "task form")
        assert_query_count(client, f"/accounts/{world.account.pk}/panels/tasks/", "tasks panel")

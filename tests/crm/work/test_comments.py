"""Comments: text, with the colleagues it names; told once, and only those who see the account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from crm.models import Comment, Notice, Role, User
from crm.work.mentions import mentions_in, shown
from tests.factories import make_complaint, make_user, make_visit
from tests.fixtures import World
from tests.query_counts import assert_query_count

LogIn = Callable[[User], Client]
HX = {"HX-Request": "true"}


def url(world: World, query: str = "") -> str:
    return f"/accounts/{world.account.pk}/comments/{query}"


def told() -> list[str]:
    return sorted(Notice.objects.values_list("recipient__username", flat=True))


def test_whoever_is_named_is_told_once(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    html = client.post(
        url(world), {"text": "@colleague and @Manager, @rep: look"}, headers=HX
    ).content.decode()
    comment = Comment.objects.get()
    assert set(comment.mentioned.all()) == {world.colleague, world.manager, world.rep}
    assert told() == ["colleague", "manager"], "not oneself"
    assert '<span class="mention" title="colleague">@colleague</span>' in html
    assert "@王伟" in html
    notice = Notice.objects.get(recipient=world.colleague)
    assert (notice.path, notice.comment, notice.account) == (url(world), comment, world.account)
    client.post(f"/comments/{comment.pk}/edit/", {"text": "@colleague @analyst again"}, headers=HX)
    assert told() == ["analyst", "colleague", "manager"]


@pytest.mark.parametrize("name", ["stranger", "nobody"])
def test_a_name_that_does_not_see_the_account_stays_plain_and_nothing_tells_whether_it_exists(
    world: World, log_in: LogIn, name: str
) -> None:
    html = log_in(world.rep).post(url(world), {"text": f"ask @{name}"}, headers=HX).content.decode()
    assert f"nobody was told: @{name}" in html
    assert 'class="mention"' not in html
    assert not Notice.objects.exists()
    assert not Comment.objects.get().mentioned.exists()


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("@wang.wei请看", ["wang.wei"]),
        ("请@wang.wei, 看", []),
        ("请 @wang.wei，看", ["wang.wei"]),
        ("(@wang.wei)", ["wang.wei"]),
        ("@wang.wei.", ["wang.wei"]),
        ("@wang.weiss", []),
        ("@wang", ["wang"]),
        ("mail to x@wang.wei or a.b@wang.wei", []),
        ("@@wang.wei", []),
        ("@ wang.wei", []),
        ("@WANG.WEI", ["wang.wei"]),
        ("@wang.wei @wang.wei @wang", ["wang.wei", "wang"]),
        ("@李娜，好", ["李娜"]),
    ],
)
def test_names_are_found_in_both_languages(world: World, text: str, people: list[str]) -> None:
    for name in ("wang.wei", "wang", "李娜"):
        make_user(Role.REP, world.east, username=name)
    assert [user.username for user in mentions_in(text, world.account).people] == people


@given(st.text(max_size=60))
def test_whatever_is_typed_comes_out_as_the_same_text(text: str) -> None:
    assert unescape(str(shown(text, []))) == text
    assert "<" not in str(shown(text, []))


def test_html_is_text_and_lines_stay(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    client.post(url(world), {"text": "<img src=x onerror=alert(1)>\n@rep<script>"})
    for headers in ({}, HX):
        html = client.get(url(world), headers=headers).content.decode()
        assert "&lt;img src=x onerror=alert(1)&gt;<br>" in html
        assert "<img src=x" not in html
        assert "<script>" not in html.split('class="comment')[-1]


def test_a_comment_belongs_to_a_visit_or_complaint_of_the_account(world: World, log_in: LogIn) -> None:
    visit = make_visit(world.account, world.rep, dt.datetime(2026, 6, 1, tzinfo=dt.UTC))
    complaint = make_complaint(world.account, dt.date(2026, 6, 1))
    elsewhere = make_complaint(world.strangers_account, dt.date(2026, 6, 1))
    client = log_in(world.rep)
    client.post(url(world, f"?visit={visit.pk}"), {"text": "on the visit @manager"})
    client.post(url(world, f"?complaint={complaint.pk}"), {"text": "on the complaint"})
    client.post(url(world), {"text": "on the account"})
    assert [c.text for c in client.get(url(world, f"?visit={visit.pk}")).context["page"]] == [
        "on the visit @manager"
    ]
    assert len(client.get(url(world)).context["page"]) == 3, "the account's page has them all"
    assert Notice.objects.get().path == url(world, f"?visit={visit.pk}")
    for query in (f"?complaint={elsewhere.pk}", "?visit=x", "?visit=999999999"):
        assert client.post(url(world, query), {"text": "x"}).status_code == 404


def test_sent_twice_is_one_comment(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    for _attempt in range(2):
        client.post(url(world), {"text": "Once @manager"}, headers=HX)
    assert Comment.objects.count() == 1
    assert told() == ["manager"]


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_nothing_and_too_much_are_refused(world: World, log_in: LogIn, text: str) -> None:
    response = log_in(world.rep).post(url(world), {"text": text}, headers=HX)
    assert "text" in response.context["form"].errors
    assert not Comment.objects.exists()


def test_only_the_author_changes_and_deletes(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    client.post(url(world), {"text": "First @manager"})
    comment = Comment.objects.get()
    for other in (world.colleague, world.manager, world.administrator, world.stranger):
        for action in ("edit", "delete"):
            assert log_in(other).get(f"/comments/{comment.pk}/{action}/").status_code == 404
            assert log_in(other).post(f"/comments/{comment.pk}/{action}/", {"text": "x"}).status_code == 404
    row = client.post(f"/comments/{comment.pk}/edit/", {"text": "Second"}, headers=HX).content.decode()
    assert "Second" in row
    assert "changed" in row
    assert "<html" not in row
    assert "cannot be undone" in client.get(f"/comments/{comment.pk}/delete/", headers=HX).content.decode()
    assert Comment.objects.exists()
    assert client.post(f"/comments/{comment.pk}/delete/", headers=HX).content == b""
    assert not Comment.objects.exists()
    assert not Notice.objects.exists()


def test_accounts_out_of_sight_have_no_comments(world: World, log_in: LogIn) -> None:
    client = log_in(world.stranger)
    assert client.get(url(world)).status_code == 404
    assert client.post(url(world), {"text": "x"}).status_code == 404
    assert client.get(f"/accounts/{world.account.pk}/colleagues/?q=").status_code == 404


def test_an_at_sign_offers_those_who_see_the_account(world: World, log_in: LogIn) -> None:
    client = log_in(world.colleague)

    def offered(text: str) -> list[str]:
        answer = client.get(f"/accounts/{world.account.pk}/colleagues/", {"q": text}).json()
        return [person["username"] for person in answer["people"]]

    assert offered("") == ["administrator", "analyst", "manager", "rep"]
    assert offered("王伟") == ["rep"]
    assert offered("MAN") == ["manager"]
    assert offered("stranger") == []


def test_queries_do_not_grow_with_comments(world: World, log_in: LogIn) -> None:
    client = log_in(world.rep)
    for start in (0, 4):
        for number in range(start, start + 4):
            client.post(url(world), {"text": f"{number} @manager @colleague"})
        assert_query_count(client, url(world), "comments")

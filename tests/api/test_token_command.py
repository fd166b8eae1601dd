"""manage.py create_token: stable, for scripts."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from crm.models import ApiToken
from tests.api.conftest import ApiClient


def test_it_prints_the_token_once_and_it_works(world, capsys) -> None:
    call_command("create_token", "rep", "--scope", "read")
    token = capsys.readouterr().out.strip()
    assert ApiClient(token).call("GET", "accounts").status_code == 200
    assert ApiToken.objects.get().scopes == ["read"]


def test_json(world, capsys) -> None:
    options = [
        "--scope",
        "write",
        "--name",
        "ERP",
        "--expires",
        "2999-12-31",
        "--rate",
        "60/minute",
        "--json",
    ]
    call_command("create_token", "analyst", *options)
    shown = json.loads(capsys.readouterr().out)
    row = ApiToken.objects.get(name="ERP")
    assert shown["token"].startswith(row.prefix)
    assert shown["user"] == "analyst"
    assert shown["scopes"] == ["read", "write"]
    # The last day counts in the company's time zone.
    assert shown["expires_at"] == "3000-01-01T00:00:00+08:00"
    assert row.rate == "60/minute"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["nobody", "--scope", "read"], 3),
        (["rep", "--scope", "read", "--expires", "2001-01-01"], 2),
        (["rep", "--scope", "read", "--name", "twice"], 2),
    ],
)
def test_refusals_have_their_own_status(world, capsys, arguments: list[str], status: int) -> None:
    if "twice" in arguments:
        call_command("create_token", *arguments)
    before = ApiToken.objects.count()
    with pytest.raises(CommandError) as refusal:
        call_command("create_token", *arguments)
    assert refusal.value.returncode == status
    assert ApiToken.objects.count() == before


@pytest.mark.parametrize(
    "wrong", [["--expires", "2024-02-30"], ["--scope", "all"], ["--rate", "often"], ["--expires", "soon"]]
)
def test_wrong_arguments(world, wrong: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("create_token", "rep", *wrong, *([] if "--scope" in wrong else ["--scope", "read"]))


def test_an_inactive_user_gets_none(world) -> None:
    world.rep.is_active = False
    world.rep.save()
    with pytest.raises(CommandError) as refusal:
        call_command("create_token", "rep", "--scope", "read")
    assert refusal.value.returncode == 3

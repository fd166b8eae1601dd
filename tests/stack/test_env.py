"""Settings from the environment: what is understood, and the sentence for what is not."""

from pathlib import Path

import pytest

from config.env import (
    ConfigError,
    database_from_url,
    env_bool,
    env_int,
    env_list,
    env_secret,
    env_str,
    home,
    secret_key,
    service_url,
)


def test_an_empty_value_counts_as_unset() -> None:
    assert env_str("NAME", "fallback", environ={"NAME": "  "}) == "fallback"
    with pytest.raises(ConfigError, match="NAME is not set"):
        env_str("NAME", environ={"NAME": ""})


@pytest.mark.parametrize(("text", "meaning"), [("True", True), ("1", True), ("FALSE", False), ("0", False)])
def test_a_switch_is_on_or_off(text: str, meaning: bool) -> None:
    assert env_bool("DEBUG", environ={"DEBUG": text}) is meaning


@pytest.mark.parametrize("text", ["yes", "on", "Flase", "2", "null"])
def test_a_switch_that_is_neither_stops_the_start(text: str) -> None:
    with pytest.raises(ConfigError, match=r"DEBUG=.* is neither True nor False"):
        env_bool("DEBUG", False, environ={"DEBUG": text})


def test_numbers_have_bounds() -> None:
    assert env_int("PORT", 8000, environ={}) == 8000
    assert env_int("PORT", environ={"PORT": " 81 "}) == 81
    for text, sentence in [
        ("8e3", "not a whole number"),
        ("0", "the least is 1"),
        ("70000", "the most is 65535"),
    ]:
        with pytest.raises(ConfigError, match=sentence):
            env_int("PORT", minimum=1, maximum=65535, environ={"PORT": text})


def test_lists_are_separated_by_commas() -> None:
    assert env_list("HOSTS", environ={"HOSTS": " a.example , ,b.example,"}) == ["a.example", "b.example"]
    assert env_list("HOSTS", [], environ={}) == []
    assert env_list("HOSTS", ["localhost"], environ={}) == ["localhost"]
    with pytest.raises(ConfigError):
        env_list("HOSTS", environ={})


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("from the file\n", "utf-8")
    assert env_secret("KEY", environ={"KEY_FILE": str(path)}) == "from the file"
    assert env_secret("KEY", environ={"KEY": "direct"}) == "direct"


def test_a_secret_that_cannot_be_had_fails_with_the_cause(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    for environ, sentence in [
        ({}, "KEY is not set"),
        ({"KEY": "a", "KEY_FILE": "b"}, "both set"),
        ({"KEY_FILE": str(tmp_path / "absent")}, "No such file"),
        ({"KEY_FILE": str(tmp_path)}, "Is a directory"),
        ({"KEY_FILE": str(empty)}, "is empty"),
    ]:
        with pytest.raises(ConfigError, match=sentence):
            env_secret("KEY", environ=environ)
    with pytest.raises(ConfigError, match="too short: 5 characters") as caught:
        env_secret("KEY", min_length=32, environ={"KEY": "short"})
    assert "'short'" not in str(caught.value)


def test_servers_are_found_beside_a_running_demo(tmp_path: Path) -> None:
    environ = {"MAINSTAY_HOME": str(tmp_path)}
    assert home(environ) == tmp_path
    with pytest.raises(ConfigError, match="no demo runs here"):
        service_url("DATABASE_URL", environ=environ)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "DATABASE_URL").write_text("postgresql://u@127.0.0.1/found\n", "utf-8")
    assert service_url("DATABASE_URL", environ=environ).endswith("/found")
    named = environ | {"DATABASE_URL": "postgresql://u@127.0.0.1/named"}
    assert service_url("DATABASE_URL", environ=named).endswith("/named")


def test_the_secret_key_is_named_generated_or_missed_loudly(tmp_path: Path) -> None:
    environ = {"MAINSTAY_HOME": str(tmp_path)}
    with pytest.raises(ConfigError, match="SECRET_KEY is not set"):
        secret_key(environ)
    (tmp_path / "secret-key").write_text("g" * 40, "utf-8")
    assert secret_key(environ) == "g" * 40
    with pytest.raises(ConfigError, match="too short"):
        secret_key(environ | {"SECRET_KEY": "123"})


def test_a_database_address_is_taken_apart() -> None:
    found = database_from_url("postgresql://rep%40x:p%2Fw@db.example:5433/crm?sslmode=require&conn_max_age=5")
    assert found["USER"] == "rep@x"
    assert found["PASSWORD"] == "p/w"
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "5433", "crm")
    assert found["OPTIONS"] == {"sslmode": "require"}
    assert found["CONN_MAX_AGE"] == 5
    socket = database_from_url("postgres://me@/crm?host=/run/postgresql&port=5433")
    assert (socket["HOST"], socket["PORT"], socket["OPTIONS"]) == ("/run/postgresql", "5433", {})


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "no scheme"),
        ("mysql://u@h/x", "runs on PostgreSQL"),
        ("sqlite:///x", "runs on PostgreSQL"),
        ("postgres://h:5432", "names no database"),
        ("postgres://h:5432/", "names no database"),
        ("postgres://h/a/b", "slash"),
        ("postgres://h:port/x", "host or port makes no sense"),
        ("postgres://h/x?conn_max_age=soon", "not a whole number"),
    ],
)
def test_a_database_address_that_makes_no_sense_gets_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        database_from_url(url)


def test_a_wrong_address_does_not_show_its_password() -> None:
    with pytest.raises(ConfigError) as caught:
        database_from_url("postgres://u:s3cr/et@h:5432/x")
    assert "s3cr" not in str(caught.value)

"""Settings from the environment, read strictly: a wrong value stops the start with a sentence."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"true", "1"}
FALSE = {"false", "0"}


class ConfigError(ImproperlyConfigured):
    """A setting in the environment is missing or makes no sense."""


def env_str(name: str, default: str | None = None, *, environ: Mapping[str, str] | None = None) -> str:
    """The value of NAME; an empty value counts as unset. Without a default the setting is required."""
    value = (os.environ if environ is None else environ).get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ConfigError(f"{name} is not set. Set it in the environment; README.md lists every setting.")
    return default


def env_bool(name: str, default: bool | None = None, *, environ: Mapping[str, str] | None = None) -> bool:
    """True/1 or False/0, in any case. All else is refused: DEBUG=Flase must not mean True."""
    value = env_str(name, None if default is None else str(default), environ=environ)
    if value.lower() in TRUE:
        return True
    if value.lower() in FALSE:
        return False
    raise ConfigError(f"{name}={value!r} is neither True nor False (1 and 0 are understood too).")


def env_int(
    name: str,
    default: int | None = None,
    *,
    minimum: int | None = None,
    maximum: int | None = None,
    environ: Mapping[str, str] | None = None,
) -> int:
    """A whole number, optionally within bounds."""
    value = env_str(name, None if default is None else str(default), environ=environ)
    try:
        number = int(value)
    except ValueError:
        raise ConfigError(f"{name}={value!r} is not a whole number.") from None
    if minimum is not None and number < minimum:
        raise ConfigError(f"{name}={number} is too small: the least is {minimum}.")
    if maximum is not None and number > maximum:
        raise ConfigError(f"{name}={number} is too large: the most is {maximum}.")
    return number


def env_list(
    name: str, default: list[str] | None = None, *, environ: Mapping[str, str] | None = None
) -> list[str]:
    """Values separated by commas; blanks round them and empty ones are dropped."""
    value = env_str(name, None if default is None else ",".join(default) or ",", environ=environ)
    return [part.strip() for part in value.split(",") if part.strip()]


def env_secret(
    name: str,
    default: str | None = None,
    *,
    min_length: int = 0,
    environ: Mapping[str, str] | None = None,
) -> str:
    """A secret from NAME, or from the file that NAME_FILE names (as Docker mounts secrets)."""
    direct = env_str(name, "", environ=environ)
    file_name = env_str(f"{name}_FILE", "", environ=environ)
    if direct and file_name:
        raise ConfigError(
            f"{name} and {name}_FILE are both set. Keep one, so that it is clear which one counts."
        )
    if file_name:
        try:
            direct = Path(file_name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise ConfigError(f"{name}_FILE={file_name} cannot be read: {reason}.") from None
        if not direct:
            raise ConfigError(f"{name}_FILE={file_name} is empty.")
    if not direct:
        if default is None:
            raise ConfigError(
                f"{name} is not set. Set {name}, or {name}_FILE to the path of a file that holds it."
            )
        return default
    if len(direct) < min_length:
        raise ConfigError(f"{name} is too short: {len(direct)} characters, the least is {min_length}.")
    return direct


def home(environ: Mapping[str, str] | None = None) -> Path:
    """Where a local stack keeps its data, logs and secrets: MAINSTAY_HOME, else var/ beside manage.py."""
    value = env_str("MAINSTAY_HOME", "", environ=environ)
    return Path(value).expanduser().resolve() if value else Path(__file__).resolve().parent.parent / "var"


def service_url(name: str, *, environ: Mapping[str, str] | None = None) -> str:
    """DATABASE_URL or REDIS_URL: from the environment, else from the `make demo` that runs on this machine.

    The launcher writes the addresses of the servers it started into HOME/run/NAME, readable by its owner
    only, and removes them when it stops: so `manage.py import_ledger` works beside a running demo with
    nothing exported.
    """
    value = env_secret(name, "", environ=environ)
    if value:
        return value
    try:
        value = (home(environ) / "run" / name).read_text(encoding="utf-8").strip()
    except OSError:
        value = ""
    if not value:
        raise ConfigError(
            f"{name} is not set and no demo runs here. Start one with `make demo`, or set {name}."
        )
    return value


def secret_key(environ: Mapping[str, str] | None = None) -> str:
    """SECRET_KEY (or SECRET_KEY_FILE), else the one that `make demo` generated for this machine."""
    value = env_secret("SECRET_KEY", "", min_length=32, environ=environ)
    if value:
        return value
    try:
        value = (home(environ) / "secret-key").read_text(encoding="utf-8").strip()
    except OSError:
        value = ""
    if not value:
        raise ConfigError(
            "SECRET_KEY is not set. Set it, or SECRET_KEY_FILE to the path of a file that holds it."
        )
    return value


def database_from_url(url: str) -> dict[str, Any]:
    """One entry of Django's DATABASES from postgresql://user:password@host:port/name?sslmode=require.

    Query options go to libpq as they are; `conn_max_age` (seconds) is Django's. A host that begins with a
    slash (percent-encoded, or as ?host=/path) is a socket directory.
    """
    shown = "DATABASE_URL"
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        # The parser's own words may quote a part of the password.
        raise ConfigError(
            f"{shown} is not an address: its host or port makes no sense. Characters such as / : @ # in a "
            "password are written percent-encoded."
        ) from None
    if parts.scheme not in ("postgres", "postgresql"):
        raise ConfigError(
            f"{shown} begins with {parts.scheme or 'no scheme'!r}: Mainstay runs on PostgreSQL 15 or later, "
            "as in postgresql://user:password@host:5432/name."
        )
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ConfigError(f"{shown} names no database: it ends as in postgresql://user@host:5432/mainstay.")
    if "/" in name:
        raise ConfigError(f"{shown} names the database {name!r}: a slash cannot be part of it.")
    max_age = env_int(
        "conn_max_age", 60, minimum=0, environ={"conn_max_age": options.pop("conn_max_age", "60")}
    )
    host = options.pop("host", "") or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or options.pop("port", "")),
        "CONN_MAX_AGE": max_age,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }

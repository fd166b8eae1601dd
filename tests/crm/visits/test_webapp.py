"""The installable app: what the service worker keeps is complete, the same for everybody, and names its version."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from crm import webapp
from crm.models import User
from tests.fixtures import World

LogIn = Callable[[User], Client]
IMPORT = re.compile(r'^(?:import|\}) .*?from "([^"]+)";$|^import "([^"]+)";$', re.MULTILINE)


def imports_of(name: str) -> set[str]:
    """The static files that a module loads, itself among them."""
    found, open_ends = set(), [name]
    while open_ends:
        here = open_ends.pop()
        if here in found:
            continue
        found.add(here)
        path = finders.find(here)
        assert path, here
        for pair in IMPORT.findall(Path(str(path)).read_text("utf-8")):
            target = Path("/" + here).parent / (pair[0] or pair[1])
            open_ends.append(str(target.resolve()).lstrip("/"))
    return found


def test_the_shell_is_all_that_the_offline_page_loads() -> None:
    page = webapp.offline_page("en")
    linked = set(re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|js))"', page))
    wanted = set().union(*(imports_of(name) if name.endswith(".js") else {name} for name in linked))
    assert "js/offline-page.js" in wanted
    kept = {name for name in webapp.SHELL_FILES if name.endswith((".css", ".js"))}
    assert wanted == kept


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_offline_page_is_nobodys(language: str, world: World, log_in: LogIn) -> None:
    """Byte for byte the same for everybody: no name, no token, no menu."""
    anonymous = Client().get(f"/offline/{language}/")
    rep = log_in(world.rep).get(f"/offline/{language}/")
    assert anonymous.status_code == rep.status_code == 200
    assert anonymous.content == rep.content
    assert not rep.cookies
    text = rep.content.decode()
    assert "csrfmiddlewaretoken" not in text
    assert ("没有网络" if language == "zh-hans" else "There is no network") in text
    assert rep["Cache-Control"] == "no-cache"
    assert Client().get("/offline/xx/").status_code == 404


def test_the_worker_names_what_it_keeps_and_a_version(world: World) -> None:
    response = Client().get("/service-worker.js")
    text = response.content.decode()
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in response["Content-Security-Policy"]
    assert webapp.version() in text
    for name in webapp.SHELL_FILES:
        assert f'"/static/{name}"' in text


def test_a_changed_page_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = webapp.version()
    webapp.version.cache_clear()
    monkeypatch.setattr(webapp, "_offline_page", lambda language: f"changed {language}")
    try:
        assert webapp.version() != before
    finally:
        webapp.version.cache_clear()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_manifest_makes_it_installable(language: str) -> None:
    response = Client().get(f"/manifest/{language}.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    manifest = response.json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/", "/", "standalone")
    sizes = {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]}
    assert sizes == {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")}
    for icon in manifest["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/"))
    assert manifest["shortcuts"][0]["url"] == "/visits/new/"
    page = Client().get("/login/", headers={"accept-language": language}).content.decode()
    assert f'href="/manifest/{language}.webmanifest"' in page

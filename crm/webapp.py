"""The installable app: which files a phone keeps, and the page that stands in when the network is gone."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.forms.visits import VisitForm
from crm.visits.rules import MAX_FILES, SCHEMA

THEME = "#0b5c6b"
# Everything that the offline page loads (a test walks its links and imports): style, behaviour, pictures; no font.
SHELL_FILES = (
    "vendor/tabler/css/tabler.min.css",
    "css/mainstay.css",
    "css/crm.css",
    "css/work.css",
    "css/visits.css",
    "js/offline-page.js",
    "js/offline-choose.js",
    "js/offline-place.js",
    "js/offline-queue.js",
    "js/offline-start.js",
    "js/offline-store.js",
    "js/offline-sync.js",
    "js/offline-texts.js",
    "js/visit-entry.js",
    "js/visit-fields.js",
    "js/visit-form.js",
    "vendor/idb/index.js",
    "img/mark.svg",
    "img/app-192.png",
)
ICONS = (("img/app-192.png", "192x192", "any"), ("img/app-512.png", "512x512", "any"),
         ("img/app-maskable-512.png", "512x512", "maskable"))  # fmt: skip


def languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


def offline_page(language: str) -> str:
    """The page without anybody's data: nobody is logged in as far as it knows. The phone fills it."""
    return _offline_page(language)


@lru_cache(maxsize=8)
def _offline_page(language: str) -> str:
    with translation.override(language):
        context = {
            "form": VisitForm(account=None, now=timezone.now()),
            "reporting_currency": settings.REPORTING_CURRENCY,
            "most_files": MAX_FILES,
            "person": None,
        }
        return render_to_string("crm/offline/page.html", context)


def addresses() -> dict[str, str]:
    """Where a phone asks and sends: also known to the service worker, which sees no page."""
    names = ("session", "bundle", "sync", "photo", "handover")
    return {name: reverse(f"crm:offline-{name}") for name in names}


def shell_addresses() -> list[str]:
    return [static(name) for name in SHELL_FILES]


def pages() -> dict[str, str]:
    return {code: reverse("crm:offline-page", args=[code]) for code in languages()}


@lru_cache(maxsize=1)
def version() -> str:
    """Changes with anything that the phone keeps, and with nothing else."""
    digest = hashlib.sha256(f"{SCHEMA}".encode())
    for code in languages():
        digest.update(_offline_page(code).encode())
    for name in SHELL_FILES:
        address = static(name)
        digest.update(address.encode())
        plain = address.endswith(name)
        if plain and (path := finders.find(name)):
            # Not collected (development, tests): no digest in the name.
            digest.update(Path(str(path)).read_bytes())
    return digest.hexdigest()[:16]


def worker_config() -> dict[str, Any]:
    return {
        "version": version(),
        "files": shell_addresses(),
        "pages": pages(),
        "fallback": settings.LANGUAGES[0][0],
    }


def manifest(language: str) -> dict[str, Any]:
    with translation.override(language):
        return {
            "id": "/",
            "name": "Mainstay 中坚",
            "short_name": "中坚" if language.startswith("zh") else "Mainstay",
            "description": _("Customers, visits and the rep's day, also without network."),
            "lang": "zh-Hans" if language.startswith("zh") else language,
            "start_url": reverse("crm:home"),
            "scope": "/",
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": THEME,
            "icons": [
                {"src": static(name), "sizes": size, "type": "image/png", "purpose": purpose}
                for name, size, purpose in ICONS
            ],
            "shortcuts": [
                {
                    "name": _("Log a visit"),
                    "url": reverse("crm:visit-create"),
                    "icons": [{"src": static("img/app-192.png"), "sizes": "192x192"}],
                }
            ],
        }

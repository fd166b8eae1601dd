"""One of everything that an address can name, all of it the owner's, and a body for every form."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.module_loading import import_string

from crm.imports.batches import receive
from crm.models import Position, SavedView, User
from crm.tokens import create_token
from lifecycle.models import StageOverride
from segmentation.models import GradeOverride
from tests.access.table import fingerprint
from tests.api.test_figures import answer_survey
from tests.factories import (
    make_complaint,
    make_contact,
    make_product,
    make_territory,
    make_trade_line,
    make_visit,
)
from tests.figures import compute
from tests.fixtures import World, build_world

AS_OF = dt.date(2025, 6, 30)
DAY = dt.date(2025, 6, 2)


class Scenario:
    def __init__(self) -> None:
        world = build_world()
        self.world = world
        self.people: dict[str, User | None] = {
            "anonymous": None,
            "owner": world.rep,
            "colleague": world.colleague,
            "stranger": world.stranger,
            "manager": world.manager,
            "analyst": world.analyst,
            "admin": world.administrator,
        }
        self.tokens = {
            name: create_token(user=user, scope="write", now=timezone.now())[1]
            for name, user in self.people.items()
            if user
        }
        self.sessions = {name: _session_of(user) for name, user in self.people.items() if user}
        self.rows = self._rows(world)
        self.bodies = self._bodies(world)
        for part in _parts():
            # Each part of the product brings its own rows and the bodies of its forms.
            self.rows |= part.rows(world, self.rows)
            self.bodies |= part.bodies(world, self.rows)
        self.before = fingerprint()

    def browser(self, person: str) -> Client:
        """A fresh one with the person's session, so that no request leaves a trace for the next."""
        client = Client()
        if person in self.sessions:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[person]
        return client

    def _rows(self, world: World) -> dict[str, Any]:
        account, product = world.account, make_product()
        person = make_contact(account, title="Buyer")
        line = make_trade_line(account, DAY, product=product)
        answer_survey(account, DAY, expected=8, perceived=7)
        run = compute(AS_OF)
        today = timezone.localdate()
        span = {"valid_from": today, "valid_to": today + dt.timedelta(days=30)}
        for override in (GradeOverride, StageOverride):
            override.objects.create(account=account, value=1, reason="x", author=world.manager, **span)
        leaver = User.objects.create_user("leaver", role="rep")
        upload = ("customers.csv", BytesIO(b"number,name\n77,Imported customer\n"))
        batch, _new = receive(user=world.analyst, main=upload, kind="accounts", source="erp")
        view = SavedView.objects.create(user=world.rep, page="accounts", name="Mine", query="")
        return {
            "account": account.pk,
            "contact": person.pk,
            "position": Position.objects.get(contact=person).pk,
            "product": product.pk,
            "trade_line": line.pk,
            "visit": make_visit(account, world.rep, dt.datetime(2025, 6, 3, 9, tzinfo=dt.UTC)).pk,
            "complaint": make_complaint(account, DAY).pk,
            "run": run.pk,
            "token": create_token(user=world.rep, scope="read", name="t", now=timezone.now())[0].pk,
            "saved_view": view.pk,
            "batch": batch.pk,
            "person": leaver.pk,
            "uid": urlsafe_base64_encode(force_bytes(leaver.pk)),
            "territory": make_territory("Empty", world.china).pk,
            "panel": import_string(settings.CRM_ACCOUNT_PANELS[0]).slug,
        }

    def _bodies(self, world: World) -> dict[str, Any]:
        until = str(timezone.localdate() + dt.timedelta(days=30))
        account = {"account_id": world.account.pk}
        line = {
            "external_id": "1",
            "account": "C-REP",
            "traded_on": str(DAY),
            "quantity": 1,
            "net_amount": 5,
        }
        return {
            "language": {"language": "en"},
            "token": {"name": "New", "scope": "read"},
            "account": {"name": "New customer", "kind": "customer"},
            "account_edit": {"name": "Changed", "number": "C-REP", "kind": "customer", "revision": "0"},
            "contact": {"person-name": "New person", "position-title": "Buyer"},
            "import": {"kind": "accounts"},
            "complaint": {"subject": "Rust", "kind": "quality", "severity": "2", "opened_on": str(DAY)},
            "visit": {"kind": "visit", "happened_at": "2025-06-04T10:00", "note": "Changed"},
            "saved_view": {"page": "accounts", "name": "New view", "query": "kind=customer"},
            "grade": {"grade": "0", "valid_to": until, "reason": "Key project"},
            "stage": {"stage": "3", "valid_to": until, "reason": "Key project"},
            "person": {"username": "changed", "role": "rep", "language": "en", "is_active": "on"},
            "territory": {"name": "Changed"},
            "api_patch": {"revision": 0, "severity": 3, "city": "Changed"},
            "api_contact": {"name": "New person", "positions": [account]},
            "api_product": {"code": "N", "name": "New product"},
            "api_lines": {"source": "erp", "lines": [line]},
            "form:": {},
            "form:upload": {"kind": "accounts", "source": "erp"},
            "api_visit": {**account, "happened_at": "2025-06-04T10:00:00+08:00"},
            "api_complaint": {**account, "subject": "Rust", "opened_on": str(DAY)},
        }


def _parts() -> list[Any]:
    names = sorted(path.stem for path in Path(__file__).parent.glob("part_*.py"))
    return [import_module(f"tests.access.{name}") for name in names]


def _session_of(user: User) -> str:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value

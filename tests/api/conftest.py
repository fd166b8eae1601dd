"""Clients of the API: with a token, as programs come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from crm.models import User
from crm.tokens import create_token

NOW = dt.datetime(2025, 6, 30, 12, tzinfo=dt.UTC)


class ApiClient(Client):
    """JSON in and out under /api/v1/."""

    def __init__(self, token: str, **headers: str) -> None:
        super().__init__(headers={"authorization": f"Bearer {token}", **headers})

    def call(self, method: str, path: str, data: Any = None, **kwargs: Any) -> Any:
        address = path if path.startswith("/") else f"/api/v1/{path}"
        if data is None:
            return self.generic(method, address, **kwargs)
        return getattr(self, method.lower())(address, data, content_type="application/json", **kwargs)


@pytest.fixture
def api(db: None) -> Callable[..., ApiClient]:
    def client_of(user: User, scope: str = "write", **headers: str) -> ApiClient:
        return ApiClient(create_token(user=user, scope=scope, now=NOW)[1], **headers)

    return client_of


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()

"""A page of 100 rows costs as many queries as a page of one."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.api.test_figures import traded  # noqa: F401  (a fixture)
from tests.factories import make_account, make_complaint, make_contact, make_trade_line, make_visit
from tests.query_counts import assert_query_count

LISTS = [
    "accounts", "contacts", "products", "trade-lines", "visits", "complaints", "runs",
    "grades", "grades/changes", "stages", "satisfaction", "values",
]  # fmt: skip


@pytest.mark.parametrize("path", LISTS)
def test_lists(traded, api, path: str) -> None:  # noqa: F811
    for n in range(12):
        account = make_account(traded.rep)
        account.suppliers.add(traded.account)
        visit = make_visit(account, traded.rep, dt.datetime(2025, 5, 1 + n, tzinfo=dt.UTC))
        visit.contacts.add(make_contact(account), make_contact(account))
        make_complaint(account, dt.date(2025, 5, 1 + n))
        make_trade_line(account, dt.date(2025, 5, 1 + n))
    client = api(traded.manager)
    client.call("GET", "products")
    for size in (1, 100):
        assert_query_count(client, f"/api/v1/{path}?page_size={size}", f"api:{path}")

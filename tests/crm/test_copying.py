"""Arrays and rows arrive in PostgreSQL as they left numpy, and come back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import connection

from crm.copying import copy_columns, copy_rows, read_columns, read_queryset
from crm.models import Account
from tests.factories import make_account

NOT_A_TIME = np.datetime64("NaT")


@pytest.fixture
def cursor(db: None) -> Iterator[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE target (whole bigint, small smallint, real float8, day date, flag boolean,"
            " reals float8[], codes smallint[], words text, money numeric(18, 4), texts text[]) ON COMMIT DROP"
        )
        yield cursor


def content(cursor: Any, columns: str) -> list[tuple[Any, ...]]:
    cursor.execute(f"SELECT {columns} FROM target ORDER BY whole")
    return cursor.fetchall()


def test_every_type_with_and_without_nulls(cursor: Any) -> None:
    count = copy_columns(
        cursor,
        "target",
        ["whole", "small", "real", "day", "flag", "reals", "codes"],
        [
            np.array([1, 2]),
            np.array([np.nan, -7]),
            np.array([0.1, np.nan]),
            np.array(["1999-12-31", "NaT"], dtype="datetime64[D]"),
            np.array([True, False]),
            np.array([[1.5, np.nan, -0.0], [np.nan, np.nan, np.nan]]),
            np.array([[0, 12], [-1, 3]], dtype=np.int8),
        ],
    )
    assert count == 2
    assert content(cursor, "whole, small, real, day, flag, reals, codes") == [
        (1, None, 0.1, dt.date(1999, 12, 31), True, [1.5, None, 0.0], [0, 12]),
        (2, -7, None, None, False, [None, None, None], [-1, 3]),
    ]


def test_types_that_go_as_text(cursor: Any) -> None:
    copy_columns(
        cursor,
        "target",
        ["whole", "words", "money", "day"],
        [
            np.array([1.0, 2.0]),
            np.array(["东方\t轴承\\", None], dtype=object),
            np.array([Decimal("0.0001"), None], dtype=object),
            np.array([dt.date(2024, 2, 29), None], dtype=object),
        ],
    )
    assert content(cursor, "whole, words, money, day") == [
        (1, "东方\t轴承\\", Decimal("0.0001"), dt.date(2024, 2, 29)),
        (2, None, None, None),
    ]


def test_rows_are_streamed_and_escaped(cursor: Any) -> None:
    rows = ((n, 'a "b" \\ \n{,}', ["x", None, 'y"\\', "NULL"]) for n in range(2500))
    assert copy_rows(cursor, "target", ["whole", "words", "texts"], rows) == 2500
    stored = content(cursor, "whole, words, texts")
    assert len(stored) == 2500
    assert stored[-1] == (2499, 'a "b" \\ \n{,}', ["x", None, 'y"\\', "NULL"])


def test_no_rows(cursor: Any) -> None:
    assert copy_rows(cursor, "target", ["whole"], []) == 0
    assert copy_columns(cursor, "target", ["whole"], [np.array([])]) == 0
    assert content(cursor, "whole") == []


@pytest.mark.parametrize("value", [40_000.0, 0.5])
def test_a_number_that_does_not_fit_is_refused(cursor: Any, value: float) -> None:
    with pytest.raises(ValueError, match=r"fit|fraction"):
        copy_columns(cursor, "target", ["small"], [np.array([value])])


def test_unequal_arrays_and_unknown_columns_are_refused(cursor: Any) -> None:
    with pytest.raises(ValueError, match="lengths"):
        copy_columns(cursor, "target", ["whole", "real"], [np.arange(2), np.arange(3)])
    with pytest.raises(ValueError, match="nonsense"):
        copy_columns(cursor, "target", ["nonsense"], [np.arange(2)])


def test_results_come_back_as_arrays(cursor: Any) -> None:
    query = "SELECT * FROM (VALUES (1, 0.5, date '2000-01-02', true), (2, NULL, NULL, NULL)) v WHERE column1 < %(n)s"
    found = read_columns(cursor, query, {"n": 9}, {"a": "int", "b": "float", "c": "date", "d": "bool"})
    assert found["a"].tolist() == [1, 2]
    assert found["b"][0] == 0.5
    assert np.isnan(found["b"][1])
    assert found["c"][0] == np.datetime64("2000-01-02")
    assert np.isnat(found["c"][1])
    assert found["d"].tolist() == [True, False]
    empty = read_columns(cursor, "SELECT 1 WHERE false", None, {"a": "int"})
    assert empty["a"].tolist() == []


@pytest.mark.django_db
def test_a_queryset_is_read_as_columns_and_so_is_one_that_can_have_no_rows() -> None:
    account = make_account(employees=12)
    columns = {"pk": "int", "employees": "float", "since": "date"}
    names = ("pk", "employees", "first_contact_on")
    rows = read_queryset(Account.objects.values_list(*names), columns)
    assert (rows["pk"].tolist(), rows["employees"].tolist()) == ([account.pk], [12.0])
    assert np.isnat(rows["since"]).all()
    nobody = read_queryset(Account.objects.none().values_list(*names), columns)
    assert {name: (len(values), values.dtype) for name, values in nobody.items()} == {
        name: (0, values.dtype) for name, values in rows.items()
    }

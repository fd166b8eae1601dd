"""The servers under the tests themselves: real ones, with what the search and the history tables need."""

import pytest
from django.core.cache import cache
from django.db import connection


@pytest.mark.django_db
def test_postgres_is_the_real_thing_with_its_extensions_and_chinese_trigrams() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        assert int(cursor.fetchone()[0]) >= 150000
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        cursor.execute("SELECT cardinality(show_trgm('东方轴承'))")
        assert cursor.fetchone()[0] == 5
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone()[0] is False, "tests must run with no more rights than the product has"


def test_valkey_keeps_what_the_cache_is_given() -> None:
    cache.set("stack-test", {"grade": "A"}, 30)
    assert cache.get("stack-test") == {"grade": "A"}
    cache.delete("stack-test")

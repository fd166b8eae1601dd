from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crm.models import Account, ImportBatch, Product
from tests.crm.imports.support import HEADER, lines, run
from tests.factories import make_account, make_product


@pytest.fixture
def account(db: None) -> Account:
    return make_account(number="C1", name="东方轴承有限公司")


@pytest.fixture
def product(db: None) -> Product:
    return make_product(code="P1")


@pytest.fixture
def bring(tmp_path: Path, account: Account, product: Product) -> Callable[..., ImportBatch]:
    """Import rows under HEADER (or whole text, or bytes) into a ledger with account C1 and product P1."""

    def bring(
        *rows: str, text: str = "", data: bytes | None = None, name: str = "lines.csv", **options: object
    ) -> ImportBatch:
        path = tmp_path / name
        path.write_bytes(data if data is not None else (text or "\n".join([HEADER, *rows]) + "\n").encode())
        mapping = options.pop("mapping", None) or lines()
        return run(path, mapping, **options)  # type: ignore[arg-type]

    return bring

"""The pages of imports: who may, what a person sees at each step, and that nothing happens twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from kombu.exceptions import OperationalError

from crm.imports.tasks import resume_imports, run_import
from crm.models import ImportBatch, ImportMapping, ImportState, TradeLine
from tests.crm.imports.support import HEADER
from tests.crm.imports.test_shared_data import form_of
from tests.factories import make_product
from tests.fixtures import World

ROWS = f"{HEADER}\nL1,C-REP,2024-02-29,P1,2,10\nL2,C-REP,2024-02-30,P1,1,=1\n"


@pytest.fixture
def client(world: World, log_in: Callable[..., Client]) -> Client:
    make_product(code="P1")
    return log_in(world.analyst)


def upload(client: Client, content: bytes | str = ROWS, **fields: str) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post(
        "/imports/new/", {"file": SimpleUploadedFile("lines.csv", data), "source": "erp", **fields}
    )


@pytest.mark.parametrize("name", ["rep", "manager", "stranger"])
@pytest.mark.parametrize("path", ["", "new/", "{pk}/", "{pk}/rejected.csv"])
def test_only_those_who_keep_the_data_import(
    world: World, log_in: Callable[..., Client], name: str, path: str
) -> None:
    batch = ImportBatch.objects.create(kind="trade_lines", filename="x.csv", state=ImportState.DONE)
    client = log_in(world.users[name])
    assert client.get("/imports/" + path.format(pk=batch.pk)).status_code == 404
    for step in ("start", "undo"):
        assert client.post(f"/imports/{batch.pk}/{step}/").status_code == 404
    assert "/imports/" not in client.get("/").content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_from_upload_to_undo(
    client: Client, world: World, language: str, django_capture_on_commit_callbacks: Any
) -> None:
    client.cookies["django_language"] = language
    assert client.get("/imports/").status_code == 200
    assert client.get("/imports/new/").status_code == 200
    response = upload(client)
    batch = ImportBatch.objects.get()
    assert response.headers["Location"] == f"/imports/{batch.pk}/"
    page = client.get(f"/imports/{batch.pk}/")
    data = form_of(page)
    assert data["kind"] == "trade_lines"
    assert data["field_account"] == "customer"
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/imports/{batch.pk}/start/", {**data, "action": "check"})
    checked = client.get(f"/imports/{batch.pk}/").content.decode()
    assert ("Nothing has been written yet" in checked) == (language == "en")
    assert ("不是有效日期" in checked) == (language != "en")
    assert not TradeLine.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/imports/{batch.pk}/start/", {"action": "import"})
    assert TradeLine.objects.count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/imports/{batch.pk}/start/", {"action": "import"})
    assert TradeLine.objects.count() == 1, "a second click finds it done"
    rejected = client.get(f"/imports/{batch.pk}/rejected.csv")
    assert b"'=1" in b"".join(rejected.streaming_content)  # type: ignore[attr-defined]
    client.post(f"/imports/{batch.pk}/undo/")
    batch.refresh_from_db()
    assert batch.state == ImportState.UNDONE
    assert not TradeLine.objects.exists()
    assert client.get(f"/imports/{batch.pk}/").status_code == 200
    assert client.get("/imports/").status_code == 200


def test_the_form_sent_twice_is_one_batch(client: Client) -> None:
    first, second = upload(client, key="abc"), upload(client, key="abc")
    assert first.headers["Location"] == second.headers["Location"]
    assert ImportBatch.objects.count() == 1
    upload(client, key="def")
    assert ImportBatch.objects.count() == 2


def test_a_corrected_mapping_is_found_again_for_the_next_file(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    text = "nr,kunde,tag,menge,preis\n1,C-REP,29.02.2024,2,10\n"
    upload(client, text)
    batch = ImportBatch.objects.get()
    page = client.get(f"/imports/{batch.pk}/?mapping=1&kind=trade_lines")
    assert page.context["missing"]
    chosen = {
        "external_id": "nr",
        "account": "kunde",
        "traded_on": "tag",
        "quantity": "menge",
        "unit_price": "preis",
    }
    data = {**form_of(page), **{f"field_{name}": header for name, header in chosen.items()}}
    incomplete = client.post(f"/imports/{batch.pk}/start/", {**data, "field_account": "", "action": "check"})
    assert incomplete.status_code == 422
    assert "No column is chosen for: Account" in incomplete.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/imports/{batch.pk}/start/", {**data, "action": "import"})
    assert TradeLine.objects.count() == 1
    assert ImportMapping.objects.get().definition["columns"] == chosen
    upload(client, text.replace("1,C-REP", "2,C-REP"))
    page = client.get(f"/imports/{ImportBatch.objects.latest('pk').pk}/")
    assert page.context["form"].mapping.columns == chosen


def test_a_pasted_mapping_counts(client: Client, django_capture_on_commit_callbacks: Any) -> None:
    upload(client, "a;b;c;d\n1;C-REP;2024-02-29;5\n")
    batch = ImportBatch.objects.get()
    toml = """
        kind = "trade_lines"
        [columns]
        external_id = "{a}/{b}"
        account = "b"
        traded_on = "c"
        net_amount = "d"
        [constants]
        quantity = 1
    """
    data = form_of(client.get(f"/imports/{batch.pk}/?mapping=1&kind=trade_lines"))
    wrong = client.post(f"/imports/{batch.pk}/start/", {**data, "toml": "kind = ", "action": "import"})
    assert wrong.status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/imports/{batch.pk}/start/", {**data, "toml": toml, "action": "import"})
    line = TradeLine.objects.get()
    assert (line.external_id, line.net_amount, line.unit_price) == ("1/C-REP", 5, 5)


def test_a_file_that_cannot_be_read_says_why(client: Client) -> None:
    upload(client, b"id,a\n1,\xff\xff\n")
    batch = ImportBatch.objects.get()
    page = client.get(f"/imports/{batch.pk}/")
    assert "Byte 8 (row 2) is neither UTF-8 nor GB18030" in page.content.decode()
    page = client.get(f"/imports/{batch.pk}/?mapping=1&encoding=cp1252")
    assert page.context["preview"] == [["1", "ÿÿ"]]


def test_progress_is_polled_and_ends_with_a_fresh_page(client: Client) -> None:
    batch = ImportBatch.objects.create(
        kind="trade_lines", filename="x.csv", state=ImportState.RUNNING, progress=42, file="x"
    )
    page = client.get(f"/imports/{batch.pk}/").content.decode()
    assert 'hx-trigger="every 1s"' in page
    assert "42 %" in client.get(f"/imports/{batch.pk}/", headers={"HX-Request": "true"}).content.decode()
    ImportBatch.objects.update(state=ImportState.DONE)
    response = client.get(f"/imports/{batch.pk}/", headers={"HX-Request": "true"})
    assert response.headers["HX-Refresh"] == "true"


def test_with_a_dead_broker_the_batch_waits_and_is_picked_up(
    client: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def dead(*args: object, **kwargs: object) -> None:
        raise OperationalError("connection refused")

    upload(client)
    batch = ImportBatch.objects.get()
    data = form_of(client.get(f"/imports/{batch.pk}/"))
    with monkeypatch.context() as patch, django_capture_on_commit_callbacks(execute=True):
        patch.setattr(run_import, "delay", dead)
        response = client.post(f"/imports/{batch.pk}/start/", {**data, "action": "import"})
    assert response.status_code == 302
    batch.refresh_from_db()
    assert batch.state == ImportState.QUEUED
    assert resume_imports() == 1
    batch.refresh_from_db()
    assert (batch.state, batch.rows_created) == (ImportState.DONE, 1)
    assert resume_imports() == 0

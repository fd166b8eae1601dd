"""A file cannot close a circle of parents, by itself or together with what is on record."""

from __future__ import annotations

from pathlib import Path

from crm.imports.mapping import Mapping
from crm.models import Account, AccountIdentifier, ImportRejection
from tests.crm.imports.support import run
from tests.factories import make_account
from tests.fixtures import World

MAPPING = {
    "kind": "accounts",
    "columns": {"external_id": "id", "number": "id", "name": "name", "parent": "parent"},
}


def load(tmp_path: Path, text: str, *, update: bool = True) -> dict[int, str]:
    path = tmp_path / "accounts.csv"
    path.write_text(f"id,name,parent\n{text}")
    batch = run(path, Mapping.from_json(MAPPING), update=update)
    return dict(ImportRejection.objects.filter(batch=batch).values_list("row_number", "cause"))


def test_within_the_file(world: World, tmp_path: Path) -> None:
    assert load(tmp_path, "A,Alpha,B\nB,Beta,C\nC,Gamma,A\nD,Delta,A\nE,Epsilon,\nF,Phi,E\n") == {
        2: "circle",
        3: "circle",
        4: "circle",
    }
    assert Account.objects.get(number="F").parent == Account.objects.get(number="E")
    assert not Account.objects.filter(number__in="ABC").exists()


def test_together_with_what_is_on_record(world: World, tmp_path: Path) -> None:
    top = make_account(number="TOP")
    low = make_account(number="LOW", parent=make_account(number="MID", parent=top))
    AccountIdentifier.objects.filter(account=top).update(source="erp", external_id="TOP")
    found = load(tmp_path, "TOP,Top,LOW\nNEW,New,LOW\n")
    assert found == {2: "circle"}
    top.refresh_from_db()
    assert top.parent is None
    assert Account.objects.get(number="NEW").parent == low
    # What is not updated closes nothing.
    assert load(tmp_path, "TOP,Top,LOW\n", update=False) == {}
    top.refresh_from_db()
    assert top.parent is None

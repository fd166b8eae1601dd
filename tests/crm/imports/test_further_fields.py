"""Further fields of accounts in imports: found by their names, checked as the account's form does, written beside
what others keep there; and a field that is archived takes no file with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from crm.custom_fields.values import merged
from crm.forms.accounts import AccountForm
from crm.imports.batches import remember_mapping, saved_mapping
from crm.imports.guessing import guess
from crm.imports.mapping import Mapping
from crm.imports.problems import ImportFileError
from crm.imports.rejections import rejected_csv
from crm.imports.tables import read_table
from crm.imports.undo import undo_batch
from crm.models import Account, CustomField, ImportBatch, ImportMapping, ImportState
from tests.crm.imports.support import causes, counts, run
from tests.crm.imports.test_shared_data import form_of
from tests.factories import make_account
from tests.fixtures import World
from tests.query_counts import assert_query_count

KLASS = [
    {"value": "a", "mark": 3.0, "name": "Key", "name_zh": "关键"},
    {"value": "b", "mark": 1.0, "name": "Usual", "name_zh": "一般"},
    {"value": "Key", "mark": 0.0, "name": "Both", "name_zh": "两者"},
    {"value": "d", "mark": 0.0, "name": "Both", "name_zh": ""},
]


@pytest.fixture
def fields(db: None) -> list[CustomField]:
    made: list[dict[str, Any]] = [
        {"code": "lines", "name": "Production lines", "name_zh": "产线数", "kind": "number", "unit": "条"},
        {"code": "class", "name": "Class", "name_zh": "类别", "kind": "choice", "choices": KLASS},
        {"code": "since", "name": "Since", "name_zh": "始于", "kind": "date"},
        {"code": "audited", "name": "Audited", "name_zh": "已审计", "kind": "yes_no"},
        {"code": "note", "name": "Delivery note", "name_zh": "送货说明", "kind": "text"},
    ]
    return [CustomField.objects.create(order=order, **values) for order, values in enumerate(made)]


@pytest.fixture
def bring(tmp_path: Path) -> Callable[..., ImportBatch]:
    def bring(text: str, **options: Any) -> ImportBatch:
        path = tmp_path / "accounts.csv"
        path.write_text(text, encoding="utf-8")
        mapping = options.pop("mapping", None) or guess("accounts", read_table(path))
        return run(path, mapping, **options)

    return bring


def held() -> dict[str, Any]:
    return dict(Account.objects.order_by("number").values_list("number", "custom"))


@pytest.mark.parametrize(
    "header",
    [
        "Production lines,Class,Since,Audited,Delivery note",
        "产线数(条),类别,始于,已审计,送货说明",
        "lines,class,since,audited,note",
        "PRODUCTION_LINES,CLASS,since,Audited,DeliveryNote",
    ],
)
def test_headers_in_either_language_or_the_code_are_found(
    fields: list[CustomField], tmp_path: Path, header: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"number,name,{header}\nK1,One,3,Key,2024-02-29,yes,By rail\n", encoding="utf-8")
    columns = guess("accounts", read_table(path)).columns
    assert set(columns) == {"number", "name", *(f"custom_{field.code}" for field in fields)}
    assert [columns[f"custom_{field.code}"] for field in fields] == header.split(",")


def test_a_field_of_one_s_own_comes_before_a_word_but_not_before_a_name(db: None, tmp_path: Path) -> None:
    for order, name in enumerate(("Sector", "Region")):
        CustomField.objects.create(code=f"own{order}", name=name, kind="text", order=order)
    path = tmp_path / "a.csv"
    path.write_text("number,name,Sector,Region\nK1,One,Steel,Jiangsu\n", encoding="utf-8")
    columns = guess("accounts", read_table(path)).columns
    assert (columns["custom_own0"], columns["region"]) == ("Sector", "Region")
    assert "industry" not in columns, "for which Sector is one word among others"


def test_values_go_in_as_the_form_keeps_them(fields: list[CustomField], bring: Any) -> None:
    make_account(number="K2", name="Two", custom={"erp": {"x": None}, "lines": 7, "note": "old"})
    batch = bring(
        "number,name,lines,class,since,audited,note\n"
        'K1,One,"1,234.50",关键,2024年2月29日,是,  By rail \n'
        "K2,Two,3.0,USUAL,29.02.2024,no,\n"
        "K3,Three,,,,,\n"
        "K4,Four,1e-320,Key,20240229,TRUE,x\n"
        "K5,Five,-0.1,A,2024-02-29,false,0\n"
    )
    assert causes(batch) == []
    assert counts(batch) == (4, 1, 0, 0)
    assert held() == {
        "K1": {"lines": 1234.5, "class": "a", "since": "2024-02-29", "audited": True, "note": "By rail"},
        # An empty cell empties the field, as with every other; what no column names stays.
        "K2": {"erp": {"x": None}, "lines": 3, "class": "b", "since": "2024-02-29", "audited": False},
        "K3": {},
        # "Key" is the value of one choice and the name of another: the value says itself.
        "K4": {"lines": 0, "class": "Key", "since": "2024-02-29", "audited": True, "note": "x"},
        "K5": {"lines": -0.1, "class": "a", "since": "2024-02-29", "audited": False, "note": "0"},
    }
    assert isinstance(held()["K2"]["lines"], int)


def test_the_form_would_keep_the_same(world: World, fields: list[CustomField], bring: Any) -> None:
    account = make_account(world.rep, number="K1", name="One")
    bring("number,name,lines,class,since,audited,note\nK1,One,12.50,b,2024-02-29,0,Two  words\n")
    typed = {"name": "One", "number": "K1", "kind": "customer", "custom_lines": "12.50", "custom_class": "b",
             "custom_since": "2024-02-29", "custom_audited": "false", "custom_note": "Two  words"}  # fmt: skip
    form = AccountForm(typed, user=world.rep, instance=Account.objects.get(pk=account.pk))
    assert form.is_valid(), form.errors
    assert merged(Account(), form.further, form.cleaned_data) == held()["K1"]


def test_bad_values_are_refused_by_row_column_and_cause(fields: list[CustomField], bring: Any) -> None:
    batch = bring(
        "number,name,Production lines,Class,Since,Audited,Delivery note\n"
        "K1,One,many,b,2024-02-29,yes,\n"
        "K2,Two,1,Huge,2024-02-30,maybe,\n"
        f"K3,Three,1,Both,,,{'x' * 501}\n"
        "K4,Four,NaN,b,,,\n"
        f"K5,Five,1{'0' * 400},b,,,\n"
        "K6,Six,1,b,2024-02-29,yes,fine\n"
    )
    assert causes(batch) == [
        (2, "custom_lines", "not_a_number"),
        (3, "custom_audited", "not_yes_no"),
        (3, "custom_class", "not_a_choice"),
        (3, "custom_since", "not_a_date"),
        (4, "custom_class", "not_a_choice"),
        (4, "custom_note", "too_long"),
        (5, "custom_lines", "not_a_number"),
        (6, "custom_lines", "not_a_number"),
    ]
    assert list(held()) == ["K6"]
    text = "".join(rejected_csv(batch, "en"))
    assert "3,Class; Since; Audited,Huge; 2024-02-30; maybe," in text
    assert "must be one of: Key / 关键, Usual / 一般, Both / 两者, Both" in text
    assert "不是数字" in "".join(rejected_csv(batch, "zh-hans"))


def test_fields_whose_codes_are_alike_do_not_mix(db: None, bring: Any) -> None:
    for order, code in enumerate(("a", "a_text", "a_cause", "a_key", "a__b")):
        CustomField.objects.create(code=code, name=code, kind="choice" if code == "a" else "number",
                                   choices=KLASS, order=order)  # fmt: skip
    batch = bring("number,name,a,a_text,a_cause,a_key,a__b\nK1,One,b,1,2,3,4\nK2,Two,?,x,2,3,4\n")
    assert causes(batch) == [(3, "custom_a", "not_a_choice"), (3, "custom_a_text", "not_a_number")]
    assert held() == {"K1": {"a": "b", "a_text": 1, "a_cause": 2, "a_key": 3, "a__b": 4}}


def test_importing_twice_changes_nothing_and_undo_restores(fields: list[CustomField], bring: Any) -> None:
    make_account(number="K1", name="One", custom={"lines": 7, "erp": "x"})
    before = held()
    text = "number,name,lines,class\nK1,One,3,a\nK2,Two,4,b\n"
    checked = bring(text, dry_run=True)
    assert (counts(checked), held()) == ((1, 1, 0, 0), before)
    batch = bring(text)
    assert counts(batch) == (1, 1, 0, 0)
    assert counts(bring(text)) == (0, 0, 2, 0)
    assert counts(bring(text.replace("One,3", "One,9"), update=False)) == (0, 0, 2, 0)
    assert held()["K1"] == {"lines": 3, "class": "a", "erp": "x"}
    undo_batch(batch)
    assert held() == before


def test_more_fields_than_a_function_takes_arguments(db: None, bring: Any) -> None:
    codes = [f"n{number}" for number in range(110)]
    CustomField.objects.bulk_create(CustomField(code=code, name=code, kind="number") for code in codes)
    batch = bring(f"number,name,{','.join(codes)}\nK1,One,{','.join(map(str, range(110)))}\n")
    assert (causes(batch), counts(batch)) == ([], (1, 0, 0, 0))
    assert held()["K1"] == {code: number for number, code in enumerate(codes)}


def test_constants_and_toml(fields: list[CustomField], bring: Any) -> None:
    stored = {"kind": "accounts", "columns": {"number": "number", "name": "name"}}
    mapping = Mapping.from_json({**stored, "constants": {"custom_class": "Usual", "custom_audited": True}})
    bring("number,name\nK1,One\n", mapping=mapping)
    assert held()["K1"] == {"class": "b", "audited": True}
    with pytest.raises(ImportFileError, match="custom_nonsense"):
        Mapping.from_json({**stored, "constants": {"custom_nonsense": "1"}})
    with pytest.raises(ImportFileError, match="custom_lines"):
        Mapping.from_json({"kind": "contacts", "columns": {"custom_lines": "lines"}})


def test_an_archived_field_disappears_and_kept_mappings_go_on_without_it(
    fields: list[CustomField], bring: Any, tmp_path: Path
) -> None:
    text = "number,name,lines,class\nK1,One,3,a\n"
    bring(text)
    table = read_table(tmp_path / "accounts.csv")
    remember_mapping(guess("accounts", table), table, None)
    CustomField.objects.filter(code="lines").update(archived_at=timezone.now())
    assert "custom_lines" not in guess("accounts", table).columns
    kept = saved_mapping(table, "accounts")
    assert kept is not None
    with pytest.raises(ImportFileError, match="custom_lines"):
        Mapping.from_json(kept.definition)
    bring(text.replace("One,3,a", "One,99,b"), mapping=Mapping.kept(kept.definition))
    assert held()["K1"] == {"lines": 3, "class": "b"}, "its values stay"


# The pages


@pytest.fixture
def client(world: World, log_in: Callable[..., Client]) -> Client:
    return log_in(world.analyst)


def upload(client: Client, text: str) -> ImportBatch:
    file = SimpleUploadedFile("accounts.csv", text.encode())
    client.post("/imports/new/", {"file": file, "source": "erp", "kind": "accounts"})
    return ImportBatch.objects.latest("pk")


TEXT = "编号,名称,产线数,类别\nK1,一号,3,关键\nK2,二号,三,一般\n"


def test_the_page_offers_guesses_and_explains(
    client: Client, fields: list[CustomField], django_capture_on_commit_callbacks: Any
) -> None:
    client.cookies["django_language"] = "zh-hans"
    batch = upload(client, TEXT)
    page = client.get(f"/imports/{batch.pk}/")
    text = page.content.decode()
    assert "产线数 (条)" in text
    assert "送货说明" in text, "further fields without a column stand below"
    data = form_of(page)
    assert (data["field_custom_lines"], data["field_custom_class"]) == ("产线数", "类别")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/imports/{batch.pk}/start/", {**data, "action": "import"})
    assert held()["K1"] == {"lines": 3, "class": "a"}
    shown = client.get(f"/imports/{batch.pk}/").context["rejections"]
    assert shown == [{"row": 3, "column": "产线数", "value": "三", "cause": "不是数字"}]
    assert ImportMapping.objects.get().definition["columns"]["custom_lines"] == "产线数"


def test_a_field_archived_between_check_and_import(
    client: Client, fields: list[CustomField], django_capture_on_commit_callbacks: Any
) -> None:
    batch = upload(client, TEXT)
    data = form_of(client.get(f"/imports/{batch.pk}/"))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/imports/{batch.pk}/start/", {**data, "action": "check"})
    CustomField.objects.filter(code="lines").update(archived_at=timezone.now())
    answer = client.post(f"/imports/{batch.pk}/start/", {"action": "import"}, follow=True)
    assert "custom_lines, which is not a field" in answer.content.decode()
    batch.refresh_from_db()
    assert batch.state == ImportState.CHECKED
    # What the columns mean can be said anew, and the next file of this shape is read too.
    for address in (f"/imports/{batch.pk}/?mapping=1", f"/imports/{upload(client, TEXT).pk}/"):
        page = client.get(address)
        assert page.status_code == 200
        assert "custom_lines" not in form_of(page).get("field_custom_lines", "") + page.content.decode()
        assert form_of(page)["field_custom_class"] == "类别"


def test_the_mapping_page_costs_as_much_with_any_number_of_fields(
    client: Client, fields: list[CustomField]
) -> None:
    batch = upload(client, TEXT)
    assert_query_count(client, f"/imports/{batch.pk}/", "import mapping of accounts")
    for number in range(10):
        CustomField.objects.create(code=f"more{number}", name=f"More {number}", kind="number", order=9)
    assert_query_count(client, f"/imports/{batch.pk}/", "import mapping of accounts")

"""Further fields of accounts: kept on a page, filled in with the account, and not taken away under a model."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import Account, CustomField
from segmentation.modelling.drafts import open_draft, save_draft
from segmentation.models import ScoringModel, Segment
from segmentation.operations import ensure_default_model, publish_version
from segmentation.scoring.grading import BY_SHARE, GradeBy, GradingModel, Half, Indicator
from segmentation.scoring.standards import Percentile
from tests.factories import make_account
from tests.fixtures import World

LogIn = Callable[..., Client]
KLASS = [
    {"value": "a", "mark": 3.0, "name": "Key", "name_zh": "关键"},
    {"value": "b", "mark": 1.0, "name": "Usual", "name_zh": "一般"},
]


def lines(**more: Any) -> CustomField:
    values = {
        "code": "lines",
        "name": "Production lines",
        "name_zh": "产线数",
        "kind": "number",
        "unit": "条",
    }
    return CustomField.objects.create(**{**values, **more})


def klass() -> CustomField:
    return CustomField.objects.create(code="class", name="Class", kind="choice", choices=KLASS, order=1)


def body(choices: list[dict[str, Any]] | None = None, **fields: Any) -> dict[str, str]:
    rows = choices or []
    data = {
        "choices-TOTAL_FORMS": str(len(rows)),
        "choices-INITIAL_FORMS": "0",
        "unit": "",
        "name_zh": "",
        **fields,
    }
    for place, row in enumerate(rows):
        data |= {f"choices-{place}-{name}": str(value) for name, value in row.items()}
    return data


def weighed_by_a_model(code: str) -> ScoringModel:
    model = ScoringModel.objects.create(name="Lines count", priority=1)
    definition = GradingModel(
        indicators=(
            Indicator("net_sales", 0.5, Half.CURRENT, Percentile()),
            Indicator(f"custom:{code}", 0.5, Half.FUTURE, Percentile()),
        ),
        thresholds=BY_SHARE,
        grade_by=GradeBy.SHARE,
    )
    publish_version(model=model, definition=definition, reason="test")
    return model


def test_a_choice_is_added_and_offered_in_the_account_s_form(world: World, log_in: LogIn) -> None:
    manager = log_in(world.manager)
    data = body(KLASS, name="Class", name_zh="类别", code="class", kind="choice")
    assert manager.post("/custom-fields/new/", data).status_code == 302
    field = CustomField.objects.get()
    assert (field.marks, field.order) == ({"a": 3.0, "b": 1.0}, 0)
    page = log_in(world.rep).get(f"/accounts/{world.account.pk}/edit/").content.decode()
    assert '<option value="a">Key</option>' in page


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"code": "Two Words"}, "Begin with a small letter"),
        ({"code": "lines"}, "There is a field with this code."),
        ({"name": ""}, "This field is required."),
        ({"kind": "colour"}, "Select a valid choice"),
    ],
)
def test_a_bad_field_is_refused(world: World, log_in: LogIn, changes: dict[str, str], told: str) -> None:
    lines()
    data = body(name="New", code="new", kind="number") | changes
    assert told in log_in(world.manager).post("/custom-fields/new/", data).content.decode()
    assert CustomField.objects.count() == 1


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ([KLASS[0]], "Name two choices at least."),
        ([KLASS[0], KLASS[0]], "The same code twice: a."),
        ([KLASS[0], {**KLASS[1], "mark": ""}], "A choice needs a code and a mark."),
        ([KLASS[0], {**KLASS[1], "mark": "inf"}], "number"),
    ],
)
def test_bad_choices_are_refused(world: World, log_in: LogIn, choices: Any, told: str) -> None:
    data = body(choices, name="Class", code="class", kind="choice")
    assert told in log_in(world.manager).post("/custom-fields/new/", data).content.decode()
    assert not CustomField.objects.exists()


def test_values_are_typed_shown_and_kept(world: World, log_in: LogIn) -> None:
    lines()
    klass()
    CustomField.objects.create(code="audited", name="Audited", kind="yes_no", order=2)
    CustomField.objects.create(code="since", name="Since", kind="date", order=3)
    account = make_account(world.rep, name="Values", custom={"gone": "stays", "lines": 1})
    rep, url = log_in(world.rep), f"/accounts/{account.pk}/edit/"
    form = rep.get(url).context["form"]
    data = {name: value for name, value in form.as_shown().items() if value}
    data |= {"revision": str(account.revision), "custom_lines": "12.5", "custom_class": "a",
             "custom_audited": "false", "custom_since": "2024-02-29"}  # fmt: skip
    assert rep.post(url, data).status_code == 302
    account.refresh_from_db()
    assert account.custom == {
        "gone": "stays", "lines": 12.5, "class": "a", "audited": False, "since": "2024-02-29"
    }  # fmt: skip
    for page in (account.get_absolute_url(), f"/accounts/{account.pk}/profile/"):
        text = rep.get(page).content.decode()
        assert "12.50 条" in text
        assert "Key" in text
    again = rep.get(url).context["form"].as_shown()
    assert (again["custom_audited"], again["custom_lines"]) == ("false", "12.5")
    data |= {"revision": str(account.revision), "custom_lines": "many"}
    assert "Enter a number." in rep.post(url, data).content.decode()
    data |= {"custom_lines": "", "custom_class": ""}
    assert rep.post(url, data).status_code == 302
    account.refresh_from_db()
    assert account.custom == {"gone": "stays", "audited": False, "since": "2024-02-29"}


def test_a_new_account_has_them_too(world: World, log_in: LogIn) -> None:
    lines()
    data = {"name": "新客户", "kind": "customer", "custom_lines": "3"}
    assert log_in(world.rep).post("/accounts/new/", data).status_code == 302
    assert Account.objects.get(name="新客户").custom == {"lines": 3}


def test_a_field_that_a_model_weighs_is_not_removed_and_the_model_is_named(
    world: World, log_in: LogIn
) -> None:
    field = lines()
    account = make_account(custom={"lines": 3})
    model = weighed_by_a_model("lines")
    manager = log_in(world.manager)
    for action in ("delete", "archive"):
        page = manager.post(f"/custom-fields/{field.pk}/{action}/", follow=True).content.decode()
        assert "it is used by the scoring model “Lines count v1”" in page
    field.refresh_from_db()
    account.refresh_from_db()
    assert (field.archived_at, account.custom) == (None, {"lines": 3})
    # Retired, the model grades nobody: the field may go, and its values with it.
    ScoringModel.objects.filter(pk=model.pk).update(retired_at=timezone.now())
    assert "1 accounts" in manager.post(f"/custom-fields/{field.pk}/delete/", follow=True).content.decode()
    account.refresh_from_db()
    assert (CustomField.objects.count(), account.custom) == (0, {})


def test_drafts_and_segments_hold_a_field_too(world: World, log_in: LogIn) -> None:
    field = klass()
    draft = open_draft(model=ensure_default_model().model, user=world.manager)
    definition = json.loads(json.dumps(draft.definition))
    definition["indicators"][0]["code"] = "custom:class"
    save_draft(draft_id=draft.pk, revision=0, definition=definition, scope={}, user=world.manager)
    Segment.objects.create(name="Key firms", rule={"field": "custom:class", "is": ["a"]})
    page = log_in(world.manager).post(f"/custom-fields/{field.pk}/delete/", follow=True).content.decode()
    assert "the draft of “Customer value”" in page
    assert "the segment “Key firms”" in page


def test_choices_that_accounts_hold_and_marks_that_count_stay(world: World, log_in: LogIn) -> None:
    field = klass()
    make_account(custom={"class": "b"})
    manager, url = log_in(world.manager), f"/custom-fields/{field.pk}/"
    third = {"value": "c", "mark": 0, "name": "New", "name_zh": ""}
    page = manager.post(url, body([KLASS[0], third], name="Class")).content.decode()
    assert "“Usual” stays: 1 accounts hold it." in page
    weighed_by_a_model("class")
    page = manager.post(url, body([KLASS[0], {**KLASS[1], "mark": 2}], name="Class")).content.decode()
    assert "The mark of b stays as it is" in page
    assert manager.post(url, body([*KLASS, third], name="Class")).status_code == 302
    field.refresh_from_db()
    assert field.marks == {"a": 3.0, "b": 1.0, "c": 0.0}


def test_order_and_archive(world: World, log_in: LogIn) -> None:
    first, second = lines(), klass()
    manager = log_in(world.manager)
    manager.post(f"/custom-fields/{second.pk}/shift/", {"to": "up"})
    assert [field.code for field in CustomField.objects.all()] == ["class", "lines"]
    make_account(custom={"lines": 2})
    manager.post(f"/custom-fields/{first.pk}/archive/")
    page = manager.get("/custom-fields/").content.decode()
    assert "Archived" in page
    assert "custom_lines" not in log_in(world.rep).get(f"/accounts/{world.account.pk}/edit/").content.decode()
    manager.post(f"/custom-fields/{first.pk}/archive/")
    first.refresh_from_db()
    assert first.archived_at is None


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"lines": "3"}, "lines: Not a number."),
        ({"lines": True}, "lines: Not a number."),
        ({"class": "z"}, "class: Not one of the choices: a, b."),
    ],
)
def test_the_api_refuses_values_that_do_not_fit(world: World, log_in: LogIn, value: Any, told: str) -> None:
    lines()
    klass()
    client = log_in(world.rep)
    url = f"/api/v1/accounts/{world.account.pk}/"
    answer = client.patch(url, {"revision": 0, "custom": value}, content_type="application/json")
    assert answer.status_code == 400
    assert told in answer.content.decode()
    fitting = {"revision": 0, "custom": {"lines": 3, "class": "a", "erp": "x"}}
    good = client.patch(url, fitting, content_type="application/json")
    assert good.status_code == 200, good.content
    assert good.json()["custom"] == {"lines": 3, "class": "a", "erp": "x"}

"""The editor's fields, its buttons, and its pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils.translation import override

from crm.models import User
from crm.snapshots import shown_run
from segmentation.modelling.actions import apply
from segmentation.modelling.drafts import open_draft
from segmentation.modelling.shown import grades_of, rows_of
from segmentation.modelling.typed import definition_of, unreadable
from segmentation.modelling.wording import TEXTS, problem_text
from segmentation.models import ScoringModel, ScoringModelDraft, ScoringModelVersion
from segmentation.operations import ensure_default_model
from segmentation.scoring.grading import DEFAULT_MODEL, GradingModel
from segmentation.scoring.problems import Problem
from tests.fixtures import World
from tests.query_counts import assert_query_count
from tests.segmentation.worlds import two_dates

LogIn = Callable[[User], Client]


def fields(definition: dict[str, Any], revision: int = 0, **more: str) -> dict[str, Any]:
    """What the browser sends for a definition as the editor shows it."""
    data: dict[str, Any] = {"revision": str(revision), "grade_by": definition["grade_by"], "row": []}
    for row in rows_of(definition, {}):
        p = str(row.place)
        data["row"].append(p)
        data |= {
            f"{p}-code": row.code,
            f"{p}-weight": row.weight,
            f"{p}-half": row.half,
            f"{p}-missing": row.missing,
            f"{p}-window": str(row.window),
            f"{p}-kind": row.kind,
            f"{p}-direction": row.direction,
            f"{p}-lo": row.lo,
            f"{p}-hi": row.hi,
            f"{p}-edge": [band["upper"] for band in row.bands if not band["last"]],
            f"{p}-points": [band["points"] for band in row.bands],
            f"{p}-mark": [mark["mark"] for mark in row.marks],
            f"{p}-mark-points": [mark["points"] for mark in row.marks],
        }
    grades = grades_of(definition)
    data |= {
        "grade": [grade.name for grade in grades],
        "cut": [grade.cut for grade in grades],
        "grade-title": [grade.title for grade in grades],
        "grade-title-zh": [grade.title_zh for grade in grades],
        "min_coverage": "50",
        "hysteresis": "2",
    }
    return data | more


def query(data: dict[str, Any]) -> QueryDict:
    found = QueryDict(mutable=True)
    for name, value in data.items():
        found.setlist(name, value if isinstance(value, list) else [value])
    return found


DEFAULT = DEFAULT_MODEL.to_dict()


def test_what_is_shown_and_sent_back_is_the_same_definition(db: None) -> None:
    assert GradingModel.from_dict(definition_of(query(fields(DEFAULT)))) == DEFAULT_MODEL


def test_what_is_no_number_stays_as_typed_and_is_named(db: None) -> None:
    data = fields(DEFAULT, **{"0-weight": "a third", "1-weight": "", "min_coverage": "half"})
    definition = definition_of(query(data))
    assert definition["indicators"][0]["weight"] == "a third"
    problems = {(p.code, p.indicator, p.params["field"]) for p in unreadable(definition)}
    assert problems == {
        ("number_unreadable", "gross_profit", "weight"),
        ("number_missing", "net_sales", "weight"),
        ("number_unreadable", "", "min_coverage"),
    }
    assert rows_of(definition, {})[0].weight == "a third"


def weights(definition: dict[str, Any]) -> list[float]:
    return [indicator["weight"] for indicator in definition["indicators"]]


def test_buttons(db: None) -> None:
    added = apply(DEFAULT, "add", "loyalty", None)
    assert added["indicators"][-1]["code"] == "loyalty"
    assert added["indicators"][-1]["standard"] == {"kind": "identity", "direction": "+"}
    assert apply(added, "add", "loyalty", None) == added
    assert apply(DEFAULT, "add", "shoe_size", None) == DEFAULT
    assert len(apply(added, "remove-6", "", None)["indicators"]) == 6
    assert apply(DEFAULT, "up-1", "", None)["indicators"][0]["code"] == "net_sales"
    assert apply(DEFAULT, "explode", "", None) == DEFAULT
    assert apply(DEFAULT, "remove-99", "", None) == DEFAULT
    assert len(apply(DEFAULT, "grade", "", None)["thresholds"]) == 5
    fewer = apply(DEFAULT, "ungrade-3", "", None)["thresholds"]
    assert [row[:2] for row in fewer] == [["A", 80.0], ["B", 60.0], ["C", None]]


def test_weights_made_to_add_up_keep_their_proportion(db: None) -> None:
    heavier = apply(DEFAULT, "add", "loyalty", None)
    heavier["indicators"][-1]["weight"] = 1.0
    normal = weights(apply(heavier, "normalise", "", None))
    assert sum(normal) == pytest.approx(1, abs=1e-12)
    assert normal[0] == pytest.approx(0.15, abs=1e-3)
    assert normal[-1] == pytest.approx(0.5, abs=1e-3)
    nothing = {**DEFAULT, "indicators": [{**row, "weight": 0.0} for row in DEFAULT["indicators"]]}
    assert sum(weights(apply(nothing, "normalise", "", None))) == pytest.approx(1)


def test_bands_begin_with_the_companys_own_figures(world: World) -> None:
    two_dates(world)
    definition = apply(DEFAULT, "kind-0", "", shown_run())
    assert definition == DEFAULT
    definition["indicators"][1]["standard"] = {"kind": "bands", "direction": "+"}
    definition = apply(definition, "kind-1", "", shown_run())
    rows = definition["indicators"][1]["standard"]["rows"]
    # Sales of 900, 700, 5500, 300 and 100: a fifth of the customers in each band.
    assert [row[2] for row in rows] == [20, 40, 60, 80, 100]
    assert rows[0][0] is None
    assert rows[-1][1] is None
    assert not GradingModel.from_dict(definition).problems()
    fewer = apply(definition, "unband-1-2", "", None)["indicators"][1]["standard"]["rows"]
    assert len(fewer) == 4
    assert fewer[2][0] == fewer[1][1]
    more = apply(definition, "band-1", "", None)["indicators"][1]["standard"]["rows"]
    assert len(more) == 6
    assert more[4][1] == more[5][0]


def test_every_problem_of_the_arithmetic_has_a_sentence() -> None:
    files = [Path("segmentation/operations.py")]
    files += [*Path("segmentation/scoring").glob("*.py"), *Path("segmentation/modelling").glob("*.py")]
    text = "".join(path.read_text("utf-8") for path in files)
    codes = set(re.findall(r'Problem\(\s*"(\w+)"', text))
    codes |= {f"{kind}_{end}" for kind in ("bands", "lookup") for end in ("points_range", "not_monotone")}
    assert codes <= set(TEXTS)
    with override("en"):
        text = problem_text(Problem("weights_sum", params={"sum": 1.6}))
    assert text == "The weights add up to 160 %, not to 100 %."


def test_from_draft_to_published_version_in_the_browser(world: World, log_in: LogIn) -> None:
    two_dates(world)
    client, model = log_in(world.manager), ScoringModel.objects.get()
    started = client.post(f"/models/{model.pk}/draft/")
    address = started["Location"]
    data = fields(ScoringModelDraft.objects.get().definition, action="save", **{"0-weight": "50"})
    answer = client.post(address, data, headers={"HX-Request": "true"})
    assert b"The weights add up to 120 %, not to 100 %." in answer.content
    assert b"<html" not in answer.content
    data = fields(ScoringModelDraft.objects.get().definition, 1, action="normalise")
    assert b"100 %" in client.post(address, data).content
    page = client.get(f"{address}preview/").content.decode()
    assert "What it means for each rep" in page
    assert "Publish and grade anew" in page
    draft = ScoringModelDraft.objects.get()
    published = client.post(f"{address}publish/", {"revision": draft.revision, "reason": "Profit first"})
    assert published.status_code == 302
    version = ScoringModelVersion.objects.order_by("-number")[0]
    assert (version.number, version.reason, version.published_by) == (2, "Profit first", world.manager)
    page = client.get(f"/models/{model.pk}/").content.decode()
    assert "Profit first" in page
    page = client.get(f"/models/{model.pk}/compare/").content.decode()
    assert "41.67" in page


def test_a_stale_editor_is_told_and_writes_nothing(world: World, log_in: LogIn) -> None:
    draft = open_draft(model=ensure_default_model().model, user=world.manager)
    client = log_in(world.analyst)
    address = f"/models/drafts/{draft.pk}/"
    assert client.post(address, fields(DEFAULT, 0, action="save")).status_code == 200
    stale = client.post(address, fields(DEFAULT, 0, action="remove-0"))
    assert stale.status_code == 409
    assert len(ScoringModelDraft.objects.get().definition["indicators"]) == 6
    assert client.post(f"{address}discard/", {"revision": "0"}).status_code == 409


def test_weights_from_pairs_are_taken_over(world: World, log_in: LogIn) -> None:
    draft = open_draft(model=ensure_default_model().model, user=world.manager)
    draft.definition["indicators"] = draft.definition["indicators"][:3]
    draft.save()
    client = log_in(world.manager)
    address = f"/models/drafts/{draft.pk}/pairs/"
    contradiction = client.get(address, {"0-1": "8", "1-2": "8", "0-2": "-8"})
    assert "contradict" in contradiction.content.decode()
    taken = client.post(address, {"revision": "0", "0-1": "2", "1-2": "2", "0-2": "4"})
    assert taken.status_code == 302
    shares = weights(ScoringModelDraft.objects.get().definition)
    assert sum(shares) == pytest.approx(1)
    assert shares == sorted(shares, reverse=True)


def test_queries(world: World, log_in: LogIn) -> None:
    two_dates(world)
    client = log_in(world.manager)
    draft = open_draft(model=ScoringModel.objects.get(), user=world.manager)
    draft.definition["thresholds"] = [["Top", 30.0], ["Rest", None]]
    draft.save()
    assert_query_count(client, "/models/", "scoring models")
    assert_query_count(client, f"/models/drafts/{draft.pk}/", "scoring model editor")
    assert_query_count(client, f"/models/drafts/{draft.pk}/preview/", "scoring model preview")

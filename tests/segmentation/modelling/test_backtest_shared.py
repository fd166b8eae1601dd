"""The back-test on real ledgers, through import, run and job: AdventureWorks (with costs) and CDNOW (without).

The figures are those of the closing note; they are pinned so that a change of them is seen.
"""

from __future__ import annotations

import csv
import datetime as dt
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from segmentation.modelling.backtest_jobs import request_back_test, run_back_tests
from segmentation.modelling.backtest_report import Findings, Report
from segmentation.models import ScoringModel, ScoringModelVersion
from segmentation.operations import ensure_default_model, publish_version
from segmentation.scoring.grading import BY_SHARE, GradeBy, GradingModel, Half, Indicator
from segmentation.scoring.standards import Direction, Percentile
from tests.crm.imports.support import MAPPINGS
from tests.figures import compute

pytestmark = [pytest.mark.shared_data, pytest.mark.django_db]

# What a ledger alone tells: how much, how often, how recently.
BEHAVIOUR = GradingModel(
    indicators=(
        Indicator("net_sales", 0.4, Half.CURRENT, Percentile()),
        Indicator("occasions", 0.3, Half.FUTURE, Percentile()),
        Indicator("recency", 0.3, Half.FUTURE, Percentile(Direction.LOWER)),
    ),
    thresholds=BY_SHARE,
    grade_by=GradeBy.SHARE,
)


def bring_in(*files: Path, mapping: Path, **options: Any) -> None:
    out = StringIO()
    call_command(
        "import_ledger", *files, mapping=mapping, json=True, stdout=out, today="2025-06-30", **options
    )
    assert '"ok": true' in out.getvalue(), out.getvalue()[:2000]


def judged(as_of: dt.date) -> dict[str, Report]:
    """The model Mainstay comes with and one of behaviour, each tested at the dates that the ledger allows."""
    compute(as_of)
    default = ensure_default_model()
    other = ScoringModel.objects.create(name="Behaviour")
    behaviour = publish_version(model=other, definition=BEHAVIOUR, reason="test")
    return {"default": _report(default), "behaviour": _report(behaviour)}


def _report(version: ScoringModelVersion) -> Report:
    request_back_test(version=version, now=timezone.now())
    run_back_tests(version.pk)
    return Report(Findings.of(version))


def figures(report: Report) -> dict[str, float | None]:
    return {str(name): value and round(value, 3) for name, value in report.summary.rows}


def test_adventureworks(shared_data: Path) -> None:
    folder = shared_data / "adventureworks_reseller"
    files = [folder / name for name in ("products.csv", "resellers.csv", "reseller_sales.csv.gz")]
    bring_in(*files, mapping=MAPPINGS / "adventureworks.toml")
    reports = judged(dt.date(2013, 12, 31))
    default, behaviour = reports["default"], reports["behaviour"]
    assert [test.as_of for test in default.first.done] == [dt.date(2011, 12, 31), dt.date(2012, 6, 30)]
    assert [test.result["rated"] for test in default.first.done] == [252, 420]
    assert not default.first.by_sales
    found = figures(default)
    assert found["Whole score: lift"] == pytest.approx(4.335, abs=0.002)
    assert found["Whole score: Gini"] == pytest.approx(0.535, abs=0.002)
    assert found["Whole score: top 20 % capture"] == pytest.approx(0.624, abs=0.002)
    assert found["Most that any ranking could capture in 20 %"] == pytest.approx(0.961, abs=0.002)
    assert found["Customers who kept their grade"] == pytest.approx(0.462, abs=0.002)
    # Of the future half only the years of cooperation are known here, and they foretell nothing.
    assert found["Future value alone: Gini"] == pytest.approx(-0.074, abs=0.002)
    # A and B together: 22 % of the customers brought 96 % of the profit that followed.
    best = [row for row in default.grades.rows if row[1] in ("A", "B")]
    assert sum(row[2] for row in best) == pytest.approx(0.2247, abs=0.001)
    assert sum(row[3] for row in best) == pytest.approx(0.9553, abs=0.001)
    # Recency and frequency foretell sales rather than profit: the model with profit in it sees further.
    found = figures(behaviour)
    assert found["Whole score: lift"] == pytest.approx(2.102, abs=0.002)
    assert found["Future value alone: Gini"] == pytest.approx(0.290, abs=0.002)
    assert found["Customers who kept their grade"] == pytest.approx(0.542, abs=0.002)


def test_cdnow(shared_data: Path, tmp_path: Path) -> None:
    numbered = tmp_path / "cdnow.csv"
    source = shared_data / "cdnow" / "cdnow_sample.csv"
    with source.open(encoding="utf-8") as file, numbered.open("w", encoding="utf-8") as target:
        writer = csv.writer(target)
        for number, row in enumerate(csv.reader(file)):
            # The file has equal rows of one day, which are purchases all the same.
            writer.writerow([*row, number or "line"])
    bring_in(numbered, mapping=Path(__file__).with_name("cdnow.toml"), create_missing=True)
    reports = judged(dt.date(1998, 6, 30))
    default, behaviour = reports["default"], reports["behaviour"]
    # 2,349 of the 2,357: the others never paid anything.
    assert [test.result["accounts"] for test in default.first.done] == [2349]
    assert default.first.by_sales
    # No costs, no survey, no marks: four fifths of what the default model weighs are unknown.
    assert default.first.unrated
    assert figures(default)["Whole score: Gini"] == pytest.approx(0.608, abs=0.002)
    found = figures(behaviour)
    assert found["Whole score: lift"] == pytest.approx(2.980, abs=0.002)
    assert found["Whole score: Gini"] == pytest.approx(0.638, abs=0.002)
    assert found["Whole score: top 20 % capture"] == pytest.approx(0.596, abs=0.002)
    assert found["Most that any ranking could capture in 20 %"] == pytest.approx(0.913, abs=0.002)
    assert found["Future value alone: lift"] == pytest.approx(2.797, abs=0.002)
    assert found["Future value alone: Gini"] == pytest.approx(0.597, abs=0.002)
    assert found["Customers who kept their grade"] == pytest.approx(0.580, abs=0.002)

"""What makes a grading model usable, its JSON, and weights from comparisons; case 10 of models.md Appendix B."""

import json
from dataclasses import replace

import numpy as np
import pytest
from grading_models import SHARES, index_model

from segmentation.scoring.ahp import pairwise_weights
from segmentation.scoring.grading import (
    DEFAULT_MODEL,
    GradeBy,
    GradingModel,
    Half,
    Indicator,
    Threshold,
    score,
)
from segmentation.scoring.problems import InvalidModel
from segmentation.scoring.standards import Band, Bands, Direction, Identity


def test_default_model_is_the_one_of_the_specification():
    DEFAULT_MODEL.validate()
    assert {i.code: i.weight for i in DEFAULT_MODEL.indicators} == {
        "gross_profit": 0.30,
        "net_sales": 0.20,
        "marketing_cost_ratio": 0.10,
        "industry_position": 0.10,
        "cooperation_years": 0.10,
        "satisfaction": 0.20,
    }
    assert DEFAULT_MODEL.grades == ("A", "B", "C", "D")
    assert DEFAULT_MODEL.indicators[2].standard.direction is Direction.LOWER


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"indicators": ()}, "no_indicators"),
        ({"indicators": index_model(0.5, 0.4).indicators}, "weights_sum"),
        ({"indicators": index_model(1.2, -0.2).indicators}, "weight_negative"),
        ({"indicators": index_model(float("nan")).indicators}, "weights_sum"),
        ({"indicators": index_model(0.5).indicators * 2}, "code_duplicate"),
        ({"thresholds": ()}, "no_grades"),
        ({"thresholds": (Threshold("A", 80), Threshold("B", 90), Threshold("C", None))}, "cuts_unordered"),
        ({"thresholds": (Threshold("A", 80), Threshold("B", 80), Threshold("C", None))}, "cuts_unordered"),
        ({"thresholds": (Threshold("A", 80), Threshold("B", 60))}, "grade_rest_missing"),
        ({"thresholds": (Threshold("A", None), Threshold("B", None))}, "cut_range"),
        ({"thresholds": (Threshold("A", 120), Threshold("B", None))}, "cut_range"),
        ({"thresholds": (Threshold("A", 80), Threshold("A", None))}, "grade_duplicate"),
        (
            {
                "thresholds": (Threshold("A", 0.7), Threshold("B", 0.6), Threshold("C", None)),
                "grade_by": GradeBy.SHARE,
            },
            "shares_sum",
        ),
        ({"min_coverage": 1.5}, "min_coverage_range"),
        ({"hysteresis": -1}, "hysteresis_negative"),
    ],
)
def test_a_model_with_a_defect_is_refused(change, problem):
    model = replace(DEFAULT_MODEL, **change)
    assert problem in [found.code for found in model.problems()]
    with pytest.raises(InvalidModel) as caught:
        score(model, {}, {})
    assert problem in str(caught.value)


def test_every_defect_is_named_with_its_indicator():
    gap = Bands(rows=(Band(None, 1, 0), Band(2, None, 100)))
    model = replace(
        DEFAULT_MODEL,
        indicators=(
            Indicator("profit", 0.7, Half.CURRENT, gap),
            Indicator("sales", 0.7, Half.CURRENT, Identity()),
        ),
        hysteresis=-1,
    )
    found = {(problem.code, problem.indicator) for problem in model.problems()}
    assert found == {("bands_gap", "profit"), ("weights_sum", ""), ("hysteresis_negative", "")}


def test_weights_may_miss_one_by_a_millionth():
    assert index_model(0.5, 0.5 + 9e-7).problems() == []
    assert index_model(0.5, 0.5 + 2e-6).problems() != []


@pytest.mark.parametrize("model", [DEFAULT_MODEL, SHARES], ids=["default", "shares"])
def test_models_survive_json(model):
    assert GradingModel.from_dict(json.loads(json.dumps(model.to_dict()))) == model


@pytest.mark.parametrize(
    "data", [{}, {"indicators": [{}]}, {"indicators": 3}, {"indicators": [], "thresholds": [1]}]
)
def test_unreadable_models_are_refused(data):
    with pytest.raises(InvalidModel):
        GradingModel.from_dict(data)


def test_pairwise_weights_reference():
    result = pairwise_weights([[1, 2, 4], [1 / 2, 1, 3], [1 / 4, 1 / 3, 1]])
    assert result.weights.tolist() == pytest.approx([0.5584, 0.3196, 0.1220], abs=5e-5)
    assert result.largest_eigenvalue == pytest.approx(3.0183, abs=5e-5)
    assert result.consistency_ratio == pytest.approx(0.0158, abs=5e-5)


@pytest.mark.parametrize(
    ("matrix", "problem"),
    [
        ([[1, 5, 1 / 5], [1 / 5, 1, 5], [5, 1 / 5, 1]], "ahp_inconsistent"),
        ([[1, 2, 2.2], [1 / 2, 1, 5], [1 / 2.2, 1 / 5, 1]], "ahp_inconsistent"),
        ([[1, 2], [2, 1]], "ahp_not_reciprocal"),
        ([[1, -2], [-0.5, 1]], "ahp_not_reciprocal"),
        ([[1, 2, 3]], "ahp_shape"),
        (np.ones((11, 11)), "ahp_shape"),
    ],
)
def test_contradictory_comparisons_are_refused(matrix, problem):
    with pytest.raises(InvalidModel) as caught:
        pairwise_weights(matrix)
    assert caught.value.problems[0].code == problem


def test_one_and_two_indicators_are_always_consistent():
    assert pairwise_weights([[1]]).weights.tolist() == [1]
    assert pairwise_weights([[1, 3], [1 / 3, 1]]).weights.tolist() == pytest.approx([0.75, 0.25])

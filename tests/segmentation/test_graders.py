"""Several models at a time: each account is graded by the first whose scope it is in, against its own kind."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.models import Account, Territory
from segmentation.explanations import explain
from segmentation.graders import resolve_scope
from segmentation.models import AccountGrade, ScoringModel, ScoringModelVersion
from segmentation.operations import ensure_default_model, publish_version
from segmentation.scoring.grading import BY_SHARE, GradeBy, GradingModel, Half, Indicator
from segmentation.scoring.standards import Percentile
from tests.factories import make_account, make_territory, make_trade_line
from tests.figures import compute

A = dt.date(2025, 6, 15)
BY_SALES = GradingModel(
    indicators=(Indicator("net_sales", 1.0, Half.CURRENT, Percentile()),),
    thresholds=BY_SHARE,
    grade_by=GradeBy.SHARE,
)


def customer(sales: int, **fields: object) -> Account:
    account = make_account(**fields)
    make_trade_line(account, A, net_amount=sales, cost=sales // 2)
    return account


def model(name: str, scope: dict[str, list[object]], priority: int = 1) -> ScoringModelVersion:
    version = publish_version(
        model=ScoringModel.objects.create(name=name, priority=priority), definition=BY_SALES, reason="test"
    )
    version.scope = scope
    version.save()
    return version


@pytest.fixture
def south(db: None) -> Territory:
    return make_territory("South")


def test_each_account_is_graded_by_its_own_model_against_its_own_kind(south: Territory) -> None:
    below = make_territory("Canton", south)
    default = ensure_default_model()
    own = model("South", {"territories": [south.pk]})
    northern = [customer(sales) for sales in (1000, 2000)]
    southern = [customer(10, territory=south), customer(20, territory=below)]
    compute(A)
    grades = {grade.account_id: grade for grade in AccountGrade.objects.all()}
    assert {grades[account.pk].version_id for account in northern} == {default.pk}
    assert {grades[account.pk].version_id for account in southern} == {own.pk}
    # Small beside the northern ones, yet ranked among the two of the south.
    assert [grades[account.pk].points for account in southern] == [[25.0], [75.0]]
    assert [grades[account.pk].rank for account in southern] == [2, 1]
    assert [grades[account.pk].rank for account in northern] == [2, 1]
    explained = explain(southern[1])
    assert explained is not None
    assert explained.explanation.indicators[0].applied.facts["population"] == 2


def test_the_first_model_in_order_takes_an_account_that_two_are_for(south: Territory) -> None:
    ensure_default_model()
    second = model("Second", {"territories": [south.pk]}, priority=2)
    first = model("First", {"industries": ["Pumps"], "kinds": ["customer"]}, priority=1)
    both = customer(10, territory=south, industry="Pumps")
    one = customer(10, territory=south, industry="Steel")
    compute(A)
    grades = {grade.account_id: grade.version_id for grade in AccountGrade.objects.all()}
    assert grades == {both.pk: first.pk, one.pk: second.pk}


def test_a_retired_model_grades_nobody(south: Territory) -> None:
    default = ensure_default_model()
    gone = model("Gone", {"territories": [south.pk]})
    account = customer(10, territory=south)
    gone.model.retired_at = "2025-01-01T00:00Z"
    gone.model.save()
    compute(A)
    assert AccountGrade.objects.get(account=account).version_id == default.pk


def test_a_territory_that_is_gone_matches_nobody(south: Territory) -> None:
    default = ensure_default_model()
    model("South", {"territories": [south.pk + 1000]})
    account = customer(10)
    compute(A)
    assert AccountGrade.objects.get(account=account).version_id == default.pk


def test_a_partial_run_compares_with_the_populations_of_each_model(south: Territory) -> None:
    ensure_default_model()
    model("South", {"territories": [south.pk]})
    first, second = customer(10, territory=south), customer(20, territory=south)
    customer(5000)
    compute(A)
    make_trade_line(first, A, net_amount=15)
    first.save()
    compute(A, scope="changed")
    assert AccountGrade.objects.get(account=first).points == [100.0]
    assert AccountGrade.objects.get(account=second).points == [75.0]


def test_an_unknown_scope_is_an_error(db: None) -> None:
    with pytest.raises(KeyError):
        resolve_scope({"planets": ["Mars"]})

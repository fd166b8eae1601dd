"""The what-if says beforehand, by name, what a publication then does."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from django.db.models import F

from crm.models import Account, User
from crm.snapshots import shown_run
from segmentation.modelling.drafts import open_draft, publish_draft, save_draft
from segmentation.modelling.preview import Preview, preview
from segmentation.models import AccountGrade, GradeOverride, ScoringModel
from segmentation.scoring.grading import (
    DEFAULT_MODEL,
    GradeBy,
    GradingModel,
    Half,
    Indicator,
    Threshold,
)
from segmentation.scoring.problems import InvalidModel
from segmentation.scoring.standards import Bands, Percentile
from tests.factories import make_account, make_trade_line
from tests.figures import compute
from tests.fixtures import World
from tests.segmentation.worlds import AS_OF, two_dates

BY_SALES = GradingModel(
    indicators=(Indicator("net_sales", 1.0, Half.CURRENT, Percentile(), window=30),),
    thresholds=(Threshold("Gold", 0.4), Threshold("A", 0.2), Threshold("Rest", None)),
    grade_by=GradeBy.SHARE,
)
BY_SHARES = dataclasses.replace(DEFAULT_MODEL, thresholds=BY_SALES.thresholds, grade_by=GradeBy.SHARE)


@pytest.fixture
def customers(world: World) -> dict[str, Account]:
    return two_dates(world)


def see(model: GradingModel, user: User, **scope: list[object]) -> Preview:
    default = ScoringModel.objects.get(is_default=True)
    draft = open_draft(model=default, user=user)
    draft = save_draft(
        draft_id=draft.pk, revision=draft.revision, definition=model.to_dict(), scope=scope, user=user
    )
    run = shown_run()
    assert run is not None
    return preview(draft, user, run)


def publish(world: World) -> None:
    draft = open_draft(model=ScoringModel.objects.get(is_default=True), user=world.analyst)
    publish_draft(draft_id=draft.pk, revision=draft.revision, reason="as previewed", user=world.analyst)
    compute(AS_OF)


@pytest.mark.parametrize("model", [BY_SALES, BY_SHARES])
def test_what_is_previewed_is_what_publication_brings(
    world: World, customers: dict[str, Account], model: GradingModel
) -> None:
    override = {
        "reason": "x",
        "author": world.manager,
        "valid_from": AS_OF,
        "valid_to": AS_OF.replace(year=2030),
    }
    GradeOverride.objects.create(account=customers["Beta"], value=2, **override)
    seen = see(model, world.analyst)
    scores = {mover.account.pk: mover.score_after for mover in seen.movers()}
    publish(world)
    stored = {grade.account_id: grade for grade in AccountGrade.objects.all()}
    grades = [stored[int(pk)].grade for pk in seen.account_id]
    expected = [None if grade is None else model.grades[grade] for grade in grades]
    assert [seen.name(int(grade)) for grade in seen.after] == expected
    for pk, score in scores.items():
        assert score == stored[pk].score


def test_an_unchanged_draft_moves_nobody(world: World, customers: dict[str, Account]) -> None:
    seen = see(DEFAULT_MODEL, world.analyst)
    # Only a change that was waiting for its confirmation may show.
    pending = AccountGrade.objects.exclude(grade=None).exclude(grade=F("computed_grade"))
    assert len(seen.movers()) == pending.count()


def test_movers_are_named_with_the_indicator_that_moved_them(
    world: World, customers: dict[str, Account]
) -> None:
    seen = see(BY_SALES, world.analyst)
    movers = {mover.account.name: mover for mover in seen.movers()}
    assert seen.changed.sum() == len(movers) == 5
    gamma = movers["Gamma"]
    # 5000 of sales in the last 30 days: first of five.
    assert gamma.after == "Gold"
    assert gamma.score_after == pytest.approx(90)
    assert gamma.driver == "net_sales"
    profits = [mover.gross_profit for mover in seen.movers() if mover.gross_profit is not None]
    assert profits == sorted(profits, reverse=True)
    assert [mover.account for mover in seen.movers(2)] == [mover.account for mover in seen.movers()][:2]


def test_what_a_new_indicator_adds_does_not_explain_a_fall(
    world: World, customers: dict[str, Account]
) -> None:
    """Half of the weight goes to one that gives everybody points."""
    shrunk = (dataclasses.replace(one, weight=one.weight / 2) for one in DEFAULT_MODEL.indicators)
    added = Indicator("occasions", 0.5, Half.CURRENT, Bands.from_edges((100,), (40, 60)))
    movers = see(dataclasses.replace(DEFAULT_MODEL, indicators=(*shrunk, added)), world.analyst).movers()
    fallen = [
        mover
        for mover in movers
        if mover.score_before is not None
        and mover.score_after is not None
        and mover.score_after < mover.score_before
    ]
    assert fallen
    assert all(mover.driver != "occasions" and mover.driver_points < 0 for mover in fallen)


def test_counts_profit_and_reps_add_up(world: World, customers: dict[str, Account]) -> None:
    other = make_account(world.stranger, world.west)
    make_trade_line(other, AS_OF, net_amount=50, cost=20)
    compute(AS_OF)
    seen = see(BY_SALES, world.analyst)
    assert seen.counts(seen.before).sum() == seen.counts(seen.after).sum() == 6
    assert seen.migration.matrix.sum() == 6
    np.testing.assert_allclose(seen.profits(seen.after).sum(), seen.profits(seen.before).sum())
    owners = seen.per_owner()
    assert set(owners) == {world.rep.pk, world.stranger.pk}
    assert sum(after.sum() for _before, after in owners.values()) == 6
    assert [mover.account for mover in seen.movers(owner_id=world.stranger.pk)] == [other]


def test_a_manager_sees_the_own_team_compared_with_everybody(
    world: World, customers: dict[str, Account]
) -> None:
    for _ in range(4):
        make_trade_line(make_account(world.stranger, world.west), AS_OF, net_amount=90_000)
    compute(AS_OF)
    seen = see(BY_SALES, world.manager)
    assert len(seen.account_id) == 5
    gamma = next(mover for mover in seen.movers() if mover.account.name == "Gamma")
    # Four larger ones elsewhere: fifth of nine, and no longer in the first 40 %.
    assert gamma.after == "A"


def test_a_draft_that_cannot_grade_is_refused(world: World, customers: dict[str, Account]) -> None:
    with pytest.raises(InvalidModel):
        see(dataclasses.replace(BY_SALES, indicators=()), world.analyst)


def test_all_alike_one_customer_and_a_window_without_trade(world: World, db: None) -> None:
    only = make_account(world.rep, world.east)
    make_trade_line(only, AS_OF.replace(year=2024), net_amount=10)
    compute(AS_OF)
    seen = see(BY_SALES, world.analyst)
    assert [seen.name(int(grade)) for grade in seen.after] == ["Gold"]
    for _ in range(4):
        make_trade_line(make_account(world.rep, world.east), AS_OF.replace(year=2024), net_amount=10)
    compute(AS_OF)
    seen = see(BY_SALES, world.analyst)
    assert {seen.name(int(grade)) for grade in seen.after} == {"Gold"}

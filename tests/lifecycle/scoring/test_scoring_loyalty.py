"""Loyalty measures, types and levels; reference values of models.md sections 5 and 6."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.reasons import Reason
from lifecycle.scoring.loyalty import (
    AakerLevel,
    DickBasu,
    LoyaltyInputs,
    Measure,
    aaker_level,
    dick_basu,
    explain_row,
    nominal_weights,
    score,
)
from lifecycle.scoring.promoters import net_promoter_score
from lifecycle.scoring.wallet import wallet_allocation


def sub(measure, **inputs):
    """The sub-score of one customer."""
    given_inputs = {"occasions": [0], **{name: [value] for name, value in inputs.items()}}
    return score(LoyaltyInputs(**given_inputs)).subscores[0, measure]


def test_repeat_rate():
    result = score(LoyaltyInputs(occasions=[0, 1, 4]))
    rates = result.subscores[:, Measure.REPEAT_RATE]
    assert np.isnan(rates[0])
    assert rates[1:].tolist() == [0, 75]
    assert result.reasons[:, Measure.REPEAT_RATE].tolist() == [
        Reason.NO_TRADES,
        Reason.SINGLE_PURCHASE,
        Reason.OK,
    ]


@pytest.mark.parametrize(
    ("measure", "inputs", "expected"),
    [
        (Measure.FREQUENCY, {"frequency_rank": 0.8, "overdue_ratio": 2.5}, 65),  # mean of 80 and 50
        (Measure.FREQUENCY, {"frequency_rank": 0.8, "overdue_ratio": 0.1}, 90),
        (Measure.FREQUENCY, {"frequency_rank": 0.8, "overdue_ratio": 9}, 40),
        (Measure.FREQUENCY, {"frequency_rank": 0.8}, 80),
        (Measure.FREQUENCY, {"overdue_ratio": 2.5}, 50),
        (Measure.WALLET_SHARE, {"share_of_wallet": 0.35}, 35),
        (Measure.WALLET_SHARE, {"share_of_wallet": 1.4}, 100),
        (Measure.SELECTION_TIME, {"selection_rank": 0.25}, 75),
        (Measure.EMOTION, {"sentiment": 54.26}, 54.26),
        (Measure.REFERRAL, {"recommend": 7}, 70),
        (Measure.REFERRAL, {"recommend": 7, "referrals": 2, "conversions": 2}, 100),
        (Measure.REFERRAL, {"recommend": 7, "referrals": 1, "conversions": 1}, 70),
        (Measure.REFERRAL, {"referrals": 1}, 25),
        (Measure.REFERRAL, {"referrals": 9, "conversions": 9}, 100),
        (Measure.COMPETITORS, {"competitor_attitude": 4}, 75),
        (Measure.COMPETITORS, {"rfqs_decided": 10, "rfqs_lost_to_competitors": 3}, 70),
        (
            Measure.COMPETITORS,
            {"competitor_attitude": 1, "rfqs_decided": 10, "rfqs_lost_to_competitors": 3},
            0,
        ),
        (Measure.COMPETITORS, {"rfqs_decided": 0, "rfqs_lost_to_competitors": 0}, np.nan),
        (Measure.PRICE_QUALITY, {"price_attitude": 5}, 100),
        (Measure.PRICE_QUALITY, {"trials": 4, "kept_buying": 3}, 75),
        (Measure.INVOLVEMENT, {"involvement_rank": 0.6}, 60),
    ],
)
def test_sub_scores(measure, inputs, expected):
    assert sub(measure, **inputs) == pytest.approx(expected, nan_ok=True)


def test_missing_inputs_stay_missing():
    result = score(LoyaltyInputs(occasions=[3]))
    assert np.isnan(result.subscores[0, 1:]).all()
    assert result.reasons[0, 1:].tolist() == [Reason.MISSING_INPUT] * 8


def test_a_stale_spend_estimate_is_flagged():
    result = score(LoyaltyInputs(occasions=[3, 3, 3], share_of_wallet=[1.4, 1.0, np.nan]))
    assert result.wallet_capped.tolist() == [True, False, False]


def test_composite_by_hand():
    result = score(
        LoyaltyInputs(
            occasions=[4],  # 75
            frequency_rank=[0.8],
            overdue_ratio=[2.5],  # 65
            share_of_wallet=[0.35],  # 35
            selection_rank=[0.25],  # 75
            sentiment=[60],
            recommend=[8],  # 80
            competitor_attitude=[4],  # 75
            price_attitude=[2],  # 25
            involvement_rank=[1.0],  # carries no weight by default
        )
    )
    behaviour = 0.25 * 75 + 0.25 * 65 + 0.35 * 35 + 0.15 * 75
    assert result.behaviour[0] == pytest.approx(behaviour)
    assert result.attitude[0] == pytest.approx(60)
    assert result.loyalty[0] == pytest.approx(0.6 * behaviour + 0.4 * 60)
    assert result.coverage[0] == pytest.approx(1)
    assert result.level[0] == AakerLevel.SATISFIED
    assert result.kind[0] == DickBasu.LATENT


def test_weights_are_renormalised_over_what_is_present():
    result = score(LoyaltyInputs(occasions=[4, 4], share_of_wallet=[0.35, 0.35], sentiment=[np.nan, 50]))
    behaviour = (0.25 * 75 + 0.35 * 35) / 0.60
    assert result.behaviour.tolist() == pytest.approx([behaviour] * 2)
    assert result.loyalty[0] == pytest.approx(behaviour)
    assert result.loyalty[1] == pytest.approx(0.6 * behaviour + 0.4 * 50)
    assert result.coverage[0] == pytest.approx(0.36)
    assert result.kind.tolist() == [DickBasu.UNKNOWN, DickBasu.NONE]


def test_too_little_is_known():
    result = score(
        LoyaltyInputs(
            occasions=[4, 4, 4, 0, 0],
            share_of_wallet=[np.nan, 0.35, np.nan, np.nan, np.nan],
            sentiment=[np.nan, np.nan, 50, 70, np.nan],
        )
    )
    assert np.isnan(result.loyalty).tolist() == [True, False, False, False, True]
    assert result.loyalty[3] == pytest.approx(70)
    assert result.reason.tolist() == [Reason.MISSING_INPUT, Reason.OK, Reason.OK, Reason.OK, Reason.NO_TRADES]
    assert result.level[0] == AakerLevel.UNKNOWN
    assert (result.contributions[0] == 0).all()


def test_aaker_levels_begin_at_their_cut():
    levels = aaker_level([0, 19.99, 20, 40, 60, 79.9, 80, 100, np.nan])
    assert levels.tolist() == [1, 1, 2, 3, 4, 4, 5, 5, -1]


def test_dick_basu_cross():
    kinds = dick_basu([60, 59, 60, 59, np.nan, 60], [60, 60, 59, 59, 60, np.nan])
    assert kinds.tolist() == [
        DickBasu.TRUE,
        DickBasu.LATENT,
        DickBasu.SPURIOUS,
        DickBasu.NONE,
        DickBasu.UNKNOWN,
        DickBasu.UNKNOWN,
    ]


def test_explanation_names_every_measure_and_adds_up():
    result = score(LoyaltyInputs(occasions=[4], share_of_wallet=[0.35], recommend=[8]))
    lines = explain_row(result, 0)
    assert [line.measure for line in lines] == list(Measure)
    assert sum(line.contribution for line in lines) == pytest.approx(result.loyalty[0])
    assert sum(line.effective_weight for line in lines) == pytest.approx(1)
    assert sum(line.weight for line in lines) == pytest.approx(1)
    emotion = lines[Measure.EMOTION]
    assert (emotion.score, emotion.reason, emotion.effective_weight) == (None, Reason.MISSING_INPUT, 0)


def test_nobody():
    result = score(LoyaltyInputs(occasions=[]))
    assert result.loyalty.shape == (0,)
    assert result.subscores.shape == (0, 9)


def test_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="length 2"):
        score(LoyaltyInputs(occasions=[1, 2], sentiment=[50]))


known = {
    "occasions": st.integers(0, 50),
    "frequency_rank": st.floats(0, 1),
    "overdue_ratio": st.floats(0, 10),
    "share_of_wallet": st.floats(0, 2),
    "selection_rank": st.floats(0, 1),
    "sentiment": st.floats(0, 100),
    "recommend": st.integers(0, 10),
    "competitor_attitude": st.integers(1, 5),
    "price_attitude": st.integers(1, 5),
}
customer = st.fixed_dictionaries(
    {
        name: values if name == "occasions" else st.one_of(st.just(np.nan), values)
        for name, values in known.items()
    }
)
falling = {"overdue_ratio", "selection_rank"}


def loyalty_of(customers):
    columns = {name: [row[name] for row in customers] for name in known}
    return score(LoyaltyInputs(**columns))


@given(st.lists(customer, min_size=1, max_size=8))
def test_loyalty_is_bounded_and_its_contributions_sum_to_it(customers):
    result = loyalty_of(customers)
    sure = result.loyalty[result.reason == Reason.OK]
    assert ((sure >= 0) & (sure <= 100 + 1e-9)).all()
    assert (np.isnan(result.loyalty) == (result.reason != Reason.OK)).all()
    assert result.contributions.sum(axis=1) == pytest.approx(np.nan_to_num(result.loyalty))


@given(customer, st.sampled_from(sorted(known)), st.data())
def test_a_better_measure_never_lowers_loyalty(row, name, data):
    if np.isnan(row[name]) or row["occasions"] == 0:
        return
    other = data.draw(known[name])
    low, high = sorted([row[name], max(other, 1) if name == "occasions" else other], reverse=name in falling)
    worse, better = loyalty_of([{**row, name: low}, {**row, name: high}]).loyalty
    assert np.isnan(worse) or better >= worse - 1e-9


def test_nominal_weights_are_those_of_the_specification():
    expected = [0.15, 0.15, 0.21, 0.09, 0.1, 0.1, 0.1, 0.1, 0]
    assert nominal_weights().tolist() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("suppliers", "shares"),
    [
        (1, [1.0]),
        (2, [0.667, 0.333]),
        (3, [0.500, 0.333, 0.167]),
        (4, [0.40, 0.30, 0.20, 0.10]),
    ],
)
def test_wallet_allocation_reference_values(suppliers, shares):
    ranks = np.arange(1, suppliers + 1)
    assert wallet_allocation(ranks, np.full(suppliers, suppliers)).tolist() == pytest.approx(shares, abs=5e-4)


def test_wallet_of_tied_suppliers_and_of_none():
    assert wallet_allocation([1.5], [3])[0] == pytest.approx(0.4167, abs=5e-5)
    assert np.isnan(wallet_allocation([1, np.nan, 4, 0], [0, 3, 3, 3])).all()
    assert wallet_allocation([], []).shape == (0,)


@given(st.integers(1, 30))
def test_wallet_shares_sum_to_one(suppliers):
    ranks = np.arange(1, suppliers + 1)
    assert wallet_allocation(ranks, np.full(suppliers, suppliers)).sum() == pytest.approx(1)


def test_promoter_score_reference():
    answers = [10] * 25 + [9] * 15 + [7] * 20 + [8] * 15 + [6] * 20 + [0] * 5 + [np.nan] * 3
    result = net_promoter_score(answers)
    assert (result.n, result.promoters, result.detractors) == (100, 0.40, 0.25)
    assert result.score == pytest.approx(15)
    assert result.standard_error == pytest.approx(7.9, abs=0.05)


def test_promoter_score_is_hidden_below_ten_answers():
    assert net_promoter_score([10] * 9).reason == Reason.TOO_FEW_OBS
    assert np.isnan(net_promoter_score([10] * 9).score)
    assert net_promoter_score([10] * 10).score == 100
    assert net_promoter_score([10] * 10).standard_error == 0
    assert net_promoter_score([]).n == 0
    with pytest.raises(ValueError, match="0 to 10"):
        net_promoter_score([11])

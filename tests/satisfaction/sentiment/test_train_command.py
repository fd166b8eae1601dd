"""The training command, on a handful of made-up rows: that it runs, what it writes, what it refuses. The delivered
heads were trained on real text; how right they are is in test_floors.py."""

from __future__ import annotations

import csv
import gzip
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from satisfaction.sentiment import training
from satisfaction.sentiment.heads import CLASSES, linear_head

TEXTS = {
    1: ["good", "很满意", "great work"],
    0: ["a box", "一个盒子", "monday"],
    -1: ["bad", "很生气", "awful"],
}


def write(path: Path, third: str) -> Path:
    with gzip.open(path, "wt", encoding="utf-8", newline="") as handle:
        rows = csv.writer(handle)
        rows.writerow(["text", "label", third])
        rows.writerow(["between the classes", "", "a"])
        rows.writerow(["...", "1", "a"])
        for label, texts in TEXTS.items():
            rows.writerows([text, label, "a" if n else "b"] for n, text in enumerate(texts))
    return path


def test_it_writes_a_head_that_reads_back_with_its_scores(tmp_path: Path) -> None:
    train = write(tmp_path / "train.csv.gz", "source")
    write(tmp_path / "eval_x.csv.gz", "set")
    out = StringIO()
    options = {"encoder": "use", "eval": tmp_path, "output": tmp_path / "head.json", "edition": 7}
    call_command("train_sentiment", train, stdout=out, **options)
    stored = json.loads((tmp_path / "head.json").read_text("utf-8"))
    assert stored["version"] == "use-0.2.1/open-7"
    assert stored["training"]["sha256"] == training.digest_of(train)
    assert stored["training"]["texts"] == 9, "neither unlabelled rows nor rows without a letter"
    assert stored["scores"]["a"]["auc"] == 1.0
    assert linear_head(stored).weights.shape == (len(CLASSES), 512)


def test_what_it_refuses(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="training file"):
        call_command("train_sentiment", encoder="use")
    with pytest.raises(CommandError, match="--eval"):
        call_command("train_sentiment", score_only=True, encoder="use")
    with pytest.raises(CommandError, match="no file"):
        call_command("train_sentiment", str(tmp_path / "none.csv.gz"))


def test_every_class_of_every_source_weighs_the_same() -> None:
    import numpy as np

    label = np.array([1, 1, 1, -1, 1, 0])
    weights = training.balanced_weights(label, ["a", "a", "a", "a", "b", "b"])
    assert weights.mean() == pytest.approx(1)
    assert weights[:3].sum() == pytest.approx(weights[3])
    assert weights[3] == pytest.approx(weights[4]) == pytest.approx(weights[5])

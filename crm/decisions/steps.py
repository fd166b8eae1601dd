"""The decision process as ordered steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import BuyingProcess, DecisionStep


def usual_steps() -> list[tuple[str, int]]:
    """How industrial purchases mostly go, to start from: name and usual days."""
    return [
        (_("Need recognised"), 10),
        (_("Specification agreed"), 20),
        (_("Suppliers chosen for inquiry"), 10),
        (_("Quotations compared"), 15),
        (_("Samples or trial run"), 45),
        (_("Price and terms negotiated"), 15),
        (_("Contract approved and signed"), 10),
    ]


@transaction.atomic
def add_step(*, step: DecisionStep) -> DecisionStep:
    """At the end."""
    steps = _locked(step.process_id)
    step.order = steps[-1].order + 1 if steps else 1
    step.save()
    return step


@transaction.atomic
def add_usual_steps(*, process: BuyingProcess) -> None:
    """Only into an empty process: a second click adds nothing."""
    if not _locked(process.pk):
        DecisionStep.objects.bulk_create(
            DecisionStep(process=process, order=order, name=name, usual_days=days)
            for order, (name, days) in enumerate(usual_steps(), 1)
        )


@transaction.atomic
def move_step(*, step: DecisionStep, up: bool) -> None:
    """One place up or down; at the end of the list nothing happens."""
    steps = _locked(step.process_id)
    keys = [row.pk for row in steps]
    place = keys.index(step.pk)
    other = place + (-1 if up else 1)
    if not 0 <= other < len(steps):
        return
    steps[place], steps[other] = steps[other], steps[place]
    for order, row in enumerate(steps, 1):
        row.order = order
    DecisionStep.objects.bulk_update(steps, ["order"])


def _locked(process: int) -> list[DecisionStep]:
    BuyingProcess.objects.select_for_update().filter(pk=process).first()
    return in_order(DecisionStep.objects.filter(process=process))


def in_order(steps: Iterable[DecisionStep]) -> list[DecisionStep]:
    return sorted(steps, key=lambda step: (step.order, step.pk))


def total_days(steps: Sequence[DecisionStep]) -> int | None:
    """How long the decision usually takes; None where no step's duration is known."""
    known = [step.usual_days for step in steps if step.usual_days is not None]
    return sum(known) if known else None

"""Pairwise comparison (AHP): an aid to set the weights of a draft."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.access import requires
from crm.web import UserRequest
from segmentation.modelling.drafts import OutdatedDraft, save_draft
from segmentation.modelling.wording import problem_lines
from segmentation.models import ScoringModelDraft
from segmentation.scoring.ahp import MAX_CONSISTENCY_RATIO, PairwiseWeights, pairwise_weights
from segmentation.scoring.problems import InvalidModel
from segmentation.wording import indicator_name

MOST = 10
# Position on the scale from "right one far more important" to "left one far more": 1/9 ... 1 ... 9.
SCALE = (-8, -6, -4, -2, 0, 2, 4, 6, 8)


@requires("edit_models")
@require_http_methods(["GET", "POST"])
def draft_pairs(request: UserRequest, pk: int) -> HttpResponse:
    drafts = ScoringModelDraft.objects.select_related("model")
    draft = get_object_or_404(drafts, pk=pk)
    codes = [indicator["code"] for indicator in draft.definition.get("indicators", [])][:MOST]
    data = request.POST if request.method == "POST" else request.GET
    answers = {pair: _answer(data.get(f"{pair[0]}-{pair[1]}")) for pair in combinations(range(len(codes)), 2)}
    found, problems = _weights(len(codes), answers)
    if request.method == "POST" and found is not None:
        return _take(request, draft, codes, found)
    context: dict[str, Any] = {
        "draft": draft,
        "model": draft.model,
        "pairs": [
            {
                "name": f"{i}-{j}",
                "left": indicator_name(codes[i]),
                "right": indicator_name(codes[j]),
                "answer": answers[i, j],
            }
            for i, j in answers
        ],
        "scale": SCALE,
        "asked": bool(data),
        "weights": [] if found is None else list(zip(map(indicator_name, codes), found.weights, strict=True)),
        "ratio": None if found is None else found.consistency_ratio,
        "limit": MAX_CONSISTENCY_RATIO,
        "problems": problems,
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "segmentation/models/pairs.html", context, status=status)


def _take(
    request: UserRequest, draft: ScoringModelDraft, codes: list[str], found: PairwiseWeights
) -> HttpResponse:
    """Write the weights into the draft; they add up to exactly 100 %."""
    shares = [round(float(weight), 4) for weight in found.weights]
    largest = shares.index(max(shares))
    shares[largest] = round(shares[largest] + 1.0 - sum(shares), 4)
    definition = {**draft.definition, "indicators": [dict(row) for row in draft.definition["indicators"]]}
    for row, share in zip(definition["indicators"], shares, strict=False):
        row["weight"] = share
    # Beyond the ten that can be compared, an indicator gets no weight.
    for row in definition["indicators"][len(codes) :]:
        row["weight"] = 0.0
    revision = request.POST.get("revision", "")
    try:
        save_draft(
            draft_id=draft.pk,
            revision=int(revision) if revision.isdecimal() and len(revision) < 10 else -1,
            definition=definition,
            scope=draft.scope,
            user=request.user,
        )
    except OutdatedDraft as error:
        context = {"draft": error.draft, "model": draft.model}
        return render(request, "segmentation/models/outdated.html", context, status=409)
    messages.success(
        request,
        _("Weights taken over. Consistency ratio %(ratio)s.") % {"ratio": f"{found.consistency_ratio:.3f}"},
    )
    return redirect("segmentation:draft-edit", draft.pk)


def _answer(text: str | None) -> int:
    try:
        value = int(text or 0)
    except ValueError:
        return 0
    return value if value in SCALE else 0


def _weights(size: int, answers: dict[tuple[int, int], int]) -> tuple[PairwiseWeights | None, list[str]]:
    matrix = [[1.0] * size for _row in range(size)]
    for (i, j), answer in answers.items():
        times = abs(answer) + 1.0
        matrix[i][j] = times if answer > 0 else 1 / times
        matrix[j][i] = 1 / matrix[i][j]
    try:
        return pairwise_weights(matrix), []
    except InvalidModel as error:
        return None, problem_lines(error.problems)

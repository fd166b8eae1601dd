"""The back-test with figures, and two versions side by side."""

from __future__ import annotations

import datetime as dt

from crm.models import Account, User
from segmentation.modelling.backtests import back_test
from segmentation.models import ScoringModel
from segmentation.operations import ensure_default_model, publish_version
from segmentation.scoring.grading import DEFAULT_MODEL


def paths(user: User, account: Account) -> dict[str, str]:
    first = ensure_default_model()
    other = ScoringModel.objects.create(name="By another standard", name_zh="另一套标准", priority=9)
    second = publish_version(model=other, definition=DEFAULT_MODEL, reason="Compared")
    for version in (first, second):
        for year in (2023, 2024):
            back_test(version, dt.date(year, 12, 31), dt.date(year + 1, 12, 31))
    return {
        "back-test": f"/models/{first.model_id}/back-test/",
        "back-test compared": f"/models/{first.model_id}/back-test/?version={first.pk}&with={second.pk}",
    }

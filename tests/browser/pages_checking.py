"""The back-test with figures, two versions side by side; what people set by hand; further fields."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from crm.models import Account, CustomField, Role, User
from crm.overrides import set_override
from lifecycle.models import StageOverride
from segmentation.modelling.backtests import back_test
from segmentation.models import GradeOverride, ScoringModel
from segmentation.operations import ensure_default_model, publish_version
from segmentation.scoring.grading import DEFAULT_MODEL


def paths(user: User, account: Account) -> dict[str, str]:
    first = ensure_default_model()
    other = ScoringModel.objects.create(name="By another standard", name_zh="另一套标准", priority=9)
    second = publish_version(model=other, definition=DEFAULT_MODEL, reason="Compared")
    for version in (first, second):
        for year in (2023, 2024):
            back_test(version, dt.date(year, 12, 31), dt.date(year + 1, 12, 31))
    rep = User.objects.filter(role=Role.REP).order_by("pk")[0]
    said = {"today": timezone.localdate(), "now": timezone.now()}
    for place, owner in enumerate([rep, user]):
        for model, value in ((GradeOverride, place), (StageOverride, 3)):
            set_override(
                model,
                account=account,
                value=value,
                reason="大项目即将启动，预计下季度下单。",
                author=owner,
                valid_to=said["today"] + dt.timedelta(days=20 + place),
                **said,
            )
    field = CustomField.objects.create(
        code="own_service",
        name="Own service shop",
        name_zh="自有维修车间",
        kind="choice",
        choices=[
            {"value": "none", "mark": 0, "name": "None", "name_zh": "没有"},
            {"value": "full", "mark": 5, "name": "Full", "name_zh": "齐全"},
        ],
    )
    CustomField.objects.create(
        code="lines", name="Production lines", name_zh="产线数", kind="number", order=1
    )
    return {
        "custom fields": "/custom-fields/",
        "custom field": f"/custom-fields/{field.pk}/",
        "custom field new": "/custom-fields/new/",
        "account form with further fields": f"/accounts/{account.pk}/edit/",
        "overrides to decide": "/overrides/",
        "overrides running": "/overrides/?tab=running",
        "grade by hand": f"/accounts/{account.pk}/grade/",
        "stage by hand": f"/accounts/{account.pk}/stage/",
        "back-test": f"/models/{first.model_id}/back-test/",
        "back-test compared": f"/models/{first.model_id}/back-test/?version={first.pk}&with={second.pk}",
    }

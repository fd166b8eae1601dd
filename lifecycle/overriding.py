"""A stage set by a person: for half a year at most, for a relationship moves on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.models import Account
from crm.override_pages import OverrideKind
from lifecycle.models import AccountLifecycle, StageOverride
from lifecycle.wording import STAGES, stage_name


class StageByHand(OverrideKind):
    slug = "stage"
    title = _("Stage")
    heading = _("Set the stage by hand")
    model = StageOverride
    most_days = 180
    url_name = "lifecycle:stage-override"
    revoke_url_name = "lifecycle:stage-override-revoke"
    decide_url_name = "lifecycle:stage-decide"

    def choices(self, account: Account) -> Sequence[tuple[int, Any]]:
        return [(int(stage), name) for stage, name in STAGES.items()]

    def names(self, overrides: Sequence[Any]) -> dict[int, tuple[str, str]]:
        ids = {one.account_id for one in overrides}
        figures = AccountLifecycle.objects.filter(account__in=ids) if ids else []
        computed = {row.account_id: stage_name(row.computed_stage) for row in figures}
        return {
            one.pk: (str(stage_name(one.value)) if one.value >= 0 else "", computed.get(one.account_id) or "")
            for one in overrides
        }


STAGE = StageByHand()

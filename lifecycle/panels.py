"""Stage and loyalty on the account page, each with its evidence."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from crm.account_panels import HistoryPart
from crm.override_pages import standing
from crm.panels import Panel
from crm.snapshots import shown_run
from crm.wording import reason_text
from lifecycle.explanations import explain_loyalty, explain_stage, parameters_of
from lifecycle.history import stage_history
from lifecycle.models import AccountLifecycle, StageInterval
from lifecycle.overriding import STAGE
from lifecycle.scoring.loyalty import BEHAVIOURAL
from lifecycle.wording import MEASURES, level_name, stage_name

if TYPE_CHECKING:
    from crm.charts import Chart
    from crm.models import Account, User


class StagePanel(Panel):
    slug = "stage"
    lazy = True
    title = _("Stage of the relationship")
    icon = "timeline"
    template_name = "lifecycle/panels/stage.html"

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        figures = AccountLifecycle.objects.filter(account=account).first()
        run = shown_run()
        context: dict[str, Any] = {
            "account": account,
            "figures": figures,
            **standing(STAGE, account, user, today),
        }
        if figures is None or run is None:
            return {**context, "figures": None}
        since = (
            StageInterval.objects.filter(account=account)
            .current()
            .values_list("valid_from", flat=True)
            .first()
        )
        return {
            **context,
            "as_of": run.as_of,
            "evidence": explain_stage(figures, run.as_of, parameters_of(run)),
            "computed": stage_name(figures.computed_stage),
            "override_waits": bool(context["override"]) != figures.overridden,
            "since": since,
        }


class StageHistoryPanel(HistoryPart):
    slug = "stage-history"
    within = StagePanel.slug
    title = StagePanel.title

    def chart(self, account: Account, until: dt.date) -> Chart:
        return stage_history(account, until)


class LoyaltyPanel(Panel):
    slug = "loyalty"
    lazy = True
    title = _("Loyalty")
    icon = "heart-handshake"
    template_name = "lifecycle/panels/loyalty.html"
    column = "side"

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        figures = AccountLifecycle.objects.filter(account=account).first()
        run = shown_run()
        if figures is None or run is None:
            return {"figures": None}
        lines = [
            {
                "name": MEASURES[line.measure],
                "half": "behaviour" if line.measure < BEHAVIOURAL else "attitude",
                "score": line.score,
                "weight": line.effective_weight,
                "contribution": line.contribution,
                "missing": reason_text(line.reason),
            }
            for line in explain_loyalty(figures, parameters_of(run).loyalty)
        ]
        return {
            "figures": figures,
            "as_of": run.as_of,
            "level": level_name(figures.loyalty_level),
            "lines": lines,
            "reason": reason_text(figures.loyalty_reason),
        }

"""Satisfaction on the account page: the ratio, and question by question what is behind it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.charts import Chart
from crm.panels import Panel
from crm.scoring.reasons import Reason
from crm.snapshots import shown_run
from crm.tables import Column, Table
from crm.wording import reason_text
from satisfaction.explanations import Attribute, attributes_of, parameters_of
from satisfaction.models import AccountSatisfaction
from satisfaction.sentiment.account import account_mood

if TYPE_CHECKING:
    from crm.models import Account, User

# Rows that the heights of mainstay.css (chart-rows-8 ...) have room for.
HEIGHTS = (4, 8, 12, 16, 24)
LABEL_LENGTH = 40


def attribute_chart(attributes: list[Attribute]) -> Chart:
    """Expected beside perceived per question, in percent of the highest mark, so that scales can be compared."""
    columns = [
        Column(_("Question")),
        Column(_("Expected a"), "score"),
        Column(_("Perceived b"), "score"),
        Column(_("C = b/a"), "ratio"),
        Column(_("Answers"), "integer"),
    ]
    rows = [[line.text, line.expected, line.perceived, line.ratio, line.answers] for line in attributes]
    table = Table("attributes", _("Expected and perceived, % of the highest mark"), columns, rows)
    series = [
        {
            "name": str(name),
            "type": "bar",
            "tone": tone,
            "barMaxWidth": 12,
            "format": "score",
            "data": [getattr(line, field) for line in attributes],
        }
        for name, field, tone in (
            (_("Expected a"), "expected", "muted"),
            (_("Perceived b"), "perceived", "primary"),
        )
    ]
    option = {
        "legend": {"top": 0, "left": 0},
        "grid": {"left": 8, "right": 24, "top": 28, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "min": 0, "max": 100},
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": [_short(line.text) for line in attributes],
            "axisLabel": {"width": 140, "overflow": "break", "interval": 0},
        },
        "series": series,
    }
    height = next((rows for rows in HEIGHTS if rows >= len(attributes)), HEIGHTS[-1])
    return Chart(table.slug, table.title, option, table.headers, table.texts(), height=f"rows-{height}")


def _short(text: str) -> str:
    """What fits two lines beside a bar; the whole question stands in the table."""
    return text if len(text) <= LABEL_LENGTH else f"{text[: LABEL_LENGTH - 1].rstrip()}…"


class SatisfactionPanel(Panel):
    slug = "satisfaction"
    lazy = True
    title = gettext_lazy("Satisfaction")
    icon = "mood-smile"
    template_name = "satisfaction/panels/satisfaction.html"

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        run = shown_run()
        figures = AccountSatisfaction.objects.filter(account=account).first()
        if run is None or figures is None:
            return {"figures": None, "run": run}
        parameters = parameters_of(run)
        attributes = attributes_of(account.pk, run.as_of, parameters)
        return {
            "figures": figures,
            "run": run,
            "stale": figures.reason == Reason.STALE_SURVEY,
            "fresh_months": parameters.fresh_months,
            "reason": reason_text(figures.reason),
            "chart": attribute_chart(attributes) if attributes else None,
        }


class SentimentPanel(Panel):
    """Computed from the interactions by the function of the nightly job, so that it knows this morning's visit."""

    slug = "sentiment"
    title = gettext_lazy("Mood")
    icon = "message-heart"
    template_name = "satisfaction/panels/sentiment.html"
    column = "side"
    lazy = True

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        return {"mood": account_mood(account, today)}

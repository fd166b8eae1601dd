"""Columns of the account list about satisfaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from crm.panels import ListColumn
from crm.templatetags.ui import MISSING, icon, number
from satisfaction.sentiment.figures import BAD, Figure, points
from satisfaction.wording import class_name

if TYPE_CHECKING:
    from crm.models import Account
    from crm.models.accounts import AccountQuerySet


UNSATISFIED_BELOW = 2


class SatisfactionColumn(ListColumn):
    """C = b/a with its class: the class for the eye, the ratio for the sort."""

    slug = "satisfaction"
    on_phone = True
    title = _("Satisfaction")
    sort = "satisfaction_ratio"
    align = "end"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(
            satisfaction_ratio=F("current_satisfaction__ratio"),
            satisfaction_class=F("current_satisfaction__satisfaction_class"),
        )

    def cell(self, account: Account) -> str:
        ratio, code = account.satisfaction_ratio, account.satisfaction_class  # type: ignore[attr-defined]
        if ratio is None:
            return format_html('<span class="text-secondary">{}</span>', MISSING)
        tone = " text-red fw-bold" if code is not None and code < UNSATISFIED_BELOW else ""
        words = class_name(code)
        return format_html('<span class="text-nowrap{}" title="{}">{}</span>', tone, words, number(ratio, 2))

    def export_value(self, account: Account) -> Any:
        return account.satisfaction_ratio  # type: ignore[attr-defined]


class SentimentColumn(ListColumn):
    """The index with its band, and where it is going."""

    slug = "mood"
    on_demand = True
    title = _("Mood")
    sort = "sentiment_index"
    align = "end"

    def annotate(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.annotate(
            sentiment_index=F("current_sentiment__index"),
            sentiment_low=F("current_sentiment__low"),
            sentiment_high=F("current_sentiment__high"),
            sentiment_trend=F("current_sentiment__trend"),
        )

    def cell(self, account: Account) -> str:
        figure = _figure(account)
        if figure is None:
            return format_html('<span class="text-secondary">{}</span>', MISSING)
        arrow = (
            format_html(
                ' {}<span class="visually-hidden">{}</span>',
                icon(figure.icon, "icon-sm"),
                figure.direction_words,
            )
            if figure.direction
            else ""
        )
        return format_html(
            '<span class="text-nowrap{}">{} <small class="text-secondary fw-normal">{}–{}</small>{}</span>',
            " text-red fw-bold" if figure.value < BAD else "",
            number(figure.value),
            number(figure.low),
            number(figure.high),
            arrow,
        )

    def export_value(self, account: Account) -> Any:
        figure = _figure(account)
        return None if figure is None else round(figure.value, 1)


def _figure(account: Account) -> Figure | None:
    index = account.sentiment_index  # type: ignore[attr-defined]
    low, high = account.sentiment_low, account.sentiment_high  # type: ignore[attr-defined]
    if index is None or low is None or high is None:
        return None
    direction: int = account.sentiment_trend  # type: ignore[attr-defined]
    return Figure(points(index), points(low), points(high), None, direction)

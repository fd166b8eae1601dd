"""What one account is worth, with every input: the records as they stand now, through the arithmetic of the job."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Account, Run, RunStep, User
from crm.parameters import from_values
from crm.runs import prepared_of
from crm.scoring.arrays import known
from crm.scoring.reasons import Reason
from crm.snapshots import shown_run
from crm.steps import AccountRange
from lifecycle import value_inputs
from lifecycle.forecast_record import fits_from_values
from lifecycle.models import ValueInput, ValueJudgement
from lifecycle.scoring.forecast.outlook import Fits, Outlook
from lifecycle.scoring.valuation import Judged, Recorded, Valuation, ValueParameters, valuate
from lifecycle.value_step import STEP, forecast, portfolio_of

PERCENT = {ValueInput.SHARE, ValueInput.MARGIN, ValueInput.INFLUENCE}
# Where the computed input comes from, in words.
SOURCES = {
    ValueInput.SPENDING: gettext_lazy("Yearly demand on record; our sales of that year where they are more"),
    ValueInput.SHARE: gettext_lazy("Our sales of that year ÷ the demand"),
    ValueInput.MARGIN: gettext_lazy(
        "Gross profit ÷ net sales of 12 months; of all years where there were none"
    ),
    ValueInput.INFLUENCE: gettext_lazy("Only a person can judge it"),
    ValueInput.REACH: gettext_lazy("Only a person can judge it"),
    ValueInput.REACHED_VALUE: gettext_lazy("Average purchase of all customers × their margin"),
    ValueInput.INFORMATION: gettext_lazy(
        "Cost of a survey × known share of the basic data, if somebody there agreed to it; and recorded gains"
    ),
    ValueInput.KNOWLEDGE: gettext_lazy("Recorded gains × our share of them"),
    ValueInput.TRANSACTION: gettext_lazy("Recorded gains × our share of them"),
}


@dataclass(frozen=True)
class Line:
    """One input: the figure in use, what the records give, and the judgement that stands in its place."""

    part: str
    label: Any
    source: Any
    used: float | None
    computed: float | None
    judgement: ValueJudgement | None

    @property
    def is_percent(self) -> bool:
        return self.part in PERCENT

    @property
    def is_money(self) -> bool:
        return not self.is_percent and self.part != ValueInput.REACH


@dataclass(frozen=True)
class Part:
    """One of the five values of a year."""

    code: str
    title: Any
    formula: Any
    value: float | None
    lines: list[Line]
    note: str = ""


@dataclass(frozen=True)
class Worth:
    """What the pages of one account show. Figures are worked out anew, so a judgement shows at once."""

    account: Account
    run: Run
    parameters: ValueParameters
    prepared: dict[str, Any]
    fits: Fits
    rows: dict[str, Any]
    judgements: list[ValueJudgement]

    @cached_property
    def _forecast(self) -> tuple[Outlook | None, float]:
        outlook, buying = forecast(self.rows, self.run.as_of, self.fits, self.parameters)
        return (outlook, float(outlook.alive[0])) if buying[0] else (None, math.nan)

    @property
    def outlook(self) -> Outlook | None:
        return self._forecast[0]

    @property
    def alive(self) -> float | None:
        return known(self._forecast[1])

    @property
    def predicted(self) -> float | None:
        return known(self.outlook.predicted[0]) if self.outlook else None

    @cached_property
    def recorded(self) -> Recorded:
        return value_inputs.recorded_of(self.rows, np.array([self._forecast[1]]))

    @cached_property
    def valuation(self) -> Valuation:
        return self._valuate(value_inputs.judged_of(self.rows))

    @cached_property
    def unjudged(self) -> Valuation:
        """As it would be if nobody had judged anything."""
        judged = value_inputs.judged_of(self.rows)
        return self._valuate(replace(judged, **{one.name: np.array([np.nan]) for one in fields(judged)}))

    def _valuate(self, judged: Judged) -> Valuation:
        return valuate(self.recorded, judged, portfolio_of(self.prepared), self.parameters)

    @property
    def year(self) -> float | None:
        return known(self.valuation.worth.year[0])

    @property
    def total(self) -> float | None:
        return known(self.valuation.worth.total[0])

    @property
    def annuity(self) -> float | None:
        return known(self.valuation.annuity[0])

    @property
    def reason(self) -> str:
        """Why there is no figure, or what is to be said beside it."""
        return {
            Reason.NO_TRADES: _("It has never bought: its value is what open opportunities promise."),
            Reason.NO_COST: _("Too few of its lines have a known cost: there is no margin to reckon with."),
            Reason.TOO_FEW_OBS: _(
                "There are too few customers to tell how long one stays: the year is known only."
            ),
            Reason.MISSING_INPUT: _(
                "Nothing on record tells how much it needs: the gross profit of the last 12 months is taken."
            ),
        }.get(Reason(int(self.valuation.reason[0])), "")

    @property
    def parts(self) -> list[Part]:
        v = self.valuation
        plain_profit = int(v.reason[0]) == Reason.MISSING_INPUT
        pipeline = int(v.reason[0]) == Reason.NO_TRADES and known(v.purchase[0]) is not None
        told = (
            known(self.rows["judged_influence"][0]) is not None
            and known(self.rows["judged_reach"][0]) is not None
        )
        return [
            self._part(
                "CPV",
                _("Purchase value"),
                _("Spending power × our share × margin"),
                v.purchase,
                (ValueInput.SPENDING, ValueInput.SHARE, ValueInput.MARGIN),
                _("Taken instead: gross profit of the last 12 months")
                if plain_profit
                else _("Taken instead: open opportunities × probability × margin of all customers")
                if pipeline
                else "",
            ),
            self._part(
                "PPV",
                _("Word-of-mouth value"),
                _("Influence × reach × margin of an average purchase of those reached"),
                v.referral,
                (ValueInput.INFLUENCE, ValueInput.REACH, ValueInput.REACHED_VALUE),
                "" if told else _("Taken instead: recorded referrals"),
            ),
            self._part("CIV", _("Information value"), _("What its information saves us"), v.information,
                       (ValueInput.INFORMATION,)),
            self._part("CKV", _("Knowledge value"), _("Gain from its ideas and joint development"), v.knowledge,
                       (ValueInput.KNOWLEDGE,)),
            self._part("CTV", _("Transaction value"), _("Gain from joint selling and market access"), v.transaction,
                       (ValueInput.TRANSACTION,)),
        ]  # fmt: skip

    def _part(
        self, code: str, title: str, formula: str, value: Any, inputs: tuple[ValueInput, ...], note: str = ""
    ) -> Part:
        return Part(code, title, formula, known(value[0]), [self.line(part) for part in inputs], note)

    def line(self, part: str) -> Line:
        return Line(
            part,
            ValueInput(part).label,
            SOURCES[ValueInput(part)],
            _input(self.valuation, self.rows, part),
            _input(self.unjudged, None, part),
            self.judged.get(part),
        )

    @cached_property
    def judged(self) -> dict[str, ValueJudgement]:
        """The judgements that stand: the newest of each input, unless it takes the one before back."""
        newest: dict[str, ValueJudgement] = {}
        for judgement in self.judgements:
            newest.setdefault(judgement.part, judgement)
        return {part: judgement for part, judgement in newest.items() if judgement.value is not None}


def read_worth(account: Account) -> Worth | None:
    """None until a run with values is published. Four queries."""
    run = shown_run()
    if run is None:
        return None
    steps = {step.slug: step for step in RunStep.objects.filter(run=run).select_related("run")}
    if STEP not in steps:
        return None
    prepared = dict(prepared_of(steps[STEP]).parameters)
    parameters = from_values(ValueParameters, prepared["parameters"])
    fits = fits_from_values(prepared["fits"])
    with connection.cursor() as cursor:
        rows = value_inputs.read_accounts(
            cursor,
            run,
            value_inputs.PUBLISHED,
            AccountRange(account.pk, account.pk),
            fits,
            parameters,
        )
    if not len(rows["account_id"]):
        return None
    judgements = ValueJudgement.objects.filter(account=account).select_related("author").order_by("-pk")
    return Worth(account, run, parameters, prepared, fits, rows, list(judgements))


def may_judge(user: User) -> bool:
    return user.can("edit_accounts")


def _input(valuation: Valuation, rows: dict[str, Any] | None, part: str) -> float | None:
    if part in ("influence", "reach"):
        return known(rows[f"judged_{part}"][0]) if rows else None
    return known(getattr(valuation, part)[0])

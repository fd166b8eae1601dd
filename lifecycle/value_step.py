"""The step of lifetime value: forecasts fitted to the company's own trade, the one that foresaw best in use."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from crm.copying import copy_columns, read_columns
from crm.models import RunStep
from crm.parameters import from_values, load, to_values
from crm.publication import figure_columns, publish_figures
from crm.scoring.arrays import FloatArray
from crm.scoring.reasons import Reason
from crm.steps import AccountRange, Context, Prepared, Publication, Step
from lifecycle import value_inputs
from lifecycle.forecast_record import backtest_to_values, fits_from_values, fits_to_values, plain
from lifecycle.models import AccountValue, StagedValue, ValueSnapshot
from lifecycle.scoring.forecast import backtest
from lifecycle.scoring.forecast.history import summarise
from lifecycle.scoring.forecast.outlook import OWN_RATE, Fits, Outlook, fit_all, foresee
from lifecycle.scoring.lifetime import ValueTier, tier_cuts
from lifecycle.scoring.valuation import Portfolio, Valuation, ValueParameters, valuate

STEP = "lifecycle.value"
_TIERED = """
SELECT s.run_id, s.account_id, {columns}, CASE
    WHEN s.lifetime_value >= %(high)s::float8 THEN {high} WHEN s.lifetime_value >= %(medium)s::float8 THEN {medium}
    WHEN s.lifetime_value IS NOT NULL THEN {low} END::smallint AS tier
FROM lifecycle_stagedvalue s WHERE s.run_id = %(run)s
"""


class ValueStep(Step):
    slug = STEP
    title = _("Lifetime value")
    staged = StagedValue

    def prepare(self, cursor: Any, context: Context) -> Prepared:
        """Fit every forecast, see which would have foreseen the end of the company's own history best."""
        parameters, version = load(STEP, ValueParameters)
        customers, portfolio, returning = _portfolio(cursor, context, parameters)
        step = max(1, -(-customers // parameters.fit_customers))
        rows = read_columns(
            cursor,
            value_inputs.OCCASIONS,
            {"run": context.run_id, "as_of": context.as_of, "step": step},
            {"account": "int", "day": "int", "value": "float"},
        )
        end = int(np.datetime64(context.as_of, "D").astype(np.int64))
        history = summarise(rows["account"], rows["day"], rows["value"], end)
        tested = backtest.run(rows["account"], rows["day"], rows["value"], end)
        chosen = tested.chosen
        fits = fit_all(history, (chosen.purchases, chosen.spend) if chosen else OWN_RATE)
        margin = portfolio.margin
        return Prepared(
            plain(
                {
                    "parameters": to_values(parameters),
                    "portfolio": {
                        "margin": margin,
                        "retention": portfolio.retention,
                        "returning": returning,
                        "purchase_margin": fits.credibility.mu * margin,
                    },
                    "customers": customers,
                    "fitted_to": len(history.customer),
                    "fits": fits_to_values(fits),
                    "backtest": backtest_to_values(tested),
                }
            ),
            version=version,
        )

    def compute(self, cursor: Any, context: Context, accounts: AccountRange) -> int:
        prepared = context.prepared[STEP].parameters
        parameters = from_values(ValueParameters, prepared["parameters"])
        fits = fits_from_values(prepared["fits"])
        rows = value_inputs.read_accounts(
            cursor, context.run, value_inputs.STAGED, accounts, fits, parameters
        )
        outlook, buyers = forecast(rows, context.as_of, fits, parameters)
        n = len(rows["account_id"])
        alive = _spread(outlook.alive, buyers, n)
        valuation = valuate(
            value_inputs.recorded_of(rows, alive),
            value_inputs.judged_of(rows),
            portfolio_of(prepared),
            parameters,
        )
        columns = {
            "run_id": np.full(n, context.run_id),
            "account_id": rows["account_id"],
            **_forecast_columns(outlook, buyers, n),
            **_value_columns(rows, valuation),
        }
        return copy_columns(cursor, self.staged._meta.db_table, list(columns), list(columns.values()))

    def publish(self, cursor: Any, publication: Publication) -> None:
        """Terciles need everybody: they are cut here, and a partial run takes the cuts of its full run."""
        high, medium = self._cuts(cursor, publication)
        columns = [f"s.{name}" for name in figure_columns(self.staged) if name != "tier"]
        source = _TIERED.format(
            columns=", ".join(columns),
            high=int(ValueTier.HIGH),
            medium=int(ValueTier.MEDIUM),
            low=int(ValueTier.LOW),
        )
        filled = cursor.mogrify(source, {"run": publication.run_id, "high": high, "medium": medium}).decode()
        publish_figures(
            cursor, publication, self.staged, AccountValue, ValueSnapshot, source=filled.replace("%", "%%")
        )

    def _cuts(self, cursor: Any, publication: Publication) -> tuple[float | None, float | None]:
        prepared = publication.context.prepared[STEP].parameters
        if publication.context.only_changed:
            high, medium = prepared.get("tier_cuts") or (None, None)
            return high, medium
        rows = read_columns(
            cursor,
            "SELECT lifetime_value FROM lifecycle_stagedvalue WHERE run_id = %(run)s AND lifetime_value IS NOT NULL",
            {"run": publication.run_id},
            {"value": "float"},
        )
        cuts = plain(tier_cuts(rows["value"]))
        row = RunStep.objects.get(run=publication.run_id, slug=STEP)
        row.parameters = {**row.parameters, "values": {**row.parameters["values"], "tier_cuts": cuts}}
        row.save(update_fields=["parameters"])
        return cuts[0], cuts[1]

    def changed_accounts(self) -> str:
        return """
            SELECT account_id FROM lifecycle_valuejudgement WHERE created_at > %(since)s
            UNION SELECT account_id FROM crm_valuecase WHERE created_at > %(since)s
        """


def portfolio_of(prepared: Any) -> Portfolio:
    """As a run recorded it."""
    values = {
        name: math.nan if prepared["portfolio"][name] is None else prepared["portfolio"][name]
        for name in ("margin", "retention", "purchase_margin")
    }
    return Portfolio(**values)


def _portfolio(cursor: Any, context: Context, parameters: ValueParameters) -> tuple[int, Portfolio, int]:
    """Number of customers; what holds for all of them; from how many the retention is."""
    year = context.as_of - dt.timedelta(days=value_inputs.YEAR)
    cursor.execute(value_inputs.PORTFOLIO, {"run": context.run_id, "year": year})
    customers, profit, sales, before, again = cursor.fetchone()
    margin = float(profit / sales) if sales else math.nan
    enough = before >= parameters.min_retention_customers
    return customers, Portfolio(margin, again / before if enough else math.nan, math.nan), before


def forecast(
    rows: dict[str, NDArray[Any]], as_of: dt.date, fits: Fits, parameters: ValueParameters
) -> tuple[Outlook, NDArray[np.bool_]]:
    """The forecast of those who have bought, and who they are."""
    buying = rows["occasions"] > 0
    own = {name: values[buying] for name, values in rows.items()}
    return foresee(fits, value_inputs.buyers_of(own, as_of), parameters.discount_rate), buying


def _spread(values: FloatArray, buyers: NDArray[np.bool_], n: int) -> FloatArray:
    """Values of the buyers among everybody, NaN for the others."""
    out = np.full(n, np.nan)
    out[buyers] = values
    return out


def _forecast_columns(outlook: Outlook, buyers: NDArray[np.bool_], n: int) -> dict[str, NDArray[Any]]:
    reason = np.full(n, Reason.NO_TRADES, dtype=np.int8)
    reason[buyers] = outlook.reason
    one, four, _two_years, twelve = outlook.occasions.T
    found = {
        "alive": outlook.alive,
        "occasions_1q": one,
        "occasions_4q": four,
        "occasions_12q": twelve,
        "spend": outlook.spend,
        "sales_4q": four * outlook.spend,
        "sales_4q_low": outlook.sales_low,
        "sales_4q_high": outlook.sales_high,
        "sales_12q": twelve * outlook.spend,
        "predicted": outlook.predicted,
        "predicted_low": outlook.predicted_low,
        "predicted_high": outlook.predicted_high,
    }
    return {
        **{name: _spread(values, buyers, n) for name, values in found.items()},
        "forecast_reason": reason,
    }


def _value_columns(rows: dict[str, NDArray[Any]], valuation: Valuation) -> dict[str, NDArray[Any]]:
    return {
        "margin": valuation.margin,
        "purchase_value": valuation.purchase,
        "referral_value": valuation.referral,
        "information_value": valuation.information,
        "knowledge_value": valuation.knowledge,
        "transaction_value": valuation.transaction,
        "annuity": valuation.annuity,
        "lifetime_value": valuation.worth.total,
        "lifetime_value_without_referrals": valuation.worth.without_referrals,
        "reason": valuation.reason,
    }

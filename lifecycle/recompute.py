"""The lifecycle step: stage and loyalty of every account."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from crm.copying import copy_columns, read_columns
from crm.history import publish_intervals
from crm.parameters import from_values, load, to_values
from crm.publication import publish_figures
from crm.scoring.arrays import CodeArray, FloatArray
from crm.scoring.ranking import percentile_rank, prepare_population
from crm.steps import AccountRange, Context, Prepared, Publication, Step
from lifecycle.attitudes import attitudes
from lifecycle.models import AccountLifecycle, LifecycleSnapshot, StagedLifecycle
from lifecycle.scoring import loyalty, stages
from lifecycle.scoring.loyalty import LoyaltyParameters, LoyaltyResult, Measure
from lifecycle.scoring.stages import Rule, Stage, StageParameters, StageResult
from satisfaction.scoring.ratio import RatioParameters

# Values of purchase occasions: days on which returns outweighed sales are no occasion (models.md section 0).
_ACCOUNTS = """
SELECT f.account_id, f.occasions, f.occasions_24m, f.first_traded_on, f.last_traded_on,
    coalesce(t.window_value, 0), coalesce(t.prior_value, 0), coalesce(t.first_half, 0), coalesce(t.second_half, 0),
    (a.contract_from IS NOT NULL OR a.contract_to IS NOT NULL)
        AND coalesce(a.contract_from, '-infinity') <= %(as_of)s AND coalesce(a.contract_to, 'infinity') >= %(as_of)s,
    v.last_contact, coalesce(o.value, -1),
    coalesce(CASE WHEN p.overridden THEN p.computed_stage ELSE p.stage END, -1), coalesce(p.computed_stage, -1)
FROM crm_stagedaccountfacts f
JOIN crm_account a ON a.id = f.account_id
LEFT JOIN (
    SELECT g.account_id,
        sum(d.net_sales) FILTER (WHERE d.traded_on > %(window)s) AS window_value,
        sum(d.net_sales) FILTER (WHERE d.traded_on > %(two_windows)s AND d.traded_on <= %(window)s) AS prior_value,
        sum(d.net_sales) FILTER (WHERE g.young AND d.traded_on <= g.midpoint) AS first_half,
        sum(d.net_sales) FILTER (WHERE g.young AND d.traded_on > g.midpoint) AS second_half
    FROM (
        SELECT account_id, first_traded_on > %(two_windows)s AS young,
            first_traded_on + (%(as_of)s::date - first_traded_on) / 2 AS midpoint
        FROM crm_stagedaccountfacts
        WHERE run_id = %(run)s AND account_id BETWEEN %(lower)s AND %(upper)s AND last_traded_on > %(two_windows)s
    ) g
    JOIN crm_tradeday d ON d.account_id = g.account_id
    WHERE d.account_id BETWEEN %(lower)s AND %(upper)s AND d.net_sales > 0
        AND d.traded_on > %(two_windows)s AND d.traded_on <= %(as_of)s
    GROUP BY g.account_id
) t ON t.account_id = f.account_id
LEFT JOIN (
    SELECT account_id, max((happened_at AT TIME ZONE %(zone)s)::date) AS last_contact
    FROM crm_visit
    WHERE %(contacts)s AND account_id BETWEEN %(lower)s AND %(upper)s
        AND (happened_at AT TIME ZONE %(zone)s)::date <= %(as_of)s
    GROUP BY account_id
) v ON v.account_id = f.account_id
LEFT JOIN (
    SELECT DISTINCT ON (account_id) account_id, value FROM lifecycle_stageoverride
    WHERE state = 'approved' AND revoked_at IS NULL AND valid_from <= %(as_of)s AND valid_to > %(as_of)s
    ORDER BY account_id, id DESC
) o ON o.account_id = f.account_id
LEFT JOIN lifecycle_lifecyclesnapshot p ON p.account_id = f.account_id
    AND p.month_end = (SELECT max(month_end) FROM lifecycle_lifecyclesnapshot WHERE month_end < %(as_of)s)
WHERE f.run_id = %(run)s AND f.account_id BETWEEN %(lower)s AND %(upper)s
ORDER BY f.account_id
"""
_COLUMNS = {
    "account_id": "int",
    "occasions": "int",
    "occasions_24m": "int",
    "first": "date",
    "last": "date",
    "window_value": "float",
    "prior_value": "float",
    "first_half": "float",
    "second_half": "float",
    "contract": "bool",
    "last_contact": "date",
    "override": "int",
    "previous": "int",
    "previous_computed": "int",
}
_YEARS = 2.0  # occasions_24m as occasions a year


class LifecycleStep(Step):
    slug = "lifecycle.stage"
    title = _("Lifecycle and loyalty")
    staged = StagedLifecycle

    def prepare(self, cursor: Any, context: Context) -> Prepared:
        """The typical interval decides the windows that are then summed; frequency is ranked among all customers."""
        parameters, version = load("lifecycle.stage", StageParameters)
        loyalty_parameters, loyalty_version = load("lifecycle.loyalty", LoyaltyParameters)
        customers = read_columns(
            cursor,
            "SELECT occasions, occasions_24m, first_traded_on, last_traded_on FROM crm_stagedaccountfacts"
            " WHERE run_id = %(run)s AND occasions > 0",
            {"run": context.run_id},
            {"occasions": "int", "occasions_24m": "int", "first": "date", "last": "date"},
        )
        typical = stages.population_interval(
            customers["occasions"], _days(customers["first"]), _days(customers["last"]), parameters
        )
        return Prepared(
            {
                "stage": to_values(parameters),
                "loyalty": to_values(loyalty_parameters),
                "loyalty_version": loyalty_version,
                "typical_interval": typical,
                "window_days": stages.window_length(typical, parameters),
            },
            {"frequency": prepare_population(customers["occasions_24m"] / _YEARS)},
            version,
        )

    def compute(self, cursor: Any, context: Context, accounts: AccountRange) -> int:
        prepared = context.prepared[self.slug]
        parameters = from_values(StageParameters, prepared.parameters["stage"])
        rows = self._read(cursor, context, accounts, parameters)
        as_of = int(_days(np.asarray([context.as_of], dtype="datetime64[D]"))[0])
        found = stages.classify(
            rows["occasions"],
            _days(rows["first"]),
            _days(rows["last"]),
            as_of,
            rows["window_value"],
            rows["prior_value"],
            rows["first_half"],
            rows["second_half"],
            typical_interval=prepared.parameters["typical_interval"],
            contract_in_force=rows["contract"],
            last_contact_day=_days(rows["last_contact"]),
            parameters=parameters,
        )
        scored = self._score(cursor, context, accounts, rows, found)
        columns = {
            "run_id": np.full(len(rows["account_id"]), context.run_id),
            **_stage_columns(rows, found),
            **_loyalty_columns(scored),
        }
        return copy_columns(cursor, self.staged._meta.db_table, list(columns), list(columns.values()))

    def _read(
        self, cursor: Any, context: Context, accounts: AccountRange, parameters: StageParameters
    ) -> dict[str, NDArray[Any]]:
        prepared = context.prepared[self.slug].parameters
        window = dt.timedelta(days=prepared["window_days"])
        return read_columns(
            cursor,
            _ACCOUNTS,
            {
                "run": context.run_id,
                "as_of": context.as_of,
                "window": context.as_of - window,
                "two_windows": context.as_of - 2 * window,
                "lower": accounts.lower,
                "upper": accounts.upper,
                "zone": settings.TIME_ZONE,
                # Contacts are signs of life in project business only.
                "contacts": prepared["typical_interval"] > parameters.project_interval,
            },
            _COLUMNS,
        )

    def _score(
        self,
        cursor: Any,
        context: Context,
        accounts: AccountRange,
        rows: dict[str, NDArray[Any]],
        found: StageResult,
    ) -> LoyaltyResult:
        prepared = context.prepared[self.slug]
        answering = from_values(RatioParameters, context.prepared["satisfaction.ratio"].parameters)
        asked = attitudes(cursor, context, accounts, rows["account_id"], answering)
        never = rows["occasions"] == 0
        frequency: FloatArray = np.where(never, np.nan, rows["occasions_24m"] / _YEARS)
        return loyalty.score(
            loyalty.LoyaltyInputs(
                occasions=rows["occasions_24m"],
                frequency_rank=percentile_rank(frequency, prepared.populations["frequency"]),
                overdue_ratio=found.overdue_ratio,
                recommend=asked.recommend,
                competitor_attitude=asked.competitors,
                price_attitude=asked.price,
            ),
            from_values(LoyaltyParameters, prepared.parameters["loyalty"]),
        )

    def publish(self, cursor: Any, publication: Publication) -> None:
        publish_figures(cursor, publication, self.staged, AccountLifecycle, LifecycleSnapshot)
        for table, value in (
            ("lifecycle_stageinterval", "stage"),
            ("lifecycle_loyaltyinterval", f"coalesce(loyalty_level, {loyalty.AakerLevel.UNKNOWN})::smallint"),
        ):
            publish_intervals(
                cursor,
                table,
                f"SELECT account_id, {value} FROM lifecycle_stagedlifecycle"  # noqa: S608
                f" WHERE run_id = {publication.run_id} AND account_id IN (SELECT id FROM crm_account)",
                publication.as_of,
                publication.next_as_of,
                publication.run_id,
            )

    def changed_accounts(self) -> str:
        return """
            SELECT account_id FROM lifecycle_stageoverride
            WHERE created_at > %(since)s OR revoked_at > %(since)s OR decided_at > %(since)s
            UNION SELECT account_id FROM crm_visit WHERE updated_at > %(since)s
        """


def _days(dates: NDArray[Any]) -> FloatArray:
    """Dates as days since 1970, NaN where there is none."""
    days = dates.astype("datetime64[D]").astype(np.int64).astype(np.float64)
    return np.where(np.isnat(dates), np.nan, days)


def _stage_columns(rows: dict[str, NDArray[Any]], found: StageResult) -> dict[str, NDArray[Any]]:
    confirmed = stages.confirm(found.stage, rows["previous_computed"], rows["previous"])
    overridden = rows["override"] != Stage.NONE
    by_half = found.rule == Rule.YOUNG_GROWTH
    return {
        "account_id": rows["account_id"],
        "stage": np.where(overridden, rows["override"], confirmed.stage),
        "computed_stage": found.stage,
        "rule": found.rule,
        "overridden": overridden,
        "occasions": rows["occasions"],
        "first_traded_on": rows["first"],
        "last_traded_on": rows["last"],
        "own_interval": found.own_interval,
        "interval": found.interval,
        "overdue_ratio": found.overdue_ratio,
        # The two values that the growth was computed from, so that it can be checked by hand.
        "window_value": np.where(by_half, rows["second_half"], rows["window_value"]),
        "prior_value": np.where(by_half, rows["first_half"], rows["prior_value"]),
        "growth": found.growth,
        "reason": found.reason,
    }


def _loyalty_columns(scored: LoyaltyResult) -> dict[str, NDArray[Any]]:
    level: CodeArray = scored.level
    measures = {
        "repeat_score": Measure.REPEAT_RATE,
        "rhythm_score": Measure.FREQUENCY,
        "wallet_score": Measure.WALLET_SHARE,
        "selection_score": Measure.SELECTION_TIME,
        "emotion_score": Measure.EMOTION,
        "referral_score": Measure.REFERRAL,
        "competitor_score": Measure.COMPETITORS,
        "price_score": Measure.PRICE_QUALITY,
    }
    return {
        "loyalty": scored.loyalty,
        "loyalty_level": np.where(level == loyalty.AakerLevel.UNKNOWN, np.nan, level),
        "behaviour": scored.behaviour,
        "attitude": scored.attitude,
        **{name: scored.subscores[:, measure] for name, measure in measures.items()},
        "loyalty_reason": scored.reason,
    }

"""The reference data sets as purchase occasions, and generated customers."""

import csv
import gzip
from collections import defaultdict
from datetime import date
from typing import NamedTuple

import numpy as np
import pytest

from lifecycle.scoring.forecast.patterns import timing
from tests.bench.fits import generated


class Ledger(NamedTuple):
    """One entry per customer and day."""

    customer: np.ndarray
    day: np.ndarray
    value: np.ndarray


def _ledger(rows):
    total = defaultdict(float)
    for customer, day, value in rows:
        total[int(customer), date.fromisoformat(day).toordinal()] += float(value)
    keys = np.array(list(total))
    return Ledger(keys[:, 0], keys[:, 1], np.array(list(total.values())))


@pytest.fixture(scope="session")
def cdnow_ledger(shared_data):
    with (shared_data / "cdnow/cdnow_sample.csv").open(encoding="utf-8") as lines:
        ledger = _ledger(
            (row["customer_id"], row["date"], row["dollar_value"]) for row in csv.DictReader(lines)
        )
    # eight free parcels are occasions in the published data, but none by our rule: one cent makes them count
    return ledger._replace(value=np.maximum(ledger.value, 0.01))


@pytest.fixture(scope="session")
def cdnow_summary(shared_data):
    """x, t_x, T, mean repeat value as published."""
    return np.genfromtxt(shared_data / "cdnow/cdnow_summary_39w.csv", delimiter=",", skip_header=1)[:, 1:].T


@pytest.fixture(scope="session")
def resellers(shared_data):
    with gzip.open(
        shared_data / "adventureworks_reseller/reseller_sales.csv.gz", "rt", encoding="utf-8"
    ) as lines:
        return _ledger(
            (row["ResellerKey"], row["OrderDate"], row["SalesAmount"]) for row in csv.DictReader(lines)
        )


@pytest.fixture(scope="session")
def customers():
    """1 500 generated customers: (Timing, mean repeat value). As if each customer's intervals were equal."""
    repeats, recency, age, spend = generated(1500)
    logs = repeats * np.log(np.divide(recency, repeats, out=np.ones(1500), where=repeats > 0))
    return timing(repeats, recency, age, logs), spend

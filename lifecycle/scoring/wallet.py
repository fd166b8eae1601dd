"""Wallet allocation rule: share of spend from the rank among the suppliers a customer uses (models.md
section 5).
"""

from numpy.typing import ArrayLike

from crm.scoring.arrays import FloatArray, divide, floats


def wallet_allocation(rank: ArrayLike, suppliers: ArrayLike) -> FloatArray:
    """(1 - rank / (suppliers + 1)) x 2 / suppliers, shape (n,), fractions summing to 1 over a customer's
    suppliers.

    ``rank``: ours by the customer's ratings, 1 = best, ties take the mean rank (so it may be 1.5). NaN
    where either is missing, there is no supplier, or the rank is not within 1..suppliers.
    """
    count = floats(suppliers)
    place = floats(rank, len(count))
    share = (1.0 - divide(place, count + 1.0)) * divide(2.0, count)
    share[~((place >= 1) & (place <= count))] = float("nan")
    return share

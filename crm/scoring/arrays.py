"""Array types and the few operations every scoring module needs.

Convention (models.md section 0): an undefined figure is NaN in its float array, and a ``Reason`` in the
int8 array beside it. All arrays of one call are one-dimensional and of equal length n; n = 0 is allowed.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
CodeArray = NDArray[np.int8]  # enum members and reasons, as they are stored (smallint)
BoolArray = NDArray[np.bool_]

# Comparisons with a cut-off forgive this much floating point noise, so that a total shown as 80 is an 80.
TOLERANCE = 1e-9


def floats(values: ArrayLike, n: int | None = None) -> FloatArray:
    """``values`` as a 1-D float64 array (None becomes NaN); a scalar is repeated ``n`` times.

    Raises ValueError when the shape is not (n,).
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 0 and n is not None:
        array = np.full(n, float(array))
    if array.ndim != 1 or (n is not None and len(array) != n):
        raise ValueError(f"expected a one-dimensional array of length {n}, got shape {array.shape}")
    return array


def masks(values: ArrayLike | None, n: int) -> BoolArray:
    """``values`` as a boolean array of shape (n,); None means nowhere true."""
    if values is None:
        return np.zeros(n, dtype=np.bool_)
    array = np.asarray(values, dtype=np.bool_)
    if array.ndim == 0:
        array = np.full(n, bool(array))
    if array.shape != (n,):
        raise ValueError(f"expected a mask of length {n}, got shape {array.shape}")
    return array


def divide(numerator: ArrayLike, denominator: ArrayLike) -> NDArray[Any]:
    """Elementwise quotient; NaN (and no warning) where the denominator is 0 or either side is NaN."""
    top, bottom = np.broadcast_arrays(
        np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    )
    out = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=out, where=(bottom != 0) & ~np.isnan(bottom) & ~np.isnan(top))
    return out


def known(value: float) -> float | None:
    """One figure as it leaves the arrays: None instead of NaN."""
    return None if np.isnan(value) else float(value)

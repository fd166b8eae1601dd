"""Weights from pairwise comparisons, the analytic hierarchy process (models.md section 1; Saaty)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import FloatArray
from segmentation.scoring.problems import InvalidModel, Problem

MAX_CONSISTENCY_RATIO = 0.10
# Mean consistency index of random matrices of size 0..10.
_RANDOM_INDEX = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
_RECIPROCAL_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class PairwiseWeights:
    """weights sum to 1; consistency_ratio 0 = perfectly consistent (always so for one or two indicators)."""

    weights: FloatArray
    largest_eigenvalue: float
    consistency_ratio: float


def pairwise_weights(comparisons: ArrayLike, max_ratio: float = MAX_CONSISTENCY_RATIO) -> PairwiseWeights:
    """Weights of k indicators from a (k, k) matrix: entry (i, j) says how many times as important i is as
    j.

    InvalidModel when the matrix is not square of size 1..10, not positive, not reciprocal, or contradicts
    itself by a consistency ratio above ``max_ratio``.
    """
    matrix = np.asarray(comparisons, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not 1 <= len(matrix) < len(_RANDOM_INDEX):
        raise InvalidModel([Problem("ahp_shape", params={"shape": matrix.shape})])
    if not (matrix > 0).all() or not np.allclose(matrix * matrix.T, 1.0, rtol=0, atol=_RECIPROCAL_TOLERANCE):
        raise InvalidModel([Problem("ahp_not_reciprocal")])
    n = len(matrix)
    values, vectors = np.linalg.eig(matrix)
    principal = int(np.argmax(values.real))
    largest = float(values[principal].real)
    weights = np.abs(vectors[:, principal].real)
    index = max(0.0, (largest - n) / (n - 1)) if n > 1 else 0.0
    ratio = index / _RANDOM_INDEX[n] if _RANDOM_INDEX[n] else 0.0
    if ratio > max_ratio:
        raise InvalidModel([Problem("ahp_inconsistent", params={"ratio": ratio, "limit": max_ratio})])
    return PairwiseWeights(weights / weights.sum(), largest, ratio)

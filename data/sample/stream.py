"""Which numbers are drawn, by the column? Columns from a seed, the same on every machine.

As `data.sample.dice`, from the raw 64-bit numbers of PCG64, whose stream NumPy promises to keep
(NEP 19); what is made of them here is plain arithmetic and the inverse of the normal distribution.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.random import PCG64
from scipy.special import ndtri

Numbers = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.int64]


class Stream:
    """Columns drawn from one seed, one after the other."""

    def __init__(self, seed: int) -> None:
        self._bits = PCG64(seed)

    def uniform(self, count: int) -> Numbers:
        """Numbers strictly between 0 and 1 (count,)."""
        raw = np.asarray(self._bits.random_raw(count), dtype=np.uint64)
        return np.asarray(((raw >> np.uint64(11)) + 0.5) * 2.0**-53)

    def normal(self, count: int) -> Numbers:
        """Standard normal numbers (count,)."""
        return np.asarray(ndtri(self.uniform(count)))

    def below(self, count: int, end: int) -> Indexes:
        """Whole numbers from 0 up to, not including, `end` (count,)."""
        return (self.uniform(count) * end).astype(np.int64)

    def weighted(self, count: int, weights: npt.ArrayLike) -> Indexes:
        """Row numbers of `weights`, each as often as its weight says (count,)."""
        steps = np.cumsum(np.asarray(weights, dtype=np.float64))
        found = np.searchsorted(steps, self.uniform(count) * steps[-1], side="right")
        return np.minimum(np.asarray(found, dtype=np.int64), len(steps) - 1)

    def order(self, count: int) -> Indexes:
        """A drawn order of `count` things."""
        return np.argsort(self.uniform(count), kind="stable").astype(np.int64)

"""Will the target hold? The distribution of the number of placements, and the chance of reaching.

Each proposal of a plan succeeds on its own with its own chance, so the number of placements is
Poisson-binomial. Its distribution is exact, by repeated convolution (divide and conquer; Biscarri,
Zhao, Brunner 2018), up to rounding of about 1e-15.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import pi, sqrt

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline
from scipy.signal import fftconvolve
from scipy.special import expit, logit, ndtr

from matching.problem import Numbers

_BLOCK = 128
_FEW = 25.0


def distribution(chances: npt.ArrayLike) -> Numbers:
    """The probability of 0, 1, 2, ... placements, for n independent chances (n + 1,).

    An empty plan has 0 placements for certain.
    """
    return _distributions(np.asarray(chances, dtype=np.float64)[None, :])[0]


def _distributions(chances: Numbers) -> list[Numbers]:
    """The distribution of each row of chances (rows, n), all grown together."""
    rows, size = chances.shape
    if size == 0:
        return [np.ones(1) for _ in range(rows)]
    return [_joined(parts, size) for parts in _blocks(np.sort(chances, axis=1))]


def _joined(blocks: Numbers, size: int) -> Numbers:
    """The distribution of `size` chances, from those of its blocks (blocks, block + 1)."""
    parts = list(blocks)
    while len(parts) > 1:
        pairs = [
            fftconvolve(one, other) for one, other in zip(parts[::2], parts[1::2], strict=False)
        ]
        parts = pairs if len(parts) % 2 == 0 else [*pairs, parts[-1]]
    probabilities = np.maximum(parts[0][: size + 1], 0.0)
    return np.asarray(probabilities / probabilities.sum())


def _blocks(q: Numbers) -> Numbers:
    """The distributions of each row's blocks of chances (rows, blocks, block + 1).

    All blocks grow together, one chance a step.
    """
    rows, size = q.shape
    block = min(_BLOCK, size)
    blocks = -(-size // block)
    padded = np.zeros((rows, blocks * block))
    padded[:, :size] = q
    steps = padded.reshape(rows * blocks, block)
    grown = np.zeros((rows * blocks, block + 1))
    grown[:, 0] = 1.0
    for step in range(block):
        chance = steps[:, step : step + 1]
        grown[:, 1 : step + 2] = (
            grown[:, 1 : step + 2] * (1 - chance) + grown[:, : step + 1] * chance
        )
        grown[:, 0] *= 1 - chance[:, 0]
    return grown.reshape(rows, blocks, block + 1)


def chance_of_at_least(chances: npt.ArrayLike, need: int) -> float:
    """The probability of at least `need` placements. Certain if nothing is needed."""
    return 1.0 if need <= 0 else _tail(distribution(chances), need)


def _tail(probabilities: Numbers, need: int) -> float:
    if need <= 0:
        return 1.0
    if need >= len(probabilities):
        return 0.0
    below = float(probabilities[:need].sum())
    # The smaller tail is the more exact one.
    return 1.0 - below if below < 0.5 else float(probabilities[need:].sum())


def chance_with_model_error(chances: npt.ArrayLike, need: int, spread: float) -> float:
    """The probability of at least `need` placements if all chances may be off together.

    The error shared by all pairs is normal on the log-odds scale with standard deviation
    `spread`. For each size of the error the number of placements is Poisson-binomial. Where its
    variance without any error is 25 or more, the refined normal approximation stands in (Volkova
    1996; the mixture was off by less than 0.001 for every spread up to 2), below that the exact
    distribution. `spread` 0 gives `chance_of_at_least`; a certain chance stays certain.
    """
    return 1.0 if need <= 0 else at_least(chances, spread)(need)


def at_least(chances: npt.ArrayLike, spread: float) -> Callable[[int], float]:
    """`chance_with_model_error` of one plan for many needs: what they share is counted once."""
    q = np.asarray(chances, dtype=np.float64)
    if spread == 0 or len(q) == 0:
        return partial(_tail, distribution(q))
    odds = logit(q)
    if float((q * (1 - q)).sum()) < _FEW:
        errors = np.linspace(-6.0, 6.0, 61)
        each = _distributions(expit(odds + spread * errors[:, None]))
        holds: Callable[[int], Numbers] = partial(_tails, each)
    else:
        errors = np.linspace(-6.0, 6.0, 4001)
        mean, variance, third = _moments(odds, spread, errors)
        holds = partial(_about_at_least, mean=mean, variance=variance, third=third)
    weights = np.exp(-(errors**2) / 2)

    def chance(need: int) -> float:
        if need <= 0:
            return 1.0
        return float(min(1.0, (weights * holds(need)).sum() / weights.sum()))

    return chance


def _tails(each: Sequence[Numbers], need: int) -> Numbers:
    return np.array([_tail(probabilities, need) for probabilities in each])


def _moments(odds: Numbers, spread: float, errors: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Mean, variance and third central moment of the placements for each error.

    They are smooth in the error, so few are counted and the rest drawn through them.
    """
    knots = np.linspace(errors[0], errors[-1], 49)
    counted = np.empty((3, len(knots)))
    for number, error in enumerate(knots):
        q = expit(odds + spread * error)
        spread_out = q * (1 - q)
        counted[:, number] = q.sum(), spread_out.sum(), (spread_out * (1 - 2 * q)).sum()
    mean, variance, third = CubicSpline(knots, counted, axis=1)(errors)
    return mean, variance, third


def _about_at_least(need: int, mean: Numbers, variance: Numbers, third: Numbers) -> Numbers:
    deviation = np.sqrt(np.maximum(variance, 1e-12))
    x = (need - 0.5 - mean) / deviation
    skew = third / deviation**3
    below = ndtr(x) + skew * (1 - x**2) * np.exp(-(x**2) / 2) / (6 * sqrt(2 * pi))
    return np.asarray(1 - np.clip(below, 0.0, 1.0))


def expected_needed(
    chances: npt.ArrayLike, need: int, spread: float, confidence: float
) -> float | None:
    """About how many expected placements it takes to hold the target with this confidence.

    All chances are raised or lowered alike on the log-odds scale until `need` is reached with the
    confidence; their sum is the answer. `None` where no raising would do.
    """
    q = np.asarray(chances, dtype=np.float64)
    if need > len(q):
        return None
    odds = logit(np.clip(q, 1e-12, 1 - 1e-12))

    def falls_short(shift: float) -> bool:
        return chance_with_model_error(expit(odds + shift), need, spread) < confidence

    low, high = -40.0, 40.0
    if falls_short(high):
        return None
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (middle, high) if falls_short(middle) else (low, middle)
    return float(expit(odds + high).sum())

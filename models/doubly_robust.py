"""What would other proposals have brought, and can the past tell? A doubly robust estimate.

What is expected of a pair is put right by what came of those pairs that really were proposed, each
as heavy as such a pair was unlikely to be proposed:

    value = sum of share * expected  +  sum over proposed of share / propensity * (came - expected)

It is right if either the expectations or the propensities are (Robins, Rotnitzky, Zhao 1994; Dudik,
Langford, Li 2011). Nothing helps where pairs like the wanted ones were hardly ever proposed: then
the answer is that the data can't tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Self

import numpy as np
from scipy.special import ndtri

from models.features import Flags, Indexes, Numbers
from models.placement import SURE

#: No proposed pair counts for more than 1 / this many; rarer pairs are counted as such.
CLIP = 0.02
#: A pair is within what the past shows if one in twenty like it was proposed.
SHOWN = 0.05
#: Where less than this share of a policy's pairs is within, nothing is told.
LEAST_SHOWN = 0.5
#: Nor where the proposed pairs are worth fewer than this many of equal weight.
LEAST_CASES = 30.0
#: Nor where the weights add up to something else than they should, by so many standard errors.
MOST_OFF = 3.0


class Doubt(StrEnum):
    """Why the data can't tell."""

    FEW_ALIKE = "few_alike"
    LITTLE_OVERLAP = "little_overlap"
    WEIGHTS_OFF = "weights_off"


class Verdict(StrEnum):
    """How a policy stands to its rival; what the whole interval says, or that there is no word."""

    BETTER = "better"
    WORSE = "worse"
    OPEN = "open"
    SAME = "same"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What a season shows of its possible pairs, one row each.

    `expected` is the chance if the pair is proposed first, by the model that never saw the
    person's outcomes; `by_part` the same by each part's model (parts, rows). `propensity` is the
    probability of the pair to be proposed, `proposed` says whether it was, and `surprise` is what
    came of it less what was expected (0 where nothing was proposed). `people` counts the persons.
    """

    person: Indexes
    people: int
    expected: Numbers
    by_part: Numbers
    propensity: Numbers
    proposed: Flags
    surprise: Numbers

    @property
    def clipped(self) -> Numbers:
        """The propensities that weigh."""
        return np.maximum(self.propensity, CLIP)


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """What a policy is worth, in expected starts, and what makes that unsure.

    `corrections` are the second sum of the formula, one number a person. `by_part` is the first
    sum by each part's model.
    """

    value: float
    corrections: Numbers
    by_part: Numbers

    def __sub__(self, other: Self) -> Worth:
        return Worth(
            self.value - other.value,
            self.corrections - other.corrections,
            self.by_part - other.by_part,
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number of expected starts, its standard error, and an interval of nine in ten."""

    value: float
    error: float

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return self.value - float(ndtri(0.5 + SURE / 2)) * self.error

    @property
    def high(self) -> float:
        """The upper end of the interval."""
        return self.value + float(ndtri(0.5 + SURE / 2)) * self.error


@dataclass(frozen=True, slots=True)
class Overlap:
    """How far a policy's pairs are such as were proposed; sums, which add up over seasons.

    `pairs` it takes; `proposed` of them really were, `shown` are of a propensity of at least
    `SHOWN`, `rare` of one below `CLIP`. `weight` and `squares` are the sums of the proposed pairs'
    weights and their squares, `due` is what `weight` should be.
    """

    pairs: float = 0.0
    proposed: float = 0.0
    shown: float = 0.0
    rare: float = 0.0
    weight: float = 0.0
    squares: float = 0.0
    due: float = 0.0

    def __add__(self, other: Self) -> Overlap:
        return Overlap(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def cases(self) -> float:
        """The effective sample size: so many proposed pairs of equal weight would tell as much."""
        return self.weight**2 / self.squares if self.squares > 0 else 0.0

    @property
    def share_shown(self) -> float | None:
        """The share of the pairs that is within what the past shows; `None` without pairs."""
        return self.shown / self.pairs if self.pairs > 0 else None

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Why this can't be told, if it can't; without pairs there is nothing to doubt."""
        if self.share_shown is None:
            return ()
        found = []
        if self.cases < LEAST_CASES:
            found.append(Doubt.FEW_ALIKE)
        if self.share_shown < LEAST_SHOWN:
            found.append(Doubt.LITTLE_OVERLAP)
        if abs(self.weight - self.due) > MOST_OFF * np.sqrt(self.squares) and self.squares > 0:
            found.append(Doubt.WEIGHTS_OFF)
        return tuple(found)


def worth(shown: Shown, shares: Numbers) -> Worth:
    """What a policy is worth that takes each pair with the probability `shares`."""
    weight = np.where(shown.proposed, shares / shown.clipped, 0.0)
    corrections = np.bincount(
        shown.person, weights=weight * shown.surprise, minlength=shown.people
    ).astype(np.float64)
    value = float(shares @ shown.expected + corrections.sum())
    return Worth(value, corrections, np.asarray(shown.by_part @ shares))


def overlap(shown: Shown, shares: Numbers) -> Overlap:
    """How far a policy's pairs are such as were proposed."""
    weight = np.where(shown.proposed, shares / shown.clipped, 0.0)
    return Overlap(
        pairs=float(shares.sum()),
        proposed=float(shares[shown.proposed].sum()),
        shown=float(shares[shown.propensity >= SHOWN].sum()),
        rare=float(shares[shown.propensity < CLIP].sum()),
        weight=float(weight.sum()),
        squares=float((weight**2).sum()),
        due=float(shares @ (shown.propensity / shown.clipped)),
    )


def estimate(worths: Sequence[Worth]) -> Estimate:
    """The sum over seasons, with its standard error.

    People are independent of each other; the models of a season and of the next are not, so that
    what they expect is added up before its spread is taken (a jackknife over the parts that were
    left out, Quenouille 1956). With true propensities the corrections would take the models'
    errors away; learned ones may not, so that these errors count in full.
    """
    variance = sum(float((one.corrections**2).sum()) for one in worths)
    by_part = np.sum([one.by_part for one in worths], axis=0)
    parts = max(1, len(by_part))
    variance += (parts - 1) / parts * float(((by_part - by_part.mean()) ** 2).sum())
    return Estimate(sum(one.value for one in worths), float(np.sqrt(variance)))


def verdict(gain: Estimate, more: Overlap, less: Overlap) -> tuple[Verdict, tuple[Doubt, ...]]:
    """How a policy stands to its rival, and why that can't be told if it can't.

    `more` is the overlap of the pairs that the policy takes and the rival doesn't, `less` of those
    it leaves to the rival.
    """
    if more.pairs + less.pairs == 0:
        return Verdict.SAME, ()
    doubts = tuple(dict.fromkeys((*more.doubts, *less.doubts)))
    if doubts:
        return Verdict.CANNOT_TELL, doubts
    if gain.low > 0:
        return Verdict.BETTER, ()
    return (Verdict.WORSE if gain.high < 0 else Verdict.OPEN), ()

"""What differs between a group and all others, by how much, and how surely?

Each measure is 0 where a group and all others are treated alike. Differences come with a standard
error that ties the rows of one person and of one firm together, and with intervals that hold all at
once (Bonferroni). `docs/fairness.md` has the formulas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy.special import expit, ndtri

from models.alike import (
    Clusters,
    Proxy,
    Share,
    at_equal_features,
    likely_by_features,
    proxy,
)
from models.cases import Cases
from models.features import Flags, Numbers
from models.groups import Side

#: A difference of this many parts of one (two points in a hundred) may be.
TOLERANCE = 0.02

#: How sure it is that an audit of alike groups flags nothing, over all its comparisons.
SURE_OF_ALL = 0.95

#: Groups with fewer people, or fewer starts or other outcomes, are too few to tell.
LEAST_PEOPLE, LEAST_OF_EITHER = 30, 10


class Measure(StrEnum):
    """What is compared between a group and all others; 0 where they are treated alike.

    `PROMISED`: what was promised beyond what came. `STARTED_ALIKE`: how many started, at equal
    features. `MISSED`: how many of those who started had not been chosen, beyond what the chances
    themselves let expect. `CHOSEN_ALIKE`: how many were chosen, at equal features; only where a
    choice is given.
    """

    PROMISED = "promised"
    STARTED_ALIKE = "started_alike"
    MISSED = "missed"
    CHOSEN_ALIKE = "chosen_alike"


class Verdict(StrEnum):
    """What an interval says: wholly beyond the tolerance, wholly within, neither, or too few."""

    FLAGGED = "flagged"
    WITHIN = "within"
    OPEN = "open"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a group lies from all others in one measure (group minus others)."""

    traits: tuple[str, ...]
    labels: tuple[str | None, ...]
    measure: Measure
    difference: Share | None
    verdict: Verdict


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """All that comparisons read, one a row.

    `learned` are the log-odds of starting by the features alone, `odds` the ones to judge, `chosen`
    the rows of a plan, which is one that somebody made where `choice_given`.
    """

    cases: Cases
    learned: Numbers
    odds: Numbers
    chosen: Flags
    choice_given: bool

    @property
    def chance(self) -> Numbers:
        """The chances to judge."""
        return np.asarray(expit(self.odds))

    @property
    def clusters(self) -> Clusters:
        """Which rows hang together."""
        return Clusters(self.cases.person, self.cases.firm)

    def enough(self, side: Side) -> bool:
        """Whether there are enough people and outcomes of either kind on both sides."""
        return all(self._enough(rows) for rows in (side.inside, side.outside))

    def _enough(self, rows: Flags) -> bool:
        started = self.cases.started[rows & self.cases.known]
        few = min(int((started == 1).sum()), int((started == 0).sum())) < LEAST_OF_EITHER
        return not few and len(np.unique(self.cases.person[rows])) >= LEAST_PEOPLE


def compared_by(
    rows: Rows, compared: Sequence[Side], tolerance: float
) -> tuple[tuple[Gap, ...], tuple[Proxy, ...], int]:
    """Every measure of every group against all others, and how well features tell the group."""
    found: list[tuple[Side, Measure, tuple[float, float] | None]] = []
    proxies: list[Proxy] = []
    for side in compared:
        if not rows.enough(side):
            found += [(side, measure, None) for measure in _measures(rows)]
        elif (other := _mirror(side, found)) is not None:
            proxies.append(replace(proxies[-1], labels=side.labels))
            found += [(side, measure, one and (-one[0], one[1])) for measure, one in other]
        else:
            told, differences = _of_side(rows, side)
            proxies.append(told)
            found += [(side, measure, one) for measure, one in differences]
    # Of two groups each is the other's mirror: one comparison.
    weights = [0.5 if side.mirrored else 1.0 for side, _, one in found if one is not None]
    comparisons = max(1, round(sum(weights)))
    away = float(ndtri(1 - (1 - SURE_OF_ALL) / 2 / comparisons))
    gaps = tuple(_gap(side, measure, one, away, tolerance) for side, measure, one in found)
    return gaps, tuple(proxies), comparisons


def _mirror(
    side: Side, found: Sequence[tuple[Side, Measure, tuple[float, float] | None]]
) -> list[tuple[Measure, tuple[float, float] | None]] | None:
    """Of two groups, what was found of the other."""
    own = [one for one in found if side.mirrored and one[0].traits == side.traits]
    return [(measure, one) for _, measure, one in own] or None


def _of_side(
    rows: Rows, side: Side
) -> tuple[Proxy, list[tuple[Measure, tuple[float, float] | None]]]:
    """How well the features tell a group, and every difference from all others."""
    some = np.flatnonzero(side.known)
    cases, inside = rows.cases.take(some), side.inside[some]
    few = Rows(cases, rows.learned[some], rows.odds[some], rows.chosen[some], rows.choice_given)
    likely = likely_by_features(cases, inside)
    told = proxy(cases, inside, likely, side.traits, side.labels)
    return told, [(one, _difference(few, one, inside, likely)) for one in _measures(rows)]


def _measures(rows: Rows) -> tuple[Measure, ...]:
    return tuple(one for one in Measure if rows.choice_given or one is not Measure.CHOSEN_ALIKE)


def _gap(
    side: Side,
    measure: Measure,
    found: tuple[float, float] | None,
    away: float,
    tolerance: float,
) -> Gap:
    if found is None:
        return Gap(side.traits, side.labels, measure, None, Verdict.TOO_FEW)
    value, error = found
    share = Share(value, value - away * error, value + away * error)
    verdict = Verdict.OPEN
    if share.low > tolerance or share.high < -tolerance:
        verdict = Verdict.FLAGGED
    elif -tolerance <= share.low and share.high <= tolerance:
        verdict = Verdict.WITHIN
    return Gap(side.traits, side.labels, measure, share, verdict)


def _difference(
    rows: Rows, measure: Measure, inside: Flags, likely: Numbers
) -> tuple[float, float] | None:
    """One measure's difference between a group and all others, and its standard error."""
    known = rows.cases.known
    if measure is Measure.CHOSEN_ALIKE:
        left = rows.chosen - likely_by_features(rows.cases, rows.chosen)
        alike = at_equal_features(left, inside, likely)
        return None if alike is None else (alike[0], rows.clusters.error(alike[1]))
    started, clusters = rows.cases.started[known], rows.clusters.take(known)
    own, chance, chosen = inside[known], rows.chance[known], rows.chosen[known]
    if measure is Measure.STARTED_ALIKE:
        alike = at_equal_features(started - expit(rows.learned[known]), own, likely[known])
        return None if alike is None else (alike[0], clusters.error(alike[1]))
    one, other = (_excess(measure, started, chance, chosen, side) for side in (own, ~own))
    return one[0] - other[0], clusters.error(one[1] - other[1])


def _excess(
    measure: Measure, started: Numbers, chance: Numbers, chosen: Flags, rows: Flags
) -> tuple[float, Numbers]:
    """One side's figure, and how much each row moves it."""
    if measure is Measure.PROMISED:
        return _ratio((chance - started) * rows, rows.astype(np.float64))
    came, parts = _ratio(started * ~chosen * rows, started * rows)
    expected, others = _ratio(chance * ~chosen * rows, chance * rows)
    return came - expected, parts - others


def _ratio(above: Numbers, below: Numbers) -> tuple[float, Numbers]:
    """A ratio of sums, and how much each row moves it (linearised)."""
    total = float(below.sum())
    value = float(above.sum()) / total
    return value, (above - value * below) / total

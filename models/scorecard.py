"""What chance does a proposal have in a district without history? A scorecard of stated weights.

A proposal's log-odds are a base plus one share for each feature; nothing else enters. The weights
are expert assumptions, not estimates. They are set so that a good proposal (the person's first
wish, 20 minutes away, the certificate just met) has a chance of one half, and an unrelated
occupation 75 minutes away one of about a tenth. The half stands near the published shares of
applicants who enter training within a year: 46 % of all registered in Germany 2023/24, 50 % in
West Germany 2014 (Bundesagentur für Arbeit; Bundesinstitut für Berufsbildung). Those figures are
of a person's year, not of one proposal, so they say of what order a chance is and no more. A
model learned from the district's own outcomes replaces the scorecard as soon as there is one.

Only the columns that a scorecard declares are ever read. Sex, nationality, religion, disability
and the like are not among them and can't enter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

import numpy as np
import numpy.typing as npt
import pandas as pd

Numbers = npt.NDArray[np.float64]
Table = Mapping[str, npt.ArrayLike] | pd.DataFrame

#: Log-odds are held within these bounds, so that no chance is ever 0 or 1.
FARTHEST = 12.0

_ROWS_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Weight:
    """One reason: so many points of log-odds for a step of one feature.

    The feature counts between `lowest` and `highest` only, in steps of `step`; where it is not
    known (NaN), `unknown` stands in for it. Positive points make the chance rise with the feature,
    negative ones fall. `why` says where the number comes from. Raises `ValueError` for bounds in
    the wrong order, a step that is not positive, or a value that is not finite.
    """

    name: str
    feature: str
    points: float
    lowest: float
    highest: float
    unknown: float
    why: str
    step: float = 1.0

    def __post_init__(self) -> None:
        given = (self.points, self.lowest, self.highest, self.unknown, self.step)
        if not all(map(isfinite, given)):
            raise ValueError(f"weight {self.name}: a value is not finite")
        if not self.lowest <= self.unknown <= self.highest or self.step <= 0:
            raise ValueError(f"weight {self.name}: bounds, stand-in or step are out of order")

    def share(self, values: Numbers) -> Numbers:
        """What these values of the feature add to the log-odds."""
        counted = np.clip(values, self.lowest, self.highest)
        np.copyto(counted, self.unknown, where=np.isnan(counted))
        counted *= self.points / self.step
        return counted


#: The weights of a district without history. All of them are assumptions; `why` gives the thought.
WEIGHTS = (
    Weight(
        name="own wish",
        feature="wish",
        points=0.7,
        lowest=0.0,
        highest=1.0,
        unknown=0.0,
        why="people sign, start and stay where they wanted to go: the first wish doubles the odds",
    ),
    Weight(
        name="related occupation",
        feature="fit",
        points=0.9,
        lowest=0.0,
        highest=1.0,
        unknown=0.3,
        why="an application near to a person's wishes convinces firms more than an unrelated one",
    ),
    Weight(
        name="way",
        feature="minutes",
        points=-0.1,
        lowest=0.0,
        highest=150.0,
        unknown=40.0,
        step=10.0,
        why="long ways are declined or given up: an hour more takes 0.6; unknown counts as 40",
    ),
    Weight(
        name="certificate above the requirement",
        feature="certificate_margin",
        points=0.15,
        lowest=0.0,
        highest=2.0,
        unknown=0.0,
        why="firms prefer more than they ask for; two steps at most, so that nobody is ranked by "
        "school alone",
    ),
    Weight(
        name="applied in an earlier year",
        feature="applied_before",
        points=-0.2,
        lowest=0.0,
        highest=1.0,
        unknown=0.0,
        why="about 42 % of applicants applied in an earlier year, and 10.6 % of entrants apply "
        "again; the handicap is kept small, so that a plan doesn't repeat it; unknown counts as no",
    ),
)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Chances from stated weights, added up on the scale of log-odds.

    `spread` is the standard deviation, in log-odds, of the error that all pairs share: how far
    the whole scorecard may be off (an assumption, since no outcomes have tested it: 0.25 moves a
    chance of 0.5 to 0.44 or 0.56). Raises `ValueError` for a base that is not finite, a spread
    that is negative or not finite, or two weights of one name.
    """

    base: float = -1.4
    weights: tuple[Weight, ...] = WEIGHTS
    spread: float = 0.25

    def __post_init__(self) -> None:
        if not isfinite(self.base) or not isfinite(self.spread) or self.spread < 0:
            raise ValueError(f"base {self.base} or spread {self.spread} is out of range")
        names = [weight.name for weight in self.weights]
        if len(set(names)) < len(names):
            raise ValueError(f"two weights have one name: {names}")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a table must have, each once. No other column is ever read."""
        return tuple(dict.fromkeys(weight.feature for weight in self.weights))

    def chances(self, table: Table) -> Numbers:
        """The chance of each row, float64, strictly inside (0, 1).

        Raises `ValueError` naming the columns that are missing or of another length.
        """
        log_odds = self.log_odds(table)
        np.clip(log_odds, -FARTHEST, FARTHEST, out=log_odds)
        np.negative(log_odds, out=log_odds)
        np.exp(log_odds, out=log_odds)
        log_odds += 1.0
        return np.reciprocal(log_odds, out=log_odds)

    def log_odds(self, table: Table) -> Numbers:
        """The base and all shares added up, before the bounds that `chances` puts on them."""
        given = self._columns_of(table)
        total = np.full(_length(given), self.base)
        for first in range(0, len(total), _ROWS_AT_ONCE):
            some = slice(first, first + _ROWS_AT_ONCE)
            for weight in self.weights:
                total[some] += weight.share(given[weight.feature][some].astype(np.float64))
        return total

    def contributions(self, table: Table) -> dict[str, Numbers]:
        """Each reason's share of the log-odds, by the weight's name; with the base, their sum.

        Added to the base in this order they give `log_odds` to the last bit.
        """
        given = self._columns_of(table)
        return {
            weight.name: weight.share(given[weight.feature].astype(np.float64))
            for weight in self.weights
        }

    def _columns_of(self, table: Table) -> dict[str, npt.NDArray[np.generic]]:
        missing = [name for name in self.columns if name not in table]
        if missing:
            raise ValueError(f"columns are missing: {', '.join(missing)}")
        given = {name: _values(table, name) for name in self.columns}
        lengths = {name: len(values) for name, values in given.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns differ in length: {lengths}")
        return given


def _values(table: Table, name: str) -> npt.NDArray[np.generic]:
    """One column as it is where it holds numbers; else as floats, with NaN for what is missing."""
    if isinstance(table, pd.DataFrame):
        return table[name].to_numpy(dtype=np.float64, na_value=np.nan)
    values = np.asarray(table[name])
    return values.astype(np.float64) if values.dtype == np.object_ else values


def _length(columns: dict[str, npt.NDArray[np.generic]]) -> int:
    return next((len(values) for values in columns.values()), 0)

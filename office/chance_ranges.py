"""What is known of the chances of some pairs? Ranges, the evidence behind them, and reasons.

A scorecard's ranges rest on the error that it admits to; a learned model's on similar past cases,
and where these are too few, it gives none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Protocol, runtime_checkable

from scipy.special import expit, logit, ndtri

from matching.problem import Numbers
from models.scorecard import Table
from office.drawing import ChanceModel, Judging
from office.pair_table import PairTable

#: A chance is given as the range that holds it in so many of a hundred cases.
RANGE = 0.8

#: What moves a learned chance by less is not named as a reason: it would read as nothing.
HALF_A_POINT = 0.005


@runtime_checkable
class Explained(Protocol):
    """A model of chances that adds up reasons on the scale of log-odds."""

    def contributions(self, table: Table, /) -> dict[str, Numbers]:
        """Each reason's share of the log-odds, by its name, one figure a row."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The past proposals that a chance rests on: `started` of `cases` became a training."""

    cases: int
    started: int


@dataclass(frozen=True, slots=True)
class ChanceRange:
    """A chance, and between what it lies.

    Without `evidence` the range holds in 80 of 100 cases if the error that all chances of the
    model share is as assumed; with it, in nine of ten, as the past of the district has it.
    """

    low: float
    value: float
    high: float
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason for a chance: `name` as the model has it, `effect` on this chance.

    Without the reason the chance would be lower by `effect` (higher, where it is negative); to a
    learned model that means, if it were as usual in the past. `value` is what is known of the pair
    under that name, if it is a column: `None` where it is no column or not known.
    """

    name: str
    effect: float
    value: float | str | None = None


def ranges(model: ChanceModel, table: PairTable, spread: float) -> list[ChanceRange | None]:
    """The range of each chance; `None` where too little is known of such pairs."""
    if isinstance(model, Judging):
        return _judged(model, table)
    chances = model.chances(table)
    aside = float(ndtri(0.5 + RANGE / 2)) * spread
    low, high = expit(logit(chances) - aside), expit(logit(chances) + aside)
    return [
        ChanceRange(*three)
        for three in zip(low.tolist(), chances.tolist(), high.tolist(), strict=True)
    ]


def _judged(model: Judging, table: PairTable) -> list[ChanceRange | None]:
    """The ranges of a model that has past cases behind it."""
    judged = model.judge(table)
    columns = (judged.low, judged.chance, judged.high, judged.cases, judged.started, judged.enough)
    return [
        ChanceRange(low, value, high, Evidence(cases, started)) if enough else None
        for low, value, high, cases, started, enough in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]


def grounds_of(model: ChanceModel, table: PairTable) -> list[tuple[Ground, ...]] | None:
    """The reasons of each chance that make any difference, weightiest first.

    Every fact makes some difference to a learned model: of its reasons those count that move the
    chance by half a point.
    """
    if not isinstance(model, Explained):
        return None
    least = HALF_A_POINT if isinstance(model, Judging) else 0.0
    odds = logit(model.chances(table))
    shares = model.contributions(table)
    effects = {name: expit(odds) - expit(odds - share) for name, share in shares.items()}
    values = {name: table[name].tolist() for name in shares if name in table}
    return [
        tuple(
            sorted(
                (
                    Ground(name, float(effects[name][row]), _known(values, name, row))
                    for name in shares
                    if shares[name][row] and abs(effects[name][row]) >= least
                ),
                key=lambda ground: -abs(ground.effect),
            )
        )
        for row in range(len(odds))
    ]


def _known(values: Mapping[str, list[float | str]], name: str, row: int) -> float | str | None:
    """What a column says of a row; `None` where it is blank or NaN, or there is none."""
    value = values[name][row] if name in values else ""
    return None if value == "" or (isinstance(value, float) and isnan(value)) else value

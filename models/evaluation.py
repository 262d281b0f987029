"""How good are chances, held against what came? Calibration and order, by season and by group.

Everything here is counted on rows whose outcome is known, and on rows that the chances were not
learned from: whoever calls these functions sees to that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import beta

from models.declaration import Declaration, NotUsable
from models.features import Numbers, Table
from models.placement import SURE, train


@dataclass(frozen=True, slots=True)
class Scores:
    """What a set of chances is worth: rows, means, and four measures.

    `brier` is the mean squared error, `log_loss` the mean negative log-likelihood (natural log),
    `area` how often a start has a higher chance than another case (`None` where all are alike),
    `calibration_error` the mean distance of chances and shares started in tenths of the rows (ECE).
    """

    rows: int
    mean_chance: float
    share_started: float
    brier: float
    log_loss: float
    area: float | None
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows of like chance: how many, what was promised, what came, and an interval of that."""

    rows: int
    mean_chance: float
    share_started: float
    low: float
    high: float


def scores(chances: npt.ArrayLike, started: npt.ArrayLike) -> Scores:
    """Score chances in (0, 1) against outcomes of 0 or 1. Raises `ValueError` without rows."""
    chance, outcome = _checked(chances, started)
    inside = np.clip(chance, 1e-12, 1 - 1e-12)
    losses = -(outcome * np.log(inside) + (1 - outcome) * np.log1p(-inside))
    return Scores(
        rows=len(chance),
        mean_chance=float(chance.mean()),
        share_started=float(outcome.mean()),
        brier=float(((chance - outcome) ** 2).mean()),
        log_loss=float(losses.mean()),
        area=_area(chance, outcome),
        calibration_error=calibration_error(chance, outcome),
    )


def calibration(chances: npt.ArrayLike, started: npt.ArrayLike, bins: int = 10) -> tuple[Bin, ...]:
    """Rows in order of chance, in parts of equal size; ties may fall to either side.

    The interval of a share is Jeffreys' for nine in ten.
    """
    chance, outcome = _checked(chances, started)
    found = []
    for rows in np.array_split(np.argsort(chance, kind="stable"), min(bins, len(chance))):
        yes, count = float(outcome[rows].sum()), len(rows)
        low, high = beta.ppf([(1 - SURE) / 2, (1 + SURE) / 2], yes + 0.5, count - yes + 0.5)
        # Nobody and everybody are never left out of their own interval.
        low, high = 0.0 if yes == 0 else float(low), 1.0 if yes == count else float(high)
        found.append(Bin(count, float(chance[rows].mean()), yes / count, low, high))
    return tuple(found)


def calibration_error(chances: npt.ArrayLike, truth: npt.ArrayLike, bins: int = 10) -> float:
    """The mean distance between promised and true over bins; `truth` may be true chances."""
    chance, true = _checked(chances, truth)
    parts = np.array_split(np.argsort(chance, kind="stable"), min(bins, len(chance)))
    away = [len(rows) * abs(chance[rows].mean() - true[rows].mean()) for rows in parts]
    return float(sum(away) / len(chance))


def scores_by(
    labels: npt.ArrayLike, chances: npt.ArrayLike, started: npt.ArrayLike
) -> dict[str, Scores]:
    """Scores of each group of rows, by its label as text; rows without a label are left out."""
    chance, outcome = _checked(chances, started)
    codes, found = pd.factorize(pd.Series(labels), sort=True)
    return {
        str(label): scores(chance[codes == number], outcome[codes == number])
        for number, label in enumerate(found)
    }


def scores_ahead(history: Table, declaration: Declaration) -> Mapping[str, Scores]:
    """Each season after the first, as a model learned from the seasons before it would have done.

    Only known outcomes are scored. Seasons with nothing to learn from, or nothing to score, are
    left out; without a season column there are none.
    """
    name = declaration.columns.season
    if name is None:
        return {}
    table = pd.DataFrame(history)
    found = {}
    for season in sorted(table[name].dropna().unique())[1:]:
        later = table[(table[name] == season) & table[declaration.columns.outcome].notna()]
        try:
            model = train(table[table[name] < season], declaration)
        except NotUsable:
            continue
        if len(later):
            outcome = later[declaration.columns.outcome].to_numpy(dtype=np.float64)
            found[str(season)] = scores(model.chances(later), outcome)
    return found


def _checked(chances: npt.ArrayLike, started: npt.ArrayLike) -> tuple[Numbers, Numbers]:
    chance = np.asarray(chances, dtype=np.float64)
    outcome = np.asarray(started, dtype=np.float64)
    if len(chance) == 0 or len(chance) != len(outcome):
        raise ValueError(f"{len(chance)} chances and {len(outcome)} outcomes")
    if np.isnan(outcome).any() or np.isnan(chance).any():
        raise ValueError("a chance or an outcome is not known")
    return chance, outcome


def _area(chance: Numbers, outcome: Numbers) -> float | None:
    ranks = pd.Series(chance).rank().to_numpy(dtype=np.float64)
    yes = float(outcome.sum())
    no = len(outcome) - yes
    if min(yes, no) == 0:
        return None
    return float((ranks[outcome == 1].sum() - yes * (yes + 1) / 2) / (yes * no))

"""Does the season at hand look like what the model learned from? By feature, firm and outcome.

The model keeps of its history the share of each word, of each stretch of a number, and of what was
not known. The season's table is held against that: proposals against proposals, since pairs that
nobody has chosen differ from chosen ones in any season. Once outcomes are there, so are promises:
what came is held against what was promised of the same rows.

The measure is the population stability index, the sum of (now - then) ln(now / then) over the
parts. That 0.1 is a change to look into and 0.25 a great one is a convention of the credit
industry, not derived from any rate of error (Yurdakul and Naranjo 2020). So an index that mere
chance may bring about is called none: see `_by_chance`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, logit, ndtri
from scipy.stats import beta, chi2

from models.features import Encoded, Numbers, Table
from models.placement import SURE, PlacementModel

#: From here on a feature has moved, and from here on it is another one.
MOVED, SHIFTED = 0.1, 0.25
#: A smaller share counts as this one, so that a handful of rows of a new kind is no drift.
LEAST_SHARE = 0.005
#: How often one feature of a like sample may look otherwise by chance.
FALSE_ALARMS = 0.001
#: So many rows of the history, at most, are taken for one witness.
MOST_ROWS_AS_ONE = 5.0


class Verdict(StrEnum):
    """What may be said of a feature: alike, moved, shifted, or too few rows to tell."""

    ALIKE = "alike"
    MOVED = "moved"
    SHIFTED = "shifted"
    TOO_FEW = "too_few"


class Held(StrEnum):
    """Whether a promise was held.

    `HELD`: it lies within the interval of what came. `SEASON`: it does not, but a season's shift
    such as the model has stated would explain it. `BROKEN`: nothing that was stated does.
    """

    HELD = "held"
    SEASON = "season"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class FeatureDrift:
    """One feature then and now, all in shares of rows.

    `index` is the population stability index over words or stretches, what lies outside and what is
    not known (`None` without rows); `by_chance` what it may come to in a like sample. `outside` is
    beyond all that the history showed.
    """

    name: str
    verdict: Verdict
    index: float | None
    by_chance: float
    outside_then: float
    outside_now: float
    unknown_then: float
    unknown_now: float


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised of the rows whose outcome is known, and what came.

    `promised` and `started` are shares; `low` and `high` Jeffreys' interval of nine in ten around
    what came, `least` and `most` the promise under a bad and a good season (nine in ten between).
    """

    rows: int
    promised: float
    started: float
    low: float
    high: float
    least: float
    most: float
    verdict: Held


@dataclass(frozen=True, slots=True)
class Drift:
    """How far a season's rows are from the history.

    `started_then` is the history's share of starts, which is what the model promises of the history
    itself; `promised_now` the mean chance of these rows. `firms_unknown` is the share of rows whose
    firm the model has not seen. Any of them is `None` where there is nothing to count.
    """

    rows: int
    people: int
    features: tuple[FeatureDrift, ...]
    started_then: float
    promised_now: float | None
    firms_unknown: float | None
    promise: Promise | None

    @property
    def verdict(self) -> Verdict:
        """The gravest of the features' verdicts; too few rows are graver than none that moved."""
        found = {one.verdict for one in self.features}
        order = (Verdict.SHIFTED, Verdict.MOVED, Verdict.TOO_FEW)
        return next((one for one in order if one in found), Verdict.ALIKE)


def drift(model: PlacementModel, table: Table, started: npt.ArrayLike | None = None) -> Drift:
    """Hold a season's proposals against the history.

    `started` has an outcome a row: 1, 0, or NaN where not known yet. Where the declared columns of
    person and firm are in the table they are counted: rows of one person are not so many witnesses.
    Raises `NotUsable` for bad columns, `ValueError` for outcomes that are none.
    """
    chances = model.chances(table)
    rows, each = len(chances), _rows_of_each(model, table, len(chances))
    firm = model.declaration.columns.firm
    unknown = None
    if firm is not None and firm in table and rows:
        unknown = float((model.firm_numbers(table) < 0).mean())
    # Rows of one person agree in much; so many people with even numbers of rows would tell as much.
    now = rows**2 / float((each**2).sum()) if rows else 0.0
    # The history's rows hang together as these do, within reason: its people were not kept.
    then = model.cases / min(rows / now, MOST_ROWS_AS_ONE) if rows else 0.0
    return Drift(
        rows=rows,
        people=len(each),
        features=tuple(
            _of_feature(one, table[one.feature.name], then, now) for one in model.encoder.features
        ),
        started_then=model.share_started,
        promised_now=float(chances.mean()) if rows else None,
        firms_unknown=unknown,
        promise=None if started is None else promise(chances, started, model.spread),
    )


def stability_index(then: npt.ArrayLike, now: npt.ArrayLike) -> float:
    """The population stability index of shares, none counting as less than `LEAST_SHARE`."""
    before = np.maximum(np.asarray(then, dtype=np.float64), LEAST_SHARE)
    after = np.maximum(np.asarray(now, dtype=np.float64), LEAST_SHARE)
    return float(((after - before) * np.log(after / before)).sum())


def promise(chances: Numbers, started: npt.ArrayLike, spread: float) -> Promise | None:
    """What was promised and what came, of the rows with an outcome; `None` without any.

    `spread` is the standard deviation of a season's shift in log-odds. Raises `ValueError` for
    outcomes other than 1, 0 and NaN, or of another number than the chances.
    """
    outcome = np.asarray(started, dtype=np.float64)
    known = ~np.isnan(outcome)
    if outcome.shape != chances.shape or not np.isin(outcome[known], (0, 1)).all():
        raise ValueError(f"{len(outcome)} outcomes to {len(chances)} chances, or no outcomes")
    rows = int(known.sum())
    if rows == 0:
        return None
    promised, yes = chances[known], float(outcome[known].sum())
    low, high = beta.ppf([(1 - SURE) / 2, (1 + SURE) / 2], yes + 0.5, rows - yes + 0.5)
    # Nobody and everybody are never left out of their own interval.
    low, high = 0.0 if yes == 0 else float(low), 1.0 if yes == rows else float(high)
    away = float(ndtri(0.5 + SURE / 2)) * spread
    least, most = (float(expit(logit(promised) + move).mean()) for move in (-away, away))
    mean = float(promised.mean())
    verdict = Held.BROKEN
    if least <= high and low <= most:
        verdict = Held.HELD if low <= mean <= high else Held.SEASON
    return Promise(rows, mean, yes / rows, low, high, least, most, verdict)


def _of_feature(one: Encoded, column: object, then: float, now: float) -> FeatureDrift:
    """One feature, `then` and `now` being how many witnesses there are."""
    before, after = np.array(one.shares), one.shares_of(column)
    few = not len(before) or not now
    index = None if few else stability_index(before, after)
    chance = _by_chance(before, after, then, now) if not few else 0.0
    verdict = Verdict.ALIKE
    if index is not None and index >= max(MOVED, chance):
        verdict = Verdict.SHIFTED if index >= SHIFTED else Verdict.MOVED
    elif index is None or chance > SHIFTED:
        verdict = Verdict.TOO_FEW
    told = before if len(before) else np.zeros(2)
    outside, unknown = told[-2:].tolist()
    outside_now, unknown_now = after[-2:].tolist()
    return FeatureDrift(
        one.feature.name, verdict, index, chance, outside, outside_now, unknown, unknown_now
    )


def _by_chance(before: Numbers, after: Numbers, then: float, now: float) -> float:
    """What the index of a like sample stays under, but for `FALSE_ALARMS`.

    Of two samples of one population it is about (1 / n + 1 / m) times a chi-squared number with one
    degree less than there are parts (Yurdakul 2018).
    """
    parts = int(((before > 0) | (after > 0)).sum())
    return float((1 / then + 1 / now) * chi2.isf(FALSE_ALARMS, max(1, parts - 1)))


def _rows_of_each(model: PlacementModel, table: Table, rows: int) -> Numbers:
    """How many rows each person has; one each where no column tells."""
    name = model.declaration.columns.person
    if name is None or name not in table:
        return np.ones(rows)
    codes = pd.factorize(pd.Series(table[name]))[0]
    nobody = np.ones(int((codes < 0).sum()))
    return np.append(np.bincount(codes[codes >= 0]).astype(np.float64), nobody)

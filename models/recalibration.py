"""How far may learned chances be trusted? Their level and slope, firms' shares, seasons' shifts.

Chances that were learned on some people and firms are held against the outcomes of others (out of
fold). On the log-odds scale, with *h* what was learned,

    log-odds of the outcome = level + bent(h) + season's shift + firm's share

where *bent* has one slope below the middle of the history and another above: what no column tells
of people flattens middling chances more than small ones. And

where the shifts of seasons and firms are normal with spreads that the history itself tells. Shares
are drawn towards nothing as far as a few cases can't carry them (empirical Bayes): that is what
keeps the best-looking pairs of a plan from being the luckiest ones only (Smith and Winkler 2006).
`docs/chances.md` has the formulas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from models.features import Indexes, Numbers

#: Before any history: the level is sure to 0.25 (the scorecard's own stated spread), the slope to
#: 0.25 around 1, and a season's shift is half-normal of 0.25.
LEVEL_SPREAD, SLOPE_SPREAD, SEASON_SPREAD = 0.25, 0.25, 0.25
#: As if so many firms of this spread had been seen before the first.
FIRMS_BEFORE, FIRM_SPREAD = 5.0, 0.3

_GRID = np.linspace(0.01, 1.0, 100)
_STEPS = 100
#: Where and how heavily a firm's share is looked at around its mode (Gauss and Hermite).
_NODES, _WEIGHTS = np.polynomial.hermite.hermgauss(7)


@dataclass(frozen=True, slots=True, eq=False)
class Recalibration:
    """What past outcomes say of learned log-odds.

    A season to come shifts all log-odds by a number of mean `level` and standard deviation
    `spread`; `levels`, `deviations` and `likely` are the mixture of normals behind it (one for
    each size of the seasons' spread). `slopes` hold below and above the `middle`, with standard
    errors `slope_errors`. Each known
    firm's share is `firm_share`, with variance `firm_variance`; an unknown firm's is 0 with
    variance `firms_variance`. `shifts` are the past seasons' own.
    """

    level: float
    spread: float
    middle: float
    slopes: tuple[float, float]
    slope_errors: tuple[float, float]
    levels: Numbers
    deviations: Numbers
    likely: Numbers
    season_spread: float
    shifts: Numbers
    firms_variance: float
    firm_share: Numbers
    firm_variance: Numbers

    def log_odds(self, learned: Numbers, firm: Indexes) -> Numbers:
        """The log-odds to go by: recalibrated, the firm's share in, what is unknown averaged out.

        `firm` holds row numbers of known firms, -1 for others. Averaging a logistic curve over a
        normal share of variance v flattens it by 1 / sqrt(1 + pi v / 8) (MacKay 1992).
        """
        share, variance = self.shares(firm)
        odds = self.level + self.bent(learned) + share
        return np.asarray(odds / np.sqrt(1 + np.pi * variance / 8))

    def bent(self, learned: Numbers) -> Numbers:
        """Learned log-odds with the two slopes in."""
        return np.asarray(self.middle + _apart(learned, self.middle) @ np.array(self.slopes))

    def bent_draws(self, learned: Numbers, normal: Numbers) -> Numbers:
        """How far two standard normal draws of the slopes move log-odds; 0 on average over rows."""
        moves = _apart(learned, self.middle) @ (np.array(self.slope_errors) * normal)
        return np.asarray(moves - moves.mean())

    def shares(self, firm: Indexes) -> tuple[Numbers, Numbers]:
        """Mean and variance of each row's firm's share."""
        share = np.append(self.firm_share, 0.0)[firm]
        return share, np.append(self.firm_variance, self.firms_variance)[firm]

    def season_draws(self, normal: Numbers, uniform: Numbers) -> Numbers:
        """Shifts of a season to come, from standard normal and uniform draws of equal number."""
        steps = np.cumsum(self.likely)
        which = np.minimum(np.searchsorted(steps, uniform * steps[-1]), len(steps) - 1)
        return np.asarray(self.levels[which] + self.deviations[which] * normal)


def recalibrated(
    learned: Numbers,
    started: Numbers,
    season: Indexes,
    firm: Indexes,
    person: Indexes,
    seasons: int,
    firms: int,
) -> Recalibration:
    """Hold learned log-odds against outcomes that they were not learned from.

    `started` lies in [0, 1] (a part where the outcome is unknown and was weighed); `season`,
    `firm` and `person` are whole numbers from 0, `firm` -1 where there is none; there are `seasons`
    and `firms` of them, some perhaps without a row.
    """
    fit = _Fit(learned, started, season, firm, seasons, firms)
    fit.settle()
    shifts, precision = fit.season_shifts(person)
    levels, deviations, likely = _next_season(shifts, precision)
    level = float(likely @ levels)
    spread = float(np.sqrt(likely @ (deviations**2 + levels**2) - level**2))
    return Recalibration(
        level=level,
        spread=spread,
        middle=fit.middle,
        slopes=(float(fit.fixed[0]), float(fit.fixed[1])),
        slope_errors=fit.slope_errors(),
        levels=levels,
        deviations=deviations,
        likely=likely,
        season_spread=float(likely @ _GRID),
        shifts=shifts,
        firms_variance=fit.firms_variance,
        firm_share=fit.share,
        firm_variance=fit.variance,
    )


class _Fit:
    """Slope, seasons' shifts and firms' shares, and the firms' variance by EM.

    Newton's method finds the mode, the firms eliminated first: each touches its own rows only, so
    what is left to solve is as small as there are seasons. Around the mode each firm's share is
    then averaged by quadrature: the mode alone makes the variance, and the best firms, too small.
    """

    def __init__(
        self,
        learned: Numbers,
        started: Numbers,
        season: Indexes,
        firm: Indexes,
        seasons: int,
        firms: int,
    ) -> None:
        self.started, self.firm, self.known = started, firm, firm >= 0
        in_season = season[:, None] == np.arange(seasons)
        self.middle = float(np.median(learned))
        apart = _apart(learned, self.middle)
        self.columns: Numbers = np.hstack([apart, in_season.astype(np.float64)])
        # Weakly held only: what the shifts have in common, and how far, is judged afterwards.
        self.prior = np.array([*[SLOPE_SPREAD**-2] * 2, *[1e-4] * seasons])
        self.centre = np.array([1.0, 1.0, *[0.0] * seasons])
        self.fixed = self.centre.copy()
        self.share, self.variance = np.zeros(firms), np.zeros(firms)
        self.firms_variance = FIRM_SPREAD**2
        self.left = np.diag(self.prior)

    def settle(self) -> None:
        """Step until nothing moves; then let means stand for the modes."""
        mean = variance = self.share
        for number in range(_STEPS):
            before = np.append(self.fixed, self.firms_variance)
            self._step()
            if len(self.share) and number >= 3:
                mean, variance = self._averaged()
                seen = float((mean**2 + variance).sum()) + FIRMS_BEFORE * FIRM_SPREAD**2
                self.firms_variance = seen / (len(mean) + FIRMS_BEFORE)
            after = np.append(self.fixed, self.firms_variance)
            if number > 3 and np.abs(after - before).max() < 1e-4:
                break
        self.share, self.variance = mean, variance
        self._level()

    def _level(self) -> None:
        """Shift all seasons alike until what is expected, firms averaged over, is what came.

        Means in place of modes, and averaging, have moved the sum a little.
        """
        flat, odds = np.ones(len(self.started)), self._fixed()
        firm = self.firm[self.known]
        flat[self.known] = np.sqrt(1 + np.pi * self.variance[firm] / 8)
        odds[self.known] += self.share[firm]
        for _ in range(5):
            chance = expit(odds / flat)
            move = (self.started - chance).sum() / (chance * (1 - chance) / flat).sum()
            odds += move
            self.fixed[2:] += move

    def _fixed(self) -> Numbers:
        """Log-odds without the firms' shares."""
        return np.asarray(self.middle + self.columns @ self.fixed)

    def _chance(self) -> Numbers:
        odds = self._fixed()
        odds[self.known] += self.share[self.firm[self.known]]
        return np.asarray(expit(odds))

    def _step(self) -> None:
        chance = self._chance()
        rest, heavy = self.started - chance, chance * (1 - chance)
        slope_of = self.columns.T @ rest - self.prior * (self.fixed - self.centre)
        curve = (self.columns * heavy[:, None]).T @ self.columns + np.diag(self.prior)
        if len(self.share):
            own, cross, down = self._of_firms(rest, heavy)
            curve = curve - (cross / own[:, None]).T @ cross
            move = np.linalg.solve(curve, slope_of - cross.T @ (down / own))
            self.share = self.share + (down - cross @ move) / own
            self.variance = 1 / own
        else:
            move = np.linalg.solve(curve, slope_of)
        self.fixed = self.fixed + np.clip(move, -2, 2)
        self.left = curve

    def _of_firms(self, rest: Numbers, heavy: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Each firm's curvature, its tie to the columns, and its slope."""
        firm, count = self.firm[self.known], len(self.share)
        heavy, columns = heavy[self.known], self.columns[self.known]

        def summed(weights: Numbers) -> Numbers:
            return np.bincount(firm, weights=weights, minlength=count).astype(np.float64)

        ties = np.column_stack([summed(heavy * column) for column in columns.T])
        own = summed(heavy) + 1 / self.firms_variance
        return own, ties, summed(rest[self.known]) - self.share / self.firms_variance

    def _averaged(self) -> tuple[Numbers, Numbers]:
        """Each firm's mean and variance, by quadrature around its mode."""
        firm, count = self.firm[self.known], len(self.share)
        started, fixed = self.started[self.known], self._fixed()[self.known]
        at = self.share + np.sqrt(2 * self.variance) * _NODES[:, None]
        logs = -(at**2) / (2 * self.firms_variance) + (_NODES**2 + np.log(_WEIGHTS))[:, None]
        for number, share in enumerate(at):
            odds = fixed + share[firm]
            fits = started * odds - np.logaddexp(0, odds)
            logs[number] += np.bincount(firm, weights=fits, minlength=count)
        likely = np.exp(logs - logs.max(axis=0))
        likely /= likely.sum(axis=0)
        mean = (likely * at).sum(axis=0)
        return mean, (likely * (at - mean) ** 2).sum(axis=0)

    def slope_errors(self) -> tuple[float, float]:
        """The standard errors of the slopes below and above the middle."""
        below, above = np.sqrt(np.diag(np.linalg.inv(self.left))[:2]).tolist()
        return below, above

    def season_shifts(self, person: Indexes) -> tuple[Numbers, Numbers]:
        """The past seasons' shifts and their precision matrix.

        Rows of one person hang together; the precision is lowered by as much as their residuals
        say (at most to a fifth).
        """
        rest = self.started - self._chance()
        alone = float((rest**2).sum())
        together = float((np.bincount(person, weights=rest) ** 2).sum())
        effect = float(np.clip(together / alone, 1.0, 5.0)) if alone > 0 else 1.0
        spread = np.linalg.inv(self.left)[2:, 2:] * effect
        return self.fixed[2:].copy(), np.asarray(np.linalg.inv(spread), dtype=np.float64)


def _apart(learned: Numbers, middle: float) -> Numbers:
    """How far log-odds lie below the middle, and how far above (rows, 2)."""
    away = learned - middle
    return np.column_stack([np.minimum(away, 0.0), np.maximum(away, 0.0)])


def _next_season(shifts: Numbers, precision: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """The shift of a season to come, for each size of the seasons' spread, and how likely it is.

    The past shifts are normal around a common level with the seasons' variance and their own; the
    level has a normal prior, the spread a half-normal one. What is left over the level is summed
    exactly, over the spread on a grid.
    """
    error = np.linalg.inv(precision)
    ones = np.ones(len(shifts))
    levels, deviations, logs = [], [], []
    for spread in _GRID.tolist():
        covariance = (
            error + spread**2 * np.eye(len(shifts)) + LEVEL_SPREAD**2 * np.outer(ones, ones)
        )
        inverse = np.linalg.inv(covariance)
        own = np.linalg.inv(error + spread**2 * np.eye(len(shifts)))
        variance = 1 / (ones @ own @ ones + LEVEL_SPREAD**-2)
        levels.append(variance * (ones @ own @ shifts))
        deviations.append(np.sqrt(variance + spread**2))
        _, size = np.linalg.slogdet(covariance)
        prior = -0.5 * (spread / SEASON_SPREAD) ** 2
        logs.append(prior - 0.5 * (size + shifts @ inverse @ shifts))
    likely = np.exp(np.array(logs) - max(logs))
    return np.array(levels), np.array(deviations), likely / likely.sum()

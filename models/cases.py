"""What does the past say? A table of past proposals as numbers, checked, unknown outcomes weighed.

Unknown outcomes are not missing at random: of German applicants whose outcome is unknown 21 % are
in training, of the others 63 %. Leaving them out would promise too much, counting them as not
started too little. So each counts in part: a person's odds of having started, as the known cases
tell them, times `ODDS_IF_UNKNOWN`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from models.declaration import Columns, Declaration, Finding, Flaw, NotUsable
from models.features import Encoder, Indexes, Numbers, Table
from models.learners import Straight

#: Odds of a start where the outcome is unknown, to those where it is known (see above; the shares
#: are of applicants of the labour agency and an assumption for any district).
ODDS_IF_UNKNOWN = (0.21 / 0.79) / (0.63 / 0.37)

#: Fewer known outcomes than this, or fewer of either kind, teach nothing.
LEAST_KNOWN, LEAST_OF_EITHER = 30, 5

#: People with so many rows or more are taken together.
_MOST_APART = 12

#: A feature that tells starts from others better than this (area under the curve) is no feature.
TOO_GOOD = 0.98


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Past proposals as numbers, one row each.

    `started` is 1 or 0, and between them where the outcome is not `known`. `season`, `firm` and
    `person` are row numbers into `seasons` (in order of time), `firms` and the people; `firm` is
    -1 where there is none.
    """

    encoder: Encoder
    values: Numbers
    started: Numbers
    known: np.ndarray[tuple[int], np.dtype[np.bool_]]
    season: Indexes
    firm: Indexes
    person: Indexes
    seasons: tuple[str, ...]
    firms: tuple[str, ...]
    odds_if_unknown: float = ODDS_IF_UNKNOWN

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Indexes) -> Cases:
        """Some of the rows, people, firms and seasons keeping their numbers."""
        names = ("values", "started", "known", "season", "firm", "person")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})

    def filled(self, chance: Numbers) -> Cases:
        """The same cases, unknown outcomes counting as the chance (a row) of the known ones says.

        Nobody starts twice in a season: what counts is whether they started at all. How likely that
        is, given the sum of a person's chances and the number of their rows, is learned from the
        people whose outcome is known; it is moved by the odds, and shared out over the rows that
        are not known.
        """
        pair = self.person * max(1, len(self.seasons)) + self.season
        _, who = np.unique(pair, return_inverse=True)
        expected, rows = np.bincount(who, weights=chance), np.bincount(who)
        started = np.bincount(who, weights=np.where(self.known, self.started, 0.0)) > 0
        known = np.bincount(who, weights=self.known) == rows
        many = np.minimum(rows, _MOST_APART)[:, None] == np.arange(1, _MOST_APART + 1)
        matrix = np.column_stack([np.log(expected), many])
        fitted = LogisticRegression(C=10.0, solver="newton-cholesky")
        odds = np.exp(fitted.fit(matrix[known], started[known]).decision_function(matrix))
        moved = np.ones(len(odds))
        if np.isfinite(self.odds_if_unknown):
            moved = odds * self.odds_if_unknown / (1 + odds * self.odds_if_unknown)
        silent = np.where(self.known, 0.0, chance)
        among = np.maximum(np.bincount(who, weights=silent), 1e-12)
        shared = np.clip(silent * (moved / among)[who], 0.0, 1.0)
        return replace(self, started=np.where(self.known, self.started, shared))

    def weighed(self) -> tuple[Numbers, Numbers, Numbers]:
        """Values, outcomes of 0 or 1, and weights: what is not known stands twice, in parts."""
        parts = np.flatnonzero((self.started > 0) & (self.started < 1))
        outcome = np.append(self.started > 0.0, np.zeros(len(parts), bool)).astype(np.float64)
        weight = np.ones(len(outcome))
        weight[parts] = self.started[parts]
        weight[len(self) :] = 1 - self.started[parts]
        return np.vstack([self.values, self.values[parts]]), outcome, weight


def cases_of(
    table: Table, declaration: Declaration, odds_if_unknown: float = ODDS_IF_UNKNOWN
) -> Cases:
    """Read a history. Raises `NotUsable` with everything that makes it no history to learn from.

    `odds_if_unknown` weighs unknown outcomes: 1 takes them to be as the known ones, 0 for not
    started, infinity for started.
    """
    findings = _not_there(table, declaration.columns)
    encoder: Encoder | None = None
    try:
        encoder = Encoder.of(declaration, table)
    except NotUsable as refusal:
        findings += refusal.findings
    if findings or encoder is None:
        raise NotUsable(tuple(findings))
    started = _outcome(table[declaration.columns.outcome])
    values = encoder.values(table)
    findings = _too_little(started) or list(_too_good(encoder, values, started))
    if findings:
        raise NotUsable(tuple(findings))
    count = len(started)
    season, seasons = _numbered(table, declaration.columns.season, np.zeros(count, int))
    firm, firms = _numbered(table, declaration.columns.firm, np.full(count, -1))
    person, _ = _numbered(table, declaration.columns.person, np.arange(count))
    if declaration.columns.season and bool((season < 0).any()):
        raise NotUsable((Finding(Flaw.SEASON_UNKNOWN, declaration.columns.season),))
    nobody = person < 0
    person[nobody] = person.max() + 1 + np.arange(int(nobody.sum()))
    known = ~np.isnan(started)
    cases = Cases(
        encoder, values, started, known, season, firm, person, seasons, firms, odds_if_unknown
    )
    if known.all():
        return cases
    some = cases.take(np.flatnonzero(known))
    line = Straight().learn(encoder, some.values, some.started, np.ones(len(some)))
    return cases.filled(np.asarray(expit(line.log_odds(values))))


def _not_there(table: Table, columns: Columns) -> list[Finding]:
    given = (columns.outcome, columns.season, columns.person, columns.firm)
    return [Finding(Flaw.COLUMN_MISSING, name) for name in given if name and name not in table]


def _outcome(column: object) -> Numbers:
    """Outcomes as 1, 0 or NaN. Raises `NotUsable` for anything else."""
    series = pd.Series(column)
    numbers = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    unread = np.isnan(numbers) & series.notna().to_numpy()
    wrong = unread | ~(np.isnan(numbers) | (numbers == 0) | (numbers == 1))
    if bool(wrong.any()):
        shown = str(series[wrong].iloc[0])[:40]
        raise NotUsable((Finding(Flaw.OUTCOME_NOT_BINARY, value=shown),))
    return numbers


def _too_little(started: Numbers) -> list[Finding]:
    yes, no = int((started == 1).sum()), int((started == 0).sum())
    if min(yes, no) == 0:
        return [Finding(Flaw.ONE_CLASS, value=f"{yes} started, {no} not")]
    if yes + no < LEAST_KNOWN or min(yes, no) < LEAST_OF_EITHER:
        return [Finding(Flaw.TOO_FEW, value=f"{yes} started, {no} not")]
    return []


def _too_good(encoder: Encoder, values: Numbers, started: Numbers) -> list[Finding]:
    """Features that nearly are the outcome: known too late, whatever they are declared to be."""
    known = ~np.isnan(started)
    outcome = started[known]
    found = []
    for number, name in enumerate(encoder.names):
        column = values[known, number]
        gaps = np.isnan(column)
        ways = [gaps.astype(np.float64), np.where(gaps, -np.inf, column)]
        if encoder.categories[number]:
            ways = [_share_started(np.where(gaps, -1, column), outcome)]
        best = max(abs(_area(way, outcome) - 0.5) + 0.5 for way in ways)
        if best > TOO_GOOD:
            found.append(Finding(Flaw.TELLS_THE_OUTCOME, name, value=f"{best:.3f}"))
    return found


def _share_started(codes: Numbers, outcome: Numbers) -> Numbers:
    _, which = np.unique(codes, return_inverse=True)
    size = np.bincount(which)
    # Words of a few cases tell nothing: each of its own would tell everything.
    share = np.where(size >= 5, np.bincount(which, weights=outcome) / size, outcome.mean())
    return np.asarray(share[which])


def _area(score: Numbers, outcome: Numbers) -> float:
    """The area under the curve: how often a start scores higher than another case, ties half."""
    ranks = pd.Series(score).rank().to_numpy()
    yes = float(outcome.sum())
    no = len(outcome) - yes
    return float((ranks[outcome == 1].sum() - yes * (yes + 1) / 2) / (yes * no))


def _numbered(table: Table, name: str | None, without: Indexes) -> tuple[Indexes, tuple[str, ...]]:
    """A column as row numbers of its sorted values; -1 where it is not known."""
    if name is None:
        return without.astype(np.int64), ()
    series = pd.Series(table[name])
    codes, found = pd.factorize(series, sort=True)
    return codes.astype(np.int64), tuple(str(value) for value in found)

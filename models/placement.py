"""What chance does a proposal have, as far as the district's own past can tell?

A `PlacementModel` is learned from past proposals and their outcomes (`train`). Two ways of learning
are compared on seasons that came later; the better one is recalibrated on people and firms that it
did not see, and drawn towards the scorecard as far as the history is short. It gives each pair a
chance with an interval and the evidence behind it, or says that there is too little to go by.
`docs/chances.md` has the formulas.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, logit, ndtri
from sklearn.tree import DecisionTreeRegressor

from models.cases import ODDS_IF_UNKNOWN, Cases, cases_of
from models.declaration import Declaration
from models.features import Encoder, Flags, Indexes, Numbers, Table
from models.folds import MOST_ROWS, ahead_of_time, learn, out_of_fold, parts
from models.learners import FARTHEST, Both, Branching, Learned, Learner, Straight
from models.recalibration import Recalibration, recalibrated
from models.scorecard import Scorecard

#: With so many of the rarer outcome, history and scorecard count alike; with more, history wins.
HALF_WAY = 50.0

#: Fewer similar cases than this are too little to go by.
LEAST_CASES = 15
#: How many similar cases are looked for at least.
SIMILAR = 25

#: The share of seasons, or of pairs, whose truth an interval is meant to hold.
SURE = 0.9

#: Trees pay only where there is this much to learn from.
LEAST_FOR_TREES = 1_000

_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class Chances:
    """A chance for each row, how far it may be off, and the evidence behind it.

    `chance`, `low` and `high` lie inside (0, 1). `cases` similar past proposals have a known
    outcome, `started` of them started. Where `enough` is false there is too little to go by, and
    the chance is only what stands in until somebody judges by hand.
    """

    chance: Numbers
    low: Numbers
    high: Numbers
    cases: Indexes
    started: Indexes
    enough: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """From values to log-odds: learned, drawn towards the prior, recalibrated."""

    learned: Learned
    trust: float
    prior: Prior
    recalibration: Recalibration

    def raw(self, values: Numbers) -> Numbers:
        """Log-odds before recalibration."""
        return _mixed(self.learned.log_odds(values), self.prior.log_odds(values), self.trust)

    def log_odds(self, values: Numbers, firm: Indexes) -> Numbers:
        """Log-odds to go by."""
        return self.recalibration.log_odds(self.raw(values), firm)


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed without history: the scorecard, or the overall share where it can't judge.

    `columns` are the numbers of the scorecard's columns among the values; `None` without them.
    """

    base: float
    columns: tuple[int, ...] | None = None
    scorecard: Scorecard = field(default_factory=Scorecard)

    def log_odds(self, values: Numbers) -> Numbers:
        """One number a row."""
        if self.columns is None:
            return np.full(len(values), self.base)
        names = self.scorecard.columns
        table = {name: values[:, n] for name, n in zip(names, self.columns, strict=True)}
        return self.scorecard.log_odds(table)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Which past cases are like a pair: those on the same leaf of a tree of the chances."""

    encoder: Encoder
    tree: DecisionTreeRegressor
    cases: Indexes
    started: Indexes

    @classmethod
    def of(cls, cases: Cases, chain: Chain) -> Evidence:
        """Split the cases whose outcome is known by what moves the chance, never by outcomes."""
        some = cases.take(np.flatnonzero(cases.known))
        tree = DecisionTreeRegressor(min_samples_leaf=min(SIMILAR, len(some)), random_state=0)
        matrix = cases.encoder.linear(some.values)
        leaf = tree.fit(matrix, chain.raw(some.values)).apply(matrix)
        count = tree.tree_.node_count
        started = np.bincount(leaf, weights=some.started, minlength=count)
        return cls(
            cases.encoder,
            tree,
            np.bincount(leaf, minlength=count).astype(np.int64),
            np.rint(started).astype(np.int64),
        )

    def similar(self, values: Numbers) -> tuple[Indexes, Indexes]:
        """How many cases are similar to each row, and how many of them started."""
        leaf = np.empty(len(values), dtype=np.int64)
        for first in range(0, len(values), _AT_ONCE):
            some = slice(first, first + _AT_ONCE)
            leaf[some] = self.tree.apply(self.encoder.linear(values[some]))
        return self.cases[leaf], self.started[leaf]


@dataclass(frozen=True, slots=True, eq=False)
class PlacementModel:
    """Chances learned from a district's past proposals.

    `chain` was learned from all cases; `halves` from half of the people each, so that what one
    promises can be held against the other (`models.honest`). `losses` are the mean log losses of
    each way to learn on seasons that came later. `firms` go by their `firm_key`. `share_started`
    counts unknown outcomes in part.
    """

    declaration: Declaration
    encoder: Encoder
    learner: str
    losses: Mapping[str, float]
    chain: Chain
    halves: tuple[Chain, Chain]
    evidence: Evidence
    firms: Mapping[str, int]
    seasons: tuple[str, ...]
    cases: int
    known: int
    share_started: float

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a table must have; the firm's is read too where it is there."""
        return self.encoder.names

    @property
    def spread(self) -> float:
        """The standard deviation, in log-odds, of what a season to come shifts all chances by."""
        return self.chain.recalibration.spread

    def chances(self, table: Table) -> Numbers:
        """The chance of each row, float64, inside (0, 1). Raises `NotUsable` for bad columns."""
        return self.chances_by(self.chain, table)

    def chances_by(self, chain: Chain, table: Table) -> Numbers:
        """The chance of each row by the whole model or by one half of it."""
        return _chances(chain, self.encoder.values(table), self.firm_numbers(table))

    def judge(self, table: Table) -> Chances:
        """Each row's chance with its interval and evidence.

        The interval is as wide as the similar cases alone would make it, and a season's shift on
        top: with n cases of chance q its variance in log-odds is 1 / (n q (1 - q)) + spread².
        Too little to go by are fewer than `LEAST_CASES` cases, and values outside all that the
        history showed.
        """
        values = self.encoder.values(table)
        chance = _chances(self.chain, values, self.firm_numbers(table))
        cases, started = self.evidence.similar(values)
        enough = (cases >= LEAST_CASES) & ~self.encoder.strange(table)
        variance = 1 / np.maximum(cases * chance * (1 - chance), 0.25) + self.spread**2
        away = float(ndtri(0.5 + SURE / 2)) * np.sqrt(variance)
        odds = logit(chance)
        low, high = expit(odds - away), expit(odds + away)
        return Chances(chance, low, high, cases, started, enough)

    def contributions(self, table: Table) -> dict[str, Numbers]:
        """What each reason does to the log-odds: as they are, less as they would be without it.

        Without a feature means with its usual value (`Encoded.usual`), without the firm as for a
        firm that nobody knows. So, to the last digits, `expit(logit(chance) - contribution)` is the
        chance of the pair with that one thing changed. One figure a row, by the feature's and the
        firm's column's name, and just 0 where there is nothing to change. They don't add up to
        anything; `models.explanations` has shares that do.
        """
        values, firm = self.encoder.values(table), self.firm_numbers(table)
        odds, found = _log_odds(self.chain, values, firm), {}
        for number, (name, usual) in enumerate(
            zip(self.encoder.names, self.encoder.usual.tolist(), strict=True)
        ):
            changed = values.copy()
            changed[:, number] = usual
            same = np.isnan(values[:, number]) if np.isnan(usual) else values[:, number] == usual
            found[name] = np.where(same, 0.0, odds - _log_odds(self.chain, changed, firm))
        if self.declaration.columns.firm is not None:
            without = _log_odds(self.chain, values, np.full_like(firm, -1))
            found[self.declaration.columns.firm] = np.where(firm < 0, 0.0, odds - without)
        return found

    def draws(self, table: Table, count: int, seed: int = 0) -> Numbers:
        """Chances as they may truly be (count, rows): one season's shift a draw, shared by all.

        Uncertain are the season, each firm's share, the slopes, and what was learned (by how far
        the halves are apart: a quarter of their squared difference is the whole's variance).
        """
        random = np.random.Generator(np.random.PCG64(seed))
        values, firm = self.encoder.values(table), self.firm_numbers(table)
        whole, found = self.chain.recalibration, np.empty((count, len(values)))
        if not len(values):
            return found
        raw = self.chain.raw(values)
        one, other = (half.recalibration.bent(half.raw(values)) for half in self.halves)
        apart = (one - other) / 2
        apart -= apart.mean()
        share, variance = whole.shares(firm)
        _, which = np.unique(
            np.where(firm < 0, -1 - np.arange(len(firm)), firm), return_inverse=True
        )
        shift = whole.season_draws(random.standard_normal(count), random.random(count))
        bent = whole.bent(raw)
        for number in range(count):
            slopes = whole.bent_draws(raw, random.standard_normal(2))
            firms = np.sqrt(variance) * random.standard_normal(int(which.max(initial=0)) + 1)[which]
            odds = shift[number] + bent + slopes
            found[number] = expit(odds + share + firms + random.standard_normal() * apart)
        return found

    def firm_numbers(self, table: Table) -> Indexes:
        """Each row's firm as the model numbers them; -1 where it knows none."""
        name = self.declaration.columns.firm
        if name is None or name not in table:
            return np.full(_length(table, self.encoder.names), -1)
        codes, found = pd.factorize(pd.Series(table[name]))
        known = [self.firms.get(firm_key(one), -1) for one in found]
        return np.array([*known, -1], dtype=np.int64)[codes]


def firm_key(name: object) -> str:
    """What a model knows a firm by: a digest, so that no firm's name stands in its file.

    The name of a firm may be that of its owner. Whoever has a name can still tell whether the
    model knows it.
    """
    return hashlib.sha256(b"uebergang firm 1|" + str(name).encode()).hexdigest()[:16]


def train(
    history: Table, declaration: Declaration, odds_if_unknown: float = ODDS_IF_UNKNOWN
) -> PlacementModel:
    """Learn chances from past proposals.

    `odds_if_unknown` weighs unknown outcomes (see `models.cases`). Raises `NotUsable` with
    everything that makes the history no history to learn from.
    """
    cases = cases_of(history, declaration, odds_if_unknown)
    ways: tuple[Learner, ...] = (Straight(),)
    if len(cases) >= LEAST_FOR_TREES:
        ways = (Straight(), Branching())
    losses = _losses_ahead(ways, cases)
    both = (Both(ways),) if len(ways) > 1 else ()
    best = min((*ways, *both), key=lambda learner: losses[learner.name])
    chain = _chain(best, cases, firms=3)
    half = parts(cases.person, 2, 15)
    one, other = (_chain(best, cases.take(np.flatnonzero(half == n)), firms=1) for n in (0, 1))
    return PlacementModel(
        declaration=declaration,
        encoder=cases.encoder,
        learner=best.name,
        losses=losses,
        chain=chain,
        halves=(one, other),
        evidence=Evidence.of(cases, chain),
        firms={firm_key(name): number for number, name in enumerate(cases.firms)},
        seasons=cases.seasons,
        cases=len(cases),
        known=int(cases.known.sum()),
        share_started=float(cases.started.mean()),
    )


def _chances(chain: Chain, values: Numbers, firm: Indexes) -> Numbers:
    return np.asarray(expit(_log_odds(chain, values, firm)))


def _log_odds(chain: Chain, values: Numbers, firm: Indexes) -> Numbers:
    """Log-odds to go by, some rows at a time: memory stays the same for any number of them."""
    odds = np.empty(len(values))
    for first in range(0, len(values), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        odds[some] = chain.log_odds(values[some], firm[some])
    return np.clip(odds, -FARTHEST, FARTHEST)


def _chain(learner: Learner, cases: Cases, firms: int) -> Chain:
    """Learn from all the cases; recalibrate on what was learned without the people and firms."""
    prior = _prior(cases)
    rarer = min(float(cases.started.sum()), float((1 - cases.started).sum()))
    trust = rarer / (rarer + HALF_WAY)
    apart = out_of_fold(learner, cases, firms=firms)
    mixed = _mixed(apart, prior.log_odds(cases.values), trust)
    if not cases.known.all():
        # What is not known counts as its firm's known outcomes say, or it would hide the firm.
        first = _recalibrated(mixed, cases, np.flatnonzero(cases.known))
        cases = cases.filled(np.asarray(expit(first.log_odds(mixed, cases.firm))))
    recalibration = _recalibrated(mixed, cases, np.arange(len(cases)))
    return Chain(learn(learner, cases), trust, prior, recalibration)


def _recalibrated(mixed: Numbers, cases: Cases, rows: Indexes) -> Recalibration:
    some = cases.take(rows)
    seasons, firms = max(1, len(cases.seasons)), len(cases.firms)
    return recalibrated(
        mixed[rows], some.started, some.season, some.firm, some.person, seasons, firms
    )


def _prior(cases: Cases) -> Prior:
    yes = float(cases.started.sum())
    base = float(np.log((yes + 0.5) / (len(cases) - yes + 0.5)))
    names, wanted = cases.encoder.names, Scorecard().columns
    if not set(wanted) <= set(names):
        return Prior(base)
    return Prior(base, tuple(names.index(name) for name in wanted))


def _mixed(learned: Numbers, before: Numbers, trust: float) -> Numbers:
    return np.asarray(trust * learned + (1 - trust) * before)


def _losses_ahead(ways: tuple[Learner, ...], cases: Cases) -> dict[str, float]:
    """The mean log loss on later seasons, people and firms apart: each way's, and both's."""
    names = [way.name for way in ways] + ([Both(ways).name] if len(ways) > 1 else [])
    totals, rows = np.zeros(len(names)), 0
    for learn_from, judge in ahead_of_time(cases):
        some = cases.take(np.flatnonzero(learn_from))
        starts = int((some.started >= 0.5).sum())
        if not 0 < starts < len(some):
            continue
        later = cases.take(np.flatnonzero(judge))
        odds = [learn(way, some, MOST_ROWS).log_odds(later.values) for way in ways]
        if len(ways) > 1:
            odds.append(np.mean(odds, axis=0))
        totals += [float((np.logaddexp(0, one) - later.started * one).sum()) for one in odds]
        rows += len(later)
    return dict(zip(names, (totals / max(rows, 1)).tolist(), strict=True))


def _length(table: Table, names: tuple[str, ...]) -> int:
    first: npt.ArrayLike = table[names[0]]
    return len(np.asarray(first))

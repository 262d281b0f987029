"""Why does a pair have the chance it has? What each feature adds, for and against.

The pair is held against one reference case: every feature at its usual value in the history, at a
firm that nobody knows. Each feature's share of the way from there is its Shapley value, the mean of
what it changes over all orders in which the usual values may be exchanged for the pair's own. On
what was learned it is exact: a line's shares are its own terms, and of a tree each leaf that the
two cases can reach between them has a formula (`docs/chances.md`). Recalibration scales the shares
of a row alike. What taking one reason away does is another question; it is computed anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import beta, expit

from models.features import Encoder, Flags, Indexes, Numbers, Table, Value
from models.learners import FARTHEST, Learned, Line, Mean, Trees
from models.placement import Chain, PlacementModel, Prior

_ROWS_AT_ONCE = 1 << 10
#: Log-odds nearer than this are alike, and a curve is then followed so far to either side.
_ALIKE, _ASIDE = 1e-9, 1e-3


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for one pair's chance.

    `value` is the pair's, `usual` the reference case's (`None`: not known, of a firm too). `share`
    is what the reason adds to the log-odds, `without` the chance with the usual value in its place.
    """

    name: str
    value: Value
    usual: Value
    share: float
    without: float


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """Why each row has the chance it has.

    `names` are the features' and, where one is declared, the firm's column's. `shares`, `without`
    and `values` have a row a pair and a column a name: log-odds, chances, and what stood in the
    table as the model reads it. A row's shares add up to `log_odds` less `usual_log_odds`.
    """

    names: tuple[str, ...]
    usual: tuple[Value, ...]
    values: npt.NDArray[np.object_]
    shares: Numbers
    without: Numbers
    log_odds: Numbers
    usual_log_odds: float

    @property
    def chance(self) -> Numbers:
        """Each row's chance."""
        return np.asarray(expit(self.log_odds))

    @property
    def usual_chance(self) -> float:
        """The chance of the reference case."""
        return float(expit(self.usual_log_odds))

    def of(self, row: int) -> tuple[Reason, ...]:
        """One row's reasons that make any difference, weightiest first."""
        shares, without = self.shares[row].tolist(), self.without[row].tolist()
        chance = float(self.chance[row])
        found = [
            Reason(name, self.values[row, n], self.usual[n], shares[n], without[n])
            for n, name in enumerate(self.names)
            if shares[n] != 0 or without[n] != chance
        ]
        return tuple(sorted(found, key=lambda reason: -abs(reason.share)))


def reasons(model: PlacementModel, table: Table) -> Reasons:
    """Why each pair of a table has its chance. Raises `NotUsable` for bad columns."""
    encoder, names = model.encoder, model.encoder.names
    values, firm = encoder.values(table), model.firm_numbers(table)
    shown = [one.shown(values[:, n]) for n, one in enumerate(encoder.features)]
    usual = tuple(one.usual for one in encoder.features)
    odds, usual_odds, shares = _recalibrated(model.chain, encoder, values, firm)
    if model.declaration.columns.firm is not None:
        names, usual = (*names, model.declaration.columns.firm), (*usual, None)
        shown.append(_firms(model, table, firm))
    else:
        shares = shares[:, :-1]
    changes = model.contributions(table)
    cells = np.empty((len(values), len(names)), dtype=object)
    for number, column in enumerate(shown):
        cells[:, number] = column
    return Reasons(
        names=names,
        usual=usual,
        values=cells,
        shares=shares,
        without=np.asarray(expit(odds[:, None] - np.column_stack([changes[n] for n in names]))),
        log_odds=odds,
        usual_log_odds=usual_odds,
    )


def learned_shares(chain: Chain, encoder: Encoder, values: Numbers) -> Numbers:
    """Each feature's share of the log-odds before recalibration (rows, features).

    Exact Shapley values: they add up to `chain.raw(values)` less that of the reference case.
    """
    usual = encoder.usual
    prior = _of_prior(chain.prior, encoder, values, usual)
    return chain.trust * _of_learned(chain.learned, values, usual) + (1 - chain.trust) * prior


def _recalibrated(
    chain: Chain, encoder: Encoder, values: Numbers, firm: Indexes
) -> tuple[Numbers, float, Numbers]:
    """Log-odds to go by, those of the reference case, and all shares, the firm's last.

    The firm and all features together are two players, whose Shapley value is the mean of both
    orders. The features share theirs in proportion to their shares of what was learned.
    """
    of, nobody = chain.recalibration.log_odds, np.full_like(firm, -1)
    raw, first = chain.raw(values), chain.raw(encoder.usual[None])
    before = np.repeat(first, len(values))
    start = float(of(first, np.array([-1], dtype=np.int64))[0])

    def risen(low: Numbers, high: Numbers) -> Numbers:
        both = of(high, firm) - of(low, firm) + of(high, nobody) - of(low, nobody)
        return np.asarray(both / 2)

    alike = np.abs(raw - before) < _ALIKE
    low, high = np.where(alike, raw - _ASIDE, before), np.where(alike, raw + _ASIDE, raw)
    slope = risen(low, high) / (high - low)
    odds = of(raw, firm)
    own = (odds - of(raw, nobody) + of(before, firm) - of(before, nobody)) / 2
    features = learned_shares(chain, encoder, values) * slope[:, None]
    shares = _within(np.column_stack([features, own]), start, odds)
    return np.clip(odds, -FARTHEST, FARTHEST), float(np.clip(start, -FARTHEST, FARTHEST)), shares


def _within(shares: Numbers, start: float, odds: Numbers) -> Numbers:
    """Shares of log-odds that were cut off at the farthest are cut down alike."""
    cut = np.clip(odds, -FARTHEST, FARTHEST) - np.clip(start, -FARTHEST, FARTHEST)
    way = odds - start
    bitten = (np.abs(cut - way) > 0) & (np.abs(way) > _ALIKE)
    part: Numbers = np.divide(cut, way, out=np.ones(len(way)), where=bitten)
    return np.asarray(shares * part[:, None])


def _firms(model: PlacementModel, table: Table, firm: Indexes) -> list[Value]:
    """The names of the firms that the model knows."""
    if not bool((firm >= 0).any()):
        return [None] * len(firm)
    given = pd.Series(table[str(model.declaration.columns.firm)])
    return [str(one) if known else None for one, known in zip(given, firm >= 0, strict=True)]


def _of_prior(prior: Prior, encoder: Encoder, values: Numbers, usual: Numbers) -> Numbers:
    """A scorecard adds up its weights, so each feature's share is its own weights' change."""
    shares = np.zeros((len(values), len(encoder.features)))
    if prior.columns is None:
        return shares
    where = dict(zip(prior.scorecard.columns, prior.columns, strict=True))
    for weight in prior.scorecard.weights:
        column = where[weight.feature]
        there = weight.share(usual[[column]])
        shares[:, column] += weight.share(values[:, column]) - there
    return shares


def _of_learned(learned: Learned, values: Numbers, usual: Numbers) -> Numbers:
    if isinstance(learned, Line):
        return _of_line(learned, values, usual)
    if isinstance(learned, Mean):
        parts = [_of_learned(part, values, usual) for part in learned.parts]
        return np.asarray(np.mean(parts, axis=0), dtype=np.float64)
    if isinstance(learned, Trees):
        return _of_trees(learned.fitted, values, usual)
    raise TypeError(type(learned).__name__)


def _of_line(line: Line, values: Numbers, usual: Numbers) -> Numbers:
    """A line's features don't meddle with each other: the terms of each are its share."""
    shares, first = np.empty((len(values), len(line.encoder.features))), 0
    for number, one in enumerate(line.encoder.features):
        matrix = one.linear(values[:, number]) - one.linear(usual[[number]])
        shares[:, number] = matrix @ line.weights[first : first + matrix.shape[1]]
        first += matrix.shape[1]
    return shares


def _of_trees(fitted: Any, values: Numbers, usual: Numbers) -> Numbers:
    shares = np.zeros(values.shape)
    if not len(values):
        return shares
    # scikit-learn moves categories to the front and numbers their words anew; its trees see that.
    order = np.arange(values.shape[1])
    seen, reference = values, usual[None]
    if fitted._preprocessor is not None:
        order = np.argsort(~fitted.is_categorical_, kind="stable")
        seen, reference = map(fitted._preprocessor.transform, (values, reference))
    forest = _Forest(fitted)
    there = forest.goes(reference)
    for first in range(0, len(values), _ROWS_AT_ONCE):
        some = slice(first, first + _ROWS_AT_ONCE)
        shares[some, order] = forest.shares(forest.goes(seen[some]), there)
    start = float(fitted.decision_function(usual[None])[0])
    return _within(shares, start, fitted.decision_function(values))


class _Forest:
    """Every leaf of every tree, with the conditions on the way to it, together by feature.

    A leaf is reached, with some of the features from the case and the others from the reference,
    if of each feature the value taken meets all its conditions. Met by both it plays no part, met
    by neither the leaf is out of reach. So a leaf's value comes once all of the *own* features (met
    by the case alone) are the case's, and goes once any of the *lost* ones (met by the reference
    alone) is: with n own and r lost, each own one's share is (n-1)! r! / (n+r)! of the value, each
    lost one's less n! (r-1)! / (n+r)!.
    """

    def __init__(self, fitted: Any) -> None:
        trees = [predictor for one in fitted._predictors for predictor in one]
        self.nodes = np.concatenate([tree.nodes for tree in trees])
        self.words = np.concatenate([tree.raw_left_cat_bitsets for tree in trees])
        split: list[int] = []
        left: list[bool] = []
        meets: list[int] = []  # where each leaf's conditions on one feature begin
        about: list[int] = []  # which feature they are on
        leaves: list[int] = []  # where each leaf's features begin
        ends: list[int] = []
        at = words = 0
        for tree in trees:
            inner = ~tree.nodes["is_leaf"].astype(bool)
            self.nodes["bitset_idx"][at : at + len(tree.nodes)] += words
            for end, way in _ways(tree.nodes, inner):
                leaves.append(len(meets))
                ends.append(at + end)
                for feature, steps in way.items():
                    meets.append(len(split))
                    about.append(feature)
                    split += [at + node for node, _ in steps]
                    left += [side for _, side in steps]
            at, words = at + len(tree.nodes), words + len(tree.raw_left_cat_bitsets)
        self.split, self.left = np.array(split, dtype=np.int64), np.array(left, dtype=bool)
        self.meets, self.about = np.array(meets, dtype=np.int64), np.array(about, dtype=np.int64)
        self.leaves = np.array(leaves, dtype=np.int64)
        self.value = self.nodes["value"][ends]
        self.leaf = np.repeat(np.arange(len(leaves)), np.diff([*leaves, len(meets)]))
        self.features = int(fitted.n_features_in_)

    def goes(self, seen: Numbers) -> Flags:
        """Which conditions on each way to a leaf the features meet (rows, leaves' features)."""
        nodes, column = self.nodes, seen[:, self.nodes["feature_idx"]]
        unknown, missing = np.isnan(column), nodes["missing_go_to_left"].astype(bool)
        with np.errstate(invalid="ignore"):
            left = column <= nodes["num_threshold"]
        which = np.flatnonzero(nodes["is_categorical"])
        if len(which):
            code = np.where(unknown, 0, column)[:, which].astype(np.int64)
            held = self.words[nodes["bitset_idx"][which], code >> 5]
            left[:, which] = (held >> (code & 31).astype(np.uint32)) & 1
        left = np.where(unknown, missing, left)
        if not len(self.split):
            return np.empty((len(seen), 0), dtype=bool)
        return np.logical_and.reduceat(left[:, self.split] == self.left, self.meets, axis=1)

    def shares(self, here: Flags, there: Flags) -> Numbers:
        """The Shapley shares (rows, features as the trees see them) of cases against one other."""
        found = np.zeros((len(here), self.features))
        if not len(self.leaves) or not len(self.meets):
            return found
        own, lost = here & ~there, there & ~here
        reached = ~np.logical_or.reduceat(~here & ~there, self.leaves, axis=1)
        n = np.add.reduceat(own.astype(np.int64), self.leaves, axis=1)[:, self.leaf]
        r = np.add.reduceat(lost.astype(np.int64), self.leaves, axis=1)[:, self.leaf]
        # Euler's beta function B(n, r + 1) is (n-1)! r! / (n+r)!.
        part = np.where(own, beta(np.maximum(n, 1), r + 1), 0.0)
        part -= np.where(lost, beta(n + 1, np.maximum(r, 1)), 0.0)
        part *= np.where(reached, self.value, 0.0)[:, self.leaf]
        for feature in range(self.features):
            found[:, feature] = part[:, self.about == feature].sum(axis=1)
        return found


#: The splits on the way to a leaf, by feature, each with the side to take.
_Way = dict[int, list[tuple[int, bool]]]


def _ways(nodes: Any, inner: Flags) -> list[tuple[int, _Way]]:
    """Each leaf of a tree that is no root, and by feature the splits above it and their sides."""
    feature, left, right = (nodes[name].tolist() for name in ("feature_idx", "left", "right"))
    found: list[tuple[int, _Way]] = []
    ahead: list[tuple[int, _Way]] = [(0, {})] if inner[0] else []
    while ahead:
        at, way = ahead.pop()
        if not inner[at]:
            found.append((at, way))
            continue
        for child, side in ((left[at], True), (right[at], False)):
            before = way.get(feature[at], [])
            ahead.append((child, {**way, feature[at]: [*before, (at, side)]}))
    return found

"""How likely was each possible pair to be proposed? Learned from what counselors proposed.

A proposal is one choice among all places possible for a person (conditional logit, McFadden 1974):
the probability of a pair is exp(score) over the sum of exp(score) of the person's pairs. The score
is a line on the declared columns, bent at quartiles, and on the crowd that wants the same place,
because a place that is full is proposed to nobody. How many proposals a person gets is a Poisson
regression on the same columns.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression, PoissonRegressor

from models.features import Flags, Indexes, Numbers
from models.rivals import Possible

#: Ridge penalty on the weights of columns with a spread of about 1.
_RIDGE = 1.0
_STEPS, _NEAR = 40, 1e-6
_LEAST, _MOST = 1e-6, 1 - 1e-6


def propensities(
    columns: Numbers, possible: Possible, proposed: Flags, fold: Indexes, folds: int
) -> Numbers:
    """The probability of each pair to be proposed at all.

    `columns` is a matrix of spread about 1 (rows, columns), `proposed` marks what was proposed,
    `fold` is the part of the people (0 to `folds` - 1) of each row: every part is judged by what
    the others teach.
    """
    person = possible.seeker
    if not proposed.any():
        return np.full(len(possible), _LEAST)
    number = _numbers_of_proposals(columns, person, proposed, fold, folds)
    simple = number * _out_of_fold(columns, person, proposed, fold, folds)
    rivals = np.bincount(possible.place, weights=simple, minlength=len(possible.openings))
    crowd = np.log1p(rivals / np.maximum(possible.openings, 1))[possible.place]
    closed = (possible.openings == 0)[possible.place].astype(np.float64)
    wider = np.column_stack([columns, crowd / max(float(crowd.std()), 1e-9), closed])
    choice = _out_of_fold(wider, person, proposed, fold, folds)
    return _sharpened(number * choice, proposed)


def _sharpened(expected: Numbers, proposed: Flags) -> Numbers:
    """Expected proposals as probabilities, held against what was proposed.

    Nothing was learned from the rows that are judged, so that a slope below 1 says how far the
    learning has gone too far.
    """
    odds = logit(np.clip(-np.expm1(-expected), _LEAST, _MOST))[:, None]
    if proposed.all():
        return np.full(len(proposed), _MOST)
    fitted = LogisticRegression(C=1e3, solver="newton-cholesky").fit(odds, proposed)
    return np.asarray(expit(fitted.decision_function(odds)))


def _out_of_fold(
    columns: Numbers, person: Indexes, proposed: Flags, fold: Indexes, folds: int
) -> Numbers:
    score = np.zeros(len(columns))
    for one in range(folds):
        here = fold == one
        score[here] = columns[here] @ _weights(columns[~here], person[~here], proposed[~here])
    return _choice(score, person)


def _weights(columns: Numbers, person: Indexes, proposed: Flags) -> Numbers:
    """The conditional logit's weights by Newton's method; each proposal is a choice of its own."""
    order = np.argsort(person, kind="stable")
    columns, taken = columns[order], proposed[order].astype(np.float64)
    weights = np.zeros(columns.shape[1])
    if not len(columns):
        return weights
    _, start, who = np.unique(person[order], return_index=True, return_inverse=True)
    choices = np.bincount(who, weights=taken)
    for _ in range(_STEPS):
        probability = _choice(columns @ weights, who)
        heavy = columns * (probability * choices[who])[:, None]
        middles = np.add.reduceat(columns * probability[:, None], start, axis=0)
        slope = columns.T @ taken - heavy.sum(axis=0) - _RIDGE * weights
        curve = columns.T @ heavy - middles.T @ (middles * choices[:, None])
        curve += _RIDGE * np.eye(len(weights))
        move = np.clip(np.linalg.solve(curve, slope), -2, 2)
        weights = weights + move
        if np.abs(move).max() < _NEAR:
            break
    return weights


def _choice(score: Numbers, person: Indexes) -> Numbers:
    """exp(score) over its sum among the person's rows."""
    highest = np.full(int(person.max()) + 1 if len(person) else 0, -np.inf)
    np.maximum.at(highest, person, score)
    raised = np.exp(score - highest[person])
    return np.asarray(raised / np.bincount(person, weights=raised)[person])


def _numbers_of_proposals(
    columns: Numbers, person: Indexes, proposed: Flags, fold: Indexes, folds: int
) -> Numbers:
    """How many proposals the person of each row is expected to get."""
    people, who = np.unique(person, return_inverse=True)
    number = np.bincount(who, weights=proposed)
    pairs = np.bincount(who).astype(np.float64)
    means = np.column_stack([np.bincount(who, weights=one) / pairs for one in columns.T])
    means = np.column_stack([means, np.log(pairs)])
    part = np.zeros(len(people), dtype=np.int64)
    part[who] = fold
    found = np.full(len(people), number.mean())
    for one in range(folds):
        here, rest = part == one, part != one
        if here.any() and number[rest].sum() > 0:
            fitted = PoissonRegressor(alpha=1e-2, solver="newton-cholesky")
            found[here] = fitted.fit(means[rest], number[rest]).predict(means[here])
    return np.asarray(found[who])

"""What would the chances be without a feature? Learned apart from each row, whole and in part.

`apart` says what a model would have promised for rows that it was not learned from. `ablations`
takes one feature away at a time and counts what it does: to the order of pairs, to the loss, and
to the distance between groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit
from scipy.stats import rankdata

from models.cases import Cases
from models.declaration import Kind
from models.features import Encoder, Indexes, Numbers
from models.folds import MOST_ROWS, learn, out_of_fold, parts
from models.groups import Side
from models.learners import Both, Branching, Learned, Learner, Straight
from models.placement import PlacementModel

_STEPS = 50


@dataclass(frozen=True, slots=True)
class Moved:
    """How far a group's mean chance lies from all others', with a feature and without it."""

    traits: tuple[str, ...]
    labels: tuple[str | None, ...]
    with_it: float
    without: float


@dataclass(frozen=True, slots=True)
class Ablation:
    """What taking one feature away does.

    `order` is the rank correlation of all chances with and without it (Spearman; 1: the same
    order), `replaced` the share of the pairs at the top that are others without it, `loss` what the
    mean log loss rises by (above 0: the feature helps to foretell). `moved` are the groups.
    """

    feature: str
    order: float
    replaced: float
    loss: float
    moved: tuple[Moved, ...]


def learner_of(model: PlacementModel) -> Learner:
    """The way in which a model was learned."""
    ways: tuple[Learner, ...] = (Straight(), Branching(), Both())
    return next((way for way in ways if way.name == model.learner), Straight())


def apart(model: PlacementModel, cases: Cases, usual: Sequence[int] = ()) -> Numbers:
    """Log-odds of each row, learned as the model was but without its person and its firm.

    The first of `1 + len(usual)` lines is as the rows are, each further one with one feature (by
    its number) at its usual value. The model's own recalibration applies; no firm has a share.
    """
    tables = [cases.values, *(_with_usual(cases, number) for number in usual)]
    firms = 3 if bool((cases.firm >= 0).any()) else 1
    who, where = parts(cases.person, 3, 11), parts(cases.firm, firms, 12)
    found = np.zeros((len(tables), len(cases)))
    way = learner_of(model)
    for one in range(3):
        for other in range(firms):
            away = (who == one) & (where == other)
            kept = np.flatnonzero((who != one) & ((where != other) | (firms == 1)))
            learned = _learned(way, cases, kept)
            for number, table in enumerate(tables):
                found[number, away] = learned.log_odds(table[away])
    return np.array([_promised(model, o, v) for o, v in zip(found, tables, strict=True)])


def ablations(
    model: PlacementModel,
    cases: Cases,
    odds: Numbers,
    sides: Sequence[Side],
    share: float,
    refit: bool = False,
) -> tuple[Ablation, ...]:
    """Take each feature away. `odds` are those of `apart` with every feature at its usual value.

    With `refit` everything is learned again without the feature, so that others may stand in for
    it; without, it only stops to differ. The former is the more honest, and takes as often as long.
    """
    whole = levelled(odds[0], cases)
    found = []
    for number, name in enumerate(cases.encoder.names):
        other = _without(model, cases, number) if refit else odds[1 + number]
        other = levelled(other, cases)
        found.append(
            Ablation(
                name,
                order=_order(whole, other),
                replaced=_replaced(whole, other, cases.season, share),
                loss=_loss(other, cases) - _loss(whole, cases),
                moved=tuple(
                    Moved(one.traits, one.labels, _distance(whole, one), _distance(other, one))
                    for one in sides
                ),
            )
        )
    return tuple(sorted(found, key=lambda one: -one.replaced))


def top(odds: Numbers, season: Indexes, share: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """The rows of each season with the best chances, so many of them; whoever ties is in."""
    chosen = np.zeros(len(odds), bool)
    for number in np.unique(season).tolist():
        here = np.flatnonzero(season == number)
        count = max(1, round(share * len(here)))
        chosen[here] = odds[here] >= np.partition(odds[here], -count)[-count]
    return chosen


def levelled(odds: Numbers, cases: Cases) -> Numbers:
    """Log-odds moved alike within each season, until its known rows promise what came of them.

    A season's shift is everybody's: without it, what is left are differences between people.
    """
    moved, started = odds.copy(), cases.started
    for season in np.unique(cases.season).tolist():
        here = cases.season == season
        rows = here & cases.known
        if not rows.any():
            continue
        came = float(np.clip(started[rows].sum(), 0.5, rows.sum() - 0.5))
        for _ in range(_STEPS):
            chance = expit(moved[rows])
            step = (came - chance.sum()) / max(float((chance * (1 - chance)).sum()), 1e-9)
            moved[here] += np.clip(step, -2.0, 2.0)
            if abs(step) < 1e-10:
                break
    return moved


def _learned(way: Learner, cases: Cases, kept: Indexes) -> Learned:
    outcomes = cases.started[kept] >= 0.5
    # So little is left that nothing can be kept apart: then the whole has to do.
    enough = len(kept) and 0 < int(outcomes.sum()) < len(kept)
    return learn(way, cases.take(kept) if enough else cases, MOST_ROWS)


def _promised(model: PlacementModel, learned: Numbers, values: Numbers) -> Numbers:
    """What the model makes of learned log-odds: drawn towards the prior, recalibrated."""
    chain = model.chain
    mixed = chain.trust * learned + (1 - chain.trust) * chain.prior.log_odds(values)
    return chain.recalibration.log_odds(mixed, np.full(len(mixed), -1))


def _with_usual(cases: Cases, number: int) -> Numbers:
    """The values with one feature at its median, a flag or a word at the most frequent."""
    column = cases.values[:, number]
    known = column[~np.isnan(column)]
    table = cases.values.copy()
    if len(known):
        found, counts = np.unique(known, return_counts=True)
        number_like = cases.encoder.features[number].feature.kind is Kind.NUMBER
        table[:, number] = np.median(known) if number_like else found[np.argmax(counts)]
    return table


def _without(model: PlacementModel, cases: Cases, number: int) -> Numbers:
    features = cases.encoder.features
    if len(features) == 1:
        odds = np.log(cases.started.mean() / (1 - cases.started.mean()))
        return _promised(model, np.full(len(cases), odds), _with_usual(cases, number))
    fewer = replace(
        cases,
        encoder=Encoder(features[:number] + features[number + 1 :]),
        values=np.delete(cases.values, number, axis=1),
    )
    return _promised(model, out_of_fold(learner_of(model), fewer), _with_usual(cases, number))


def _order(one: Numbers, other: Numbers) -> float:
    first, second = rankdata(one), rankdata(other)
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def _replaced(one: Numbers, other: Numbers, season: Indexes, share: float) -> float:
    before, after = top(one, season, share), top(other, season, share)
    return float((before & ~after).sum() / before.sum())


def _loss(odds: Numbers, cases: Cases) -> float:
    known = cases.known
    losses = np.logaddexp(0, odds[known]) - cases.started[known] * odds[known]
    return float(losses.mean())


def _distance(odds: Numbers, side: Side) -> float:
    chance = expit(odds)
    return float(chance[side.inside].mean() - chance[side.outside].mean())

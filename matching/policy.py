"""What is wanted? Reach the target first; where room is left, spend it on people's wishes.

*Reach*: the plan with the most expected placements. *Serve*: where the target then holds with more
than the wanted confidence, give up expected placements for wishes until it just still holds.
("Constrained priority": Acharya, Bansak, Hainmueller, Management Science 2022.)

One multiplier, what an expected placement is worth in wishes, leads along the whole trade-off: a
flow for each value tried. The plan kept is the one with most wishes that still holds, improved by
whatever chains of moves towards the plans beyond still leave the target standing. The prices at
the best multiplier bound the wishes of every plan with at least as many expected placements.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import exp, inf, log, sqrt

import numpy as np
from scipy.special import ndtri

from matching.assignment import Solver, assignment_of
from matching.chance import chance_with_model_error
from matching.errors import Fault, FaultyInput, NoPlanPossible, Rule
from matching.exchange import chains_between, filled
from matching.plan import ROUNDING, Result, Rows, Serve, gap_between
from matching.problem import Problem
from matching.solve import Choice, choose, prove, solve
from matching.solvers.flow import flow

#: What an expected placement is worth where only wishes count: enough to prefer any place to none.
LEAST_MULTIPLIER = 1e-7

#: How much, relatively, worth is shaken to find other plans that are nearly as good.
_SHAKE = 0.015


@dataclass(frozen=True, slots=True)
class Point:
    """One plan on the way from most expected placements to most wishes.

    `chance` is the chance of the target with the model's error; `multiplier` is `inf` at the end
    where only expected placements count.
    """

    expected: float
    wishes: float
    chance: float
    multiplier: float


@dataclass(frozen=True, slots=True, eq=False)
class Steered:
    """What the policy came to: the plan of the first step, that of the second, and the way.

    `served` is `None` where the target does not hold with the wanted confidence, or where nobody
    named a wish; then the first plan stands. `curve` runs from most expected placements to most
    wishes. `flows` counts how often the network was solved. `asked_floor` is the floor under
    expected placements that was asked for; `None` where the target's confidence was the condition.
    """

    reached: Result
    served: Result | None
    curve: tuple[Point, ...]
    flows: int
    asked_floor: float | None = None

    @property
    def chosen(self) -> Result:
        """The plan that stands."""
        return self.reached if self.served is None else self.served


@dataclass(frozen=True, slots=True, eq=False)
class _Tried:
    """One plan on the curve, with what must be known to go on from it."""

    multiplier: float
    rows: Rows
    expected: float
    wishes: float
    chance: float
    spare: float

    def bound(self, min_expected: float) -> float:
        """The most wishes of any plan with at least so many expected placements."""
        return self.wishes + self.multiplier * (self.expected - min_expected)


def steer(
    problem: Problem,
    confidence: float | None = None,
    min_expected: float | None = None,
    solver: Solver = flow,
    precision: float = 1e-3,
    most_flows: int = 20,
    progress: Callable[[str, int], None] | None = None,
) -> Steered:
    """Reach, then serve: the product's plan.

    The target must keep holding with `confidence` (the target's own unless given), or expected
    placements must stay at `min_expected` or above. The search ends when the wishes are proven
    well within `precision` of the best (half of it at first, nine tenths after seven flows), or
    after `most_flows`. `progress` hears of each step.
    Raises `FaultyInput` for a negative floor, `NoPlanPossible` if `min_expected` is more than can
    be had, and as `solve` does.
    """
    if min_expected is not None and not min_expected >= 0:
        raise FaultyInput((Fault(Rule.NEGATIVE, column="min_expected", value=str(min_expected)),))
    tell = progress or (lambda step, number: None)
    tell("reach", 1)
    reached = solve(problem, solver=solver)
    condition = _Condition(problem, confidence, min_expected)
    best = reached.verdict
    if min_expected is not None and best.expected < min_expected * (1 - ROUNDING):
        value = f"{min_expected} > {best.expected}"
        raise NoPlanPossible((Fault(Rule.EXPECTED_OUT_OF_REACH, value=value),))
    wish = problem.candidates.wish
    nothing_to_serve = wish is None or not bool((wish > 0).any())
    holds = condition.holds(best.expected, best.chance_with_model_error)
    if nothing_to_serve or not holds or reached.held_back:
        point = Point(best.expected, best.wishes, best.chance_with_model_error, inf)
        return Steered(reached, None, (point,), 1, min_expected)
    search = _Search(problem, solver, condition, reached)
    while search.flows < most_flows:
        if search.gap() <= precision * (0.5 if search.flows < 7 else 0.9):
            break
        tell("serve", search.flows + 1)
        search.step()
    return Steered(reached, search.result(), search.curve(), search.flows, min_expected)


class _Condition:
    """Whether a plan may stand: the target's chance, or the floor on expected placements."""

    def __init__(
        self, problem: Problem, confidence: float | None, min_expected: float | None
    ) -> None:
        self.problem = problem
        self.confidence = problem.target.confidence if confidence is None else confidence
        self.min_expected = min_expected
        #: The most spare at which a plan was seen to fail, the least at which one held.
        self.fails_at, self.holds_at = -inf, inf
        #: The most expected placements of a plan that was seen to fail.
        self.failed_with = -inf

    def holds(self, expected: float, chance: float) -> bool:
        """Whether a plan with these figures may stand."""
        if self.min_expected is not None:
            return expected >= self.min_expected * (1 - ROUNDING)
        return chance >= self.confidence

    def chance(self, rows: Rows) -> float:
        """The chance of the target, with the model's error."""
        chances = self.problem.candidates.chance[rows]
        return chance_with_model_error(chances, self.problem.need, self.problem.spread)

    def room(self, rows: Rows) -> tuple[float, float]:
        """About how much these rows have to spare before they fail, and its slope in variance."""
        chances = self.problem.candidates.chance[rows]
        expected, variance = float(chances.sum()), float((chances * (1 - chances)).sum())
        line = self.holds_at
        if self.fails_at > -inf:
            line = min(line, (line + self.fails_at) / 2)
        step = 1e-3 * max(variance, 1.0)
        here, there = self.spare(expected, variance), self.spare(expected, variance + step)
        return max(0.0, here - line), (here - there) / step

    def learn(self, expected: float, spare: float, holds: bool) -> None:
        """Remember where the line between holding and failing runs."""
        if holds:
            self.holds_at = min(self.holds_at, spare)
        else:
            self.fails_at = max(self.fails_at, spare)
            self.failed_with = max(self.failed_with, expected)

    def spare(self, expected: float, variance: float) -> float:
        """About how many expected placements could be given up; only guides the search."""
        if self.min_expected is not None:
            return expected - self.min_expected
        deviation = sqrt(variance + (self.problem.spread * variance) ** 2)
        quantile = float(ndtri(min(self.confidence, 1 - 1e-12)))
        return expected - (self.problem.need - 0.5 + quantile * deviation)


class _Search:
    """The multiplier's search: `holding` and `failing` close in on the last plan that holds."""

    def __init__(
        self, problem: Problem, solver: Solver, condition: _Condition, reached: Result
    ) -> None:
        self.problem, self.solver, self.condition = problem, solver, condition
        assert problem.candidates.wish is not None
        self.wish = problem.candidates.wish
        self.reached = self._seen(inf, reached.plan.rows)
        self.best = self.reached
        self.tried: list[_Tried] = []
        self.holding: _Tried | None = None
        self.failing: _Tried | None = None
        self._weight_of_holding = self._weight_of_failing = 1.0
        self.shaken = 0
        self.step()

    @property
    def flows(self) -> int:
        """How often the network was solved, the first plan included."""
        return 1 + len(self.tried) + self.shaken

    def step(self) -> None:
        """Try one more plan, keep what holds, and better it by chains of moves."""
        multiplier = self._next_multiplier()
        if multiplier is None:
            self.shaken += 1
            new = self._shaken(self.shaken)
        else:
            new = self._try(multiplier)
            self.tried.append(new)
            self._close_in(new)
        if self.condition.holds(new.expected, new.chance):
            self._keep(new)
        if self.holding is not None:
            self._better_towards(new)
            nearest = sorted(self.tried, key=lambda one: abs(one.expected - self.best.expected))
            for other in nearest[:3]:
                self._better_towards(other)

    def _close_in(self, new: _Tried) -> None:
        if self.condition.holds(new.expected, new.chance):
            if self.holding is None or new.multiplier < self.holding.multiplier:
                self.holding, self._weight_of_holding = new, 1.0
                self._weight_of_failing /= 2
        elif self.failing is None or new.multiplier > self.failing.multiplier:
            self.failing, self._weight_of_failing = new, 1.0
            self._weight_of_holding /= 2

    def floor(self) -> float:
        """The expected placements that every plan in comparison has at least."""
        if self.condition.min_expected is not None:
            return self.condition.min_expected
        failed_with = self.condition.failed_with
        return min(self.best.expected, failed_with) if failed_with > -inf else self.best.expected

    def gap(self) -> float:
        """How far the best plan that holds may be from the best there is, relative."""
        floor, tightest = self.floor(), self._tightest()
        return gap_between(self.best.wishes, tightest.bound(floor), tightest.multiplier * floor)

    def result(self) -> Result:
        """The best plan that holds, proven by the prices of the tightest multiplier."""
        tightest = self._tightest()
        aim = Serve(tightest.multiplier, self.floor())
        assignment = assignment_of(self.problem, aim)
        name = self.solver.__name__
        choice = Choice(assignment, assignment.chosen_of(tightest.rows), name, 0.0, 0.0)
        return prove(self.problem, aim, choice, self.best.rows)

    def curve(self) -> tuple[Point, ...]:
        """All plans tried, and the one kept, from most expected placements to most wishes."""
        points = {
            Point(one.expected, one.wishes, one.chance, one.multiplier)
            for one in (*self.tried, self.reached, self.best)
        }
        return tuple(sorted(points, key=lambda point: (-point.expected, point.wishes)))

    def _tightest(self) -> _Tried:
        floor = self.floor()
        return min(self.tried, key=lambda one: one.bound(floor))

    def _try(self, multiplier: float) -> _Tried:
        choice = choose(self.problem, Serve(multiplier, 0.0), self.solver)
        return self._seen(multiplier, choice.rows)

    def _seen(self, multiplier: float, rows: Rows) -> _Tried:
        chances = self.problem.candidates.chance[rows]
        expected, variance = float(chances.sum()), float((chances * (1 - chances)).sum())
        chance, spare = self.condition.chance(rows), self.condition.spare(expected, variance)
        self.condition.learn(expected, spare, self.condition.holds(expected, chance))
        wishes = float(self.wish[rows].sum())
        return _Tried(multiplier, rows, expected, wishes, chance, spare)

    def _keep(self, plan: _Tried) -> None:
        if plan.wishes > self.best.wishes:
            self.best = plan

    def _next_multiplier(self) -> float | None:
        """Only wishes first, then the chord of the curve, then regula falsi in the logarithm.

        `None` once the two ends are neighbours on the curve and their chord was tried: then no
        multiplier leads to anything new.
        """
        if self.failing is None:
            return LEAST_MULTIPLIER
        if self.holding is None:
            if self.failing.multiplier > LEAST_MULTIPLIER:
                return self.failing.multiplier * 4
            return _chord(self.reached, self.failing)
        if self.failing.multiplier <= LEAST_MULTIPLIER:
            return self.holding.multiplier / 4
        if len({one.expected for one in self.tried}) == len(self.tried):
            low, high = log(self.failing.multiplier), log(self.holding.multiplier)
            below = min(self.failing.spare, -1e-9) * self._weight_of_failing
            above = max(self.holding.spare, 1e-9) * self._weight_of_holding
            part = below / (below - above)
            return exp(low + (high - low) * min(max(part, 0.02), 0.98))
        chord = _chord(self.holding, self.failing)
        new = all(abs(one.multiplier / chord - 1) > ROUNDING for one in self.tried)
        return chord if new else None

    def _shaken(self, number: int) -> _Tried:
        """A plan close to the best, found with every worth shaken a little: a source of chains."""
        multiplier = self._tightest().multiplier
        assignment = assignment_of(self.problem, Serve(multiplier, 0.0))
        noise = np.random.default_rng(number).random(len(assignment))
        units = assignment.units * (1 + _SHAKE * noise)
        shaken = replace(assignment, units=np.rint(units).astype(np.int64))
        rows = assignment.chosen_rows(self.solver(shaken))
        return self._seen(multiplier, rows)

    def _better_towards(self, other: _Tried) -> None:
        """Take over, from a neighbouring plan, the chains of moves that pay and still hold."""
        for _ in range(4):
            base = self.best.rows
            chains = chains_between(self.problem, base, other.rows)
            if chains.count == 0:
                return
            room, slope = self.condition.room(base)
            chance = self.problem.candidates.chance
            cost = slope * chains.change(chance * (1 - chance)) - chains.change(chance)
            won = chains.change(self.wish)
            taken = chains.worthwhile(won, cost, room, self._tightest().multiplier)
            rows = filled(self.problem, chains.plan_with(taken))
            if float(self.wish[rows].sum()) <= self.best.wishes:
                return
            found = self._seen(other.multiplier, rows)
            if self.condition.holds(found.expected, found.chance):
                self._keep(found)


def _chord(upper: _Tried, lower: _Tried) -> float:
    """The multiplier at which two plans are worth the same."""
    lost, won = upper.expected - lower.expected, lower.wishes - upper.wishes
    return won / lost if lost > 0 and won > 0 else 1.0

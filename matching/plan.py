"""What is decided? A plan, what it is worth, the prices that prove it, how it came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from matching.problem import Candidates, Indexes, Numbers, Problem

Rows = npt.NDArray[np.int64]

#: A gap up to this, relative to the value, is rounding and counts as none.
ROUNDING = 1e-7

#: The rounding of a sum of floating-point figures, relative to the figures.
FLOATING = 1e-12


class Status(StrEnum):
    """How far a plan has come: proven best, good but not proven best, or not to be had."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Reach:
    """The aim of the first step: as many expected placements as can be had."""

    @property
    def allowance(self) -> float:
        """The bound needs no correction."""
        return 0.0

    def worth(self, candidates: Candidates) -> Numbers:
        """What taking each pair adds to the aim, one figure a pair."""
        return candidates.chance

    def value(self, problem: Problem, rows: Rows) -> float:
        """What these rows reach, recounted."""
        return float(problem.candidates.chance[rows].sum())


@dataclass(frozen=True, slots=True)
class Serve:
    """The aim of the second step: wishes, with expected placements held at a floor.

    `multiplier` (at least 0) is what one expected placement is worth in wishes; the prices of the
    weighted sum prove a bound on the wishes of *every* plan that has at least `min_expected`
    expected placements (Lagrangian relaxation: Geoffrion 1974).
    """

    multiplier: float
    min_expected: float

    @property
    def allowance(self) -> float:
        """What the prices' sum says too much: the worth of the floor itself."""
        return self.multiplier * self.min_expected

    def worth(self, candidates: Candidates) -> Numbers:
        """What taking each pair adds to the weighted sum, one figure a pair."""
        if candidates.wish is None:
            return self.multiplier * candidates.chance
        return candidates.wish + self.multiplier * candidates.chance

    def value(self, problem: Problem, rows: Rows) -> float:
        """The wishes that these rows serve, recounted."""
        wish = problem.candidates.wish
        return 0.0 if wish is None else float(wish[rows].sum())


Aim = Reach | Serve


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Who goes where: the chosen rows of the problem's candidates, sorted."""

    rows: Rows

    def seekers(self, problem: Problem) -> Indexes:
        """Row numbers of the people who have a place, in the plan's order."""
        return problem.candidates.seeker[self.rows]

    def places(self, problem: Problem) -> Indexes:
        """Row numbers of their places, in the plan's order."""
        return problem.candidates.place[self.rows]

    def place_of(self, problem: Problem) -> npt.NDArray[np.int64]:
        """The place's row number for each person, -1 for who has none (n_seekers,)."""
        holds = np.full(len(problem.seekers), -1, dtype=np.int64)
        holds[self.seekers(problem)] = self.places(problem)
        return holds


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """What each person and each place is worth to the aim.

    For every pair that may be taken, `worth <= seekers[s] + places[p]`, and no price of a place
    is negative: so `sum(seekers) + sum(openings * places)` is above the worth of any plan (weak
    duality). `seekers` are never negative, except for people whose pair is pinned.

    The prices of places are the smallest that do: one opening more at a place adds just that
    much. The prices of people are then the largest: without the person just that much is lost.
    """

    seekers: Numbers
    places: Numbers

    def bound(self, openings: npt.NDArray[np.int64], aim: Aim) -> float:
        """A figure that no plan can exceed, in what the aim counts."""
        return float(self.seekers.sum() + (openings * self.places).sum()) - aim.allowance


def gap_between(value: float, bound: float, allowance: float = 0.0) -> float:
    """How far a value lies below its bound, relative to the bound; 0 where that is rounding.

    A bound is a difference where the aim has an `allowance`, so its rounding is that of both.
    """
    if bound <= 0 or bound - value <= FLOATING * (abs(bound) + allowance):
        return 0.0
    return (bound - value) / bound


class Check(StrEnum):
    """What a plan must satisfy; one member a rule. `matching.verify` holds a function for each."""

    ONE_PLACE_EACH = "one_place_each"
    WITHIN_OPENINGS = "within_openings"
    AMONG_CANDIDATES = "among_candidates"
    CHANCE_AS_GIVEN = "chance_as_given"
    PINS_KEPT = "pins_kept"
    BANS_KEPT = "bans_kept"
    NOBODY_LEFT_BESIDE_A_FREE_PLACE = "nobody_left_beside_a_free_place"
    EXPECTED_AT_FLOOR = "expected_at_floor"
    PRICES_COMPLETE = "prices_complete"
    PRICES_NOT_NEGATIVE = "prices_not_negative"
    PRICES_COVER_EVERY_PAIR = "prices_cover_every_pair"
    WORTH_REACHES_BOUND = "worth_reaches_bound"
    FIGURES_AS_REPORTED = "figures_as_reported"


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that a plan or its proof must not have, as facts."""

    check: Check
    seeker: str | None = None
    place: str | None = None
    found: str | None = None
    allowed: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an independent recount of a plan found: the only source of numbers on a screen.

    `expected` placements; `wishes` is the sum of wish values; `chance_of_target` the exact
    probability that placements reach the target's need, taking the chances as given, and
    `chance_with_model_error` the same if all chances may be off together (`Problem.spread`).
    `bound` and `gap` (relative to the bound) are of what was maximised, `None` where no prices
    were given. `rate` counts those placed already. `by_group` holds (people, placed, expected)
    by school.
    """

    violations: tuple[Violation, ...]
    placed: int
    expected: float
    wishes: float
    need: int
    rate: float
    chance_of_target: float
    chance_with_model_error: float
    bound: float | None = None
    gap: float | None = None
    by_group: Mapping[str, tuple[int, int, float]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.violations


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long each step took."""

    build: float = 0.0
    solve: float = 0.0
    prices: float = 0.0
    verify: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """A plan with its prices and its proof.

    `bound` and `gap` (relative) are of what the aim maximises. `held_back` are the ids of people
    in a part of the district whose plan did not pass its checks and was therefore left out.
    """

    status: Status
    aim: Aim
    plan: Plan
    prices: Prices
    verdict: Verdict
    solver: str
    seconds: Seconds
    held_back: tuple[str, ...] = ()

    @property
    def value(self) -> float:
        """What the plan reaches of what was maximised."""
        return self.verdict.expected if isinstance(self.aim, Reach) else self.verdict.wishes

    @property
    def bound(self) -> float:
        """What no plan can exceed."""
        assert self.verdict.bound is not None
        return self.verdict.bound

    @property
    def gap(self) -> float:
        """How far, relative to the bound, the plan may be from the best."""
        assert self.verdict.gap is not None
        return self.verdict.gap

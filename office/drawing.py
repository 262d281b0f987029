"""How is a district's plan drawn? Candidates, chances, policy, recount, reasons: in that order.

Here the engine and the learned chances meet: neither knows the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from data.intake.district_files import District
from matching.candidates import Found, find_candidates, with_chances
from matching.errors import Fault, NoPlanPossible
from matching.explain import Shortfall, Unplaced, Vacancy, shortfall, unplaced, vacancies
from matching.plan import Plan, Result, Verdict
from matching.policy import Steered, steer
from matching.problem import Bond, Numbers, Pin, Problem
from matching.reasons import NoProposal
from matching.target import DEFINITIONS, Standing
from matching.verify import verify
from matching.ways import TravelTimes
from models.scorecard import Scorecard
from office.pair_table import features

#: How many places a person are handed to the engine unless another number is asked for.
CANDIDATES = 60

Progress = Callable[[str, int], None]


class ChanceModel(Protocol):
    """Whatever gives a chance to each pair: the scorecard now, a learned model next."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it needs."""

    @property
    def spread(self) -> float:
        """The standard deviation, in log-odds, of the error that all its chances share."""

    def chances(self, table: Mapping[str, npt.ArrayLike], /) -> Numbers:
        """One chance a row, inside (0, 1)."""


class Judgement(Protocol):
    """Chances with their evidence, one figure a row.

    `chance` lies between `low` and `high`, all inside (0, 1). Of `cases` similar past proposals
    `started` became a training. Where `enough` is false there is too little to go by.
    """

    @property
    def chance(self) -> Numbers:
        """The chance to go by."""

    @property
    def low(self) -> Numbers:
        """Where its range begins."""

    @property
    def high(self) -> Numbers:
        """Where its range ends."""

    @property
    def cases(self) -> npt.NDArray[np.int64]:
        """How many similar cases there were."""

    @property
    def started(self) -> npt.NDArray[np.int64]:
        """How many of them started."""

    @property
    def enough(self) -> npt.NDArray[np.bool_]:
        """Whether that is enough for a figure."""


@runtime_checkable
class Judging(Protocol):
    """A model of chances that has past cases behind it, and says when they are too few."""

    def judge(self, table: Mapping[str, npt.ArrayLike], /) -> Judgement:
        """Each row's chance with its range and evidence."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How the plan stands under one definition of the rate.

    `own_finds` are among the `placed`, and shown apart; `unknown` outcomes are never counted as
    not placed, so they too are shown apart.
    """

    definition: str
    base: int
    placed: int
    own_finds: int
    unknown: int
    need: int
    expected: float
    rate: float
    chance: float
    chance_with_model_error: float


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A district's plan, and everything a reader asks of it next.

    `dropped` names the columns of the school lists that were not read, `unread` those
    of every file, by option.
    """

    problem: Problem
    found: Found
    steered: Steered
    unplaced: tuple[Unplaced, ...]
    vacancies: tuple[Vacancy, ...]
    shortfall: Shortfall | None
    rates: tuple[Rate, ...]
    dropped: tuple[str, ...]
    seconds: Mapping[str, float]
    unread: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def result(self) -> Result:
        """The plan that stands."""
        return self.steered.chosen


class NotDrawn(NoPlanPossible):
    """No plan of this problem is possible; `seconds` holds what was spent until that was known."""

    def __init__(
        self, faults: tuple[Fault, ...], problem: Problem, seconds: Mapping[str, float]
    ) -> None:
        super().__init__(faults)
        self.problem = problem
        self.seconds = seconds
        self.dropped: Mapping[str, tuple[str, ...]] = {}


def draw(
    district: District,
    model: ChanceModel | None = None,
    candidates: int = CANDIDATES,
    pins: tuple[Pin, ...] = (),
    progress: Progress | None = None,
    by_hand: frozenset[str] = frozenset(),
) -> Drawn:
    """Draw the plan of a district.

    Who is `by_hand` is left to people alone: nothing is compared or estimated of them, but they
    count like everybody else. Raises as `matching.policy.steer` does, with the problem.
    """
    tell = progress or (lambda step, number: None)
    began = perf_counter()
    tell("candidates", 0)
    found = _without(_find(district, candidates, pins), district, by_hand)
    tell("chances", 0)
    problem = _problem(district, found, model or Scorecard(), pins)
    built = perf_counter()
    try:
        steered = steer(problem, progress=tell)
    except NoPlanPossible as refusal:
        raise NotDrawn(refusal.faults, problem, {"build": built - began}) from None
    solved = perf_counter()
    tell("reasons", 0)
    plan = steered.chosen.plan
    return Drawn(
        problem=problem,
        found=found,
        steered=steered,
        unplaced=left_out(problem, steered, found, by_hand),
        vacancies=tuple(vacancies(problem, plan)),
        shortfall=shortfall(problem, steered.reached),
        rates=tuple(_rate(problem, plan, name) for name in DEFINITIONS),
        dropped=district.dropped,
        seconds={"build": built - began, "solve": solved - built},
    )


def left_out(
    problem: Problem, steered: Steered, found: Found, by_hand: frozenset[str] = frozenset()
) -> tuple[Unplaced, ...]:
    """Who has no proposal, and why; of whoever is `by_hand`, only that."""
    return tuple(
        Unplaced(one.seeker, NoProposal.BY_HAND) if one.seeker in by_hand else one
        for one in unplaced(problem, steered.chosen, found)
    )


def _find(district: District, candidates: int, pins: tuple[Pin, ...]) -> Found:
    """Each person's best places, and any pinned beyond them that no hard rule refuses."""
    listed = district.travel_times
    times = None if listed is None else TravelTimes(listed.home, listed.site, listed.minutes)
    found = find_candidates(district.seekers, district.places, candidates, times)
    pinned = {(pin.seeker, pin.place) for pin in pins if pin.bond is Bond.PIN}
    people = [n for n, s in enumerate(district.seekers) if any(s.id == one for one, _ in pinned)]
    if not people:
        return found
    every = find_candidates(
        [district.seekers[n] for n in people], district.places, len(district.places), times
    )
    seekers = np.array(people, dtype=np.int32)[every.seeker]
    wanted = [
        (district.seekers[s].id, district.places[p].id) in pinned
        for s, p in zip(seekers.tolist(), every.place.tolist(), strict=True)
    ]
    return _joined(found, replace(every, seeker=seekers), np.flatnonzero(wanted))


def _without(found: Found, district: District, by_hand: frozenset[str]) -> Found:
    """The pairs found but for those of some people."""
    if not by_hand:
        return found
    is_left = np.array([seeker.id not in by_hand for seeker in district.seekers])
    rows = is_left[found.seeker]
    columns = ("seeker", "place", "wish", "minutes", "fit")
    return replace(found, **{name: getattr(found, name)[rows] for name in columns})


def _joined(found: Found, every: Found, rows: npt.NDArray[np.int64]) -> Found:
    """The pairs found, with these rows of others where they are not among them."""
    columns = ("seeker", "place", "wish", "minutes", "fit")
    joined = {
        name: np.concatenate([getattr(found, name), getattr(every, name)[rows]]) for name in columns
    }
    pair = np.stack([joined["seeker"], joined["place"]])
    _, first = np.unique(pair, axis=1, return_index=True)
    return replace(found, **{name: column[first] for name, column in joined.items()})


def _problem(
    district: District, found: Found, model: ChanceModel, pins: tuple[Pin, ...]
) -> Problem:
    table = features(district.seekers, district.places, found, district.facts)
    return Problem(
        seekers=district.seekers,
        places=district.places,
        candidates=with_chances(found, model.chances(table)),
        target=district.target,
        pins=pins,
        spread=model.spread,
        invented=district.invented,
    )


def _rate(problem: Problem, plan: Plan, definition: str) -> Rate:
    """The same plan under another definition; numbers given by hand hold for their own only."""
    own = problem.target.definition == definition
    if not own:
        target = replace(problem.target, definition=definition, base=None, placed=None)
        problem = replace(problem, target=target)
    verdict = verify(problem, plan)
    counted = [
        seeker.standing for seeker in problem.seekers if DEFINITIONS[definition].counts(seeker)
    ]
    return rate_of(definition, problem, verdict, counted)


def rate_of(
    definition: str, problem: Problem, verdict: Verdict, counted: Sequence[Standing]
) -> Rate:
    """How a plan stands, of its recount; `counted` are the standings of all whom it counts."""
    return Rate(
        definition=definition,
        base=problem.base,
        placed=problem.placed_already,
        own_finds=counted.count(Standing.OWN_FIND),
        unknown=counted.count(Standing.UNKNOWN),
        need=verdict.need,
        expected=verdict.expected,
        rate=verdict.rate,
        chance=verdict.chance_of_target,
        chance_with_model_error=verdict.chance_with_model_error,
    )

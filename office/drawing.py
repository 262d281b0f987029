"""How is a district's plan drawn? Candidates, chances, policy, recount, reasons: in that order.

Here the engine and the learned chances meet: neither knows the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Protocol

import numpy as np
import numpy.typing as npt

from data.intake.district_files import District
from matching.candidates import Found, find_candidates, with_chances
from matching.errors import Fault, NoPlanPossible
from matching.explain import Shortfall, Unplaced, Vacancy, shortfall, unplaced, vacancies
from matching.plan import Plan, Result
from matching.policy import Steered, steer
from matching.problem import Bond, Numbers, Pin, Problem
from matching.target import DEFINITIONS, Standing
from matching.verify import recount_by, verify
from matching.ways import TravelTimes
from models.scorecard import Scorecard

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

    `by_municipality` and `by_school` hold, of those who look: people, proposals, expected
    placements. `dropped` names the columns of the school lists that were not read, `unread` those
    of every file, by option.
    """

    problem: Problem
    found: Found
    steered: Steered
    unplaced: tuple[Unplaced, ...]
    vacancies: tuple[Vacancy, ...]
    shortfall: Shortfall | None
    rates: tuple[Rate, ...]
    by_municipality: Mapping[str, tuple[int, int, float]]
    by_school: Mapping[str, tuple[int, int, float]]
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
) -> Drawn:
    """Draw the plan of a district. Raises as `matching.policy.steer` does, with the problem."""
    tell = progress or (lambda step, number: None)
    began = perf_counter()
    tell("candidates", 0)
    found = _find(district, candidates, pins)
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
        unplaced=tuple(unplaced(problem, steered.chosen, found)),
        vacancies=tuple(vacancies(problem, plan)),
        shortfall=shortfall(problem, steered.reached),
        rates=tuple(_rate(problem, plan, name) for name in DEFINITIONS),
        by_municipality=recount_by(problem, plan, _municipalities(problem)),
        by_school=recount_by(problem, plan, _schools(problem)),
        dropped=district.dropped,
        seconds={"build": built - began, "solve": solved - built},
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
    table = _features(district, found)
    return Problem(
        seekers=district.seekers,
        places=district.places,
        candidates=with_chances(found, model.chances(table)),
        target=district.target,
        pins=pins,
        spread=model.spread,
        invented=district.invented,
    )


def _features(district: District, found: Found) -> dict[str, Numbers]:
    """The columns that a chance model may ask for, one row a pair; NaN where not known."""
    unknown = np.nan
    certificate = np.array(
        [unknown if s.certificate is None else s.certificate for s in district.seekers]
    )
    before = np.array(
        [unknown if s.applied_before is None else s.applied_before for s in district.seekers]
    )
    requires = np.array([0 if p.requires is None else p.requires for p in district.places])
    return {
        "wish": found.wish,
        "fit": found.fit,
        "minutes": found.minutes,
        "certificate_margin": certificate[found.seeker] - requires[found.place],
        "applied_before": before[found.seeker],
    }


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


def _municipalities(problem: Problem) -> list[str | None]:
    """The home's municipality of everybody who looks; blank where it is not known."""
    return [
        (s.home.municipality or "" if s.home else "") if s.standing is Standing.LOOKING else None
        for s in problem.seekers
    ]


def _schools(problem: Problem) -> list[str | None]:
    return [(s.school or "") if s.standing is Standing.LOOKING else None for s in problem.seekers]

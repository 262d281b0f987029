"""What does a counselor see of one person? Every place, why and why not, and what would help.

Pure functions on a drawn plan: facts only, worded by `office.words.counseling`. No place that the
rules allow is left out, whether or not it was among those handed to the engine. Others stay
unnamed: of them only prices are known here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from scipy.special import expit, logit, ndtri

from data.intake.district_files import District
from data.reference.occupations import title_of
from matching.candidates import Found, find_candidates
from matching.edits import Figures, Pinned
from matching.explain import Unplaced, WhyNot, why_not
from matching.plan import Serve
from matching.prices import PriceRange
from matching.problem import Bond, Numbers, Place, Problem, Seeker
from matching.reasons import NotProposed
from matching.scenario import price_range
from matching.ways import TravelTimes
from models.scorecard import Scorecard, Table
from office.drawing import ChanceModel, Drawn, features
from office.helping import Helpful, what_would_help
from office.refusing import Refused, refused_places
from office.rulings import Held

#: A chance is given as the range that holds it in so many of a hundred cases.
RANGE = 0.8


@runtime_checkable
class Explained(Protocol):
    """A model of chances that adds up reasons on the scale of log-odds."""

    def contributions(self, table: Table, /) -> dict[str, Numbers]:
        """Each reason's share of the log-odds, by its name, one figure a row."""


@dataclass(frozen=True, slots=True)
class ChanceRange:
    """A chance, and between what it lies in 80 of 100 cases.

    `low` and `high` come from the error that all chances of the model share, and from that alone,
    unless `evidence` names the outcomes that they rest on.
    """

    low: float
    value: float
    high: float
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason for a chance: `name` as the model has it, `effect` on this chance.

    Without the reason the chance would be lower by `effect` (higher, where it is negative).
    """

    name: str
    effect: float


@dataclass(frozen=True, slots=True)
class Option:
    """One place that the person may take.

    `free` openings have no proposal; where there is one, taking it collides with nobody's plan.
    `wished` is the rank of the wish that names just this occupation. `grounds` are the reasons for
    the chance, weightiest first, `why_not` is `None` for the place proposed. What was `turned_down`
    is proposed again only once that answer is corrected. `chance` and
    `grounds` are there only while scoring is on.
    """

    place: str
    occupation: str | None
    employer: str | None
    where: str | None
    openings: int
    free: int
    wish: float
    wished: int | None
    minutes: float
    fit: float
    ruled: Bond | None
    why_not: WhyNot | None
    turned_down: bool = False
    chance: ChanceRange | None = None
    grounds: tuple[Ground, ...] = ()

    @property
    def proposed(self) -> bool:
        """Whether the plan proposes this place."""
        return self.why_not is None

    @property
    def collides(self) -> bool:
        """Whether somebody else's proposal would have to give way."""
        return not self.proposed and self.free == 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """One person's places. `of_wishes`: what `why_not` counts is wish points.

    Who is `by_hand` objected to being matched by a program.

    `options` holds every place that the rules allow, `refused` every other one with the rule and
    the value that refuses it. `by_chance` and `by_wish` rank the places that collide with nobody's
    plan. `candidates` is how many places the engine was given of this person. `without` says why
    there is no proposal.
    """

    seeker: Seeker
    scoring: bool
    by_hand: bool
    of_wishes: bool
    invented: bool
    candidates: int
    options: tuple[Option, ...]
    refused: tuple[Refused, ...]
    by_chance: tuple[Option, ...]
    by_wish: tuple[Option, ...]
    helpful: tuple[Helpful, ...]
    without: Unplaced | None

    @property
    def proposal(self) -> Option | None:
        """The place that the plan proposes."""
        return next((option for option in self.options if option.proposed), None)


def prices_for(drawn: Drawn) -> PriceRange:
    """The prices that every sheet of this plan needs; made once a plan and kept."""
    return price_range(drawn.problem, drawn.result.aim)


def sheet(
    drawn: Drawn,
    district: District,
    prices: PriceRange,
    seeker: str,
    model: ChanceModel | None = None,
    scoring: bool = True,
    data_folder: Path | None = None,
    kept: Held | None = None,
) -> Sheet:
    """Lay out one person's places.

    `district` is the one that the plan was drawn of, `prices` are those of `prices_for`, `kept` is
    what people decided of it. With `scoring` off no chance is estimated, shown or sorted by: only
    wishes and ways; so it is for whoever objected. Raises `KeyError` for a person who is not in
    the plan.
    """
    problem, kept = drawn.problem, kept or Held()
    number = problem.seeker_number[seeker]
    person = problem.seekers[number]
    by_hand = seeker in kept.by_hand
    scoring = scoring and not by_hand
    sight = _Sight(problem, district, (model or Scorecard()) if scoring else None)
    options = tuple(_options(drawn, prices, number, sight, kept, data_folder))
    free = [
        one
        for one in options
        if one.free > 0 and not one.proposed and one.ruled is not Bond.BAN and not one.turned_down
    ]
    rows = problem.candidates.rows_of(number)
    return Sheet(
        seeker=person,
        scoring=scoring,
        by_hand=by_hand,
        of_wishes=isinstance(drawn.result.aim, Serve),
        invented=problem.invented,
        candidates=rows.stop - rows.start,
        options=tuple(sorted(options, key=_by_chance if scoring else _by_wish)),
        refused=tuple(_refused(problem, person, sight, data_folder)),
        by_chance=tuple(sorted(free, key=_by_chance)) if scoring else (),
        by_wish=tuple(sorted(free, key=_by_wish)),
        helpful=what_would_help(sight, person, _free(drawn), scoring, data_folder),
        without=next((one for one in drawn.unplaced if one.seeker == seeker), None),
    )


def pin_of(
    drawn: Drawn,
    district: District,
    seeker: str,
    place: str,
    model: ChanceModel | None = None,
) -> Pinned:
    """The pin of a place on a sheet, also of one that the engine was not given.

    Of a pair that the rules refuse no figures are known: `apply` refuses its pin. Raises
    `KeyError` for a person or a place that is not in the plan.
    """
    problem = drawn.problem
    person, number = problem.seekers[problem.seeker_number[seeker]], problem.place_number[place]
    sight = _Sight(problem, district, model or Scorecard())
    found, chances = sight.of(person)
    at = int(np.searchsorted(found.place, number))
    if at == len(found) or found.place[at] != number:
        return Pinned(seeker, place)
    known = (float(column[at]) for column in (found.wish, found.minutes, found.fit))
    return Pinned(seeker, place, Figures(float(chances[at]), *known))


class _Sight:
    """All places that the rules allow somebody, with their chances: of anyone, as they might be."""

    def __init__(self, problem: Problem, district: District, model: ChanceModel | None) -> None:
        listed = district.travel_times
        self.times = None
        if listed is not None:
            self.times = TravelTimes(listed.home, listed.site, listed.minutes)
        self.places, self.model = problem.places, model

    def table(self, seeker: Seeker) -> tuple[Found, dict[str, Numbers]]:
        """The places, all of them, and what the model asks of each."""
        found = find_candidates((seeker,), self.places, max(1, len(self.places)), self.times)
        return found, features((seeker,), self.places, found)

    def of(self, seeker: Seeker) -> tuple[Found, Numbers]:
        """The places, all of them, in their order, and the chance of each; NaN without a model."""
        found, table = self.table(seeker)
        if self.model is None:
            return found, np.full(len(found.place), np.nan)
        return found, self.model.chances(table)


def _options(
    drawn: Drawn,
    prices: PriceRange,
    number: int,
    sight: _Sight,
    kept: Held,
    data_folder: Path | None,
) -> Iterator[Option]:
    problem, model = drawn.problem, sight.model
    person = problem.seekers[number]
    found, table = sight.table(person)
    reasons = why_not(problem, drawn.result, prices, number)
    at = drawn.result.plan.place_of(problem)[number]
    # Of whoever is left to people alone no ruling is in the problem: all of theirs rest.
    bonds = {one.place: one.bond for one in kept.rested if one.seeker == person.id in kept.by_hand}
    bonds |= {
        pin.place: pin.bond
        for pin in problem.pins
        if pin.seeker == person.id and (person.id, pin.place) not in kept.turned_down
    }
    free = _free(drawn)
    chances = None if model is None else _ranges(model, table, problem.spread)
    grounds = None if model is None else _grounds(model, table)
    for row, index in enumerate(found.place.tolist()):
        place = problem.places[index]
        reason = reasons.get(place.id, WhyNot(place.id, NotProposed.BEYOND_CANDIDATES))
        declined = (person.id, place.id) in kept.turned_down
        if person.id in kept.by_hand:
            reason = WhyNot(place.id, NotProposed.BY_HAND)
        if declined:
            reason = WhyNot(place.id, NotProposed.TURNED_DOWN)
        if model is None:
            reason = replace(reason, least=None, most=None)
        wished = place.occupation in person.wishes and place.occupation is not None
        yield Option(
            place=place.id,
            occupation=title(place, data_folder),
            employer=place.employer,
            where=where(place),
            openings=place.openings,
            free=int(free[index]),
            wish=float(found.wish[row]),
            wished=person.wishes.index(place.occupation or "") + 1 if wished else None,
            minutes=float(found.minutes[row]),
            fit=float(found.fit[row]),
            ruled=bonds.get(place.id),
            why_not=None if index == at else reason,
            turned_down=declined,
            chance=None if chances is None else chances[row],
            grounds=() if grounds is None else grounds[row],
        )


def _refused(
    problem: Problem, person: Seeker, sight: _Sight, data_folder: Path | None
) -> Iterator[Refused]:
    for one in refused_places(person, problem.places, sight.times):
        place = problem.places[problem.place_number[one.place]]
        yield replace(
            one,
            occupation=title(place, data_folder),
            employer=place.employer,
            where=where(place),
        )


def _ranges(model: ChanceModel, table: dict[str, Numbers], spread: float) -> list[ChanceRange]:
    chances = model.chances(table)
    aside = float(ndtri(0.5 + RANGE / 2)) * spread
    low, high = expit(logit(chances) - aside), expit(logit(chances) + aside)
    return [
        ChanceRange(*three)
        for three in zip(low.tolist(), chances.tolist(), high.tolist(), strict=True)
    ]


def _grounds(model: ChanceModel, table: dict[str, Numbers]) -> list[tuple[Ground, ...]] | None:
    """The reasons of each chance that make any difference, weightiest first."""
    if not isinstance(model, Explained):
        return None
    odds = logit(model.chances(table))
    shares = model.contributions(table)
    effects = {name: expit(odds) - expit(odds - share) for name, share in shares.items()}
    return [
        tuple(
            sorted(
                (Ground(name, float(effects[name][row])) for name in shares if shares[name][row]),
                key=lambda ground: -abs(ground.effect),
            )
        )
        for row in range(len(odds))
    ]


def _free(drawn: Drawn) -> Numbers:
    """Openings without a proposal, of each place."""
    problem = drawn.problem
    taken = np.bincount(drawn.result.plan.places(problem), minlength=len(problem.places))
    return (problem.openings - taken).astype(np.float64)


def title(place: Place, data_folder: Path | None = None) -> str | None:
    """The place's occupation, by its code or else as the firm wrote it."""
    return place.title if place.occupation is None else title_of(place.occupation, data_folder)


def where(place: Place) -> str | None:
    """The place's municipality, or its postcode where that is all there is."""
    return (place.site.municipality or place.site.postcode) if place.site else None


def _by_chance(option: Option) -> tuple[float, float, float, str]:
    value = 0.0 if option.chance is None else option.chance.value
    return -value, -option.wish, option.minutes, option.place


def _by_wish(option: Option) -> tuple[float, float, str]:
    return -option.wish, option.minutes, option.place

"""What does a counselor see of one person? Every place, why and why not, and what would help.

Pure functions on a drawn plan: facts only, worded by `office.words.counseling`. No place that the
rules allow is left out, whether or not it was among those handed to the engine. Others stay
unnamed: of them only prices are known here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

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
from models.scorecard import Scorecard
from office.chance_ranges import ChanceRange, Ground, grounds_of, ranges
from office.drawing import ChanceModel, Drawn, Judging
from office.helping import Helpful, what_would_help
from office.pair_table import PairTable, features
from office.refusing import Refused, refused_places
from office.rulings import Held


@dataclass(frozen=True, slots=True)
class Option:
    """One place that the person may take.

    `free` openings have no proposal; where there is one, taking it collides with nobody's plan.
    `wished` is the rank of the wish that names just this occupation. `grounds` are the reasons for
    the chance, weightiest first, `why_not` is `None` for the place proposed. What was `turned_down`
    is proposed again only once that answer is corrected. `chance` and `grounds` are there only
    while scoring is on, and not where `too_little` is known of such pairs: there people judge.
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
    too_little: bool = False

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

    Who is `by_hand` objected to being matched by a program. `learned` chances rest on the past of
    the district, others on a scorecard's assumptions.

    `options` holds every place that the rules allow, `refused` every other one with the rule and
    the value that refuses it. `by_chance` and `by_wish` rank the places that collide with nobody's
    plan; what too little is known of stands last by chance, in the order of wishes. `candidates` is
    how many places the engine was given of this person. `without` says why there is no proposal.
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
    learned: bool = False

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
        learned=scoring and isinstance(sight.model, Judging),
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
    model = model or Scorecard()
    found, table = _Sight(problem, district, model).table(person)
    at = int(np.searchsorted(found.place, number))
    if at == len(found) or found.place[at] != number:
        return Pinned(seeker, place)
    known = (float(column[at]) for column in (found.wish, found.minutes, found.fit))
    return Pinned(seeker, place, Figures(float(model.chances(table)[at]), *known))


class _Sight:
    """All places that the rules allow somebody, with their chances: of anyone, as they might be."""

    def __init__(self, problem: Problem, district: District, model: ChanceModel | None) -> None:
        listed = district.travel_times
        self.times = None
        if listed is not None:
            self.times = TravelTimes(listed.home, listed.site, listed.minutes)
        self.places, self.model, self.facts = problem.places, model, district.facts

    def table(self, seeker: Seeker) -> tuple[Found, PairTable]:
        """The places, all of them, and what the model asks of each."""
        found = find_candidates((seeker,), self.places, max(1, len(self.places)), self.times)
        return found, features((seeker,), self.places, found, self.facts)

    def of(self, seeker: Seeker) -> tuple[Found, Numbers]:
        """The places, all of them, in their order, and the chance of each.

        NaN without a model, and where it knows too little.
        """
        found, table = self.table(seeker)
        if self.model is None:
            return found, np.full(len(found.place), np.nan)
        if isinstance(self.model, Judging):
            judged = self.model.judge(table)
            return found, np.where(judged.enough, judged.chance, np.nan)
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
    chances = None if model is None else ranges(model, table, problem.spread)
    grounds = None if model is None else grounds_of(model, table)
    for row, index in enumerate(found.place.tolist()):
        place = problem.places[index]
        reason = reasons.get(place.id, WhyNot(place.id, NotProposed.BEYOND_CANDIDATES))
        declined = (person.id, place.id) in kept.turned_down
        if person.id in kept.by_hand:
            reason = WhyNot(place.id, NotProposed.BY_HAND)
        if declined:
            reason = WhyNot(place.id, NotProposed.TURNED_DOWN)
        chance = None if chances is None else chances[row]
        if chance is None:
            # A price in expected placements would be reckoned from a chance that is not shown.
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
            chance=chance,
            grounds=() if grounds is None or chance is None else grounds[row],
            too_little=model is not None and chance is None,
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


def _by_chance(option: Option) -> tuple[bool, float, float, float, str]:
    value = 0.0 if option.chance is None else option.chance.value
    return option.too_little, -value, -option.wish, option.minutes, option.place


def _by_wish(option: Option) -> tuple[float, float, str]:
    return -option.wish, option.minutes, option.place

"""Why, and why not? Reasons as facts: who has no proposal, what stays empty, what is missing.

Reasons name rules, prices and places, never other people.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from matching.chance import expected_needed
from matching.plan import ROUNDING, Plan, Reach, Result
from matching.prices import PriceRange
from matching.problem import Bond, Candidates, Problem
from matching.reasons import NoProposal, NotProposed, StaysEmpty
from matching.rules import RULES, Refusal
from matching.target import Standing

if TYPE_CHECKING:
    # Whoever only reads reasons needs nothing of what finds candidates.
    from matching.candidates import Found


@dataclass(frozen=True, slots=True)
class Unplaced:
    """One person without a proposal, and why.

    `rule` is the hard rule that refused the most places, where no place was allowed at all, and
    `refused` how many it refused. `nearest` is the place where least was missing, `missing` by
    how much its price lies above what the person would add there: others gain that much more.
    """

    seeker: str
    reason: NoProposal
    rule: Refusal | None = None
    refused: int = 0
    nearest: str | None = None
    missing: float | None = None


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a place that the person may take is not proposed to them.

    `least` and `most` frame what the plan would lose by proposing it, in what its aim counts;
    `None` where a ruling or an opening that is not there decides. See `PriceRange`.
    """

    place: str
    reason: NotProposed
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A place with openings that stay empty, and why."""

    place: str
    openings: int
    reason: StaysEmpty


@dataclass(frozen=True, slots=True)
class Scarcity:
    """Where one opening more would help most: an occupation in a municipality.

    `price` is the most that one opening more adds to the aim, `places` how many places there are
    full.
    """

    occupation: str | None
    municipality: str | None
    price: float
    places: int


@dataclass(frozen=True, slots=True)
class Shortfall:
    """By how much the target is missed, and what stands against it, in expected placements.

    `wanted` is about how many expected placements would hold the target with `confidence`
    (`None`: no figure would), `missing` what the plan lacks of them. `alone` is what
    would be expected if everybody could have their best place, nobody in the way: where even that
    is below the need, chances are too low, not places too few. `competition` is what is lost
    between the two. `without_place_allowed` counts those who look and have no candidate at all,
    `others_gain_more` those for whom no opening was left, `empty` the openings without a proposal.
    """

    need: int
    expected: float
    chance: float
    confidence: float
    wanted: float | None
    missing: float
    alone: float
    competition: float
    without_place_allowed: int
    others_gain_more: int
    empty: int
    scarce: tuple[Scarcity, ...]


def unplaced(problem: Problem, result: Result, found: Found | None = None) -> list[Unplaced]:
    """Everybody who looks for a place and has no proposal, with the reason.

    `found` tells which rules refused places; without it the rule stays unnamed.
    """
    holds = result.plan.place_of(problem)
    away = set(result.held_back)
    looking = np.fromiter((s.standing is Standing.LOOKING for s in problem.seekers), bool)
    banned = _banned(problem)
    open_to = (problem.openings > 0)[problem.candidates.place]
    reasons = []
    for number in np.flatnonzero((holds < 0) & looking):
        seeker = problem.seekers[number].id
        rows = problem.candidates.rows_of(int(number))
        if seeker in away:
            reasons.append(Unplaced(seeker, NoProposal.HELD_BACK))
        elif rows.start == rows.stop:
            reasons.append(_no_place_allowed(seeker, int(number), found))
        elif bool(banned[rows].all()):
            reasons.append(Unplaced(seeker, NoProposal.BANNED))
        elif not bool((open_to[rows] & ~banned[rows]).any()):
            reasons.append(Unplaced(seeker, NoProposal.NO_OPENINGS))
        else:
            reasons.append(_others_gain_more(problem, result, seeker, rows, banned[rows]))
    return reasons


def _banned(problem: Problem) -> npt.NDArray[np.bool_]:
    banned = np.zeros(len(problem.candidates), dtype=np.bool_)
    banned[problem.rows_bound(Bond.BAN)] = True
    return banned


def _no_place_allowed(seeker: str, number: int, found: Found | None) -> Unplaced:
    if found is None or int(found.refused[number].max(initial=0)) == 0:
        return Unplaced(seeker, NoProposal.NO_PLACE_ALLOWED)
    most = int(found.refused[number].argmax())
    refused = int(found.refused[number, most])
    return Unplaced(seeker, NoProposal.NO_PLACE_ALLOWED, RULES[most].name, refused)


def _others_gain_more(
    problem: Problem, result: Result, seeker: str, rows: slice, banned: npt.NDArray[np.bool_]
) -> Unplaced:
    candidates = problem.candidates
    worth = result.aim.worth(_part(candidates, rows))
    missing = result.prices.places[candidates.place[rows]] - worth
    least = int(np.where(banned, np.inf, missing).argmin())
    place = problem.places[int(candidates.place[rows][least])].id
    above = max(0.0, float(missing[least]))
    return Unplaced(seeker, NoProposal.OTHERS_GAIN_MORE, nearest=place, missing=above)


def _part(candidates: Candidates, rows: slice) -> Candidates:
    wish = None if candidates.wish is None else candidates.wish[rows]
    return Candidates(
        candidates.seeker[rows], candidates.place[rows], candidates.chance[rows], wish
    )


def why_not(problem: Problem, result: Result, prices: PriceRange, seeker: int) -> dict[str, WhyNot]:
    """For one person, each of their possible places that is not proposed, by id, and why.

    `prices` holds the prices of the result's aim. A pair that a ruling or a lack of openings
    decides names that; else the price decides: others gain more there, or the proposal does.
    """
    rows = problem.candidates.rows_of(seeker)
    places = problem.candidates.place[rows]
    worth = result.aim.worth(_part(problem.candidates, rows))
    settled = _settled(problem, result, seeker, rows)
    least = np.maximum(prices.least(seeker, places, worth), 0.0)
    most = np.maximum(prices.most(seeker, places, worth), 0.0)
    held = np.flatnonzero(np.isin(np.arange(rows.start, rows.stop), result.plan.rows))
    own = float(worth[held[0]]) if len(held) else None
    reasons = {}
    for at, number in enumerate(places.tolist()):
        place = problem.places[number].id
        if at in held:
            continue
        reason = settled[at]
        if reason is not None:
            reasons[place] = WhyNot(place, reason)
            continue
        reason = _by_price(float(worth[at]), own, float(most[at]))
        reasons[place] = WhyNot(place, reason, float(least[at]), float(most[at]))
    return reasons


def _settled(
    problem: Problem, result: Result, seeker: int, rows: slice
) -> list[NotProposed | None]:
    """What settles a person's pairs before any price is asked."""
    candidates = problem.candidates
    pinned = problem.rows_bound(Bond.PIN)
    pinned_at = np.bincount(candidates.place[pinned], minlength=len(problem.places))
    elsewhere = bool((candidates.seeker[pinned] == seeker).any())
    banned = set(problem.rows_bound(Bond.BAN).tolist())
    away = problem.seekers[seeker].id in result.held_back
    reasons: list[NotProposed | None] = []
    for row in range(rows.start, rows.stop):
        place = int(candidates.place[row])
        if away:
            reasons.append(NotProposed.HELD_BACK)
        elif row in banned:
            reasons.append(NotProposed.BANNED)
        elif elsewhere:
            reasons.append(NotProposed.PINNED_ELSEWHERE)
        elif problem.openings[place] == 0:
            reasons.append(NotProposed.NO_OPENINGS)
        elif pinned_at[place] >= problem.openings[place]:
            reasons.append(NotProposed.FULL_BY_PINS)
        else:
            reasons.append(None)
    return reasons


def _by_price(worth: float, own: float | None, most: float) -> NotProposed:
    if most <= ROUNDING:
        return NotProposed.AS_GOOD
    if own is not None and worth <= own:
        return NotProposed.PROPOSAL_GAINS_MORE
    return NotProposed.OTHERS_GAIN_MORE


def vacancies(problem: Problem, plan: Plan) -> list[Vacancy]:
    """Every place with openings that the plan leaves empty, with the reason."""
    taken = np.bincount(plan.places(problem), minlength=len(problem.places))
    open_to = problem.candidates.place[~_banned(problem)]
    wanted = np.bincount(open_to, minlength=len(problem.places))
    return [
        Vacancy(
            problem.places[number].id,
            int(problem.openings[number] - taken[number]),
            StaysEmpty.NOBODY_LEFT if wanted[number] else StaysEmpty.NOBODY_ALLOWED,
        )
        for number in np.flatnonzero(problem.openings > taken)
    ]


def scarcities(problem: Problem, result: Result, most: int = 5) -> tuple[Scarcity, ...]:
    """Where one opening more would help most, by occupation and municipality, dearest first."""
    price: dict[tuple[str | None, str | None], float] = {}
    places: Counter[tuple[str | None, str | None]] = Counter()
    for number in np.flatnonzero(result.prices.places > 0):
        place = problem.places[number]
        where = (place.occupation, place.site.municipality if place.site else None)
        price[where] = max(price.get(where, 0.0), float(result.prices.places[number]))
        places[where] += 1
    dearest = sorted(price, key=lambda where: (-price[where], str(where)))
    return tuple(Scarcity(*where, price[where], places[where]) for where in dearest[:most])


def shortfall(problem: Problem, result: Result) -> Shortfall | None:
    """What stands against the target, or `None` where it holds with the wanted confidence."""
    verdict = result.verdict
    confidence = problem.target.confidence
    if verdict.chance_with_model_error >= confidence or not isinstance(result.aim, Reach):
        return None
    chances = problem.candidates.chance[result.plan.rows]
    wanted = expected_needed(chances, problem.need, problem.spread, confidence)
    alone = _best_alone(problem)
    reasons = Counter(one.reason for one in unplaced(problem, result))
    return Shortfall(
        need=problem.need,
        expected=verdict.expected,
        chance=verdict.chance_with_model_error,
        confidence=confidence,
        wanted=wanted,
        missing=(problem.need if wanted is None else wanted) - verdict.expected,
        alone=alone,
        competition=alone - verdict.expected,
        without_place_allowed=reasons[NoProposal.NO_PLACE_ALLOWED],
        others_gain_more=reasons[NoProposal.OTHERS_GAIN_MORE],
        empty=sum(vacancy.openings for vacancy in vacancies(problem, result.plan)),
        scarce=scarcities(problem, result),
    )


def _best_alone(problem: Problem) -> float:
    """Expected placements if everybody had the place of their best chance to themselves."""
    best = np.zeros(len(problem.seekers))
    open_to = (problem.openings[problem.candidates.place] > 0) & ~_banned(problem)
    np.maximum.at(best, problem.candidates.seeker, np.where(open_to, problem.candidates.chance, 0))
    return float(best.sum())

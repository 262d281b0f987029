"""What is it worth? Prices of places and people, from an optimal choice, without its solver.

The prices of places are the least fixpoint, from 0, of

    v_p = max over pairs (s, p) of (w_sp - w_s + v_place(s))

where `w_s` and `place(s)` are what person s holds (0 and none without a place): the longest path
in the residual graph that ends at p. Only places whose price has just risen can raise others, so
each round looks at the pairs of the people who hold one of those. In whole units the fixpoint is
exact. (Shortest paths in residual graphs: Ahuja, Magnanti, Orlin, Network Flows, 1993, ch. 9.)

The least prices say what one opening more would add, the largest what one opening less would
lose. People and openings are complements (Shapley 1962), so a pair that is forced costs at most
the loss of both, and at least what either set of prices says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.assignment import Assignment, Units
from matching.errors import BrokenPromise
from matching.plan import Aim, Prices, Rows
from matching.problem import Numbers, Problem


def prices_of(problem: Problem, aim: Aim, assignment: Assignment, chosen: Rows) -> Prices:
    """The prices that prove a choice the best, in what the aim counts.

    `chosen` are rows of the assignment. Raises `BrokenPromise` if no such prices exist, which
    means that the choice is not the best.

    The prices of people are taken from the worth in floating point, not from the units, so that
    the bound that they give holds whatever the units' rounding did.
    """
    return _with_people(problem, aim, assignment, _least_place_prices(assignment, chosen))


def largest_prices_of(problem: Problem, aim: Aim, assignment: Assignment, chosen: Rows) -> Prices:
    """The largest prices of places that prove a choice the best: what an opening less would lose.

    Takes and raises what `prices_of` does; the prices of people are then the smallest.
    """
    return _with_people(problem, aim, assignment, _largest_place_prices(assignment, chosen))


@dataclass(frozen=True, slots=True, eq=False)
class PriceRange:
    """What forcing a pair costs at least and at most, in what the aim counts, without solving.

    `smallest` and `largest` are the two ends of the prices of places. People and places are row
    numbers of the problem, `worth` is what each pair adds to the aim. Said of a person whose place
    is not pinned, and of a place that has an opening left beside its pins.
    """

    smallest: Prices
    largest: Prices

    def least(self, seeker: int, places: npt.NDArray[np.integer], worth: Numbers) -> Numbers:
        """No plan with the pair lacks less than this; negative where a new pair would gain."""
        one = self.smallest.seekers[seeker] + self.smallest.places[places] - worth
        other = self.largest.seekers[seeker] + self.largest.places[places] - worth
        return np.asarray(np.maximum(one, other))

    def most(self, seeker: int, places: npt.NDArray[np.integer], worth: Numbers) -> Numbers:
        """The best plan with the pair lacks no more than this: the loss of person and opening."""
        return np.asarray(self.smallest.seekers[seeker] + self.largest.places[places] - worth)


def _with_people(problem: Problem, aim: Aim, assignment: Assignment, units: Units) -> Prices:
    """The prices of people that go with these of places, and of what pins and closing settle."""
    places = units / assignment.scale
    candidates = problem.candidates
    worth = aim.worth(candidates)
    if assignment.rows is None:
        return Prices(_person_prices(assignment, worth, places), places)
    people = _person_prices(assignment, worth[assignment.rows], places)
    closed = assignment.closed
    if closed is not None and len(closed):
        # Nobody can hold a place without an opening, so its price follows from people's prices.
        asked = worth[closed] - people[candidates.seeker[closed]]
        np.maximum.at(places, candidates.place[closed], asked)
    fixed = assignment.fixed
    if fixed is not None:
        paid = places[candidates.place[fixed]]
        rest = worth[fixed] - paid
        # Of a pair worth far less than its place costs, the difference must not round too low.
        people[candidates.seeker[fixed]] = rest + np.where(
            rest + paid < worth[fixed], np.spacing(paid), 0
        )
    return Prices(people, places)


def _least_place_prices(assignment: Assignment, chosen: Rows) -> Units:
    """The least prices of places in whole units (n_places,)."""
    seeker, place, units = assignment.seeker, assignment.place, assignment.units
    first = np.searchsorted(seeker, np.arange(assignment.seekers + 1))
    held = np.zeros(assignment.seekers, dtype=np.int64)
    held[seeker[chosen]] = units[chosen]
    price = np.zeros(len(assignment.openings), dtype=np.int64)
    np.maximum.at(price, place, units - held[seeker])
    holders, holders_first = _holders(assignment, chosen)
    risen = np.flatnonzero(price)
    for _ in range(len(price) + 1):
        if len(risen) == 0:
            return price
        who = holders[_ranges(holders_first[risen], holders_first[risen + 1])]
        raises = np.repeat(price[risen], holders_first[risen + 1] - holders_first[risen])
        pairs = _ranges(first[who], first[who + 1])
        offer = units[pairs] + np.repeat(raises - held[who], first[who + 1] - first[who])
        target = place[pairs]
        better = offer > price[target]
        target, offer = target[better], offer[better]
        np.maximum.at(price, target, offer)
        risen = np.unique(target)
    # A path longer than there are places goes in a circle, and each turn gains: not the best.
    raise BrokenPromise("prices", ("the choice can be bettered",))


def _largest_place_prices(assignment: Assignment, chosen: Rows) -> Units:
    """The largest prices of places in whole units (n_places,).

    The prices of people are raised from 0 until they cover every pair; that of a full place is
    what its holder who pays least has left, and falls as they rise.
    """
    seeker, place, units = assignment.seeker, assignment.place, assignment.units
    count = len(assignment.openings)
    order = np.argsort(place, kind="stable")
    first = np.searchsorted(place[order], np.arange(count + 1))
    holds = np.full(assignment.seekers, count, dtype=np.int64)
    held = np.zeros(assignment.seekers, dtype=np.int64)
    holds[seeker[chosen]], held[seeker[chosen]] = place[chosen], units[chosen]
    full = np.append(np.bincount(place[chosen], minlength=count) == assignment.openings, False)
    price = np.zeros(count + 1, dtype=np.int64)
    price[:-1][full[:-1] & (assignment.openings > 0)] = np.iinfo(np.int64).max
    np.minimum.at(price, holds[full[holds]], held[full[holds]])
    person = np.zeros(assignment.seekers, dtype=np.int64)
    fallen = np.arange(count)
    for _ in range(count + 1):
        if len(fallen) == 0:
            return price[:-1]
        pairs = order[_ranges(first[fallen], first[fallen + 1])]
        asks = units[pairs] - price[place[pairs]]
        more = asks > person[seeker[pairs]]
        np.maximum.at(person, seeker[pairs[more]], asks[more])
        who = np.unique(seeker[pairs[more]])
        who = who[full[holds[who]]]
        left, where = held[who] - person[who], holds[who]
        lower = left < price[where]
        np.minimum.at(price, where[lower], left[lower])
        fallen = np.unique(where[lower])
    raise BrokenPromise("prices", ("the choice can be bettered",))


def _holders(
    assignment: Assignment, chosen: Rows
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Who holds each place: people sorted by place, and where each place's people begin."""
    at = assignment.place[chosen]
    order = np.argsort(at, kind="stable")
    people = assignment.seeker[chosen][order].astype(np.int64)
    begin = np.searchsorted(at[order], np.arange(len(assignment.openings) + 1))
    return people, begin


def _ranges(first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The numbers first[i] to last[i] - 1 of all i, one after the other."""
    length = last - first
    total = int(length.sum())
    if total == 0:
        return np.empty(0, dtype=np.int64)
    start = np.cumsum(length) - length
    return np.asarray(np.arange(total) + np.repeat(first - start, length), dtype=np.int64)


def _person_prices(assignment: Assignment, worth: Numbers, places: Numbers) -> Numbers:
    """What each person gains at best, after paying the place's price; 0 without a pair."""
    people = np.zeros(assignment.seekers)
    if len(assignment) == 0:
        return people
    gain = worth - places[assignment.place]
    begins = np.flatnonzero(np.diff(assignment.seeker, prepend=-1))
    people[assignment.seeker[begins]] = np.maximum(np.maximum.reduceat(gain, begins), 0.0)
    return people

"""What of an older reckoning may still be told of a person? All but what is said of them since.

Their own facts, what was decided about them, what they turned down and whether a program may match
them are always those of the store. Where any of it is new, the older plan no longer speaks of
them: they have no proposal of it any more unless all that led to it still holds. Places, other
people and prices are those of the reckoning, until it is renewed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from data.intake.district_files import District
from data.store.decisions import Ruling, rulings
from data.store.doubles import heads_of
from data.store.grounds import objectors
from data.store.opening import Store
from data.store.people import seeker_of
from data.store.turned_down import turned_down_in
from matching.explain import Unplaced
from matching.plan import Plan, Prices
from matching.prices import PriceRange
from matching.problem import Bond, Pin, Problem, Seeker
from matching.reasons import NoProposal
from matching.target import Standing
from office.counseling import Sheet, sheet
from office.drawing import ChanceModel, Drawn
from office.rulings import Held


@dataclass(frozen=True, slots=True)
class Today:
    """What the store says of one person: who they are, what holds of them, what they turned down.

    `seeker` is `None` for whoever may not be matched and for whoever no list names.
    """

    head: str
    seeker: Seeker | None
    rulings: tuple[Ruling, ...] = ()
    turned_down: frozenset[str] = frozenset()
    by_hand: bool = False

    def held(self, problem: Problem) -> Held:
        """What people decided of this person, as far as these places are concerned."""
        looks = (
            self.seeker is not None
            and self.seeker.standing is Standing.LOOKING
            and not self.by_hand
        )
        offered = problem.place_number
        bound: list[Ruling] = []
        rested: list[Ruling] = []
        for one in self.rulings:
            is_over = one.bond is Bond.PIN and one.place in self.turned_down
            binds = looks and one.place in offered and not is_over
            (bound if binds else rested).append(one)
        ended = {(self.head, place) for place in self.turned_down if looks and place in offered}
        by_hand = frozenset({self.head} if self.by_hand else ())
        return Held(tuple(bound), tuple(rested), frozenset(ended), by_hand)


def today_of_person(store: Store, season: str, head: str) -> Today:
    """What the store says of a person at this moment, by the pseudonym that stands for them."""
    with store.reading() as connection:
        heads = heads_of(connection)
        ended = turned_down_in(connection, season, heads)
        by_hand = head in objectors(connection, heads)
    return Today(
        head,
        seeker_of(store, season, head),
        tuple(one for one in rulings(store, season) if one.seeker == head and one.holds),
        frozenset(place for who, place in ended if who == head),
        by_hand,
    )


def is_as_drawn(drawn: Drawn, kept: Held, today: Today) -> bool:
    """Whether a plan was drawn from just what the store says of the person today."""
    problem, now = drawn.problem, today.held(drawn.problem)
    number = problem.seeker_number.get(today.head)
    before = None if number is None else problem.seekers[number]
    rested = {(one.place, one.bond) for one in kept.rested if one.seeker == today.head}
    return (
        before == today.seeker
        and (today.head in kept.by_hand) is today.by_hand
        and {one for one in problem.pins if one.seeker == today.head} == set(_pins(now))
        and rested == {(one.place, one.bond) for one in now.rested}
    )


def sheet_today(
    drawn: Drawn,
    district: District,
    prices: PriceRange,
    today: Today,
    scoring: bool,
    data_folder: Path | None = None,
    model: ChanceModel | None = None,
) -> Sheet:
    """One person's places by an older plan, with all that the store says of them today.

    Somebody who came after the plan was drawn is in it without a proposal. Raises `KeyError` for
    whoever may not be matched.
    """
    person, problem = today.seeker, drawn.problem
    if person is None:
        raise KeyError(today.head)
    kept = today.held(problem)
    number = problem.seeker_number.get(today.head)
    if number is None:
        seekers = (*problem.seekers, person)
        prices = PriceRange(_one_more(prices.smallest), _one_more(prices.largest))
    else:
        seekers = (*problem.seekers[:number], person, *problem.seekers[number + 1 :])
    now = replace(problem, seekers=seekers, pins=_pins_of(problem, number, today.head, kept))
    laid_out = sheet(
        _without_what_is_over(drawn, now, number, today, kept),
        district,
        prices,
        today.head,
        model=model,
        scoring=scoring,
        data_folder=data_folder,
        kept=kept,
    )
    ruled = {one.place: one.bond for one in (*kept.bound, *(kept.rested if today.by_hand else ()))}
    return replace(
        laid_out,
        options=tuple(replace(one, ruled=ruled.get(one.place)) for one in laid_out.options),
    )


def _pins(kept: Held) -> tuple[Pin, ...]:
    """All that binds the person, as the engine is told it."""
    ruled = (Pin(one.seeker, one.place, one.bond) for one in kept.bound if one.bond is not None)
    ended = (Pin(seeker, place, Bond.BAN) for seeker, place in sorted(kept.turned_down))
    return tuple(dict.fromkeys((*ruled, *ended)))


def _pins_of(problem: Problem, number: int | None, head: str, kept: Held) -> tuple[Pin, ...]:
    """Everybody's rulings, the person's as of today; no pin of a pair that was no candidate."""
    others = [one for one in problem.pins if one.seeker != head]
    own = [
        one
        for one in _pins(kept)
        if one.bond is Bond.BAN
        or (
            number is not None
            and problem.candidates.row_of(number, problem.place_number[one.place]) is not None
        )
    ]
    return (*others, *own)


def _without_what_is_over(
    drawn: Drawn, now: Problem, number: int | None, today: Today, kept: Held
) -> Drawn:
    """The plan with the person as of today: a proposal that does not fit them any more is gone."""
    result, without = drawn.result, [one for one in drawn.unplaced if one.seeker != today.head]
    is_known = number is not None and drawn.problem.seekers[number] == today.seeker
    rows = result.plan.rows
    own = now.candidates.seeker[rows] == (-1 if number is None else number)
    places = {now.places[place].id for place in now.candidates.place[rows[own]].tolist()}
    if not (is_known and not today.by_hand and _allows(kept, today.head, places)):
        rows = rows[~own]
    elif not places:
        without += [one for one in drawn.unplaced if one.seeker == today.head]
    if today.by_hand:
        without.append(Unplaced(today.head, NoProposal.BY_HAND))
    changed = replace(result, plan=Plan(rows))
    steered = drawn.steered
    steered = (
        replace(steered, reached=changed)
        if steered.served is None
        else replace(steered, served=changed)
    )
    return replace(drawn, problem=now, steered=steered, unplaced=tuple(without))


def _allows(kept: Held, head: str, places: set[str]) -> bool:
    """Whether what people decided leaves the person where the plan has them."""
    pinned = {one.place for one in kept.bound if one.bond is Bond.PIN}
    banned = {one.place for one in kept.bound if one.bond is Bond.BAN}
    ended = {place for _, place in kept.turned_down}
    return pinned <= places and not places & (banned | ended)


def _one_more(prices: Prices) -> Prices:
    """The prices with somebody who came later: nothing is lost without them yet."""
    return replace(prices, seekers=np.append(prices.seekers, 0.0))

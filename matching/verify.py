"""Is it right? Recounts a plan and its proof in one pass over the arrays, without any solver.

One rule, one named check. Nothing here knows how a plan was found; what is checked is what anyone
could check with the pairs, the openings, the plan and the prices in hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from matching.chance import chance_of_at_least, chance_with_model_error
from matching.plan import (
    FLOATING,
    ROUNDING,
    Aim,
    Check,
    Plan,
    Prices,
    Reach,
    Rows,
    Serve,
    Verdict,
    Violation,
    gap_between,
)
from matching.problem import Bond, Problem

#: How far two prices may fall short of covering a pair, relative to the figures in comparison.
COVER = 1e-9


def verify(
    problem: Problem,
    plan: Plan,
    prices: Prices | None = None,
    aim: Aim | None = None,
    allowed_gap: float | None = None,
) -> Verdict:
    """Recount a plan; with prices, recount its proof too.

    The verdict names every violation and holds every figure. `aim` is what the prices are about:
    expected placements unless said otherwise. With `allowed_gap`, a plan worth less than the
    proven bound by more than that, relative, is a violation; without it the gap is only reported.
    """
    aim = aim or Reach()
    rows = plan.rows
    violations = plan_violations(problem, rows)
    if isinstance(aim, Serve):
        violations += expected_at_floor(problem, rows, aim)
    bound = gap = None
    if prices is not None:
        violations += prices_complete(problem, prices)
    if prices is not None and prices_fit(problem, prices):
        violations += prices_not_negative(problem, prices)
        violations += prices_cover_every_pair(problem, prices, aim)
        bound = prices.bound(problem.openings, aim)
        value = aim.value(problem, rows)
        gap = gap_between(value, bound, aim.allowance)
        violations += worth_and_bound(value, bound, allowed_gap, aim.allowance)
    chances = problem.candidates.chance[rows]
    wish = problem.candidates.wish
    expected = float(chances.sum())
    return Verdict(
        violations=tuple(violations),
        placed=len(rows),
        expected=expected,
        wishes=0.0 if wish is None else float(wish[rows].sum()),
        need=problem.need,
        rate=problem.rate(expected),
        chance_of_target=chance_of_at_least(chances, problem.need),
        chance_with_model_error=chance_with_model_error(chances, problem.need, problem.spread),
        bound=bound,
        gap=gap,
        by_group=recount_by(problem, plan, [seeker.school for seeker in problem.seekers]),
    )


def plan_violations(problem: Problem, rows: Rows) -> list[Violation]:
    """What in these rows must not be, person by person and place by place."""
    return [violation for check in _OF_EVERY_PLAN for violation in check(problem, rows)]


def one_place_each(problem: Problem, rows: Rows) -> Iterator[Violation]:
    """Nobody has more than one place."""
    count = np.bincount(problem.candidates.seeker[rows], minlength=len(problem.seekers))
    for number in np.flatnonzero(count > 1):
        seeker = problem.seekers[number].id
        yield Violation(Check.ONE_PLACE_EACH, seeker=seeker, found=str(count[number]), allowed="1")


def within_openings(problem: Problem, rows: Rows) -> Iterator[Violation]:
    """No place takes more people than it has openings."""
    count = np.bincount(problem.candidates.place[rows], minlength=len(problem.places))
    for number in np.flatnonzero(count > problem.openings):
        place = problem.places[number]
        allowed = str(place.openings)
        yield Violation(
            Check.WITHIN_OPENINGS, place=place.id, found=str(count[number]), allowed=allowed
        )


def pins_kept(problem: Problem, rows: Rows) -> Iterator[Violation]:
    """Every pair that a counselor pinned is in the plan."""
    for row in np.setdiff1d(problem.rows_bound(Bond.PIN), rows):
        yield _about(Check.PINS_KEPT, problem, int(row))


def bans_kept(problem: Problem, rows: Rows) -> Iterator[Violation]:
    """No pair that a counselor banned is in the plan."""
    for row in np.intersect1d(problem.rows_bound(Bond.BAN), rows):
        yield _about(Check.BANS_KEPT, problem, int(row))


def nobody_left_beside_a_free_place(problem: Problem, rows: Rows) -> Iterator[Violation]:
    """Nobody is without a place while one that they could take is free."""
    candidates = problem.candidates
    has_place = np.zeros(len(problem.seekers), dtype=bool)
    has_place[candidates.seeker[rows]] = True
    taken = np.bincount(candidates.place[rows], minlength=len(problem.places))
    left = ~has_place[candidates.seeker]
    left &= (taken < problem.openings)[candidates.place]
    left[problem.rows_bound(Bond.BAN)] = False
    beside = np.flatnonzero(left)
    _, first = np.unique(candidates.seeker[beside], return_index=True)
    for row in beside[first]:
        yield _about(Check.NOBODY_LEFT_BESIDE_A_FREE_PLACE, problem, int(row))


_OF_EVERY_PLAN: tuple[Callable[[Problem, Rows], Iterator[Violation]], ...] = (
    one_place_each,
    within_openings,
    pins_kept,
    bans_kept,
    nobody_left_beside_a_free_place,
)


def expected_at_floor(problem: Problem, rows: Rows, aim: Serve) -> Iterator[Violation]:
    """Serving wishes leaves at least as many expected placements as the floor says."""
    expected = float(problem.candidates.chance[rows].sum())
    if expected < aim.min_expected * (1 - ROUNDING):
        yield Violation(
            Check.EXPECTED_AT_FLOOR, found=repr(expected), allowed=repr(aim.min_expected)
        )


def prices_fit(problem: Problem, prices: Prices) -> bool:
    """Whether there is one number a person and one a place."""
    fit = prices.seekers.shape == (len(problem.seekers),)
    fit = fit and prices.places.shape == (len(problem.places),)
    return fit and bool(np.isfinite(prices.seekers).all() and np.isfinite(prices.places).all())


def prices_complete(problem: Problem, prices: Prices) -> Iterator[Violation]:
    """Everybody and every place has a price."""
    if not prices_fit(problem, prices):
        found = f"{len(prices.seekers)}, {len(prices.places)}"
        allowed = f"{len(problem.seekers)}, {len(problem.places)}"
        yield Violation(Check.PRICES_COMPLETE, found=found, allowed=allowed)


def prices_not_negative(problem: Problem, prices: Prices) -> Iterator[Violation]:
    """No price is negative, but for people whose pair is pinned: they have no choice."""
    for number in np.flatnonzero(prices.places < 0):
        place, found = problem.places[number].id, repr(float(prices.places[number]))
        yield Violation(Check.PRICES_NOT_NEGATIVE, place=place, found=found, allowed="0")
    negative = prices.seekers < 0
    negative[problem.candidates.seeker[problem.rows_bound(Bond.PIN)]] = False
    for number in np.flatnonzero(negative):
        seeker, found = problem.seekers[number].id, repr(float(prices.seekers[number]))
        yield Violation(Check.PRICES_NOT_NEGATIVE, seeker=seeker, found=found, allowed="0")


def prices_cover_every_pair(problem: Problem, prices: Prices, aim: Aim) -> Iterator[Violation]:
    """No pair is worth more than its person's and its place's price together.

    Pairs that may not be taken need no cover: the banned, and those of a pinned person that are
    not the pinned one.
    """
    candidates = problem.candidates
    worth = aim.worth(candidates)
    cover = prices.seekers[candidates.seeker] + prices.places[candidates.place]
    bare = worth - cover > COVER * np.maximum(worth, np.abs(cover))
    bare[~_may_be_taken(problem)] = False
    for row in np.flatnonzero(bare):
        found, allowed = repr(float(worth[row])), repr(float(cover[row]))
        yield _about(Check.PRICES_COVER_EVERY_PAIR, problem, int(row), found, allowed)


def worth_and_bound(
    value: float, bound: float, allowed_gap: float | None, allowance: float = 0.0
) -> Iterator[Violation]:
    """No plan is worth more than the proven bound, and a good one hardly less."""
    slack = ROUNDING * abs(bound) + FLOATING * allowance
    least = -np.inf if allowed_gap is None else bound * (1 - allowed_gap) - slack
    if not least <= value <= bound + slack:
        yield Violation(Check.WORTH_REACHES_BOUND, found=repr(value), allowed=repr(bound))


def _may_be_taken(problem: Problem) -> npt.NDArray[np.bool_]:
    """Which candidate rows the pins leave open."""
    seeker = problem.candidates.seeker
    if not problem.pins:
        return np.ones(len(seeker), dtype=bool)
    pinned = problem.rows_bound(Bond.PIN)
    settled = np.zeros(len(problem.seekers), dtype=bool)
    settled[seeker[pinned]] = True
    open_rows = ~settled[seeker]
    open_rows[pinned] = True
    open_rows[problem.rows_bound(Bond.BAN)] = False
    return open_rows


def _about(
    check: Check, problem: Problem, row: int, found: str | None = None, allowed: str | None = None
) -> Violation:
    seeker = problem.seekers[problem.candidates.seeker[row]].id
    place = problem.places[problem.candidates.place[row]].id
    return Violation(check, seeker, place, found, allowed)


def recount_by(
    problem: Problem, plan: Plan, names: Sequence[str | None]
) -> dict[str, tuple[int, int, float]]:
    """People, those with a place, and expected placements, for each group of people.

    `names` holds the group of each person, `None` for who is not counted (n_seekers,).
    """
    groups = sorted({name for name in names if name is not None})
    number = {name: index for index, name in enumerate(groups)}
    none = len(groups)
    group = np.fromiter(
        (none if name is None else number[name] for name in names), np.int64, len(names)
    )
    people = np.bincount(group, minlength=none + 1)
    of_row = group[problem.candidates.seeker[plan.rows]]
    placed = np.bincount(of_row, minlength=none + 1)
    expected = np.bincount(of_row, problem.candidates.chance[plan.rows], minlength=none + 1)
    return {
        name: (int(people[i]), int(placed[i]), float(expected[i])) for i, name in enumerate(groups)
    }

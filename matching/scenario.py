"""What if? Named edits of a problem, and what each would cost, before anybody decides.

An edit of one pair moves one chain of people: the person takes another place, whoever held it
takes another one, and so on. Everything else stays, since a chain that does not touch the person
was open before the edit too and would have been taken had it gained anything. The chain is found
by solving the edited problem. Where expected placements are all that counts, no plan of the edited
problem is better; where wishes are served, the plan's gap says by how much one could be, as ever.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from time import perf_counter

import numpy as np
import numpy.typing as npt

from matching.assignment import Solver, assignment_of
from matching.chance import chance_with_model_error
from matching.edits import Edit, Lifted, Pinned, apply, translated
from matching.exchange import chains_between, filled
from matching.plan import ROUNDING, Aim, Plan, Reach, Result, Rows, Serve
from matching.policy import Point, Steered, steer
from matching.prices import PriceRange, largest_prices_of, prices_of
from matching.problem import Bond, Problem
from matching.solve import Choice, choose, prove
from matching.solvers.flow import flow

#: How much dearer an expected placement becomes, step by step, where the target has to be regained.
_DEARER = (1.02, 1.1, 1.5, 4.0, 100.0)


@dataclass(frozen=True, slots=True)
class Move:
    """One person before and after, by pseudonym; `None` where there is no place."""

    seeker: str
    place_before: str | None
    place_after: str | None
    chance_before: float | None
    chance_after: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What an edit comes to, exactly. Costs are losses: a negative one is a gain.

    `after` is the plan that would stand, with its proof, for the edited `problem`. `cost` is in
    what the plan that stood maximised. `own` is the person of the edit, `others` whoever moves
    with them, in the order of their pseudonyms.
    """

    edit: Edit
    problem: Problem
    before: Steered
    after: Steered
    cost: float
    own: Move
    others: tuple[Move, ...]

    @property
    def expected(self) -> float:
        """Expected placements that are lost."""
        return self.before.chosen.verdict.expected - self.after.chosen.verdict.expected

    @property
    def wishes(self) -> float:
        """Wish points that are lost."""
        return self.before.chosen.verdict.wishes - self.after.chosen.verdict.wishes

    @property
    def chance(self) -> float:
        """How much of the chance of the target is lost if every estimate is exact."""
        before, after = self.before.chosen.verdict, self.after.chosen.verdict
        return before.chance_of_target - after.chance_of_target

    @property
    def honest(self) -> float:
        """How much of the chance of the target is lost, the model's error counted in."""
        before, after = self.before.chosen.verdict, self.after.chosen.verdict
        return before.chance_with_model_error - after.chance_with_model_error

    @property
    def held(self) -> bool:
        """Whether the target held with the wanted confidence before."""
        return _sure(self.problem, self.before.chosen)

    @property
    def holds(self) -> bool:
        """Whether it holds after."""
        return _sure(self.problem, self.after.chosen)


@dataclass(frozen=True, slots=True)
class Bound:
    """What an edit costs at least and at most, in what the plan's aim counts, read off prices."""

    least: float
    most: float


def compare(problem: Problem, before: Steered, edit: Edit, solver: Solver = flow) -> Change:
    """What an edit costs and whom it moves; the plan that stood is disturbed no more than needed.

    Solves the edited problem once for the target, and once more for wishes where they were
    served. Where the target would hold no longer, wishes are given back, dearest first, until it
    does; where nothing restores it, the plan with most expected placements stands, as the policy
    says. Raises as `apply` and `steer` do.
    """
    edited = apply(problem, edit)
    after = _after(problem, edited, before, edit, solver)
    moves = _moves(problem, edited, before, after)
    own = next((move for move in moves if move.seeker == edit.seeker), None)
    aim = before.chosen.aim
    was = float(aim.worth(problem.candidates)[before.chosen.plan.rows].sum())
    becomes = float(aim.worth(edited.candidates)[after.chosen.plan.rows].sum())
    return Change(
        edit=edit,
        problem=edited,
        before=before,
        after=after,
        cost=was - becomes,
        own=own or _unmoved(edited, after, edit.seeker),
        others=tuple(move for move in moves if move.seeker != edit.seeker),
    )


def price_range(problem: Problem, aim: Aim, solver: Solver = flow) -> PriceRange:
    """Both ends of the prices, for bounds at once; one solve, to be kept with the plan.

    With wishes served, the best plan of the weighted sum is priced, from which the plan that
    stands may differ by its gap.
    """
    choice = choose(problem, aim, solver)
    given = (problem, aim, choice.assignment, choice.chosen)
    return PriceRange(prices_of(*given), largest_prices_of(*given))


def bound_of_pin(problem: Problem, aim: Aim, prices: PriceRange, edit: Pinned) -> Bound:
    """What a pin costs at least and at most, before anything is solved again.

    `prices` are the problem's own. Holds as long as the target does not come to bind. Raises as
    `apply` does.
    """
    edited = apply(problem, edit)
    seeker, place = edited.seeker_number[edit.seeker], edited.place_number[edit.place]
    row = edited.candidates.row_of(seeker, place)
    assert row is not None
    places, worth = np.array([place]), aim.worth(edited.candidates)[row : row + 1]
    if any(pin.seeker == edit.seeker and pin.bond is Bond.PIN for pin in problem.pins):
        return Bound(0.0, 0.0)
    least, most = prices.least(seeker, places, worth), prices.most(seeker, places, worth)
    return Bound(float(least[0]), float(most[0]))


def _after(
    problem: Problem, edited: Problem, before: Steered, edit: Edit, solver: Solver
) -> Steered:
    """The plan that would stand, found near the one that stood."""
    if before.reached.held_back or before.chosen.held_back:
        return steer(edited, min_expected=before.asked_floor, solver=solver)
    near = _Near(edited, edit, solver)
    choice, rows = near.resolve(Reach(), translated(problem, edited, before.reached.plan.rows))
    floor, served = before.asked_floor, before.served
    holds = _stands(edited, rows, floor)
    impossible = floor is not None and not holds
    if impossible or (holds and served is None and near.wishes):
        return steer(edited, min_expected=floor, solver=solver)
    reached = prove(edited, Reach(), choice, rows)
    if served is None or not holds or not isinstance(served.aim, Serve):
        return Steered(reached, None, (_point(reached, inf),), 1, floor)
    aim = served.aim
    choice, rows = near.resolve(aim, translated(problem, edited, served.plan.rows))
    rows, flows = near.steadied(aim, filled(edited, rows), choice.rows, reached.plan.rows, floor)
    expected = float(edited.candidates.chance[rows].sum())
    aim = replace(aim, min_expected=min(aim.min_expected, expected))
    result = prove(edited, aim, choice, rows)
    points = (_point(reached, inf), _point(result, aim.multiplier))
    return Steered(reached, result, points, 2 + flows, floor)


class _Near:
    """Solves an edited problem so that as few as possible move from the plan that stood."""

    def __init__(self, problem: Problem, edit: Edit, solver: Solver) -> None:
        self.problem, self.edit, self.solver = problem, edit, solver
        self.seeker = problem.seeker_number[edit.seeker]
        wish = problem.candidates.wish
        self.wishes = wish is not None and bool((wish > 0).any())

    def resolve(self, aim: Aim, stood: Rows) -> tuple[Choice, Rows]:
        """The best choice of the edited problem, and the plan that stood with the person's chain.

        Of equally good plans the nearest is wanted, so each pair that stood counts one unit more:
        no more than the rounding of worth to units.
        """
        began = perf_counter()
        assignment = assignment_of(self.problem, aim)
        rows = np.arange(len(assignment)) if assignment.rows is None else assignment.rows
        units = assignment.units + np.isin(rows, stood, assume_unique=True)
        assignment = replace(assignment, units=units)
        built = perf_counter()
        chosen = self.solver(assignment)
        spent = built - began, perf_counter() - built
        choice = Choice(assignment, chosen, self.solver.__name__, *spent)
        if not isinstance(self.edit, Lifted) and self._obeys(stood):
            return choice, stood
        chains = chains_between(self.problem, stood, choice.rows)
        moved = np.concatenate([chains.old, chains.new])
        people = np.append(self.problem.candidates.seeker, np.int32(-1))[moved]
        own = np.zeros(chains.count, dtype=bool)
        own[np.tile(chains.chain, 2)[people == self.seeker]] = True
        return choice, chains.plan_with(own)

    def steadied(
        self, aim: Serve, rows: Rows, best: Rows, reached: Rows, floor: float | None
    ) -> tuple[Rows, int]:
        """The plan, with just so many wishes given back that it may stand; and the flows it took.

        Chains are taken from the best plan of the aim, else from plans that lie ever nearer to
        the one of most expected placements, which itself may stand.
        """
        if _stands(self.problem, rows, floor):
            return rows, 0
        steady = _restored(self.problem, rows, best, floor)
        for flows, dearer in enumerate(_DEARER):
            if steady is not None:
                return steady, flows
            other = Serve(aim.multiplier * dearer, 0.0)
            steady = _restored(self.problem, rows, self.resolve(other, rows)[0].rows, floor)
        if steady is None:
            steady = _restored(self.problem, rows, reached, floor)
        return (reached if steady is None else steady), len(_DEARER)

    def _obeys(self, rows: Rows) -> bool:
        pinned, banned = self.problem.rows_bound(Bond.PIN), self.problem.rows_bound(Bond.BAN)
        return bool(np.isin(pinned, rows).all() and not np.isin(banned, rows).any())


def _restored(problem: Problem, rows: Rows, other: Rows, floor: float | None) -> Rows | None:
    """The plan with chains of moves towards another one until it may stand; `None`: never.

    Chains that give up least wishes for an expected placement go first; any of them that turns
    out not to be needed is left.
    """
    wish = problem.candidates.wish
    assert wish is not None
    chains = chains_between(problem, rows, other)
    won, lost = chains.change(problem.candidates.chance), -chains.change(wish)
    helpful = np.flatnonzero(won > 0)
    order = helpful[np.argsort(lost[helpful] / won[helpful], kind="stable")]

    def plan(taken: npt.NDArray[np.int64]) -> Rows:
        chosen = np.zeros(chains.count, dtype=bool)
        chosen[taken] = True
        return filled(problem, chains.plan_with(chosen))

    if not _stands(problem, plan(order), floor):
        return None
    fails, holds = 0, len(order)
    while holds - fails > 1:
        middle = (fails + holds) // 2
        if _stands(problem, plan(order[:middle]), floor):
            holds = middle
        else:
            fails = middle
    taken = order[:holds]
    for chain in taken[np.argsort(-lost[taken], kind="stable")]:
        fewer = taken[taken != chain]
        if _stands(problem, plan(fewer), floor):
            taken = fewer
    return plan(taken)


def _stands(problem: Problem, rows: Rows, floor: float | None) -> bool:
    """Whether the policy lets these rows stand while wishes are served."""
    chances = problem.candidates.chance[rows]
    if floor is not None:
        return float(chances.sum()) >= floor * (1 - ROUNDING)
    chance = chance_with_model_error(chances, problem.need, problem.spread)
    return chance >= problem.target.confidence


def _sure(problem: Problem, result: Result) -> bool:
    return result.verdict.chance_with_model_error >= problem.target.confidence


def _point(result: Result, multiplier: float) -> Point:
    verdict = result.verdict
    return Point(verdict.expected, verdict.wishes, verdict.chance_with_model_error, multiplier)


def _moves(problem: Problem, edited: Problem, before: Steered, after: Steered) -> list[Move]:
    """Everybody whose place changes, in the order of pseudonyms."""
    old, new = before.chosen.plan, after.chosen.plan
    moved = np.flatnonzero(old.place_of(problem) != new.place_of(edited))
    was, becomes = _holdings(problem, old, moved), _holdings(edited, new, moved)
    moves = []
    for number in moved.tolist():
        (one, chance), (other, chance_after) = (
            was.get(number, _NOTHING),
            becomes.get(number, _NOTHING),
        )
        moves.append(Move(problem.seekers[number].id, one, other, chance, chance_after))
    return sorted(moves, key=lambda move: move.seeker)


def _unmoved(problem: Problem, after: Steered, seeker: str) -> Move:
    number = problem.seeker_number[seeker]
    people = np.array([number])
    place, chance = _holdings(problem, after.chosen.plan, people).get(number, _NOTHING)
    return Move(seeker, place, place, chance, chance)


#: The place and the chance of who has no place.
_NOTHING: tuple[str | None, float | None] = (None, None)


def _holdings(
    problem: Problem, plan: Plan, people: npt.NDArray[np.int64]
) -> dict[int, tuple[str | None, float | None]]:
    """The place and the chance of those of these people who have a place, by row number."""
    columns = problem.candidates
    rows = plan.rows[np.isin(columns.seeker[plan.rows], people)].tolist()
    return {
        int(columns.seeker[row]): (
            problem.places[int(columns.place[row])].id,
            float(columns.chance[row]),
        )
        for row in rows
    }

"""Is a written plan right? Recounted from the files alone, without any solver.

The pairs, the openings, the plan and its prices are all that is needed; `result.json` is read for
what it claims, and every claim is recounted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import isclose
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from data.intake.plan_file import PlanClaim, PriceColumn, read_plan, read_prices
from data.intake.problem_files import read_problem
from matching.errors import FaultyInput
from matching.plan import (
    ROUNDING,
    Aim,
    Check,
    Plan,
    Prices,
    Reach,
    Rows,
    Serve,
    Status,
    Verdict,
    Violation,
)
from matching.problem import Bond, Numbers, Pin, Problem, Seeker
from matching.verify import verify, worth_and_bound
from office.claims import RESULT, Claims, Condition, read_claims

#: Figures are written with all their digits; a sum may still be taken in another order.
_CLOSE = 1e-9

#: How near to the best possible, relatively, served wishes must come to be called proven.
PROVEN = 1e-3

#: How far below the bound served wishes may stay beyond that: the dearest wishes of so many
#: people. People can't be split, and a chain of moves is carried out whole or not at all; what one
#: chain moves in wishes is what a bound by prices can't close.
_CHAIN = 8

#: What an expected placement is worth at least where wishes are served: it is part of the bound.
_LEAST_WORTH = 1e-7

_Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """What an audit found: the problem as read, the recount, and every violation of either.

    `condition` is what a plan that serves wishes is held to. `gap` is that of the part of the
    district that was not held back (relative), `None` without prices. `held_back` counts people.
    `figures_checked`, `pins_known` and `proof_checked` say what there was to go by.
    """

    problem: Problem
    verdict: Verdict
    aim: Aim
    violations: tuple[Violation, ...]
    condition: Condition | None
    gap: float | None
    held_back: int
    figures_checked: bool
    pins_known: bool
    proof_checked: bool

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.violations

    @property
    def proven(self) -> bool:
        """Whether what was maximised comes as near to the bound as is promised."""
        return self.gap is None or self.gap <= PROVEN


def audit(
    pairs: Path, openings: Path, plan: Path, prices: Path | None = None, pins: Path | None = None
) -> Audit:
    """Check a plan against the pairs and openings that it was drawn from.

    With `prices`, a folder, the proof of optimality is checked too. What `result.json` beside the
    plan claims is recounted; the one beside the prices says what was maximised. Pins are those of
    the file `pins`, else those that `result.json` names. Raises `FaultyInput` for files that can't
    be read, with the faults of the first kind of file that has any.
    """
    claims = read_claims(plan.parent / RESULT)
    proof = read_claims(prices / RESULT) if prices is not None else claims
    told = claims or proof
    problem = read_problem(pairs, openings, pins, told.target if told else None)
    if told is not None:
        rulings = told.pins if pins is None else problem.pins
        problem = _ruled(replace(problem, spread=told.spread), rulings, plan)
    rows, violations = _matched(problem, read_plan(plan))
    aim: Aim = Reach() if proof is None else proof.aim
    proven, without = None, None
    if prices is not None:
        proven, missing, without = _prices(problem, prices)
        violations += missing
    verdict = verify(problem, Plan(rows), proven, aim)
    away = frozenset[str]() if claims is None else claims.held_back
    violations += [one for one in verdict.violations if one.seeker not in away]
    people, places = _parts_of(problem, away)
    violations += _held_back(problem, rows, away, people)
    gap = None
    if proven is not None and verdict.bound is not None:
        gap, faults = _worth_of_the_rest(problem, rows, aim, _without(proven, people, places))
        violations += faults
    if claims is not None:
        violations += _condition(verdict, claims)
        violations += _figures(problem, rows, verdict, claims, without)
    return Audit(
        problem=problem,
        verdict=verdict,
        aim=aim,
        violations=tuple(dict.fromkeys(violations)),
        condition=None if claims is None else claims.condition,
        gap=gap,
        held_back=len(away),
        figures_checked=claims is not None,
        pins_known=told is not None or pins is not None,
        proof_checked=prices is not None,
    )


def _ruled(problem: Problem, pins: tuple[Pin, ...], plan: Path) -> Problem:
    """The problem with its rulings; people who were banned from what was no pair of theirs too.

    Raises `FaultyInput`, naming the result, for pins of what is not there.
    """
    strangers = {pin.seeker for pin in pins if pin.bond is Bond.BAN} - set(problem.seeker_number)
    people = problem.seekers + tuple(map(Seeker, sorted(strangers)))
    ruled = replace(problem, seekers=people, pins=pins)
    try:
        ruled.rows_bound(Bond.PIN)
    except FaultyInput as faulty:
        named = (replace(fault, file=str(plan.parent / RESULT)) for fault in faulty.faults)
        raise FaultyInput(tuple(named)) from None
    return ruled


def _parts_of(problem: Problem, away: frozenset[str]) -> tuple[_Marks, _Marks]:
    """Who and what lies in the same part of the district as any of these people.

    A part is what candidate pairs tie together. Marks for people (n_seekers,) and places.
    """
    size = len(problem.seekers)
    if not away:
        return np.zeros(size, dtype=bool), np.zeros(len(problem.places), dtype=bool)
    candidates = problem.candidates
    ends = (candidates.seeker.astype(np.int64), candidates.place.astype(np.int64) + size)
    nodes = size + len(problem.places)
    ties = coo_array((np.ones(len(candidates), dtype=np.int8), ends), shape=(nodes, nodes))
    part = connected_components(ties, directed=False)[1]
    numbers = [problem.seeker_number[name] for name in away if name in problem.seeker_number]
    marks = np.isin(part, part[numbers])
    return marks[:size], marks[size:]


def _held_back(
    problem: Problem, rows: Rows, away: frozenset[str], people: _Marks
) -> Iterator[Violation]:
    """Whoever was held back is somebody without a place, and parts are held back whole."""
    if not away:
        return
    placed = {problem.seekers[number].id for number in problem.candidates.seeker[rows].tolist()}
    for name in sorted(away):
        if name not in problem.seeker_number or name in placed:
            yield Violation(Check.FIGURES_AS_REPORTED, name, found="held_back")
    for number in np.flatnonzero(people):
        name = problem.seekers[number].id
        if name not in away:
            yield Violation(Check.FIGURES_AS_REPORTED, name, allowed="held_back")


def _without(prices: Prices, people: _Marks, places: _Marks) -> Prices:
    """The prices that bound the rest of the district: 0 in the parts held back."""
    return Prices(np.where(people, 0.0, prices.seekers), np.where(places, 0.0, prices.places))


def _worth_of_the_rest(
    problem: Problem, rows: Rows, aim: Aim, prices: Prices
) -> tuple[float, list[Violation]]:
    """How far the plan stays below the bound where nothing was held back; too far is a fault."""
    bound, value = prices.bound(problem.openings, aim), aim.value(problem, rows)
    gap = max(0.0, bound - value) / bound if bound > 0 else 0.0
    return gap, list(_near_enough(problem, rows, aim, bound))


def _near_enough(problem: Problem, rows: Rows, aim: Aim, bound: float) -> Iterator[Violation]:
    """The plan is worth its bound; served wishes may stay below it by what can't be split.

    A floor that any plan keeps costs no wish, so there nothing is left that can't be split.
    """
    value = aim.value(problem, rows)
    if isinstance(aim, Reach):
        yield from worth_and_bound(value, bound, 0.0)
        return
    yield from worth_and_bound(value, bound, None)
    slack = PROVEN * max(0.0, bound) + _LEAST_WORTH * len(problem.seekers)
    if aim.min_expected >= _expected_of_any_plan(problem, rows) * (1 - ROUNDING):
        slack += _dearest_wishes(problem, _CHAIN)
    if value < bound - slack:
        yield Violation(Check.WORTH_REACHES_BOUND, found=repr(value), allowed=repr(bound))


def _expected_of_any_plan(problem: Problem, rows: Rows) -> float:
    """Expected placements that no plan can fall short of that leaves nobody beside a free place.

    Such a plan places at least half as many people as any other plan (a maximal matching has at
    least half the edges of a largest one), each with their least chance or more.
    """
    least = -_most_of_each(problem, -problem.candidates.chance)
    return float(np.sort(least)[: (len(rows) + 1) // 2].sum())


def _dearest_wishes(problem: Problem, people: int) -> float:
    """The dearest wish of each of the people whose wishes are dearest, in sum."""
    wish = problem.candidates.wish
    if wish is None:
        return 0.0
    return float(np.sort(_most_of_each(problem, wish))[::-1][:people].sum())


def _most_of_each(problem: Problem, column: Numbers) -> Numbers:
    """The largest figure of each person who has a pair."""
    first = np.flatnonzero(np.diff(problem.candidates.seeker, prepend=-1))
    return np.maximum.reduceat(column, first) if len(first) else np.empty(0)


def _condition(verdict: Verdict, claims: Claims) -> Iterator[Violation]:
    """A plan that serves wishes keeps what it says it keeps, and that is the target's."""
    condition, aim = claims.condition, claims.aim
    if condition is None or not isinstance(aim, Serve):
        return
    wanted: list[tuple[str, float, float]] = []
    if condition.min_expected is not None:
        name = "aim.condition.min_expected"
        if not isclose(condition.min_expected, aim.min_expected, rel_tol=_CLOSE):
            wanted.append((name, condition.min_expected, aim.min_expected))
    if condition.confidence is not None:
        name = "aim.condition.confidence"
        if condition.confidence != claims.target.confidence:
            wanted.append((name, condition.confidence, claims.target.confidence))
        if verdict.chance_with_model_error < condition.confidence * (1 - _CLOSE):
            wanted.append((name, condition.confidence, verdict.chance_with_model_error))
    for name, claimed, found in wanted:
        yield Violation(Check.FIGURES_AS_REPORTED, found=f"{name} {claimed}", allowed=str(found))


def _matched(problem: Problem, claim: PlanClaim) -> tuple[Rows, list[Violation]]:
    """The candidate rows that a plan names, and what it names that is none or says otherwise."""
    candidates = problem.candidates
    seeker = _numbers_of(claim.seeker, problem.seeker_number)
    place = _numbers_of(claim.place, problem.place_number)
    wide = max(1, len(problem.places))
    keys = candidates.seeker.astype(np.int64) * wide + candidates.place
    wanted = np.where((seeker < 0) | (place < 0), -1, seeker * wide + place)
    row = np.searchsorted(keys, wanted)
    known = np.append(keys, -2)[row] == wanted
    given = np.full(len(claim), np.nan)
    given[known] = candidates.chance[row[known]]
    as_given = np.isclose(claim.chance, given, rtol=1e-12, atol=0.0)
    violations = []
    for number in np.flatnonzero(~as_given).tolist():
        name, at = claim.seeker[number], claim.place[number]
        if known[number]:
            facts = (repr(float(claim.chance[number])), repr(float(given[number])))
            violations.append(Violation(Check.CHANCE_AS_GIVEN, name, at, *facts))
        else:
            violations.append(Violation(Check.AMONG_CANDIDATES, name, at))
    return np.sort(row[known]).astype(np.int64), violations


def _numbers_of(names: tuple[str, ...], number: Mapping[str, int]) -> npt.NDArray[np.int64]:
    """The row number of each id, -1 for a stranger's."""
    return np.fromiter((number.get(name, -1) for name in names), np.int64, len(names))


def _prices(problem: Problem, folder: Path) -> tuple[Prices | None, list[Violation], int]:
    """The prices of a folder in the problem's order; `None` where some are missing.

    With them, how many people have a price but no pair.
    """
    claim = read_prices(folder)
    violations: list[Violation] = []
    seekers = _ordered(claim.seekers, problem.seeker_number)
    places = _ordered(claim.places, problem.place_number)
    for number in np.flatnonzero(np.isnan(seekers)):
        violations.append(Violation(Check.PRICES_COMPLETE, problem.seekers[number].id))
    for number in np.flatnonzero(np.isnan(places)):
        violations.append(Violation(Check.PRICES_COMPLETE, place=problem.places[number].id))
    for name, price in _strangers(claim.seekers, problem.seeker_number):
        violations.append(Violation(Check.PRICES_COMPLETE, name, found=repr(price), allowed="0"))
    for name, price in _strangers(claim.places, problem.place_number):
        violations.append(
            Violation(Check.PRICES_COMPLETE, place=name, found=repr(price), allowed="0")
        )
    without = len(claim.seekers.id) - len(np.unique(problem.candidates.seeker))
    return (None if violations else Prices(seekers, places)), violations, without


def _ordered(column: PriceColumn, number: Mapping[str, int]) -> Numbers:
    prices = np.full(len(number), np.nan)
    for name, price in zip(column.id, column.price.tolist(), strict=True):
        if name in number:
            prices[number[name]] = price
    return prices


def _strangers(column: PriceColumn, number: Mapping[str, int]) -> Iterator[tuple[str, float]]:
    """Prices of ids that are in no pair: only 0 is right for them."""
    for name, price in zip(column.id, column.price.tolist(), strict=True):
        if name not in number and price != 0:
            yield name, price


def _figures(
    problem: Problem, rows: Rows, verdict: Verdict, claims: Claims, without: int | None
) -> Iterator[Violation]:
    """Every figure of the result that a recount gives otherwise.

    `without` is the number of people without a pair, where prices tell it.
    """
    told, aim = claims.told, claims.aim
    recounted = _recounted(problem, verdict)
    if without is None:
        # Nothing but the prices knows of people without a pair.
        without = told.get("seekers_without_pair", 0)
        without = without if isinstance(without, int) and without >= 0 else 0
    recounted["seekers_without_pair"] = without
    recounted["seekers"] = len(np.unique(problem.candidates.seeker)) + without
    value = verdict.expected if isinstance(aim, Reach) else verdict.wishes
    bound = claims.bound if verdict.bound is None else verdict.bound
    gap = max(0.0, bound - value) / bound if bound > 0 else 0.0
    best = gap <= ROUNDING and not claims.held_back
    recounted |= {"bound": bound, "gap": gap}
    recounted["status"] = (Status.OPTIMAL if best else Status.FEASIBLE).value
    if verdict.bound is None and not claims.held_back:
        yield from _near_enough(problem, rows, aim, bound)
    elif verdict.bound is None:
        yield from worth_and_bound(value, bound, None)
    for name, found in recounted.items():
        claimed: Any = told
        for part in name.split("."):
            claimed = claimed.get(part) if isinstance(claimed, Mapping) else None
        if not _same(claimed, found, 0.0 if name in _SUMS else _CLOSE):
            yield Violation(
                Check.FIGURES_AS_REPORTED, found=f"{name} {claimed}", allowed=str(found)
            )


def _recounted(problem: Problem, verdict: Verdict) -> dict[str, object]:
    """Every figure that pairs, openings and plan give, by its name in the result."""
    return {
        "places": len(problem.places),
        "openings": int(problem.openings.sum()),
        "pairs": len(problem.candidates),
        "placed": verdict.placed,
        "expected": verdict.expected,
        "wishes": verdict.wishes,
        "verified": True,
        "fingerprint": problem.fingerprint(),
        "target.base": problem.base,
        "target.placed": problem.placed_already,
        "target.need": verdict.need,
        "target.expected_rate": verdict.rate,
        "target.chance": verdict.chance_of_target,
        "target.chance_with_model_error": verdict.chance_with_model_error,
    }


#: Sums of positive figures: as exact relatively where they are tiny as where they are large.
_SUMS = ("expected", "wishes")


def _same(claimed: object, found: object, slack: float) -> bool:
    if isinstance(claimed, bool) or isinstance(found, bool):
        return claimed is found
    if isinstance(found, float) and isinstance(claimed, int | float):
        return isclose(claimed, found, rel_tol=_CLOSE, abs_tol=slack)
    return claimed == found

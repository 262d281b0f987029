"""Is a written plan right? Recounted from the files alone, without any solver.

The pairs, the openings, the plan and its prices are all that is needed; `result.json` is read for
what it claims, and every claim is recounted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import isclose, isfinite
from pathlib import Path
from typing import Any

import numpy as np

from data.intake.plan_file import PlanClaim, PriceColumn, read_plan, read_prices
from data.intake.problem_files import read_problem
from data.intake.target_file import parse_share
from matching.errors import Fault, FaultyInput, Rule
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
from matching.target import Target
from matching.verify import verify, worth_and_bound

RESULT = "result.json"

#: Figures are written with all their digits; a sum may still be taken in another order.
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Claims:
    """What a `result.json` says, as far as a recount needs it; `told` is all of it.

    `gap` is the one claimed. A plan may have one only if it serves wishes, or if a part of the
    district was held back.
    """

    target: Target
    spread: float
    aim: Aim
    pins: tuple[Pin, ...]
    bound: float
    gap: float
    held_back: frozenset[str]
    told: Mapping[str, Any]

    @property
    def allowed_gap(self) -> float:
        """How far the plan may be from the proven bound."""
        return self.gap if isinstance(self.aim, Serve) or self.held_back else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """What an audit found: the problem as read, the recount, and every violation of either."""

    problem: Problem
    verdict: Verdict
    aim: Aim
    violations: tuple[Violation, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.violations


def audit(
    pairs: Path, openings: Path, plan: Path, prices: Path | None = None, pins: Path | None = None
) -> Audit:
    """Check a plan against the pairs and openings that it was drawn from.

    With `prices`, a folder, the proof of optimality is checked too. What `result.json` beside the
    plan claims is recounted; the one beside the prices says what was maximised. Pins are those of
    the file `pins`, else those that `result.json` names. Raises `FaultyInput` for files that can't
    be read, with the faults of the first kind of file that has any.
    """
    claims = _claims(plan.parent / RESULT)
    proof = _claims(prices / RESULT) if prices is not None else claims
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
    allowed = 0.0 if proof is None else proof.allowed_gap
    verdict = verify(problem, Plan(rows), proven, aim, allowed)
    away = frozenset[str]() if claims is None else claims.held_back
    violations += [one for one in verdict.violations if one.seeker not in away]
    if claims is not None:
        violations += _held_back(problem, rows, away)
        violations += _figures(problem, verdict, claims, without)
    return Audit(problem, verdict, aim, tuple(violations))


def _claims(path: Path) -> Claims | None:
    """What a result says, or `None` where there is none. Raises `FaultyInput` if it is broken."""
    if not path.exists():
        return None
    key = "target"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        target = told[key]
        share = parse_share(str(target["share"]))
        counted = Target(
            share=share,
            base=int(target["base"]),
            placed=int(target["placed"]),
            confidence=float(target["confidence"]),
        )
        spread = _size(target.get("spread", 0.0))
        key = "aim"
        aim = _aim(told[key])
        key = "pins"
        pins = tuple(
            Pin(str(pin["seeker"]), str(pin["place"]), Bond(pin["bond"]))
            for pin in told.get(key, [])
        )
        key = "held_back"
        held_back = frozenset(map(str, told.get(key, [])))
        key = "bound"
        bound = _size(told[key])
        key = "gap"
        gap = _size(told[key])
    except FaultyInput as faulty:
        named = (replace(fault, file=str(path)) for fault in faulty.faults)
        raise FaultyInput(tuple(named)) from None
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        OSError,
        RecursionError,
        TypeError,
        ValueError,
    ):
        raise FaultyInput((Fault(Rule.FILE_UNREADABLE, str(path), column=key),)) from None
    return Claims(counted, spread, aim, pins, bound, gap, held_back, told)


def _size(told: Any) -> float:
    """A number that is finite and not negative, or else `ValueError`."""
    size = float(told)
    if not isfinite(size) or size < 0:
        raise ValueError(told)
    return size


def _aim(told: Mapping[str, Any]) -> Aim:
    if told["maximised"] == "expected":
        return Reach()
    if told["maximised"] == "wishes":
        # Only with a multiplier of at least 0 do prices bound the wishes.
        return Serve(_size(told["multiplier"]), _size(told["min_expected"]))
    raise ValueError(told["maximised"])


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


def _held_back(problem: Problem, rows: Rows, away: frozenset[str]) -> Iterator[Violation]:
    """Whoever was held back is somebody, and has no place."""
    placed = {problem.seekers[number].id for number in problem.candidates.seeker[rows].tolist()}
    for name in sorted(away):
        if name not in problem.seeker_number or name in placed:
            yield Violation(Check.FIGURES_AS_REPORTED, name, found="held_back")


def _matched(problem: Problem, claim: PlanClaim) -> tuple[Rows, list[Violation]]:
    """The candidate rows that a plan names, and what it names that is none or says otherwise."""
    rows: list[int] = []
    violations = []
    for name, at, chance in zip(claim.seeker, claim.place, claim.chance.tolist(), strict=True):
        seeker, place = problem.seeker_number.get(name), problem.place_number.get(at)
        row = None
        if seeker is not None and place is not None:
            row = problem.candidates.row_of(seeker, place)
        if row is None:
            violations.append(Violation(Check.AMONG_CANDIDATES, name, at))
            continue
        rows.append(row)
        given = float(problem.candidates.chance[row])
        if not isclose(chance, given, rel_tol=1e-12):
            facts = (repr(chance), repr(given))
            violations.append(Violation(Check.CHANCE_AS_GIVEN, name, at, *facts))
    return np.array(sorted(rows), dtype=np.int64), violations


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
    problem: Problem, verdict: Verdict, claims: Claims, without: int | None
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
    if verdict.bound is None:
        yield from worth_and_bound(value, bound, claims.allowed_gap)
    for name, found in recounted.items():
        claimed: Any = told
        for part in name.split("."):
            claimed = claimed.get(part) if isinstance(claimed, Mapping) else None
        if not _same(claimed, found):
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


def _same(claimed: object, found: object) -> bool:
    if isinstance(claimed, bool) or isinstance(found, bool):
        return claimed is found
    if isinstance(found, float) and isinstance(claimed, int | float):
        return isclose(claimed, found, rel_tol=_CLOSE, abs_tol=_CLOSE)
    return claimed == found

"""Is a written plan right? Recounted from the files alone, without any solver.

The pairs, the openings, the plan and its prices are all that is needed; `result.json` is read for
what it claims, and every claim is recounted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import isclose
from pathlib import Path
from typing import Any

import numpy as np

from data.intake.plan_file import PlanClaim, PriceColumn, read_plan, read_prices
from data.intake.problem_files import read_problem
from data.intake.target_file import parse_share
from matching.errors import Fault, FaultyInput, Rule
from matching.plan import Aim, Check, Plan, Prices, Reach, Rows, Serve, Verdict, Violation
from matching.problem import Bond, Numbers, Pin, Problem
from matching.target import Target
from matching.verify import verify

RESULT = "result.json"

#: Figures are written with all their digits; a sum may still be taken in another order.
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Claims:
    """What a `result.json` says, as far as a recount needs it; `told` is all of it."""

    target: Target
    spread: float
    aim: Aim
    pins: tuple[Pin, ...]
    allowed_gap: float
    told: Mapping[str, Any]


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
        problem = replace(problem, pins=rulings, spread=told.spread)
    rows, violations = _matched(problem, read_plan(plan))
    aim: Aim = Reach() if proof is None else proof.aim
    proven = None
    if prices is not None:
        proven, missing = _prices(problem, prices)
        violations += missing
    allowed = 0.0 if proof is None else proof.allowed_gap
    verdict = verify(problem, Plan(rows), proven, aim, allowed)
    violations += verdict.violations
    if claims is not None:
        violations += _figures(problem, verdict, claims, proven is not None)
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
        spread = float(target.get("spread", 0.0))
        key = "aim"
        aim = _aim(told[key])
        key = "pins"
        pins = tuple(
            Pin(str(pin["seeker"]), str(pin["place"]), Bond(pin["bond"]))
            for pin in told.get(key, [])
        )
        key = "gap"
        excused = isinstance(aim, Serve) or bool(told.get("held_back"))
        gap = float(told[key]) if excused else 0.0
    except FaultyInput as faulty:
        named = (replace(fault, file=str(path)) for fault in faulty.faults)
        raise FaultyInput(tuple(named)) from None
    except (ValueError, TypeError, KeyError, AttributeError, OSError):
        raise FaultyInput((Fault(Rule.FILE_UNREADABLE, str(path), column=key),)) from None
    return Claims(counted, spread, aim, pins, gap, told)


def _aim(told: Mapping[str, Any]) -> Aim:
    if told["maximised"] == "expected":
        return Reach()
    if told["maximised"] == "wishes":
        return Serve(float(told["multiplier"]), float(told["min_expected"]))
    raise ValueError(told["maximised"])


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


def _prices(problem: Problem, folder: Path) -> tuple[Prices | None, list[Violation]]:
    """The prices of a folder in the problem's order; `None` where some are missing."""
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
    return (None if violations else Prices(seekers, places)), violations


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
    problem: Problem, verdict: Verdict, claims: Claims, proven: bool
) -> Iterator[Violation]:
    """Every figure of the result that a recount gives otherwise."""
    told = claims.told
    without = told.get("seekers_without_pair", 0)
    recounted: dict[str, object] = {
        "seekers": len(problem.seekers) + (without if isinstance(without, int) else 0),
        "places": len(problem.places),
        "openings": int(problem.openings.sum()),
        "pairs": len(problem.candidates),
        "placed": verdict.placed,
        "expected": verdict.expected,
        "wishes": verdict.wishes,
        "verified": True,
        "fingerprint": problem.fingerprint(),
        "target.need": verdict.need,
        "target.expected_rate": verdict.rate,
        "target.chance": verdict.chance_of_target,
    }
    if proven:
        recounted |= {"bound": verdict.bound, "gap": verdict.gap}
    for name, found in recounted.items():
        part, _, rest = name.partition(".")
        claimed = told[part].get(rest) if rest else told.get(part)
        if not _same(claimed, found):
            yield Violation(
                Check.FIGURES_AS_REPORTED, found=f"{name} {claimed}", allowed=str(found)
            )


def _same(claimed: object, found: object) -> bool:
    if isinstance(found, float) and isinstance(claimed, int | float):
        return isclose(claimed, found, rel_tol=_CLOSE, abs_tol=_CLOSE)
    return claimed == found

"""What goes out of a solved problem? A folder of plain files that anyone can check.

`result.json` is written last, so a folder that has one is whole.
"""

from __future__ import annotations

import csv
import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from matching.errors import Fault, FaultyInput, Rule
from matching.plan import Result, Serve, Status
from matching.policy import Steered
from matching.problem import Problem

PLAN, SEEKER_PRICES, PLACE_PRICES, RESULT = (
    "plan.csv",
    "prices_seekers.csv",
    "prices_places.csv",
    "result.json",
)
PAIRS, OPENINGS = "pairs.csv", "places.csv"
WITHOUT_PROPOSAL, LEFT_EMPTY = "without_proposal.csv", "left_empty.csv"
#: Every file that is written of a solved problem, and of a drawn district.
OF_PROBLEM = (PLAN, SEEKER_PRICES, PLACE_PRICES, RESULT)
OF_DISTRICT = (*OF_PROBLEM, PAIRS, OPENINGS, WITHOUT_PROPOSAL, LEFT_EMPTY)
_PACKAGES = ("uebergang", "ortools", "numpy", "scipy")


def check_nothing_lost(folder: Path, names: Sequence[str], read: Iterable[Path | None]) -> None:
    """Raise `FaultyInput` for every file read that one of these names would overwrite."""
    # Unlike `Path.resolve`, `realpath` does not stumble over links that lead in a circle.
    written = {os.path.realpath(folder / name) for name in names}
    lost = [path for path in read if path is not None and os.path.realpath(path) in written]
    if lost:
        raise FaultyInput(tuple(Fault(Rule.FILE_WOULD_BE_LOST, str(path)) for path in lost))


def open_folder(folder: Path) -> Path:
    """Make the folder; an older result in it goes, since what it is about is rewritten."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RESULT).unlink(missing_ok=True)
    return folder


def write_plan(
    folder: Path,
    problem: Problem,
    steered: Steered,
    seconds: Mapping[str, float],
    more: Mapping[str, object] | None = None,
) -> Path:
    """Write plan, prices and result; returns the path of `result.json`.

    `seconds` holds `read`, `build`, `solve`, `verify`; `more` is added to the result as it is.
    """
    open_folder(folder)
    result = steered.chosen
    rows = result.plan.rows
    ids = [seeker.id for seeker in problem.seekers]
    places = [place.id for place in problem.places]
    chosen = {
        "seeker": [ids[number] for number in result.plan.seekers(problem).tolist()],
        "place": [places[number] for number in result.plan.places(problem).tolist()],
        "chance": problem.candidates.chance[rows],
    }
    write_columns(folder / PLAN, chosen)
    prices = result.prices
    write_columns(folder / SEEKER_PRICES, {"seeker": ids, "price": prices.seekers})
    write_columns(folder / PLACE_PRICES, {"place": places, "price": prices.places})
    facts = _facts(problem, steered, seconds) | dict(more or {})
    return _write(folder / RESULT, json.dumps(facts, indent=2, ensure_ascii=False) + "\n")


def write_impossible(folder: Path, problem: Problem | None, faults: Sequence[Fault]) -> Path:
    """Write that no plan is possible and why; an older plan in the folder goes.

    Without the problem its sizes are left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (RESULT, PLAN, SEEKER_PRICES, PLACE_PRICES):
        (folder / name).unlink(missing_ok=True)
    contradictions = [{"rule": fault.rule.value, "value": fault.value} for fault in faults]
    facts: dict[str, object] = {"status": Status.IMPOSSIBLE.value, "contradictions": contradictions}
    if problem is not None:
        facts |= _sizes(problem)
    return _write(folder / RESULT, json.dumps(facts, indent=2, ensure_ascii=False) + "\n")


def write_problem(folder: Path, problem: Problem) -> tuple[Path, Path]:
    """Write the pairs and openings that a plan was drawn from, for whoever checks it."""
    candidates = problem.candidates
    seekers = pd.Series([seeker.id for seeker in problem.seekers])
    places = pd.Series([place.id for place in problem.places])
    columns: dict[str, object] = {
        "seeker": seekers.to_numpy()[candidates.seeker],
        "place": places.to_numpy()[candidates.place],
        "chance": candidates.chance,
    }
    if candidates.wish is not None:
        columns["wish"] = candidates.wish
    pairs, openings = folder / PAIRS, folder / OPENINGS
    write_columns(pairs, columns)
    write_columns(openings, {"place": places, "openings": problem.openings})
    return pairs, openings


def write_columns(path: Path, columns: Mapping[str, object]) -> None:
    """Write columns as CSV; numbers with all their digits, so that nothing is lost."""
    text = pd.DataFrame(columns).to_csv(index=False, lineterminator="\n")
    _write(path, text)


def write_rows(path: Path, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows as CSV."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(rows)
    _write(path, text.getvalue())


def _write(path: Path, text: str) -> Path:
    """Write a whole file or none of it."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _sizes(problem: Problem) -> dict[str, int]:
    return {
        "seekers": len(problem.seekers),
        "seekers_without_pair": len(problem.seekers) - len(np.unique(problem.candidates.seeker)),
        "places": len(problem.places),
        "openings": int(problem.openings.sum()),
        "pairs": len(problem.candidates),
    }


def _facts(problem: Problem, steered: Steered, seconds: Mapping[str, float]) -> dict[str, object]:
    result = steered.chosen
    verdict, target = result.verdict, problem.target
    return {
        "status": result.status.value,
        **_sizes(problem),
        "placed": verdict.placed,
        "expected": verdict.expected,
        "bound": result.bound,
        "gap": result.gap,
        "verified": verdict.holds,
        "fingerprint": problem.fingerprint(),
        "wishes": verdict.wishes,
        "target": {
            "share": str(target.share),
            "definition": target.definition,
            "base": problem.base,
            "placed": problem.placed_already,
            "need": verdict.need,
            "expected_rate": verdict.rate,
            "chance": verdict.chance_of_target,
            "chance_with_model_error": verdict.chance_with_model_error,
            "spread": problem.spread,
            "confidence": target.confidence,
            "cut_off": None if target.cut_off is None else target.cut_off.isoformat(),
        },
        "aim": _aim(result),
        "curve": [
            {"expected": point.expected, "wishes": point.wishes, "chance": point.chance}
            for point in steered.curve
        ],
        "pins": [
            {"seeker": pin.seeker, "place": pin.place, "bond": pin.bond.value}
            for pin in problem.pins
        ],
        "held_back": list(result.held_back),
        "flows": steered.flows,
        "seconds": {name: round(value, 4) for name, value in seconds.items()},
        "invented": problem.invented,
        "solver": result.solver,
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in _PACKAGES},
    }


def _aim(result: Result) -> dict[str, object]:
    if isinstance(result.aim, Serve):
        return {
            "maximised": "wishes",
            "multiplier": result.aim.multiplier,
            "min_expected": result.aim.min_expected,
        }
    return {"maximised": "expected"}

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

from data.intake.plan_file import PLACE_PRICES, SEEKER_PRICES
from matching.errors import Fault, FaultyInput, Rule
from matching.plan import Serve, Status, Verdict
from matching.policy import Steered
from matching.problem import Problem

PLAN, RESULT = "plan.csv", "result.json"
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


def open_folder(folder: Path, read: Iterable[Path | None] = ()) -> Path:
    """Make the folder and clear it of an older plan: of what its result names, and of any plan.

    The result goes first, since without it nobody takes the rest for whole. Files that are `read`
    in this run stay, and so do files that no result names: they are somebody's own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = {os.path.realpath(path) for path in read if path is not None}
    stale = [*OF_PROBLEM, *(name for name in _written_before(folder) if name in OF_DISTRICT)]
    for name in sorted(set(stale), key=lambda name: name != RESULT):
        if os.path.realpath(folder / name) not in kept:
            (folder / name).unlink(missing_ok=True)
    return folder


def _written_before(folder: Path) -> list[str]:
    """The files that an older result in the folder says were written with it."""
    try:
        told = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        return [str(name) for name in told["files"]]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return []


def write_plan(
    folder: Path,
    problem: Problem,
    steered: Steered,
    seconds: Mapping[str, float],
    dropped: Mapping[str, Sequence[str]],
    more: Mapping[str, object] | None = None,
    files: Sequence[str] = OF_PROBLEM,
) -> Path:
    """Write plan, prices and result into an opened folder; returns the path of `result.json`.

    `seconds` holds `read`, `build`, `solve`, `verify`; `dropped` the columns that were not read, by
    option. `more` is added to the result as it is; `files` are all that are written with it.
    """
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
    facts = facts_of(problem, steered, seconds, dropped, files) | dict(more or {})
    return _write(folder / RESULT, json.dumps(facts, indent=2, ensure_ascii=False) + "\n")


def write_impossible(
    folder: Path,
    problem: Problem,
    faults: Sequence[Fault],
    seconds: Mapping[str, float],
    dropped: Mapping[str, Sequence[str]],
    more: Mapping[str, object] | None = None,
) -> Path:
    """Write into an opened folder that no plan is possible, and why.

    The result has the keys of every result, `null` where only a plan would tell; `more` is added.
    """
    facts = _facts(problem, seconds, dropped, (RESULT,)) | dict(more or {})
    facts["contradictions"] = [{"rule": fault.rule.value, "value": fault.value} for fault in faults]
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


def facts_of(
    problem: Problem,
    steered: Steered,
    seconds: Mapping[str, float],
    dropped: Mapping[str, Sequence[str]],
    files: Sequence[str],
) -> dict[str, object]:
    """What a result tells of a solved problem, for other programs."""
    return _facts(problem, seconds, dropped, files) | _found(problem, steered)


def _facts(
    problem: Problem,
    seconds: Mapping[str, float],
    dropped: Mapping[str, Sequence[str]],
    files: Sequence[str],
) -> dict[str, object]:
    """Every key of a result, in its order, as far as the problem alone tells."""
    return {
        "status": Status.IMPOSSIBLE.value,
        **_sizes(problem),
        "placed": None,
        "expected": None,
        "bound": None,
        "gap": None,
        "verified": None,
        "fingerprint": problem.fingerprint(),
        "wishes": None,
        "target": _target(problem, None),
        "aim": None,
        "curve": [],
        "pins": [
            {"seeker": pin.seeker, "place": pin.place, "bond": pin.bond.value}
            for pin in problem.pins
        ],
        "held_back": [],
        "flows": None,
        "seconds": {
            name: round(seconds[name], 4) if name in seconds else None
            for name in ("read", "build", "solve", "verify")
        },
        "invented": problem.invented,
        "dropped_columns": {option: list(names) for option, names in dropped.items()},
        "files": list(files),
        "solver": None,
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in _PACKAGES},
    }


def _found(problem: Problem, steered: Steered) -> dict[str, object]:
    """What a plan and its recount add to a result."""
    result = steered.chosen
    verdict = result.verdict
    return {
        "status": result.status.value,
        "placed": verdict.placed,
        "expected": verdict.expected,
        "bound": result.bound,
        "gap": result.gap,
        "verified": verdict.holds,
        "wishes": verdict.wishes,
        "target": _target(problem, verdict),
        "aim": _aim(problem, steered),
        "curve": [
            {"expected": point.expected, "wishes": point.wishes, "chance": point.chance}
            for point in steered.curve
        ],
        "held_back": list(result.held_back),
        "flows": steered.flows,
        "solver": result.solver,
    }


def _target(problem: Problem, verdict: Verdict | None) -> dict[str, object]:
    target = problem.target
    return {
        "share": str(target.share),
        "definition": target.definition,
        "base": problem.base,
        "placed": problem.placed_already,
        "need": problem.need,
        "expected_rate": None if verdict is None else verdict.rate,
        "chance": None if verdict is None else verdict.chance_of_target,
        "chance_with_model_error": None if verdict is None else verdict.chance_with_model_error,
        "spread": problem.spread,
        "confidence": target.confidence,
        "cut_off": None if target.cut_off is None else target.cut_off.isoformat(),
    }


def _aim(problem: Problem, steered: Steered) -> dict[str, object]:
    """What was maximised and, for wishes, the condition that the plan is held to."""
    result, floor = steered.chosen, steered.asked_floor
    if isinstance(result.aim, Serve):
        sure = problem.target.confidence
        return {
            "maximised": "wishes",
            "multiplier": result.aim.multiplier,
            "min_expected": result.aim.min_expected,
            "condition": {"confidence": sure} if floor is None else {"min_expected": floor},
        }
    return {"maximised": "expected"}

"""What do packages make of it that can't live beside ours? Run alone, in an environment of theirs.

    python -I strangers.py NAME IN.npz OUT.npy

Nothing of the project is imported here: one of the packages has the import name `matching`, as
our engine has. IN holds the arrays `seeker, place, units, openings, wish`, sorted by seeker, then
place; OUT gets the chosen rows. Prints JSON with seconds and memory; the seconds run from the
arrays to the rows.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

#: Bytes of stack to work in; only what is used counts as memory.
_STACK = 2**33

Arrays = dict[str, npt.NDArray[Any]]
Rows = npt.NDArray[np.int64]


def by_highspy(given: Arrays) -> Rows:
    """Solve the linear programme by the simplex; a corner is a plan."""
    highspy = import_module("highspy")
    seeker, place, units, openings = (given[n] for n in ("seeker", "place", "units", "openings"))
    people, pairs = int(seeker.max()) + 1, len(seeker)
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = pairs, people + len(openings)
    programme.col_cost_ = -units / units.max()
    programme.col_lower_, programme.col_upper_ = np.zeros(pairs), np.ones(pairs)
    programme.row_lower_ = np.full(programme.num_row_, -highspy.kHighsInf)
    programme.row_upper_ = np.concatenate([np.ones(people), openings]).astype(float)
    matrix = programme.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kColwise
    matrix.start_ = np.arange(0, 2 * pairs + 1, 2)
    matrix.index_ = np.column_stack([seeker, place + people]).ravel()
    matrix.value_ = np.ones(2 * pairs)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("solver", "simplex")
    solver.passModel(programme)
    solver.run()
    return np.flatnonzero(np.asarray(solver.getSolution().col_value) > 0.5)


def by_matching(given: Arrays, people_rank: str = "units") -> Rows:
    """A stable matching by the package `matching`, best for the people."""
    games = import_module("matching.games")
    liked, wanted = _ranked(given, people_rank)
    room = {place: int(given["openings"][place]) for place in wanted}
    game = games.HospitalResident.create_from_dictionaries(liked, wanted, room)
    found = game.solve()
    pairs = [(one.name, place.name) for place, people in found.items() for one in people]
    return _rows(given, pairs)


def by_matching_wish(given: Arrays) -> Rows:
    """The same where people rank by wish, then by chance."""
    return by_matching(given, "wish")


def by_algmatch(given: Arrays) -> Rows:
    """A stable matching by the package `algmatch`, best for the people."""
    algmatch = import_module("algmatch")
    liked, wanted = _ranked(given, "units")
    room = given["openings"]
    hospitals = {
        place: {"capacity": int(room[place]), "preferences": people}
        for place, people in wanted.items()
    }
    problem = algmatch.HospitalResidentsProblem(
        dictionary={"residents": liked, "hospitals": hospitals}
    )
    found = problem.get_stable_matching()["resident_sided"]
    pairs = [(int(one[1:]), int(place[1:])) for one, place in found.items() if place]
    return _rows(given, pairs)


def _ranked(given: Arrays, people_rank: str) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """The places of each person, and the people of each place, the dearest first."""
    seeker, place, units = given["seeker"], given["place"], given["units"]
    liked: dict[int, list[int]] = {}
    order = np.lexsort((-units, -given[people_rank], seeker))
    for one, site in zip(seeker[order].tolist(), place[order].tolist(), strict=True):
        liked.setdefault(one, []).append(site)
    wanted: dict[int, list[int]] = {}
    order = np.lexsort((-units, place))
    for one, site in zip(seeker[order].tolist(), place[order].tolist(), strict=True):
        wanted.setdefault(site, []).append(one)
    return liked, wanted


def _rows(given: Arrays, pairs: list[tuple[int, int]]) -> Rows:
    sites = len(given["openings"])
    key = given["seeker"].astype(np.int64) * sites + given["place"]
    return np.sort(np.searchsorted(key, [one * sites + site for one, site in pairs]))


STRANGERS: dict[str, Callable[[Arrays], Rows]] = {
    "highspy": by_highspy,
    "matching": by_matching,
    "matching_wish": by_matching_wish,
    "algmatch": by_algmatch,
}


def _memory() -> float | None:
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    lines = status.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e9


def main() -> None:
    """Choose rows, keep them, and say what it took."""
    name, given_at, rows_at = sys.argv[1:4]
    with np.load(given_at) as file:
        given: Arrays = dict(file)
    first = given["seeker"] < 10
    small = {key: values[first] for key, values in given.items() if key != "openings"}
    STRANGERS[name](small | {"openings": given["openings"]})  # so that nothing is loaded later
    started = perf_counter()
    rows = STRANGERS[name](given)
    seconds = perf_counter() - started
    np.save(rows_at, rows)
    print(json.dumps({"seconds": seconds, "memory": _memory()}))


if __name__ == "__main__":
    # One package copies people and places as a single chain of objects, a call a link.
    sys.setrecursionlimit(10**8)
    threading.stack_size(_STACK)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(main).result()

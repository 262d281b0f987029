"""Does `uebergang verify` find every tampering, from the files alone and without a solver?"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from matching.assignment import Assignment
from matching.plan import Rows
from matching.solve import solve as solve_problem
from matching.solvers.flow import flow
from tests.office.terminal import OPENINGS, PAIRS, change_result, run, solve, verify, write

ROOT = Path(__file__).parents[2]
Table = pd.DataFrame


def change(path: Path, edit: Callable[[Table], Table]) -> None:
    """Edit a table as text, so that nothing else in it changes."""
    edit(pd.read_csv(path, dtype=str)).to_csv(path, index=False)


def with_cell(row: int, column: str, value: str) -> Callable[[Table], Table]:
    def edit(table: Table) -> Table:
        table.loc[table.index[row], column] = value
        return table

    return edit


def with_row(**cells: str) -> Callable[[Table], Table]:
    return lambda table: pd.concat([table, pd.DataFrame([cells])], ignore_index=True)


def without_row(table: Table) -> Table:
    return table.iloc[1:]


def doubled(table: Table) -> Table:
    return pd.concat([table, table.iloc[:1]], ignore_index=True)


def swapped(table: Table) -> Table:
    """The places of the first two people, exchanged."""
    table.loc[[0, 1], "place"] = table.loc[[1, 0], "place"].to_numpy()
    return table


def scaled(factor: float, row: Callable[[Table], int]) -> Callable[[Table], Table]:
    def edit(table: Table) -> Table:
        at = row(table)
        table.loc[at, "price"] = repr(float(str(table.loc[at, "price"])) * factor)
        return table

    return edit


def dearest(table: Table) -> int:
    return int(table["price"].astype(float).to_numpy().argmax())


@pytest.mark.parametrize("of", ["out", "served"])
def test_what_was_written_holds(solved: Path, of: str) -> None:
    """Also beside another folder, and where nothing tells what was aimed at."""
    answer = verify(solved, of=of)
    assert (answer.code, "Every rule that was checked holds" in answer.out) == (0, True)
    answer = verify(solved, "--prices", solved / of, of=of)
    assert (answer.code, "proven bound" in answer.out) == (0, True)


def test_the_plan_alone_holds(folder: Path) -> None:
    """A plan and prices from another tool need no result beside them."""
    (folder / "out/result.json").unlink()
    assert verify(folder).code == 0
    assert verify(folder, "--prices", folder / "out").code == 0


@pytest.mark.parametrize(
    ("edit", "check"),
    [
        (without_row, "figures_as_reported"),
        (doubled, "one_place_each"),
        (with_row(seeker="nobody", place="p000001", chance="0.5"), "among_candidates"),
        (with_row(seeker="s000001", place="nowhere", chance="0.5"), "among_candidates"),
        (with_cell(0, "chance", "0.999"), "chance_as_given"),
        (with_cell(0, "chance", "nan"), "chance_as_given"),
        (with_cell(0, "chance", "2"), "chance_as_given"),
        (with_cell(0, "place", "nowhere"), "among_candidates"),
        (with_cell(0, "seeker", "nobody"), "among_candidates"),
        (swapped, "figures_as_reported"),
        (lambda table: table.iloc[:0], "nobody_left_beside_a_free_place"),
    ],
)
@pytest.mark.parametrize("of", ["out", "served"])
def test_a_plan_that_was_changed(
    folder: Path, of: str, edit: Callable[[Table], Table], check: str
) -> None:
    change(folder / of / "plan.csv", edit)
    for prices in ((), ("--prices", folder / of)):
        answer = verify(folder, *prices, of=of)
        assert answer.code == 1 and f"[{check}]" in answer.err, answer.err


def test_the_order_of_a_plan_is_no_claim(folder: Path) -> None:
    change(folder / "out/plan.csv", lambda table: table.iloc[::-1])
    assert verify(folder, "--prices", folder / "out").code == 0


def test_a_worse_plan_with_honest_figures_fails_its_proof(folder: Path) -> None:
    """Nobody lied, but the plan is worth less than its prices prove possible."""
    (folder / "out/result.json").unlink()
    shutil.copy(folder / "served/plan.csv", folder / "out/plan.csv")
    assert verify(folder).code == 0
    answer = verify(folder, "--prices", folder / "out")
    assert answer.code == 1 and "[worth_reaches_bound]" in answer.err


@pytest.mark.parametrize("name", ["prices_seekers.csv", "prices_places.csv"])
@pytest.mark.parametrize("of", ["out", "served"])
@pytest.mark.parametrize(
    ("edit", "check"),
    [
        (scaled(1.01, dearest), "figures_as_reported"),
        (scaled(1 + 1e-5, dearest), "figures_as_reported"),
        (scaled(0.9, dearest), "prices_cover_every_pair"),
        (scaled(-1, dearest), "prices_not_negative"),
        (without_row, "prices_complete"),
        (with_row(seeker="nobody", place="nowhere", price="0.5"), "prices_complete"),
        (lambda table: table.assign(price="0"), "prices_cover_every_pair"),
    ],
)
def test_prices_that_were_changed(
    folder: Path, name: str, of: str, edit: Callable[[Table], Table], check: str
) -> None:
    column = "seeker" if "seekers" in name else "place"
    change(folder / of / name, lambda table: edit(table)[[column, "price"]])
    answer = verify(folder, "--prices", folder / of, of=of)
    assert answer.code == 1 and f"[{check}]" in answer.err, answer.err


@pytest.mark.parametrize("name", ["prices_seekers.csv", "prices_places.csv"])
@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        (with_cell(3, "price", "nan"), "number_unreadable"),
        (with_cell(3, "price", "inf"), "number_unreadable"),
        (with_cell(3, "price", "dear"), "number_unreadable"),
        (with_cell(3, "price", ""), "value_missing"),
        (doubled, "id_twice"),
    ],
)
def test_prices_that_can_not_be_read(
    folder: Path, name: str, edit: Callable[[Table], Table], rule: str
) -> None:
    change(folder / "out" / name, edit)
    answer = verify(folder, "--prices", folder / "out")
    assert answer.code == 2 and f"[{rule}]" in answer.err and name in answer.err


def test_raised_prices_prove_less(folder: Path) -> None:
    """Prices that are all too high still bound every plan, but this one does not reach them."""
    (folder / "out/result.json").unlink()
    change(folder / "out/prices_places.csv", scaled(1.01, dearest))
    answer = verify(folder, "--prices", folder / "out")
    assert answer.code == 1 and "[worth_reaches_bound]" in answer.err


def test_openings_that_were_lowered(folder: Path) -> None:
    taken = pd.read_csv(folder / "out/plan.csv")["place"].iloc[0]

    def lower(table: Table) -> Table:
        table.loc[table["place"] == taken, "openings"] = "0"
        return table

    change(folder / "places.csv", lower)
    for prices in ((), ("--prices", folder / "out")):
        answer = verify(folder, *prices)
        assert answer.code == 1 and "[within_openings]" in answer.err and taken in answer.err
        assert "fingerprint" in answer.err


def test_pairs_that_were_changed(folder: Path) -> None:
    """Of the plan: the chance shows at once. Of the others: the fingerprint does."""
    plan = pd.read_csv(folder / "out/plan.csv", dtype=str)
    chosen = set(plan["seeker"] + plan["place"])
    pairs = pd.read_csv(folder / "pairs.csv", dtype=str)
    in_plan = (pairs["seeker"] + pairs["place"]).isin(chosen).to_numpy()
    change(folder / "pairs.csv", with_cell(int(np.flatnonzero(in_plan)[0]), "chance", "0.123"))
    answer = verify(folder)
    assert answer.code == 1 and "[chance_as_given]" in answer.err
    pairs.to_csv(folder / "pairs.csv", index=False)
    assert verify(folder).code == 0
    change(folder / "pairs.csv", with_cell(int(np.flatnonzero(~in_plan)[0]), "chance", "1"))
    answer = verify(folder, "--prices", folder / "out")
    assert answer.code == 1 and "fingerprint" in answer.err
    assert "[prices_cover_every_pair]" in answer.err


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    """One is pinned to x, though b would gain more there; c is banned from y."""
    write(tmp_path, pairs=PAIRS, places=OPENINGS, pins="seeker,place,bond\na,x,pin\nc,y,ban\n")
    assert solve(tmp_path, "--pins", tmp_path / "pins.csv").code == 0
    return tmp_path


def test_a_plan_with_rulings(pinned: Path) -> None:
    """Rulings come from the result, or from a file that says the same."""
    for prices in ((), ("--prices", pinned / "out")):
        assert verify(pinned, *prices).code == 0
        assert verify(pinned, *prices, "--pins", pinned / "pins.csv").code == 0


@pytest.mark.parametrize(
    ("pins", "check"),
    [
        ("a,x,pin\n", "nobody_left_beside_a_free_place"),
        ("a,x,pin\nb,x,ban\nc,y,ban\n", "figures_as_reported"),
        ("a,y,pin\nc,y,ban\n", "pins_kept"),
        ("a,x,ban\nc,y,ban\n", "bans_kept"),
    ],
)
def test_a_plan_under_other_rulings(pinned: Path, pins: str, check: str) -> None:
    write(pinned, other="seeker,place,bond\n" + pins)
    answer = verify(pinned, "--pins", pinned / "other.csv")
    assert answer.code == 1 and f"[{check}]" in answer.err


def test_rulings_that_were_removed_from_the_result(pinned: Path) -> None:
    change_result(pinned / "out/result.json", lambda told: told.pop("pins"))
    answer = verify(pinned)
    assert answer.code == 1 and "fingerprint" in answer.err


def test_a_plan_with_a_part_held_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver that forgets c: c's part of the district stays out, the rest goes out and holds."""
    pairs = "seeker,place,chance\na,x,0.5\nb,x,0.6\nc,z,0.3\n"
    write(tmp_path, pairs=pairs, places=OPENINGS)

    def forgetful(assignment: Assignment) -> Rows:
        chosen = flow(assignment)
        return np.asarray(chosen[assignment.seeker[chosen] != 2])

    monkeypatch.setattr("office.file_desk.solve", partial(solve_problem, solver=forgetful))
    assert solve(tmp_path).code == 0
    path = tmp_path / "out/result.json"
    told = json.loads(path.read_text())
    assert (told["held_back"], told["status"], told["placed"]) == (["c"], "feasible", 1)
    assert verify(tmp_path).code == 0
    assert verify(tmp_path, "--prices", tmp_path / "out").code == 0
    change_result(path, lambda told: told.update(held_back=[]))
    assert verify(tmp_path, "--prices", tmp_path / "out").code == 1


#: Run as a program of its own: whoever asks for a solver gets none.
WITHOUT_SOLVER = """
import sys

class NoSolver:
    def find_spec(self, name, path=None, target=None):
        solver = name.split(".")[0] == "ortools" or name.startswith("matching.solve")
        if solver or name.split(".")[0] in ("sklearn", "highspy"):
            raise ImportError(f"there is no {name} here")

sys.meta_path.insert(0, NoSolver())
from office.cli import app
app()
"""


def test_no_solver_is_needed(folder: Path) -> None:
    """OR-Tools and our own solvers are not to be had, and nothing is missing."""
    given = (folder / "pairs.csv", "--openings", folder / "places.csv")
    words = ("verify", *given, "--plan", folder / "out/plan.csv", "--prices", folder / "out")

    def checked() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", WITHOUT_SOLVER, *map(str, words)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    found = checked()
    assert (found.returncode, "Every rule holds" in found.stdout) == (0, True), found.stderr
    change(folder / "out/plan.csv", with_cell(0, "chance", "0.999"))
    found = checked()
    assert (found.returncode, "[chance_as_given]" in found.stderr) == (1, True)
    assert "Traceback" not in found.stderr


def test_without_a_solver_there_is_no_solving(folder: Path) -> None:
    """The test before would prove nothing if solvers were still to be had."""
    words = ("solve", folder / "pairs.csv", "--openings", folder / "places.csv", "--out", folder)
    command = [sys.executable, "-c", WITHOUT_SOLVER, *map(str, words)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 1 and "ImportError" in found.stderr


def test_a_plan_of_another_folder(folder: Path) -> None:
    """The served plan against the prices of the first step: each claim is held against its own."""
    answer = run(
        *("verify", folder / "pairs.csv", "--openings", folder / "places.csv"),
        *("--plan", folder / "served/plan.csv", "--prices", folder / "out"),
    )
    assert answer.code == 1 and "[worth_reaches_bound]" in answer.err

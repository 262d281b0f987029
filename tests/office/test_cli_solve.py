"""Does `uebergang solve` give other tools what they count on: codes, columns, keys, same bytes?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.problem import Problem
from tests.districts import problems
from tests.office.terminal import OPENINGS, PAIRS, run, solve, verify, write, write_problem

FILES = ("plan.csv", "prices_seekers.csv", "prices_places.csv")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, pairs=PAIRS, places=OPENINGS)


def told(folder: Path) -> dict[str, object]:
    result: dict[str, object] = json.loads((folder / "result.json").read_text())
    return result


def content(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in FILES]


def test_a_solved_list_has_its_four_files_and_every_promised_key(folder: Path) -> None:
    """By hand: b to x (0.6) and a to y (0.4); c adds 0.3 where a adds 0.4."""
    answer = solve(folder)
    assert answer.code == 0 and "1.00" in answer.out
    assert sorted(path.name for path in (folder / "out").iterdir()) == sorted(
        (*FILES, "result.json")
    )
    assert (folder / "out/plan.csv").read_text() == "seeker,place,chance\na,y,0.4\nb,x,0.6\n"
    assert (folder / "out/prices_seekers.csv").read_text().startswith("seeker,price\n")
    assert (folder / "out/prices_places.csv").read_text().startswith("place,price\n")
    result = told(folder / "out")
    figures = {
        "status": "optimal",
        "seekers": 3,
        "places": 3,
        "openings": 4,
        "pairs": 4,
        "placed": 2,
        "verified": True,
        "wishes": 0.0,
        "gap": pytest.approx(0, abs=1e-9),
        "expected": pytest.approx(1.0),
        "bound": pytest.approx(1.0),
    }
    assert {key: result[key] for key in figures} == figures
    target = result["target"]
    assert isinstance(target, dict)
    assert (target["share"], target["base"], target["need"]) == ("1/3", 3, 1)
    assert target["expected_rate"] == pytest.approx(1 / 3)
    assert target["chance"] == pytest.approx(1 - 0.4 * 0.6)
    seconds = result["seconds"]
    assert isinstance(seconds, dict) and {"read", "build", "solve", "verify"} <= set(seconds)
    assert isinstance(result["fingerprint"], str) and len(result["fingerprint"]) == 64


def test_the_prices_of_places_by_hand(folder: Path) -> None:
    """One opening more at y would let c go too (0.3); at x, a would go there and c to y (0.4)."""
    solve(folder)
    prices = pd.read_csv(folder / "out/prices_places.csv", index_col="place")["price"]
    assert prices.to_dict() == pytest.approx({"x": 0.4, "y": 0.3, "z": 0.0}, abs=1e-8)


def test_share_base_and_placed_make_the_target(folder: Path) -> None:
    """ceil(0.25 * 10) = 3, of which 2 are there already."""
    solve(folder, "--share", "0,25", "--base", 10, "--placed", 2)
    target = told(folder / "out")["target"]
    assert isinstance(target, dict)
    assert (target["share"], target["base"], target["placed"]) == ("1/4", 10, 2)
    assert target["need"] == 1
    assert target["expected_rate"] == pytest.approx((2 + 1.0) / 10)
    assert verify(folder, "--prices", folder / "out").code == 0


def test_serving_to_a_floor(folder: Path) -> None:
    """At 0.8 expected, a to x and c to y fit: wishes 1 and 0.5."""
    answer = solve(folder, "--serve", "--min-expected", 0.8)
    result = told(folder / "out")
    assert answer.code == 0 and result["wishes"] == pytest.approx(1.5)
    assert result["expected"] == pytest.approx(0.8)
    assert result["bound"] == pytest.approx(1.5, rel=1e-3)
    assert result["aim"] == {
        "maximised": "wishes",
        "multiplier": pytest.approx(0, abs=10),
        "min_expected": pytest.approx(0.8),
    }
    assert verify(folder, "--prices", folder / "out").code == 0


def test_serving_with_a_confidence(folder: Path) -> None:
    """At least one of three holds with 0.65 when wishes are served, with 0.76 when not."""
    solve(folder, "--serve", "--confidence", 0.6)
    assert told(folder / "out")["wishes"] == pytest.approx(1.5)
    answer = solve(folder, "--serve", "--confidence", 0.9)
    assert answer.code == 0 and "no room to serve wishes" in answer.err
    assert told(folder / "out")["expected"] == pytest.approx(1.0)


def test_more_expected_than_can_be_had(folder: Path) -> None:
    """Exit 3, and a result that says so instead of the plan that stood there before."""
    assert solve(folder).code == 0
    answer = solve(folder, "--serve", "--min-expected", 1.01)
    assert answer.code == 3 and "[expected_out_of_reach]" in answer.err and "1.01" in answer.err
    assert told(folder / "out")["status"] == "impossible"
    assert [path.name for path in (folder / "out").iterdir()] == ["result.json"]


@pytest.mark.parametrize(
    ("pins", "rules"),
    [
        ("a,x,pin\na,y,pin\n", ["pinned_twice"]),
        ("a,x,pin\nb,x,pin\n", ["pinned_over_openings"]),
        ("a,x,pin\na,x,ban\n", ["pinned_and_banned"]),
        (
            "a,x,pin\na,y,pin\nb,x,pin\nb,x,ban\n",
            ["pinned_twice", "pinned_over_openings", "pinned_and_banned"],
        ),
    ],
)
def test_rulings_that_contradict_each_other(folder: Path, pins: str, rules: list[str]) -> None:
    """Each contradiction is named, on the screen and in the result."""
    write(folder, pins="seeker,place,bond\n" + pins)
    answer = solve(folder, "--pins", folder / "pins.csv")
    assert answer.code == 3
    assert all(f"[{rule}]" in answer.err for rule in rules)
    result = told(folder / "out")
    named = result["contradictions"]
    assert result["status"] == "impossible" and isinstance(named, list)
    assert sorted(one["rule"] for one in named) == sorted(rules)


def test_rulings_are_kept(folder: Path) -> None:
    write(folder, pins="seeker,place,bond\na,x,pin\nc,y,ban\n")
    assert solve(folder, "--pins", folder / "pins.csv").code == 0
    assert (folder / "out/plan.csv").read_text() == "seeker,place,chance\na,x,0.5\n"
    assert verify(folder, "--prices", folder / "out").code == 0


@pytest.mark.parametrize(
    ("pin", "rule", "column"),
    [
        ("nobody,x", "seeker_unknown", "seeker"),
        ("a,nowhere", "place_unknown", "place"),
        ("b,y", "pair_unknown", "place"),
    ],
)
def test_a_pin_of_what_is_not_there(folder: Path, pin: str, rule: str, column: str) -> None:
    write(folder, pins=f"seeker,place,bond\na,x,pin\n{pin},pin\n")
    answer = solve(folder, "--pins", folder / "pins.csv")
    assert answer.code == 2 and not (folder / "out").exists()
    assert f"{folder}/pins.csv, row 3, column {column}" in answer.err and f"[{rule}]" in answer.err


@settings(max_examples=12)
@given(problem=problems(wishes=True).filter(lambda p: len(p.candidates) > 0), data=st.data())
def test_neither_order_nor_format_changes_a_byte(
    tmp_path_factory: pytest.TempPathFactory, problem: Problem, data: st.DataObject
) -> None:
    """The same pairs twice, shuffled, and as Parquet: plan and prices are the same bytes."""
    folder = write_problem(tmp_path_factory.mktemp("same"), problem)
    assert solve(folder).code == solve(folder, to="again").code == 0
    assert content(folder / "out") == content(folder / "again")
    pairs = pd.read_csv(folder / "pairs.csv", dtype={"seeker": str, "place": str})
    openings = pd.read_csv(folder / "places.csv", dtype={"place": str})
    order = data.draw(st.permutations(range(len(pairs))))
    pairs.iloc[order].to_parquet(folder / "pairs.parquet", index=False)
    pairs.iloc[order].to_csv(folder / "pairs.csv", index=False)
    openings.iloc[::-1].to_csv(folder / "places.csv", index=False)
    assert solve(folder, to="shuffled").code == 0
    given = ("--openings", folder / "places.csv", "--out", folder / "parquet")
    assert run("solve", folder / "pairs.parquet", *given).code == 0
    assert content(folder / "out") == content(folder / "shuffled") == content(folder / "parquet")
    fingerprints = {told(folder / to)["fingerprint"] for to in ("out", "shuffled", "parquet")}
    assert len(fingerprints) == 1


def test_another_process_writes_the_same_bytes(solved: Path) -> None:
    """Hashes of text differ from process to process; a plan must not."""
    words = [solved / "pairs.csv", "--openings", solved / "places.csv", "--out", solved / "other"]
    done = subprocess.run(
        [sys.executable, "-m", "office.cli", "solve", *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert content(solved / "other") == content(solved / "out")


def test_a_chance_keeps_all_its_digits(tmp_path: Path) -> None:
    folder = write(tmp_path, pairs=f"seeker,place,chance\na,x,{1 / 3!r}\n", places=OPENINGS)
    solve(folder)
    assert (folder / "out/plan.csv").read_text().splitlines()[1] == f"a,x,{1 / 3!r}"


def test_the_input_is_never_overwritten(folder: Path) -> None:
    """A result beside its input is fine, as long as no file of the input has a result's name."""
    inside = ("--openings", folder / "places.csv", "--out", folder)
    assert run("solve", folder / "pairs.csv", *inside).code == 0
    assert (folder / "places.csv").read_text() == OPENINGS
    (folder / "pairs.csv").rename(folder / "plan.csv")
    answer = run("solve", folder / "plan.csv", *inside)
    assert answer.code == 2 and "[file_would_be_lost]" in answer.err
    assert (folder / "plan.csv").read_text() == PAIRS

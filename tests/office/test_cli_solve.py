"""Does `uebergang solve` give other tools what they count on: codes, columns, keys, same bytes?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from types import NoneType
from typing import Any
from unicodedata import category

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.problem import Problem
from office.reports.plan_folder import OF_DISTRICT
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


#: Every key of a result and the types of its value; a plan that is not possible may say null.
KEYS: dict[str, tuple[type, ...]] = {
    "status": (str,), "seekers": (int,), "seekers_without_pair": (int,), "places": (int,),
    "openings": (int,), "pairs": (int,), "placed": (int,), "expected": (float,),
    "bound": (float,), "gap": (float,), "verified": (bool,), "fingerprint": (str,),
    "wishes": (float,), "aim": (dict,), "curve": (list,), "pins": (list,), "held_back": (list,),
    "flows": (int,), "invented": (bool,), "dropped_columns": (dict,), "files": (list,),
    "solver": (str,), "versions": (dict,), "target": (dict,), "seconds": (dict,),
}  # fmt: skip
TARGET_KEYS: dict[str, tuple[type, ...]] = {
    "share": (str,), "definition": (str,), "base": (int,), "placed": (int,), "need": (int,),
    "expected_rate": (float,), "chance": (float,), "chance_with_model_error": (float,),
    "spread": (float,), "confidence": (float,), "cut_off": (str, NoneType),
}  # fmt: skip
OF_A_PLAN = {
    "placed", "expected", "bound", "gap", "verified", "wishes", "aim", "flows", "solver",
}  # fmt: skip
TARGET_OF_A_PLAN = {"expected_rate", "chance", "chance_with_model_error"}


def assert_keys(
    told: dict[str, Any], wanted: dict[str, tuple[type, ...]], null: Collection[str]
) -> None:
    """Exactly these keys, each of its type, but null where no plan is there to tell."""
    assert set(told) == set(wanted)
    for key, types in wanted.items():
        allowed = (NoneType,) if key in null else types
        assert type(told[key]) in allowed, (key, told[key])


def assert_result(told: dict[str, Any], possible: bool, *more: str) -> None:
    """The contract of `result.json`, whatever came of it; `more` are the keys of `plan` alone."""
    besides = (*more, *(() if possible else ("contradictions",)))
    assert_keys(
        {key: told[key] for key in told if key not in besides}, KEYS, () if possible else OF_A_PLAN
    )
    assert set(besides) <= set(told)
    assert_keys(told["target"], TARGET_KEYS, () if possible else TARGET_OF_A_PLAN)
    assert list(told["seconds"]) == ["read", "build", "solve", "verify"]
    took = told["seconds"].values()
    assert all(isinstance(one, float) or (one is None and not possible) for one in took)


def test_the_keys_of_a_result_and_their_types(folder: Path) -> None:
    """Other tools read these names; a plan that is not possible has them too."""
    assert solve(folder).code == 0
    assert_result(told(folder / "out"), True)
    assert solve(folder, "--serve", "--min-expected", 0.8, to="served").code == 0
    assert_result(told(folder / "served"), True)
    write(folder, pins="seeker,place,bond\na,x,pin\na,y,pin\n")
    assert solve(folder, "--pins", folder / "pins.csv", to="none").code == 3
    result = told(folder / "none")
    assert_result(result, False)
    assert (result["seekers"], result["pairs"], result["target"]["need"]) == (3, 4, 1)  # type: ignore[index]


def test_the_page_of_files_names_every_key() -> None:
    page = (ROOT / "docs/files.md").read_text(encoding="utf-8")
    assert [key for key in (*KEYS, *TARGET_KEYS) if f"`{key}`" not in page] == []
    assert [name for name in OF_DISTRICT if f"`{name}`" not in page] == []


def test_columns_that_are_not_read_are_named(folder: Path) -> None:
    """A heading that is misspelt would otherwise be a wish that nobody hears of."""
    write(folder, pairs=PAIRS.replace("wish", "whish"), pins="seeker,place,bnod\na,x,pin\n")
    write(folder, places="place,openings,note\nx,1,\ny,1,\n")
    answer = solve(folder, "--pins", folder / "pins.csv")
    assert answer.code == 0
    for words in ("PAIRS that are not read: whish", "PLACES that", "PINS that"):
        assert words in answer.err
    dropped = {"pairs": ["whish"], "places": ["note"], "pins": ["bnod"]}
    assert told(folder / "out")["dropped_columns"] == dropped
    answer = solve(folder, "--serve", "--pins", "none.csv")
    assert "[column_missing]" in answer.err and "[file_missing]" in answer.err


def test_a_base_that_leaves_people_out_is_noted(folder: Path) -> None:
    answer = solve(folder, "--base", 2)
    assert answer.code == 0 and "2 people, but 3 have pairs" in answer.err
    assert "Note" not in solve(folder, "--base", 3).err + solve(folder).err


@pytest.mark.parametrize("words", [("--base", 3, "--placed", 4), ("--placed", 4)])
def test_more_placed_than_the_base_holds(folder: Path, words: tuple[object, ...]) -> None:
    """With the base given, and with that of the three people in the pairs."""
    answer = solve(folder, *words)
    assert answer.code == 2 and "“4 > 3”" in answer.err and "[placed_above_base]" in answer.err
    assert not (folder / "out").exists()


def test_what_an_older_plan_left_goes_and_nothing_else(folder: Path) -> None:
    """Only what an older result names is ours to take away, and nothing that is read now."""
    out = folder / "out"
    write(out, mine="mine")
    (out / "left_empty.csv").write_text("old")
    write(out, pairs=PAIRS, places=OPENINGS)
    (out / "result.json").write_text(json.dumps({"files": [*OF_DISTRICT, "mine.csv", "../x"]}))
    answer = run("solve", out / "pairs.csv", "--openings", out / "places.csv", "--out", out)
    assert answer.code == 0
    kept = {*FILES, "result.json", "pairs.csv", "places.csv", "mine.csv"}
    assert {path.name for path in out.iterdir()} == kept
    assert run("solve", out / "pairs.csv", "--openings", out / "places.csv", "--out", out).code == 0
    assert solve(folder).code == 0
    assert (out / "pairs.csv").read_text() == PAIRS


ID = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("\r\n\t,;'\"\u2028ä"), max_size=6
).map(lambda text: f"i{text}i")


@settings(max_examples=40)
@given(seekers=st.lists(ID, min_size=1, max_size=3, unique=True), place=ID)
def test_whatever_ids_are_solved_can_be_verified(
    tmp_path_factory: pytest.TempPathFactory, seekers: list[str], place: str
) -> None:
    """Ids of any signs: refused as facts, or written so that the recount reads them again."""
    folder = tmp_path_factory.mktemp("ids")
    pairs = pd.DataFrame({"seeker": seekers, "place": place, "chance": 0.5})
    pairs.to_parquet(folder / "pairs.parquet", index=False)
    openings = pd.DataFrame({"place": [place], "openings": [1]})
    openings.to_parquet(folder / "places.parquet", index=False)
    given = (folder / "pairs.parquet", "--openings", folder / "places.parquet")
    answer = run("solve", *given, "--out", folder / "out")
    broken = any(category(sign) in {"Cc", "Zl", "Zp"} for sign in "".join([*seekers, place]))
    assert answer.code == (2 if broken else 0), answer.all
    if broken:
        assert "[control_character]" in answer.err
        return
    proof = ("--plan", folder / "out/plan.csv", "--prices", folder / "out")
    found = run("verify", *given, *proof)
    assert found.code == 0, found.all


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
        "condition": {"min_expected": pytest.approx(0.8)},
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

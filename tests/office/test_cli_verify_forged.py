"""Does `uebergang verify` find forgeries whose figures are all recounted honestly?"""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.assignment import Assignment
from matching.chance import chance_of_at_least
from matching.plan import Rows
from matching.policy import steer
from matching.problem import Problem
from matching.solve import solve as solve_problem
from matching.solvers.flow import flow
from office.audit import PROVEN, audit
from office.reports.plan_folder import write_plan, write_problem
from tests.districts import problems, random_problem
from tests.office.terminal import Told, change_result, solve, verify, write

#: Best are a at x and b at y, or a at y and b at x: 1.0 expected placements.
PAIRS = "seeker,place,chance,wish\na,x,0.5,0\na,y,0.4,1\nb,x,0.6,1\nb,y,0.5,0\nc,y,0.1,0\n"
#: Another part of the district, tied to the first by no pair.
APART = "d,z,0.3,0.5\ne,z,0.2,0.5\n"
OPENINGS = "place,openings\nx,1\ny,1\n"
CHANCE = {
    (row["seeker"], row["place"]): float(row["chance"])
    for row in csv.DictReader((PAIRS + APART).splitlines())
}


def forge(folder: Path, *chosen: tuple[str, str], **claims: object) -> None:
    """Write another plan, with every figure of the result as a recount will give it."""
    chances = [CHANCE[pair] for pair in chosen]
    rows = [f"{seeker},{place},{CHANCE[seeker, place]}\n" for seeker, place in chosen]
    (folder / "plan.csv").write_text("seeker,place,chance\n" + "".join(rows))

    def edit(told: Told) -> None:
        target, expected = told["target"], sum(chances)
        chance = chance_of_at_least(chances, target["need"])
        target.update(expected_rate=expected / target["base"])
        target.update(chance=chance, chance_with_model_error=chance)
        told.update(placed=len(chosen), expected=expected, **claims)

    change_result(folder / "result.json", edit)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    write(tmp_path, pairs=PAIRS, places=OPENINGS)
    assert solve(tmp_path).code == 0
    return tmp_path


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    write(tmp_path, pairs=PAIRS + APART, places=OPENINGS + "z,1\n")
    assert solve(tmp_path).code == 0
    return tmp_path


def test_a_bad_plan_that_calls_itself_held_back(tiny: Path) -> None:
    """Worth 0.7 of 1.0; nobody may be held back alone, a, b and c hang together."""
    away = {"held_back": ["a"], "gap": 0.3, "status": "feasible", "wishes": 1.0}
    forge(tiny / "out", ("b", "x"), ("c", "y"), **away)
    for prices in ((), ("--prices", tiny / "out")):
        answer = verify(tiny, *prices)
        assert answer.code == 1
        assert "b, should be held_back" in answer.err and "c, should be held_back" in answer.err


def test_a_bad_plan_beside_a_part_that_was_held_back(parts: Path) -> None:
    """Whoever is held back excuses no gap elsewhere."""
    bound = json.loads((parts / "out/result.json").read_text())["bound"]
    away = {"held_back": ["d", "e"], "status": "feasible"}
    honest = (("a", "x"), ("b", "y"))
    wishes = {0.0: honest, 1.0: (("b", "x"), ("c", "y"))}
    for served, chosen in wishes.items():
        gap = (bound - sum(CHANCE[pair] for pair in chosen)) / bound
        forge(parts / "out", *chosen, **away, gap=gap, wishes=served)
        answer = verify(parts, "--prices", parts / "out")
        assert answer.code == (0 if chosen == honest else 1), answer.all
        assert ("[worth_reaches_bound]" in answer.err) == (chosen != honest)
    forge(parts / "out", *honest, held_back=["d"], status="feasible", wishes=0.0)
    assert "e, should be held_back" in verify(parts).err


def test_what_was_held_back_is_said(parts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver that forgets d and e: the rest holds, but not every rule does."""

    def forgetful(assignment: Assignment) -> Rows:
        chosen = flow(assignment)
        return np.asarray(chosen[assignment.seeker[chosen] < 3])

    monkeypatch.setattr("office.file_desk.solve", partial(solve_problem, solver=forgetful))
    assert solve(parts).code == 0
    answer = verify(parts, "--prices", parts / "out")
    assert (answer.code, "Held back: 2 people" in answer.out) == (0, True), answer.all
    assert "Every rule holds." not in answer.out


@pytest.fixture
def served(tiny: Path) -> Path:
    """Served under a confidence of 0.7; a at x and c at y would hold it with 0.55 only."""
    assert solve(tiny, "--serve", "--confidence", "0.7", to="served").code == 0
    told = json.loads((tiny / "served/result.json").read_text())
    assert told["aim"]["condition"] == {"confidence": 0.7}
    assert verify(tiny, "--prices", tiny / "served", of="served").code == 0
    return tiny


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ({"confidence": 0.7}, "should be 0.55"),
        ({"confidence": 0.5}, "should be 0.7"),
        ({"min_expected": 0.0}, "[worth_reaches_bound]"),
        ({"min_expected": 0.5}, "aim.condition.min_expected 0.5"),
    ],
)
def test_a_served_plan_that_breaks_its_target(
    served: Path, condition: dict[str, float], why: str
) -> None:
    """No wish served of 2.0, and a floor of 0 that no plan could fall short of."""
    folder = served / "served"
    forge(folder, ("a", "x"), ("c", "y"), gap=1.0, status="feasible", wishes=0.0)

    def edit(told: Told) -> None:
        told["aim"].update(min_expected=0.0, condition=condition)
        multiplier = told["aim"]["multiplier"]
        told["bound"] = _sum_of_prices(folder)
        assert multiplier > 0

    change_result(folder / "result.json", edit)
    answer = verify(served, "--prices", folder, of="served")
    assert answer.code == 1 and why in answer.err, answer.all


def _sum_of_prices(folder: Path) -> float:
    names = ("prices_seekers.csv", "prices_places.csv")
    rows = [
        row for name in names for row in csv.DictReader((folder / name).read_text().splitlines())
    ]
    return sum(float(row["price"]) for row in rows)


@pytest.mark.parametrize("condition", [None, {}, 7, {"confidence": "x"}, {"min_expected": -1}])
def test_a_condition_that_can_not_be_read(served: Path, condition: object) -> None:
    change_result(
        served / "served/result.json", lambda told: told["aim"].update(condition=condition)
    )
    assert verify(served, of="served").code == 2


def test_wishes_far_below_their_bound(tmp_path: Path) -> None:
    """Sixty people: what can't be split is no excuse for most of the wishes."""
    problem = random_problem(60, 3, each=6)
    steered = steer(problem, min_expected=20.0)
    assert steered.served is not None and steered.served.gap < 0.2
    plan = write_plan(tmp_path, problem, steered, {}, {}).parent / "plan.csv"
    files = write_problem(tmp_path, problem)
    assert audit(*files, plan, tmp_path).holds
    reached = steered.reached
    verdict = replace(reached.verdict, bound=steered.served.bound, gap=0.9)
    poor = replace(steered.served, plan=reached.plan, verdict=verdict)
    write_plan(tmp_path, problem, replace(steered, served=poor), {}, {})
    found = {one.check.value for one in audit(*files, plan, tmp_path).violations}
    assert "worth_reaches_bound" in found


@settings(max_examples=60)
@given(
    problem=problems(wishes=True, pins=True),
    confidence=st.sampled_from([0.05, 0.5, 0.9]),
    part=st.none() | st.floats(0, 1),
)
def test_what_steering_wrote_always_holds(
    problem: Problem, confidence: float, part: float | None
) -> None:
    """However people, chances and wishes fall, and whatever can't be split."""
    wish = problem.candidates.wish
    assert wish is not None
    # Wishes are named in steps; what lies below a millionth is left to the laws of the engine.
    candidates = replace(problem.candidates, wish=np.round(wish, 6))
    target = replace(problem.target, confidence=confidence)
    problem = replace(problem, candidates=candidates, target=target)
    floor = None if part is None else part * solve_problem(problem).verdict.expected
    steered = steer(problem, min_expected=floor)
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_plan(folder, problem, steered, {}, {})
        pairs, openings = write_problem(folder, problem)
        if len(problem.candidates) == 0 or len(problem.places) == 0:
            return
        told = json.loads((folder / "result.json").read_text())
        without_pair = told["seekers_without_pair"]
        found = audit(pairs, openings, folder / "plan.csv", folder)
        assert found.violations == (), (without_pair, found.violations)
        assert found.proven == (steered.chosen.gap <= PROVEN)


def test_a_gap_that_is_not_proven_is_said(solved: Path) -> None:
    """Sixty people leave a gap of some percent, since whole people move."""
    answer = verify(solved, "--prices", solved / "served", of="served")
    gap = json.loads((solved / "served/result.json").read_text())["gap"]
    assert gap > PROVEN
    assert answer.code == 0 and "Not proven within 0.1%" in answer.out
    assert "Every rule holds." not in answer.out


def test_a_chance_that_differs_in_its_tenth_digit(tiny: Path) -> None:
    path = tiny / "out/plan.csv"
    heading, first, *rest = path.read_text().splitlines()
    seeker, place, chance = first.split(",")
    other = f"{seeker},{place},{float(chance) + 1e-10!r}"
    path.write_text("\n".join([heading, other, *rest]) + "\n")
    answer = verify(tiny)
    assert answer.code == 1 and "[chance_as_given]" in answer.err


def test_a_tiny_figure_shows_its_digits(tmp_path: Path) -> None:
    write(tmp_path, pairs="seeker,place,chance\na,x,1.23456e-9\n", places=OPENINGS)
    assert solve(tmp_path).code == 0
    answer = verify(tmp_path, "--prices", tmp_path / "out")
    assert answer.code == 0 and answer.out.count("1.23456E-9") == 2, answer.all
    answer = verify(tmp_path, "--prices", tmp_path / "out", language="de")
    assert answer.out.count("1,23456E-9") == 2
    change_result(tmp_path / "out/result.json", lambda told: told.update(expected=1.3e-9))
    assert verify(tmp_path, "--prices", tmp_path / "out").code == 1


def test_what_was_not_checked_is_said(tiny: Path) -> None:
    """Without the result nothing tells of pins and target, without prices nothing of the best."""
    unchecked = (
        "Not checked: pins and bans",
        "Not checked: the target and the reported figures",
        "Not checked: whether the plan is the best",
    )
    whole = verify(tiny, "--prices", tiny / "out")
    assert "Not checked" not in whole.out and "Every rule holds." in whole.out
    assert unchecked[2] in verify(tiny).out
    (tiny / "out/result.json").unlink()
    answer = verify(tiny)
    assert answer.code == 0 and all(words in answer.out for words in unchecked)
    assert "Every rule holds." not in answer.out
    write(tiny, pins="seeker,place,bond\n")
    assert unchecked[0] not in verify(tiny, "--pins", tiny / "pins.csv").out


def test_an_impossible_result_is_called_so(tiny: Path) -> None:
    write(tiny, pins="seeker,place,bond\na,x,pin\nb,x,pin\n")
    assert solve(tiny, "--pins", tiny / "pins.csv").code == 3
    answer = verify(tiny)
    assert answer.code == 2 and "says that no plan is possible" in answer.err
    answer = verify(tiny, language="de")
    assert "Laut diesem Ergebnis ist kein Plan möglich" in answer.err


def test_checking_never_speaks_of_writing(tiny: Path) -> None:
    answer = verify(tiny, "--prices", tiny / "none")
    assert answer.code == 2 and "This plan can't be checked:" in answer.err
    assert "written" not in answer.err


def test_one_violation_is_counted_as_one(tiny: Path) -> None:
    change_result(tiny / "out/result.json", lambda told: told.update(places=7))
    assert verify(tiny).err.splitlines()[-2] == "Violations: 1"

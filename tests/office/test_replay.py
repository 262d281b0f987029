"""Does every kept run come out the same again, and does anything that was changed show?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.store.opening import Store, open_store
from data.store.runs import Run, keep, take
from data.store.seasons import register_season
from matching.assignment import Solver
from matching.errors import FaultyInput
from matching.policy import steer
from matching.problem import Problem
from matching.solvers.flow import flow
from matching.solvers.jonker_volgenant import jonker_volgenant
from matching.solvers.linear_programme import linear_programme
from matching.target import Target
from office.active_model import scorecard
from office.replay import replay, run_of
from tests.districts import problems, random_problem

SEASON = "2026/27"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(str(tmp_path / "kept.db"))
    with opened.transaction() as connection:
        register_season(connection, SEASON)
    yield opened
    opened.close()


def made(problem: Problem, solver: Solver = flow) -> Run:
    return run_of(problem, steer(problem, solver=solver), SEASON, {"candidates": 60})


def differences(store: Store, run: Run) -> set[str]:
    """What shows of a run that is kept as it is given."""
    return {one.what for one in replay(take(store, keep(store, run, "amt"))).differences}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(problem=problems(wishes=True, pins=True), spread=st.floats(0, 2))
def test_every_run_comes_out_the_same(store: Store, problem: Problem, spread: float) -> None:
    """The law that a run's record stands on: plan, proof and figures, to the last digit."""
    number = keep(store, made(replace(problem, spread=spread)), "amt")
    found = replay(take(store, number))
    assert found.same and found.run == number
    assert (found.differences, found.versions) == ((), ())


@pytest.mark.parametrize("solver", [flow, jonker_volgenant, linear_programme])
def test_the_solver_of_the_day_is_asked_again(store: Store, solver: Solver) -> None:
    """Two best plans may differ, so that another solver's would show as a difference."""
    assert differences(store, made(random_problem(30, seed=6), solver)) == set()


def test_another_plan_or_figure_than_the_kept_one_shows(store: Store) -> None:
    run = made(random_problem(60, seed=5))
    assert differences(store, replace(run, rows=run.rows[1:])) == {"plan"}
    figures = {**run.result, "expected": 99.0}
    assert differences(store, replace(run, result=figures)) == {"expected"}


def test_what_the_policy_was_asked_for_is_kept(store: Store) -> None:
    """With another confidence another plan comes out: the run must hold its own."""
    problem = replace(random_problem(60, seed=4), target=Target(Fraction(1, 6), confidence=0.5))
    run = made(problem)
    policy = {**run.config["policy"], "confidence": 1.0}
    assert "wishes" in differences(store, replace(run, config={"policy": policy}))


def test_a_solver_that_there_never_was_is_refused(store: Store) -> None:
    run = replace(made(random_problem(10, seed=1)), solver="oracle")
    with pytest.raises(FaultyInput):
        differences(store, run)


def test_changed_versions_are_told_and_are_no_difference(store: Store) -> None:
    run = made(random_problem(10, seed=7))
    older = replace(run, versions={**run.versions, "numpy": "1.0"})
    found = replay(take(store, keep(store, older, "amt")))
    assert found.same
    assert [(one.what, one.kept) for one in found.versions] == [("numpy", "1.0")]


def test_a_run_names_its_model_and_the_one_of_today_beside_it(store: Store) -> None:
    """Without a name it is the scorecard; another model today is no difference of the plan."""
    run = made(random_problem(10, seed=2))
    assert run.model_hash == scorecard().hash
    learned = replace(run, model_hash="0" * 64)
    kept = take(store, keep(store, learned, "amt"))
    assert replay(kept, model_hash="0" * 64).versions == ()
    (told,) = replay(kept).versions
    assert (told.what, told.kept, told.found) == ("chance model", "0" * 64, scorecard().hash)
    assert replay(kept).same


def test_what_is_kept_beside_the_figures_is_no_figure(store: Store) -> None:
    """The honest value and the drift of the day are not reckoned again, nor stand for a figure."""
    problem = random_problem(10, seed=2)
    run = run_of(problem, steer(problem), SEASON, {}, more={"held_to": {}, "expected": 1e9})
    assert run.result["held_to"] == {} and run.result["expected"] < 1e9
    assert replay(take(store, keep(store, run, "amt"))).same

"""Can every run be replayed to the same plan, and is any change of what was kept noticed?"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from data.store import plans, runs
from data.store.audit import verify
from data.store.opening import Store, StoreRefused, open_store
from data.store.people import places as places_of
from data.store.people import seekers as seekers_of
from data.store.run_columns import packed, unpacked
from data.store.runs import Run
from data.store.seasons import register_season
from data.store.tables import proposal_history, proposals
from data.store.tables import runs as run_table
from matching.errors import FaultyInput, Rule
from matching.problem import Candidates, Problem
from matching.solve import solve
from matching.target import Target
from tests.districts import by_hand, problems, random_problem
from tests.store.districts import SEASON, now, offer, pupil, take_in

ON_ONE_STORE = [HealthCheck.function_scoped_fixture]


@pytest.fixture
def season(store: Store) -> Store:
    with store.transaction() as connection:
        register_season(connection, SEASON)
    return store


def keep(store: Store, problem: Problem) -> int:
    result = solve(problem)
    run = Run(
        SEASON, problem, result.plan.rows, "flow", "0" * 64, {"k": 60}, {"x": "1"}, {"e": 0.1}
    )
    return runs.keep(store, run, "amt")


@settings(suppress_health_check=ON_ONE_STORE, max_examples=40)
@given(problem=problems(wishes=True, pins=True), spread=st.floats(0, 2))
def test_what_is_taken_is_what_was_kept(season: Store, problem: Problem, spread: float) -> None:
    """And solved again it gives the same plan, on both databases."""
    problem = replace(problem, spread=spread)
    kept = runs.take(season, keep(season, problem))
    assert kept.fingerprint == kept.run.problem.fingerprint() == problem.fingerprint()
    assert np.array_equal(solve(kept.run.problem).plan.rows, kept.run.rows)
    assert (kept.run.solver, kept.run.config, kept.run.result) == ("flow", {"k": 60}, {"e": 0.1})
    assert kept.witnessed


@given(problem=problems(wishes=True, pins=True))
def test_what_is_unpacked_is_what_was_packed(problem: Problem) -> None:
    """To the last bit: the fingerprint covers ids, pairs, chances, wishes, pins and target."""
    rows = solve(problem).plan.rows
    payload = packed(problem, rows)
    again, same_rows = unpacked(payload)
    assert again.fingerprint() == problem.fingerprint()
    assert np.array_equal(rows, same_rows)
    assert packed(again, same_rows) == payload


def test_all_columns_and_numbers_come_back() -> None:
    """Minutes and fit too, with what is not known in them; chances with every digit."""
    problem = replace(
        by_hand({"p": 1, "q": 2}, {("s", "p"): 1 / 3, ("s", "q"): 0.1, ("t", "q"): 1e-9}),
        candidates=Candidates.of(
            [0, 0, 1], [0, 1, 1], [1 / 3, 0.1, 1e-9], None, [20.5, np.nan, 3], [0.1, 0.7, 1]
        ),
        target=Target(Fraction(2, 7), "strict", cut_off=date(2026, 9, 30), confidence=0.7),
        spread=0.25,
        invented=True,
    )
    again, _ = unpacked(packed(problem, np.array([0, 2])))
    assert again.candidates.wish is None
    for name in ("chance", "minutes", "fit"):
        one, other = getattr(again.candidates, name), getattr(problem.candidates, name)
        assert one.tobytes() == other.tobytes()
    assert again.target == replace(problem.target, base=problem.base, placed=0)
    assert (again.spread, again.invented) == (0.25, True)


def test_of_people_only_the_pseudonym_is_kept(season: Store) -> None:
    """A run is kept for years: it needs no home, wish list or certificate."""
    take_in(season, [pupil(1), pupil(2)])
    offer(season)
    people, places = seekers_of(season, SEASON), places_of(season, SEASON)
    assert people[0].home is not None and people[0].certificate is not None
    problem = Problem(people, places, Candidates.of([0, 1], [0, 1], [0.5, 0.5]))
    again, _ = unpacked(packed(problem, np.array([0, 1])))
    assert [person.id for person in again.seekers] == [person.id for person in people]
    assert all(person == replace(type(person)(person.id)) for person in again.seekers)
    assert all(place.title is None and place.site is None for place in again.places)


def test_every_flipped_bit_is_noticed() -> None:
    """Wherever in the columns it is."""
    problem = random_problem(40, seed=1)
    payload = packed(problem, solve(problem).plan.rows)
    dice = random.Random(1)
    for _ in range(300):
        bit = dice.randrange(8 * len(payload))
        damaged = bytearray(payload)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(FaultyInput) as refused:
            unpacked(bytes(damaged))
        assert refused.value.faults[0].rule is Rule.RUN_DAMAGED
    for cut in (b"", payload[:10], payload[:-1]):
        with pytest.raises(FaultyInput):
            unpacked(cut)


def test_a_damaged_run_in_the_store_is_refused(season: Store) -> None:
    run_id = keep(season, random_problem(20, seed=2))
    with season.transaction() as connection:
        payload = bytearray(connection.scalars(select(run_table.c.payload)).one())
        payload[-1] ^= 1
        connection.execute(update(run_table).values(payload=bytes(payload)))
    with pytest.raises(FaultyInput):
        runs.take(season, run_id)


def test_exchanged_columns_show_in_the_log(season: Store) -> None:
    """Whoever exchanges the columns can reckon their hash anew, but not that of the log."""
    problem = random_problem(20, seed=3)
    run_id = keep(season, problem)
    other = replace(problem, candidates=replace(problem.candidates, wish=None))
    with season.transaction() as connection:
        payload = packed(other, solve(other).plan.rows)
        connection.execute(update(run_table).values(payload=payload))
    kept = runs.take(season, run_id)
    assert not kept.witnessed
    assert kept.run.problem.fingerprint() != kept.fingerprint


def test_an_unknown_run_is_told(store: Store) -> None:
    with pytest.raises(FaultyInput) as refused:
        runs.take(store, 7)
    assert refused.value.faults[0].rule is Rule.RUN_UNKNOWN


def test_runs_are_listed_newest_first(season: Store) -> None:
    first, second = (keep(season, random_problem(10, seed=seed)) for seed in (8, 9))
    assert [line.id for line in runs.kept(season, SEASON)] == [second, first]
    assert runs.kept(season, "2020/21") == ()
    assert verify(season) is None


# --- plans and proposals -------------------------------------------------------------------------


@pytest.fixture
def run_of_people(season: Store) -> int:
    take_in(season, [pupil(1), pupil(2), pupil(3)])
    offer(season)
    people, places = seekers_of(season, SEASON), places_of(season, SEASON)
    pairs = Candidates.of([0, 1, 2], [0, 1, 2], [0.5, 0.25, 0.75])
    problem = Problem(people, places, pairs, Target(Fraction(1, 1)))
    return keep(season, problem)


def key_of(store: Store) -> tuple[str, str]:
    with store.reading() as connection:
        row = connection.execute(select(proposals).order_by(proposals.c.pseudonym)).first()
    assert row is not None
    return row.pseudonym, row.place


def test_a_plan_has_a_proposal_a_row_of_its_run(season: Store, run_of_people: int) -> None:
    plan = plans.publish(season, run_of_people, "amt", "Plan vom Montag")
    with season.reading() as connection:
        offered = connection.scalars(select(proposals.c.chance).order_by(proposals.c.chance)).all()
    assert offered == [0.25, 0.5, 0.75]
    steps = plans.history(season, plan, *key_of(season))
    assert [(step.status, step.by, step.reason) for step in steps] == [
        ("proposed", "amt", "Plan vom Montag")
    ]


def test_one_plan_a_season_is_in_force(season: Store, run_of_people: int) -> None:
    first, second = (plans.publish(season, run_of_people, "amt", "x") for _ in range(2))
    assert plans.active_plan(season, SEASON) is None
    assert plans.activate(season, first, "amt", "x") is None
    assert plans.activate(season, first, "amt", "x") is None
    assert plans.activate(season, second, "amt", "x") == first
    assert [line.status for line in plans.listed(season, SEASON)] == ["active", "replaced"]
    active = plans.active_plan(season, SEASON)
    assert active is not None and active.id == second
    with pytest.raises(StoreRefused), season.transaction() as connection:
        connection.execute(text("UPDATE plans SET status = 'active'"))
    with pytest.raises(FaultyInput):
        plans.activate(season, 99, "amt", "x")


def test_a_status_changes_only_with_a_person_and_a_reason(
    season: Store, run_of_people: int
) -> None:
    """The database holds it, whatever the code does."""
    plan = plans.publish(season, run_of_people, "amt", "x")
    pseudonym, place = key_of(season)
    key = {"plan": plan, "pseudonym": pseudonym, "place": place}
    told = {**key, "status": "sent", "at": now()}
    for refused in (
        update(proposals).values(status="sent"),
        insert(proposal_history).values(**told, by="amt", reason=" \t\n"),
        insert(proposal_history).values(**told, by="", reason="x"),
        insert(proposal_history).values(**told, reason="x"),
        update(proposal_history).values(reason="anders"),
    ):
        with pytest.raises(StoreRefused), season.transaction() as connection:
            connection.execute(refused)
    with pytest.raises(FaultyInput):
        plans.move(season, plan, pseudonym, place, "sent", "amt", " ")
    with pytest.raises(FaultyInput):
        plans.move(season, plan, pseudonym, "nowhere", "sent", "amt", "x")
    plans.move(season, plan, pseudonym, place, "sent", "meier", "im Gespräch gewünscht")
    plans.move(season, plan, pseudonym, place, "accepted", "meier", "Anruf")
    steps = plans.history(season, plan, pseudonym, place)
    assert [step.status for step in steps] == ["proposed", "sent", "accepted"]
    with season.reading() as connection:
        stands = connection.scalars(select(proposals.c.status).order_by(proposals.c.status)).all()
    assert stands == ["accepted", "proposed", "proposed"]
    assert verify(season) is None


def test_a_history_can_be_deleted_with_its_person(season: Store, run_of_people: int) -> None:
    """Deletion must reach it, though nobody may rewrite it."""
    plans.publish(season, run_of_people, "amt", "x")
    with season.transaction() as connection:
        assert connection.execute(delete(proposal_history)).rowcount == 3


def test_a_store_opened_again_gives_the_run(tmp_path: Path) -> None:
    """Nothing of a run lives in the memory that made it."""
    store = open_store(str(tmp_path / "store"))
    with store.transaction() as connection:
        register_season(connection, SEASON)
    run_id = keep(store, random_problem(25, seed=10))
    store.close()
    again = open_store(str(tmp_path / "store"))
    assert runs.take(again, run_id).witnessed
    again.close()

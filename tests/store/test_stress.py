"""Does the store lose anything when many write at once, are killed, or find the disk full?

Small here; `benchmarks.store_stress` does the same at length. Every writer is a process of its own.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select

from benchmarks.store_databases import Databases, PostgresDatabases, SqliteFiles
from benchmarks.store_kills import kill_imports
from benchmarks.store_writers import list_text, stress
from data.intake.duplicates import find_duplicates
from data.store import audit as log
from data.store import doubles, plans
from data.store.backup import backup, read_manifest
from data.store.imports import apply
from data.store.mappings import (
    confirm_title,
    confirmed_titles,
    mapping_of,
    remember_mapping,
)
from data.store.opening import Store, open_store
from data.store.people import places, seekers, withdraw
from data.store.runs import Run, keep
from data.store.tables import duplicates, identities, imports, merges, proposals
from data.store.undo import undo
from matching.errors import FaultyInput, Rule
from matching.problem import Candidates, Problem
from matching.solve import solve
from tests.store.districts import OTHER, SEASON, offer, pseudonyms_of, pupil, school_list, take_in

ROOT = Path(__file__).parents[2]

Job = Callable[[Store], object]


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Databases:
    """Where databases can be made and copied."""
    if request.param == "sqlite":
        return SqliteFiles(tmp_path)
    return PostgresDatabases(request.getfixturevalue("postgres"), prefix="test")


def at_once(url: str, *jobs: Job) -> list[object]:
    """Each job on a store of its own, all let go at one moment; what each gave or raised."""
    gate = Barrier(len(jobs))

    def run(job: Job) -> object:
        store = open_store(url)
        try:
            gate.wait()
            return job(store)
        except FaultyInput as refusal:
            return refusal.faults[0].rule
        finally:
            store.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def people_in(store: Store) -> int:
    with store.reading() as connection:
        return int(connection.scalar(select(func.count()).select_from(identities)) or 0)


def drawn_plan(store: Store) -> int:
    """A draft plan for the first two people of the season."""
    people, offered = seekers(store, SEASON), places(store, SEASON)
    problem = Problem(people, offered, Candidates.of([0, 1], [0, 1], [0.5, 0.5]))
    rows = solve(problem).plan.rows
    run = Run(SEASON, problem, rows, "flow", "0" * 64, {"k": 2}, {"x": "1"}, {"e": 1.0})
    return plans.publish(store, keep(store, run, "amt"), "amt", "drawn")


def test_writers_at_once_lose_nothing(databases: Databases, tmp_path: Path) -> None:
    """Every row of people, outcomes, rulings and log is counted against what was done."""
    ledger, _, wrong = stress(databases.empty(), tmp_path, rounds=1, size=25, writers=3)
    assert ledger.failed == []
    assert wrong == []
    assert ledger.done["import.pupils"] == 1 + 2 * 3
    assert ledger.done["duplicate.same"] + ledger.done["duplicate.different"] > 0


def test_a_killed_import_is_there_or_not(databases: Databases, tmp_path: Path) -> None:
    """The first before its transaction, two inside it, one in its commit."""
    killed = kill_imports(databases, tmp_path, kills=4, rows=200, seed=7)
    assert killed.wrong == []
    assert killed.kills == 4 and killed.of("nothing") + killed.of("all") == 4
    assert killed.of("nothing") >= 1


def test_one_of_two_takes_an_import_back(store: Store, url: str) -> None:
    report = take_in(store, [pupil(n) for n in range(1, 40)])
    ends = at_once(url, *[lambda own: undo(own, report.import_id, "amt").removed] * 2)
    assert sorted(map(str, ends)) == ["39", str(Rule.UNDONE_ALREADY)]
    assert people_in(store) == 0
    assert log.verify(store) is None


def test_of_plans_put_in_force_at_once_one_is(store: Store, url: str) -> None:
    take_in(store, [pupil(1), pupil(2)])
    offer(store)
    drafts = [drawn_plan(store) for _ in range(4)]
    at_once(url, *[lambda own, plan=plan: plans.activate(own, plan, "amt", "x") for plan in drafts])
    stands = [plan.status for plan in plans.listed(store, SEASON)]
    assert sorted(stands) == ["active", "replaced", "replaced", "replaced"]
    assert log.verify(store) is None


def test_rulings_at_once_join_nobody_in_a_circle(store: Store, url: str) -> None:
    """Three who may be one, ruled on pair by pair at one moment, twice each."""
    take_in(store, [pupil(n) for n in (1, 2, 3)])
    people = sorted(pseudonyms_of(store).values())
    with store.transaction() as connection:
        pairs = [(people[0], people[1]), (people[0], people[2]), (people[1], people[2])]
        for one, other in pairs:
            offered = {"one": one, "other": other, "score": 20.0, "rule": "surname"}
            connection.execute(insert(duplicates).values(**offered))
    ends = at_once(
        url,
        *[
            lambda own, pair=pair, by=by: doubles.decide(own, *pair, same=True, by=by)
            for pair in pairs
            for by in ("meier", "kaya")
        ],
    )
    assert ends == [None] * 6
    with store.reading() as connection:
        assert len(connection.execute(select(merges)).all()) == 2
        assert set(doubles.heads_of(connection).values()) == {people[0]}


def test_the_same_headings_may_be_remembered_at_once(store: Store, url: str) -> None:
    """Two of a school's office hand in the same list with the same mapping."""
    told = {"Name": "surname", "Notiz": ""}
    assert at_once(url, *[lambda own: remember_mapping(own, OTHER, told, "amt")] * 4) == [None] * 4
    assert mapping_of(store, OTHER) == told
    confirm: Job = lambda own: confirm_title(own, "tischler", "22302", "amt")  # noqa: E731
    assert at_once(url, *[confirm] * 4) == [None] * 4
    assert confirmed_titles(store) == {"tischler": "22302"}


def test_who_withdraws_while_a_plan_is_drawn_is_not_in_it(store: Store) -> None:
    """The law says at once: neither a plan that is drawn nor a draft may go on with them."""
    take_in(store, [pupil(1), pupil(2)])
    offer(store)
    draft = drawn_plan(store)
    people, offered = seekers(store, SEASON), places(store, SEASON)
    problem = Problem(people, offered, Candidates.of([0, 1], [0, 1], [0.5, 0.5]))
    rows = solve(problem).plan.rows
    run = keep(
        store, Run(SEASON, problem, rows, "flow", "0" * 64, {}, {"x": "1"}, {"e": 1.0}), "amt"
    )
    withdraw(store, people[0].id, "amt")
    with pytest.raises(FaultyInput) as refused:
        plans.publish(store, run, "amt", "drawn")
    (fault,) = refused.value.faults
    assert (fault.rule, fault.value) == (Rule.CHANGED_SINCE, people[0].id)
    plans.activate(store, draft, "amt", "x")
    with store.reading() as connection:
        stands = dict(connection.execute(select(proposals.c.pseudonym, proposals.c.status)).all())
    assert stands == {people[0].id: "withdrawn", people[1].id: "proposed"}


@contextmanager
def held_import(url: str) -> Iterator[Event]:
    """An import that has written its rows and commits as soon as the event is set."""
    written, go = Event(), Event()

    def find(fresh: Any, known: Any) -> Any:
        written.set()
        assert go.wait(30)
        return find_duplicates(fresh, known)

    store = open_store(url)
    read = school_list([pupil(n, OTHER) for n in range(1, 30)])
    with ThreadPoolExecutor(1) as pool:
        ending = pool.submit(lambda: apply(store, OTHER, SEASON, read, "amt", find=find))
        try:
            assert written.wait(30)
            yield go
        finally:
            go.set()
            ending.result()
            store.close()


def test_a_reader_sees_before_or_after_never_between(store: Store, url: str) -> None:
    """One view is one moment, even when the import ends while it is open."""
    take_in(store, [pupil(n) for n in range(1, 11)])
    with held_import(url) as go:
        assert people_in(store) == 10
        with store.reading() as connection:
            assert counted(connection) == (10, 1)
            go.set()
            wait_for(store, 39)
            assert counted(connection) == (10, 1)
    with store.reading() as connection:
        assert counted(connection) == (39, 2)


def counted(connection: Connection) -> tuple[int, int]:
    """People and imports in one view."""
    first, second = (
        int(connection.scalar(select(func.count()).select_from(table)) or 0)
        for table in (identities, imports)
    )
    return first, second


def wait_for(store: Store, people: int) -> None:
    for _ in range(3_000):
        if people_in(store) == people:
            return
        Event().wait(0.01)
    raise AssertionError("the import did not end")


def test_a_backup_during_an_import_is_whole(store: Store, url: str, tmp_path: Path) -> None:
    """It doesn't wait for the import, and holds nothing of it."""
    take_in(store, [pupil(n) for n in range(1, 11)])
    with held_import(url):
        told = backup(store, tmp_path / "backup.zip")
    assert read_manifest(tmp_path / "backup.zip").rows == told.rows
    assert (told.rows["identities"], told.rows["imports"]) == (10, 1)
    assert people_in(store) == 39


# --- at the command line -------------------------------------------------------------------------


#: Linux's numbers: what takes a right from a process for good, and root's to write any file.
_DROP, _WRITE_ANYTHING = 24, 1


def command(*words: object, limit: int | None = None, humble: bool = False) -> Any:
    """Run a command in a process of its own whose files may not grow beyond a limit, in bytes.

    A `humble` one has no right to write what is not to be written, even where root runs the tests.
    """

    def narrow() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        if humble and os.getuid() == 0:
            ctypes.CDLL(None).prctl(_DROP, _WRITE_ANYTHING, 0, 0, 0)

    return subprocess.run(
        [sys.executable, "-m", "office.cli", "--lang", "en", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        preexec_fn=narrow,
    )


def test_a_full_disk_is_a_worded_refusal(tmp_path: Path) -> None:
    """Nothing of the import is kept, and once there is room the same command goes through."""
    file, db = tmp_path / "list.csv", tmp_path / "kept.db"
    file.write_text(list_text(range(1, 1600)), encoding="utf-8")
    open_store(str(db)).close()
    words = ("import", file, "--school", "999001", "--season", "2026/27", "--db", db, "--json")
    refused = command(*words, limit=db.stat().st_size + 50_000)
    assert refused.returncode == 2, refused.stderr
    assert "Traceback" not in refused.stderr
    told = json.loads(refused.stdout)
    assert told["refused"] == "The store refused; nothing was written:"
    assert told["faults"][0]["words"] == "The database broke off."
    store = open_store(str(db))
    with store.reading() as connection:
        assert counted(connection) == (0, 0)
    assert log.head(store).seq == 0
    store.close()
    taken = command(*words)
    assert taken.returncode == 0 and json.loads(taken.stdout)["stored"] == 1599


def test_a_disk_too_full_for_a_store_is_a_worded_refusal(tmp_path: Path) -> None:
    """And is told at once: waiting would not help."""
    refused = command("imports", "list", "--db", tmp_path / "new.db", limit=20_000)
    assert refused.returncode == 2
    assert "The store can't be reached" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_store_that_may_not_be_written_is_a_worded_refusal(tmp_path: Path) -> None:
    """Neither a hang nor a traceback."""
    db = tmp_path / "kept.db"
    open_store(str(db)).close()
    db.chmod(0o400)
    refused = command("places", "titles", "confirm", "Tischleria", "22342", "--db", db, humble=True)
    assert refused.returncode == 2, refused.stderr
    assert "Traceback" not in refused.stderr
    assert "store" in refused.stderr

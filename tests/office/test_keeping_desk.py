"""Does the house's keeper get what keeps the house, and nobody else?"""

from __future__ import annotations

import csv
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from threading import Event
from typing import TypeVar

import pytest

from data.store.audit import append
from data.store.backup import read_manifest
from data.store.cases import Scores, set_scores
from data.store.export import Purpose
from data.store.finding import Reason
from matching.errors import FaultyInput, Refused, Rule
from office.access import RIGHTS, Right, Role, User
from office.desk import Desk
from office.keeping_desk import Wanted
from office.long_work import MOST_ENDED, LongWork, LongWorks
from office.settings import Settings
from tests.store.districts import ONE, OTHER, offer, pupil, take_in, waiting_row

T = TypeVar("T")

ADA = User("ada", frozenset({Role.ADMIN}))
LENA = User("lena", frozenset({Role.COUNSELOR}))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk on a store with one school's list and a row that waits."""
    folder = tmp_path / "data"
    made = Desk(Settings(data_folder=folder, database=str(tmp_path / "s.db"), copies_folder=None))
    season = made.season()
    waits = [waiting_row(9, surname="Geheimnis", postcode="00000")]
    take_in(made.store, [pupil(1, compulsory_school_done=True)], waiting=waits, season=season)
    offer(made.store, 2, season)
    yield made
    made.close()


#: Every request that the pages of the administrator make, and which right it takes.
REQUESTS: dict[str, tuple[Right, Callable[[Desk, User], object]]] = {
    "start_replay": (Right.SEE_RUNS, lambda d, by: d.start_replay(1, by=by)),
    "replaying": (Right.SEE_RUNS, lambda d, by: d.replaying(1, by=by)),
    "stop_replay": (Right.SEE_RUNS, lambda d, by: d.stop_replay(1, by=by)),
    "forget_replay": (Right.SEE_RUNS, lambda d, by: d.forget_replay(1, by=by)),
    "run_page": (Right.SEE_RUNS, lambda d, by: d.run_page(by)),
    "seasons_of_runs": (Right.SEE_RUNS, lambda d, by: d.seasons_of_runs(by=by)),
    "log_page": (Right.CHECK_LOG, lambda d, by: d.log_page(by, Wanted())),
    "said_in_log": (Right.CHECK_LOG, lambda d, by: d.said_in_log(by=by)),
    "log_head": (Right.CHECK_LOG, lambda d, by: d.log_head(by=by)),
    "check_log": (Right.CHECK_LOG, lambda d, by: d.check_log(by)),
    "export_log": (Right.CHECK_LOG, lambda d, by: d.export_log(by, Wanted())),
    "terms": (Right.RUN_RETENTION, lambda d, by: d.terms(by=by)),
    "beyond_term": (Right.RUN_RETENTION, lambda d, by: d.beyond_term(by=by)),
    "copies": (Right.BACK_UP, lambda d, by: d.copies(by=by)),
    "make_copy": (Right.BACK_UP, lambda d, by: d.make_copy(by=by)),
    "switches": (Right.SET_SWITCHES, lambda d, by: d.switches(by=by)),
    "show_scores": (Right.SET_SWITCHES, lambda d, by: d.show_scores(Scores.OFF, by=by)),
    "work_in_season": (Right.SET_SWITCHES, lambda d, by: d.work_in_season(None, by=by)),
    "reference": (Right.SET_REFERENCE, lambda d, by: d.reference(by=by)),
    "take_occupations": (Right.SET_REFERENCE, lambda d, by: d.take_occupations(b"", by=by)),
    "take_shapes": (Right.SET_REFERENCE, lambda d, by: d.take_shapes(b"", by=by)),
    "import_page": (Right.SEE_IMPORTS, lambda d, by: d.import_page(by)),
    "imported_by": (Right.SEE_IMPORTS, lambda d, by: d.imported_by(by=by)),
    "faults_of_import": (Right.SEE_IMPORTS, lambda d, by: d.faults_of_import(1, by=by)),
    "undoing": (Right.UNDO_IMPORTS, lambda d, by: d.undoing(1, by=by)),
    "waiting_page": (Right.SEE_WAITING_ROWS, lambda d, by: d.waiting_page(by)),
    "waiting_counts": (Right.SEE_WAITING_ROWS, lambda d, by: d.waiting_counts(by=by)),
    "open_row": (Right.SEE_WAITING_ROWS, lambda d, by: d.open_row(1, Purpose.SCHOOL, by=by)),
    "find_person": (Right.FORGET_PERSON, lambda d, by: d.find_person("1", by, Reason.REQUEST)),
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", REQUESTS)
def test_whoever_lacks_the_right_is_refused(desk: Desk, name: str, role: Role) -> None:
    """The matrix: a school speaks for another school here, so that it is refused everywhere."""
    right, ask = REQUESTS[name]
    user = User("somebody", frozenset({role}), frozenset({OTHER}))
    if right in RIGHTS[role] and role is not Role.SCHOOL:
        # Let in, and maybe told what is wrong with what was given.
        with suppress(FaultyInput):
            ask(desk, user)
        return
    before = desk.log_head(by=ADA)
    with pytest.raises(Refused):
        ask(desk, user)
    assert desk.log_head(by=ADA) == before, "nothing was looked at or changed"


def test_a_school_sees_its_own_rows_and_imports_alone(desk: Desk) -> None:
    own = User("ulla", frozenset({Role.SCHOOL}), frozenset({ONE}))
    assert desk.import_page(own, school=ONE).total == 1
    assert desk.waiting_page(own, school=ONE)[1] == 1
    assert desk.open_row(1, Purpose.CORRECTION, by=own).cells["surname"] == "Geheimnis"
    with pytest.raises(Refused):
        desk.import_page(own)
    with pytest.raises(Refused):
        desk.waiting_page(own, school=OTHER)


def test_rows_say_nothing_until_they_are_opened(desk: Desk) -> None:
    """Neither cells nor the values that their faults repeat."""
    (row,), total = desk.waiting_page(ADA)
    assert total == 1 and set(row.cells.values()) == {""}
    assert {fault.value for fault in row.faults} == {None}
    (listed,) = desk.quarantined(ADA)
    assert {fault.value for fault in listed.faults} == {None} and listed.faults
    before = desk.log_head(by=ADA).seq
    assert desk.open_row(row.id, Purpose.ACCESS, by=ADA).cells["postcode"] == "00000"
    told = desk.log_page(ADA, Wanted(), limit=1)[0][0]
    assert (told.seq, told.action) == (before + 1, "quarantine.read.access")
    assert told.subject == f"quarantine {row.id}" and told.fields == ("cells",)


def test_the_exported_log_can_do_nothing_in_a_spreadsheet(desk: Desk) -> None:
    with desk.store.transaction() as connection:
        append(connection, "+ada", "user.add", "user @otto")
    content = desk.export_log(ADA, Wanted()).decode("utf-8-sig")
    rows = list(csv.reader(content.splitlines(), delimiter=";"))
    assert rows[0] == ["seq", "at", "actor", "action", "subject", "fields", "hash"]
    assert "'+ada" in {row[2] for row in rows}
    assert rows[-1][3] == "audit.export", "that it was taken away stands in it"
    assert "Geheimnis" not in content


def test_a_copy_is_private_whole_and_tells_of_itself(desk: Desk, tmp_path: Path) -> None:
    done = desk.make_copy(by=ADA)
    file = tmp_path / "data" / "copies" / done.copy.name
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert read_manifest(file).rows == done.manifest.rows
    assert done.manifest.rows["audit"] == done.head.seq
    assert [one.name for one in desk.copies(by=ADA)] == [done.copy.name]
    (file.parent / "notes.txt").write_text("no copy")
    assert len(desk.copies(by=ADA)) == 1


def test_the_houses_switch_holds_for_every_counselor(desk: Desk) -> None:
    set_scores(desk.store, "lena", Scores.SHOWN)
    assert desk.scores(by=LENA) is Scores.SHOWN
    assert desk.scores_allowed(by=LENA) == tuple(Scores)
    desk.show_scores(Scores.AFTER, by=ADA)
    assert desk.scores(by=LENA) is Scores.AFTER
    assert desk.scores_allowed(by=LENA) == (Scores.AFTER, Scores.OFF)
    desk.show_scores(Scores.OFF, by=ADA)
    assert desk.scores(by=LENA) is Scores.OFF and desk.scores_allowed(by=LENA) == (Scores.OFF,)
    desk.show_scores(Scores.SHOWN, by=ADA)
    assert desk.scores(by=LENA) is Scores.SHOWN


@pytest.mark.parametrize("name", ["", "2026", "2026/28", "x" * 9, "2026-27"])
def test_what_is_no_season_is_refused(desk: Desk, name: str) -> None:
    before = desk.season()
    with pytest.raises(FaultyInput):
        desk.work_in_season(name, by=ADA)
    assert desk.season() == before


def test_reference_data_that_is_faulty_leaves_all_as_it_was(desk: Desk) -> None:
    before = desk.reference(by=ADA)
    assert before.schematic and before.official == 0 and before.own > 100
    for take in (desk.take_occupations, desk.take_shapes):
        for content in (b"", b"{}", b"\xff\x00", b'{"features": []}'):
            with pytest.raises(FaultyInput):
                take(content, by=ADA)
    assert desk.reference(by=ADA) == before
    kldb = b"code;level;title;short_title\n11101;5;Landwirtschaft;L\n"
    assert desk.take_occupations(kldb, by=ADA) == 1
    assert desk.reference(by=ADA).official == 1


def test_the_offices_own_terms_hold_here(tmp_path: Path) -> None:
    """Nothing goes by a term that the office has made longer."""
    file = tmp_path / "terms.toml"
    file.write_text("[waiting_rows]\nmonths = 99\n")
    database = str(tmp_path / "s.db")
    desk = Desk(Settings(data_folder=tmp_path, database=database, terms_file=file))
    waits = [waiting_row(9, surname="Geheimnis", postcode="00000")]
    take_in(desk.store, [], waiting=waits, season=desk.season())
    later = date.today() + timedelta(days=3 * 365)
    assert desk.terms(by=ADA)["waiting_rows"].months == 99
    assert desk.beyond_term(by=ADA, today=later)["waiting_rows"] == 0
    assert desk.run_retention(by=ADA, today=later)["waiting_rows"] == 0
    file.write_text("[waiting_rows]\nmonths = 0\n")
    with pytest.raises(FaultyInput):
        desk.run_retention(by=ADA, today=later)
    desk.close()


def test_a_replay_of_no_run_is_refused(desk: Desk) -> None:
    with pytest.raises(FaultyInput) as refused:
        desk.start_replay(77, by=ADA)
    assert [fault.rule for fault in refused.value.faults] == [Rule.RUN_UNKNOWN]
    assert desk.replaying(77, by=ADA) is None


def test_only_the_last_works_are_told_of_and_what_goes_on() -> None:
    """What a work kept would else stay in memory for as long as the server runs."""
    works: LongWorks[int] = LongWorks(1.0)
    go_on = Event()
    works.start(("store", "first"), "ada", 1, lambda tell: int(go_on.wait(10)))
    keys = [("store", f"run {number}") for number in range(MOST_ENDED + 3)]
    for number, key in enumerate(keys):
        works.start(key, "ada", 1, lambda tell, number=number: number)  # type: ignore[misc]
        assert _ended(lambda key=key: works.look(key)).kept == number  # type: ignore[misc]
    told = [key for key in keys if works.look(key) is not None]
    assert told == keys[-MOST_ENDED:]
    first = works.look(("store", "first"))
    assert first is not None and first.state == "running"
    go_on.set()
    assert _ended(lambda: works.look(("store", "first"))).kept == 1


def test_a_replay_keeps_no_plan_in_memory(desk: Desk) -> None:
    """Whether it is the same is what is asked; the plan anew is large."""
    run = desk.draw_season(by=User("planung", frozenset({Role.PLANNER}))).run
    desk.start_replay(run, by=ADA)
    kept = _ended(lambda: desk.replaying(run, by=ADA)).kept
    assert kept is not None and kept.same and kept.rows == 1
    assert kept.steered is None


def _ended(look: Callable[[], LongWork[T] | None]) -> LongWork[T]:
    for _ in range(400):
        work = look()
        assert work is not None
        if work.state != "running":
            return work
        time.sleep(0.02)
    pytest.fail("it does not end")


def test_works_of_two_sorts_do_not_meet() -> None:
    """A drawing and a replay of one store go on beside each other."""
    one: LongWorks[int] = LongWorks(1.0)
    other: LongWorks[int] = LongWorks(1.0)
    one.start(("store", "run 1"), "ada", 1, lambda tell: 7)
    assert other.look(("store", "run 1")) is None

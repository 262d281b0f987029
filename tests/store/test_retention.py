"""Does everything beyond its term go, and a person without a trace in the raw files?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update

from data.intake.records import FileRead, OutcomeKind, OutcomeRecord
from data.store import plans, runs
from data.store.audit import verify
from data.store.doubles import decide
from data.store.opening import Store, open_store
from data.store.outcome_imports import apply_outcomes
from data.store.people import places, seekers, withdraw
from data.store.quarantine import dismiss, entries
from data.store.retention import TERMS, Term, forget, read_terms, report, run, sweep
from data.store.runs import Run
from data.store.tables import (
    audit,
    decisions,
    duplicates,
    figures,
    identities,
    import_changes,
    imports,
    metadata,
    people,
    proposals,
    pseudonyms,
    quarantine,
)
from data.store.tables import runs as run_table
from data.store.undo import undo
from matching.errors import FaultyInput, Rule
from matching.problem import Candidates, Problem
from matching.solve import solve
from tests.store.districts import (
    ONE,
    OTHER,
    SEASON,
    now,
    offer,
    pseudonyms_of,
    pupil,
    take_in,
    waiting_row,
)

NAME = "Überreiterswil"
FIRST = "Ännchenlotte"
TRACES = (NAME, FIRST, "erfunden42@example.org", "0170 5551234", "Unverwechselgasse")


def marked(**more: Any) -> Any:
    """The pupil who is deleted: nothing of theirs stands anywhere else."""
    told = {
        "surname": NAME,
        "first_name": FIRST,
        "email": "erfunden42@example.org",
        "phone": "0170 5551234",
        "street": "Unverwechselgasse 7",
        "born": date(2009, 4, 3),
    }
    return pupil(7, **{**told, **more})


def raw_bytes(store: Store, postgres: Any) -> bytes:
    """Every byte that the database keeps in files, its write-ahead log included on SQLite."""
    if store.is_sqlite:
        file = store.engine.url.database
        assert file is not None
        parts = (Path(file + end) for end in ("", "-wal", "-shm", "-journal"))
        return b"".join(part.read_bytes() for part in parts if part.exists())
    # PostgreSQL's own log holds what was done until it is recycled: `data.store.erasure` says so.
    with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SHOW data_directory").fetchone()
        oid = connection.execute(
            "SELECT oid FROM pg_database WHERE datname = %s", (store.engine.url.database,)
        ).fetchone()
    assert row is not None and oid is not None
    files = (Path(row[0]) / "base" / str(oid[0])).iterdir()
    return b"".join(file.read_bytes() for file in files)


def traces(content: bytes, words: Iterable[str] = TRACES) -> set[str]:
    """The words that stand in the bytes, as they are or as JSON spells them."""
    spelled = {word: (word.encode(), json.dumps(word)[1:-1].encode()) for word in words}
    return {word for word, forms in spelled.items() if any(form in content for form in forms)}


def settle(store: Store) -> str:
    """Put the marked pupil into every table there is; returns the pseudonym."""
    take_in(store, [marked(street="Unverwechselgasse 1"), *(pupil(n) for n in (1, 2, 3))])
    take_in(store, [marked(), *(pupil(n) for n in (1, 2, 3))])
    other_list = [marked(school=OTHER, number="70"), pupil(4, OTHER)]
    take_in(store, other_list, OTHER, [
        waiting_row(4, surname=NAME, first_name=FIRST, postcode="1"),
        waiting_row(5, full_name=f"{FIRST} {NAME}", born="03.04.2009"),
        waiting_row(6, surname="Ganzandere", first_name="Person", postcode="1"),
        waiting_row(7, surname=NAME, first_name=FIRST, born="01.01.2001"),
    ])  # fmt: skip
    offer(store)
    pseudonym = next(iter(heads(store)))
    told = OutcomeRecord(2, OutcomeKind.DUAL, date(2026, 5, 1), pseudonym=pseudonym)
    apply_outcomes(store, FileRead("o.csv", "csv", 1, (told,)), "amt", season=SEASON)
    persons, offered = seekers(store, SEASON), places(store, SEASON)
    number = next(n for n, person in enumerate(persons) if person.id == pseudonym)
    problem = Problem(persons, offered, Candidates.of([number], [0], [0.5]))
    kept = Run(SEASON, problem, solve(problem).plan.rows, "flow", "0" * 64, {}, {}, {})
    plan = plans.publish(store, runs.keep(store, kept, "amt"), "amt", "x")
    plans.move(store, plan, pseudonym, offered[0].id, "sent", "amt", f"{FIRST} möchte es so")
    with store.transaction() as connection:
        connection.execute(
            insert(decisions).values(
                season=SEASON, pseudonym=pseudonym, place=offered[0].id, bond="pin", by="amt",
                reason=f"Gespräch mit {FIRST} {NAME}", at=now(),
            )
        )  # fmt: skip
    return pseudonym


def heads(store: Store) -> list[str]:
    """The pseudonym that stands for the marked pupil, who is in two lists."""
    with store.reading() as connection:
        rows = connection.scalars(
            select(identities.c.pseudonym).where(identities.c.surname == NAME)
        ).all()
    shown = {person.id for person in seekers(store, SEASON)}
    return [row for row in rows if row in shown]


def test_a_person_is_gone_from_the_raw_files(store: Store, postgres: Any) -> None:
    """Not only from the tables: neither name, mail, telephone nor street is in any byte."""
    pseudonym = settle(store)
    assert traces(raw_bytes(store, postgres)) == set(TRACES)
    forgotten = forget(store, pseudonym, "amt")
    assert forgotten.swept
    assert len(forgotten.records) == 2
    # One waiting row is about somebody of the same name, born on another day: it stays.
    with store.transaction() as connection:
        stays = connection.scalars(
            select(quarantine.c.id).where(quarantine.c.row == 7, quarantine.c.school == OTHER)
        ).one()
        held = connection.scalars(select(quarantine.c.cells).where(quarantine.c.id == stays)).one()
        assert held["surname"] == NAME
        connection.execute(update(quarantine).where(quarantine.c.id == stays).values(cells={}))
    sweep(store)
    assert traces(raw_bytes(store, postgres)) == set()
    assert traces(raw_bytes(store, postgres), ["Ganzandere"]) == {"Ganzandere"}
    assert verify(store) is None


def test_no_table_names_the_person_any_more(store: Store) -> None:
    """The bare pseudonym stays where the runs' sums need it, and in the log."""
    pseudonym = settle(store)
    with store.reading() as connection:
        alike = set(connection.scalars(select(pseudonyms.c.pseudonym)))
    records = set(forget(store, pseudonym, "amt").records)
    assert records < alike
    naming = set()
    with store.reading() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                if any(record in repr(tuple(row)) for record in records):
                    naming.add(table.name)
    assert naming <= {"pseudonyms", "audit", "runs"}
    others = set(pseudonyms_of(store))
    assert len(others) == 4 and NAME not in others


def test_others_keep_all_they_have(store: Store) -> None:
    """Whoever is not meant is not touched."""
    pseudonym = settle(store)
    with store.reading() as connection:
        others = select(identities).where(identities.c.surname != NAME)
        before = connection.execute(others.order_by(identities.c.pseudonym)).all()
        told = connection.scalar(
            select(func.count()).select_from(import_changes).where(import_changes.c.key.in_(
                [row.pseudonym for row in before]
            ))
        )  # fmt: skip
    forget(store, pseudonym, "amt")
    with store.reading() as connection:
        assert connection.execute(others.order_by(identities.c.pseudonym)).all() == before
        assert told == connection.scalar(
            select(func.count()).select_from(import_changes).where(import_changes.c.key.in_(
                [row.pseudonym for row in before]
            ))
        )  # fmt: skip


def test_the_figures_stay(store: Store) -> None:
    """One person in two lists counts once, where the first record stands."""
    pseudonym = settle(store)
    with store.reading() as connection:
        school = connection.scalar(select(people.c.school).where(people.c.pseudonym == pseudonym))
    forget(store, pseudonym, "amt")
    with store.reading() as connection:
        rows = connection.execute(select(figures)).all()
    assert [tuple(row) for row in rows] == [(SEASON, school, "looking", "dual", 1)]


def test_the_log_tells_that_it_was_done_and_no_value(store: Store) -> None:
    pseudonym = settle(store)
    forget(store, pseudonym, "amt")
    with store.reading() as connection:
        row = connection.execute(select(audit).order_by(audit.c.seq.desc()).limit(1)).one()
    assert (row.action, row.subject) == ("person.forget", pseudonym)
    assert set(row.fields) <= set(metadata.tables)


def test_an_unknown_pseudonym_is_told(store: Store) -> None:
    for ask in (lambda: forget(store, "f" * 32, "amt"), lambda: report(store, "f" * 32)):
        with pytest.raises(FaultyInput) as refused:
            ask()
        assert refused.value.faults[0].rule is Rule.SEEKER_UNKNOWN


def test_forgetting_twice_changes_nothing_more(store: Store) -> None:
    pseudonym = settle(store)
    forget(store, pseudonym, "amt")
    assert dict(forget(store, pseudonym, "amt").rows) == {}
    with store.reading() as connection:
        assert connection.scalars(select(figures.c.people)).all() == [1]


def test_an_import_can_be_undone_after_one_of_its_people_is_gone(store: Store) -> None:
    """And brings nobody back."""
    made = take_in(store, [marked(), pupil(1)]).import_id
    pseudonym = pseudonyms_of(store)[NAME]
    changed = take_in(store, [marked(town="Verl"), pupil(1, town="Verl")]).import_id
    forget(store, pseudonym, "amt")
    undo(store, changed, "amt")
    assert NAME not in pseudonyms_of(store)
    undo(store, made, "amt")
    assert pseudonyms_of(store) == {}


def test_whoever_is_listed_again_is_new(store: Store) -> None:
    """A school's next list may name them again: nothing ties that to what was deleted."""
    take_in(store, [marked()])
    old = pseudonyms_of(store)[NAME]
    forget(store, old, "amt")
    assert take_in(store, [marked()]).stored == 1
    assert pseudonyms_of(store)[NAME] != old


def test_a_report_tells_all_and_of_nobody_else(store: Store) -> None:
    pseudonym = settle(store)
    with store.transaction() as connection:
        one, other = sorted([pseudonym, pseudonyms_of_number(store, 1)])
        connection.execute(insert(duplicates).values(one=one, other=other, score=0.8, rule="r"))
    told = report(store, pseudonym)
    text = json.dumps(told, ensure_ascii=False)
    for trace in TRACES:
        assert trace in text
    assert "Unverwechselgasse 1" in json.dumps(told["import_changes"])
    assert [row["row"] for row in told["quarantine"]] == [4, 5]
    assert told["runs"][0]["pairs"][0]["proposed"] is True
    assert told["runs"][0]["pairs"][0]["chance"] == 0.5
    assert [step["status"] for step in told["proposal_history"]] == ["proposed", "sent"]
    assert len(told["records"]) == 2 and len(told["merges"]) == 1
    assert any(entry["action"] == "person.forget" for entry in told["log"]) is False
    for number in (1, 2, 3):
        assert pupil(number).surname not in text
        assert pseudonyms_of_number(store, number) not in text


def pseudonyms_of_number(store: Store, number: int) -> str:
    return pseudonyms_of(store)[pupil(number).surname]


def test_a_report_of_somebody_deleted_is_empty(store: Store) -> None:
    """What is left is the log, and the runs that name the bare pseudonym."""
    pseudonym = settle(store)
    forget(store, pseudonym, "amt")
    told = report(store, pseudonym)
    left = {name for name, rows in told.items() if isinstance(rows, list) and rows}
    assert left == {"records", "log", "runs"}
    assert traces(json.dumps(told).encode()) == set()


# --- terms ---------------------------------------------------------------------------------------


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 60), st.integers(0, 400))
def test_a_term_ends_after_and_never_before(since: date, months: int, days: int) -> None:
    """A month more never ends it earlier, and on the day itself nothing is over."""
    term = Term("", "", months=months, days=days)
    assert not term.over(since, since)
    assert term.over(since, term.ends(since)) and not term.over(
        since, term.ends(since) - timedelta(days=1)
    )
    assert replace(term, months=months + 1).ends(since) > term.ends(since)


def test_terms_by_hand() -> None:
    """The last day of a month stays within the month it comes to."""
    assert Term("", "", months=12).ends(date(2026, 9, 30)) == date(2027, 10, 1)
    assert Term("", "", months=1).ends(date(2026, 1, 31)) == date(2026, 3, 1)
    assert Term("", "", days=90).ends(date(2026, 1, 1)) == date(2026, 4, 2)


def test_runs_and_log_are_kept_as_long_as_the_law_wants() -> None:
    """AI Act Art. 19(1): six months at least."""
    for name in ("runs", "audit"):
        assert TERMS[name].months >= TERMS[name].least_months == 6
    assert all(term.ground and term.since for term in TERMS.values())


def test_terms_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "terms.toml"
    file.write_text('[people]\ndays = 10\n[runs]\nmonths = 7\nground = "Satzung"\n')
    terms = read_terms(file)
    assert (terms["people"].months, terms["people"].days) == (0, 10)
    assert (terms["runs"].months, terms["runs"].ground) == (7, "Satzung")
    assert terms["audit"] == TERMS["audit"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[peopel]\nmonths = 1\n", Rule.KEY_UNKNOWN),
        ("[people]\nyears = 1\n", Rule.KEY_UNKNOWN),
        ("[people]\n", Rule.KEY_UNKNOWN),
        ("people = 3\n", Rule.KEY_UNKNOWN),
        ("[people]\nmonths = 0\n", Rule.NOT_POSITIVE),
        ("[people]\nmonths = true\n", Rule.NOT_POSITIVE),
        ("[people]\nmonths = '1'\n", Rule.NOT_POSITIVE),
        ("[runs]\nmonths = 5\n", Rule.DATE_OUT_OF_RANGE),
        ("[runs]\ndays = 400\n", Rule.DATE_OUT_OF_RANGE),
        ("[runs\n", Rule.FILE_UNREADABLE),
    ],
)
def test_a_term_that_is_none_is_refused(tmp_path: Path, text: str, rule: Rule) -> None:
    file = tmp_path / "terms.toml"
    file.write_text(text)
    with pytest.raises(FaultyInput) as refused:
        read_terms(file)
    assert [fault.rule for fault in refused.value.faults] == [rule]


def test_nothing_goes_before_its_term(store: Store) -> None:
    settle(store)
    with store.reading() as connection:
        before = {
            table.name: connection.scalar(select(func.count()).select_from(table))
            for table in metadata.sorted_tables
        }
    counts = run(store, date.today(), "amt")
    assert set(counts) == {*TERMS, "swept"}
    assert {name: count for name, count in counts.items() if count} == {"swept": 1}
    with store.reading() as connection:
        for table in metadata.sorted_tables:
            count = connection.scalar(select(func.count()).select_from(table))
            assert count == before[table.name], table.name


def test_people_go_when_their_last_season_is_long_over(store: Store, postgres: Any) -> None:
    """Who found a contract sooner than who may come again; who came again stays."""
    pseudonym = settle(store)
    take_in(store, [pupil(1)], season="2026/27")
    counts = run(store, date(2027, 3, 30), "amt")
    assert (counts["placed_people"], counts["people"]) == (0, 0)
    counts = run(store, date(2027, 4, 1), "amt")
    assert (counts["placed_people"], counts["people"]) == (1, 0)
    assert NAME not in pseudonyms_of(store)
    counts = run(store, date(2027, 10, 1), "amt")
    assert (counts["placed_people"], counts["people"]) == (0, 3)
    assert set(pseudonyms_of(store)) == {pupil(1).surname}
    assert counts["swept"] == 1
    assert traces(raw_bytes(store, postgres), [pupil(2).surname]) == set()
    assert report(store, pseudonym)["identities"] == []
    with store.reading() as connection:
        rows = connection.execute(
            select(figures.c.outcome, func.sum(figures.c.people)).group_by(figures.c.outcome)
        ).all()
    assert {row[0]: row[1] for row in rows} == {"dual": 1, "unknown": 3}
    assert verify(store) is None


def test_a_withdrawn_basis_ends_it_within_the_month(store: Store) -> None:
    take_in(store, [marked(), pupil(1)])
    withdraw(store, pseudonyms_of(store)[NAME], "amt")
    today = date.today()
    assert run(store, today + timedelta(days=30), "amt")["withdrawn"] == 0
    assert run(store, today + timedelta(days=31), "amt")["withdrawn"] == 1
    assert set(pseudonyms_of(store)) == {pupil(1).surname}


def test_rows_in_quarantine_lose_what_they_say(store: Store, postgres: Any) -> None:
    """That they came and which rule they broke stays: no row is dropped."""
    take_in(store, [pupil(1)], ONE, [waiting_row(3, surname=NAME, first_name=FIRST),
                                     waiting_row(4, surname="Wartetnoch")])  # fmt: skip
    dismissed, _ = entries(store)
    dismiss(store, dismissed.id, f"{NAME} ist weggezogen", "amt")
    today = date.today()
    assert run(store, today + timedelta(days=30), "amt")["settled_rows"] == 0
    counts = run(store, today + timedelta(days=31), "amt")
    assert (counts["settled_rows"], counts["waiting_rows"]) == (1, 0)
    assert traces(raw_bytes(store, postgres), [NAME, FIRST, "Wartetnoch"]) == {"Wartetnoch"}
    assert run(store, today + timedelta(days=31), "amt")["settled_rows"] == 0
    counts = run(store, today + timedelta(days=366), "amt")
    assert counts["waiting_rows"] == 1
    rows = entries(store, status=None)
    assert [(row.row, dict(row.cells), row.status) for row in rows] == [
        (3, {}, "dismissed"),
        (4, {}, "dismissed"),
    ]
    assert rows[0].faults[0].rule is Rule.POSTCODE_UNKNOWN


def test_images_of_imports_go_and_undoing_with_them(store: Store, postgres: Any) -> None:
    """What was before the import must not outlive its use."""
    take_in(store, [marked(street="Altezeitengasse 1")])
    changed = take_in(store, [marked()]).import_id
    today = date.today()
    assert run(store, today + timedelta(days=90), "amt")["images"] == 0
    assert traces(raw_bytes(store, postgres), ["Altezeitengasse"])
    assert run(store, today + timedelta(days=91), "amt")["images"] == 1
    assert traces(raw_bytes(store, postgres), ["Altezeitengasse"]) == set()
    with pytest.raises(FaultyInput) as refused:
        undo(store, changed, "amt")
    assert refused.value.faults[0].rule is Rule.UNDO_EXPIRED
    with store.reading() as connection:
        assert connection.scalars(select(imports.c.sealed_at)).all().count(None) == 0
    assert NAME in pseudonyms_of(store)


def test_runs_go_with_their_plans_unless_one_is_in_force(store: Store) -> None:
    settle(store)
    with store.transaction() as connection:
        at = now() - timedelta(days=37 * 31)
        connection.execute(update(run_table).values(at=at))
    (plan,) = plans.listed(store, SEASON)
    plans.activate(store, plan.id, "amt", "x")
    today = date.today()
    terms = {**TERMS, "people": Term("", "", months=600), "placed_people": Term("", "", months=600)}
    assert run(store, today, "amt", terms)["runs"] == 0
    with store.transaction() as connection:
        connection.execute(update(metadata.tables["plans"]).values(status="replaced"))
    assert run(store, today, "amt", terms)["runs"] == 1
    with store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(proposals)) == 0
    assert runs.kept(store) == ()


def test_the_log_goes_from_the_front_and_holds(store: Store) -> None:
    take_in(store, [pupil(1)])
    later = date.today() + timedelta(days=37 * 31)
    terms = {name: Term("", "", months=600) for name in TERMS}
    terms["audit"] = TERMS["audit"]
    assert run(store, later - timedelta(days=70), "amt", terms)["audit"] == 0
    take_in(store, [pupil(1), pupil(2)])
    assert run(store, later, "amt", terms)["audit"] == 1
    assert verify(store) is None


def test_a_decision_on_a_pair_does_not_hinder_deletion(store: Store) -> None:
    """Joined by a person, not by the rule: all records go all the same."""
    take_in(store, [marked()])
    take_in(store, [pupil(3, OTHER)], OTHER)
    mine, theirs = pseudonyms_of(store)[NAME], pseudonyms_of(store)[pupil(3, OTHER).surname]
    one, other = sorted((mine, theirs))
    with store.transaction() as connection:
        connection.execute(insert(duplicates).values(one=one, other=other, score=0.8, rule="r"))
    decide(store, one, other, same=True, by="amt")
    assert set(forget(store, theirs, "amt").records) == {mine, theirs}
    assert pseudonyms_of(store) == {}


def test_a_reader_at_work_is_told(tmp_path: Path) -> None:
    """Then the files can't be written anew: the answer must not say that they are clean."""
    store = open_store(str(tmp_path / "store"))
    take_in(store, [marked()])
    pseudonym = pseudonyms_of(store)[NAME]
    erasure_patience = pytest.MonkeyPatch()
    erasure_patience.setattr("data.store.erasure._PATIENCE", 0)
    other = open_store(str(tmp_path / "store"))
    with other.reading() as connection:
        connection.execute(select(identities)).all()
        assert not forget(store, pseudonym, "amt").swept
    assert sweep(store)
    assert traces(raw_bytes(store, None)) == set()
    erasure_patience.undo()
    other.close()
    store.close()

"""Does the log tell of every change of itself, and never of a person?"""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from data.store.audit import Head, append, hash_of, head, prune, refuse_values, verify
from data.store.opening import Store, StoreRefused, open_store
from data.store.tables import audit
from matching.errors import Fault, FaultyInput, Rule

PSEUDONYM = "0123456789abcdef" * 2


def write(store: Store, rows: int) -> None:
    for number in range(rows):
        with store.transaction() as connection:
            append(connection, "meier", "import.pupils", f"import {number}", ["surname"])


def tamper(store: Store, statement: str) -> None:
    """Change the log as somebody does who may switch its guards off."""
    if store.is_sqlite:
        file = store.engine.url.database
        assert file is not None
        with sqlite3.connect(file) as plain:
            for (name,) in plain.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
            ).fetchall():
                plain.execute(f"DROP TRIGGER {name}")
            plain.execute(statement)
        plain.close()
        return
    with store.transaction() as connection:
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        connection.execute(text(statement))


def test_an_untouched_log_holds(store: Store) -> None:
    assert verify(store) is None
    assert head(store) == Head(0, "0" * 64)
    write(store, 5)
    assert verify(store) is None
    assert head(store).seq == 5


@pytest.mark.parametrize(
    "change",
    [
        f"UPDATE audit SET {column} = {value} WHERE seq = 3"
        for column, value in (
            ("actor", "'somebody'"),
            ("action", "'import.places'"),
            ("subject", "'import 99'"),
            ("at", "'2026-01-01T00:00:00.000000+00:00'"),
            ("fields", "'[]'"),
            ("previous", f"'{'1' * 64}'"),
            ("hash", f"'{'1' * 64}'"),
        )
    ]
    + ["DELETE FROM audit WHERE seq = 3", "UPDATE audit SET seq = 30 WHERE seq = 3"],
)
def test_any_change_shows_at_its_row(store: Store, change: str) -> None:
    """Whatever is changed of row 3, by somebody who can get past the triggers."""
    write(store, 6)
    tamper(store, change)
    assert verify(store) == 3


def test_a_row_that_is_spelled_anew_breaks_the_next(store: Store) -> None:
    """Who changes a row and reckons its hash anew must do so with all that follow."""
    write(store, 4)
    with store.reading() as connection:
        row = dict(connection.execute(audit.select().where(audit.c.seq == 2)).mappings().one())
    row["actor"] = "somebody"
    tamper(store, f"UPDATE audit SET actor = 'somebody', hash = '{hash_of(row)}' WHERE seq = 2")
    assert verify(store) == 3


def test_a_cut_at_the_end_shows_against_a_noted_head(store: Store) -> None:
    """The chain alone can't tell: what is left holds."""
    write(store, 6)
    noted = head(store)
    assert verify(store, noted) is None
    tamper(store, "DELETE FROM audit WHERE seq > 4")
    assert verify(store) is None
    assert verify(store, noted) == 5
    assert Head.read(str(noted)) == noted


def test_an_older_head_goes_on_holding(store: Store) -> None:
    write(store, 3)
    noted = head(store)
    write(store, 3)
    assert verify(store, noted) is None
    assert verify(store, Head(noted.seq, "1" * 64)) == 3


@pytest.mark.parametrize("noted", ["", "3", "x:00", f"3:{'g' * 64}", "-1:" + "0" * 64])
def test_a_head_that_is_none_is_refused(noted: str) -> None:
    with pytest.raises(FaultyInput):
        Head.read(noted)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'somebody'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE seq = 2",
        "INSERT INTO audit SELECT 9, at, actor, action, subject, fields, previous, '9' "
        "FROM audit WHERE seq = 1",
        "INSERT INTO audit SELECT 3, at, actor, action, subject, fields, previous, '9' "
        "FROM audit WHERE seq = 1",
    ],
    ids=["update", "delete", "delete one", "leave a gap", "hang on elsewhere"],
)
def test_the_database_refuses_every_other_way(store: Store, statement: str) -> None:
    """Even past a mistake in the code, rows are only added, and only after the last one."""
    write(store, 2)
    with pytest.raises(StoreRefused), store.transaction() as connection:
        connection.execute(text(statement))
    assert verify(store) is None
    assert head(store).seq == 2


def test_replacing_is_refused_on_sqlite_whatever_the_connection(tmp_path: Path) -> None:
    """INSERT OR REPLACE slips past a trigger on DELETE where recursive_triggers is off."""
    store = open_store(str(tmp_path / "store"))
    write(store, 2)
    replace = (
        "INSERT OR REPLACE INTO audit SELECT 2, at, 'x', action, subject, fields, previous, hash "
        "FROM audit WHERE seq = 2"
    )
    with pytest.raises(StoreRefused), store.transaction() as connection:
        connection.execute(text(replace))
    plain = sqlite3.connect(tmp_path / "store")
    assert plain.execute("PRAGMA recursive_triggers").fetchone() == (0,)
    with pytest.raises(sqlite3.IntegrityError):
        plain.execute(replace)
    plain.close()
    assert verify(store) is None
    store.close()


def test_truncating_is_refused_on_postgresql(postgres_url: str) -> None:
    store = open_store(postgres_url)
    write(store, 2)
    with pytest.raises(StoreRefused), store.transaction() as connection:
        connection.execute(text("TRUNCATE audit"))
    assert head(store).seq == 2
    store.close()


def test_pruning_takes_the_front_and_the_chain_still_holds(store: Store) -> None:
    """And heads noted before still tell whether the rest is what it was."""
    write(store, 5)
    noted = head(store)
    with store.transaction() as connection:
        assert prune(connection, datetime.now(UTC) - timedelta(hours=1), "meier") == 0
    with store.transaction() as connection:
        assert prune(connection, datetime.now(UTC) + timedelta(hours=1), "meier") == 4
    assert verify(store) is None
    assert verify(store, noted) is None
    assert verify(store, Head(4, "1" * 64)) == 4
    write(store, 1)
    assert head(store).seq == 7
    tamper(store, "DELETE FROM audit WHERE seq = 5")
    assert verify(store) == 5


def move_the_beginning(store: Store, to: Head) -> None:
    """Say that the log begins later, then delete what is before: the guards permit it."""
    value = json.dumps({"seq": to.seq, "hash": to.hash})
    with store.transaction() as connection:
        connection.execute(text("DELETE FROM settings WHERE name = 'audit.beginning'"))
        connection.execute(
            text("INSERT INTO settings (name, value) VALUES ('audit.beginning', :value)"),
            {"value": value},
        )
        connection.execute(text("DELETE FROM audit WHERE seq <= :seq"), {"seq": to.seq})


@pytest.mark.parametrize("pruned_before", [False, True])
@pytest.mark.parametrize("cut", [2, 7])
def test_rows_gone_from_the_front_without_a_row_about_it_break_the_log(
    store: Store, cut: int, pruned_before: bool
) -> None:
    """Else whoever may write settings could erase the whole log, and all would hold."""
    write(store, 2)
    if pruned_before:
        with store.transaction() as connection:
            prune(connection, datetime.now(UTC) + timedelta(hours=1), "meier")
    write(store, 9)
    with store.reading() as connection:
        last = head(store).seq if cut == 7 else 4
        row = connection.execute(select(audit).where(audit.c.seq == last)).one()
    early, late = Head(1, "1" * 64), head(store)
    move_the_beginning(store, Head(row.seq, row.hash))
    for noted in (None, early, late, Head(row.seq, row.hash)):
        assert verify(store, noted) == row.seq


def test_a_head_of_before_the_log_says_nothing(store: Store) -> None:
    """Nobody can tell whether it fits: that is neither holding nor broken."""
    write(store, 3)
    noted = head(store)
    write(store, 3)
    with store.transaction() as connection:
        prune(connection, datetime.now(UTC) + timedelta(hours=1), "meier")
    assert verify(store) is None
    with pytest.raises(FaultyInput) as refused:
        verify(store, noted)
    assert refused.value.faults == (Fault(Rule.HEAD_TOO_OLD, column="head", value="3"),)
    tamper(store, "UPDATE audit SET actor = 'x' WHERE seq = 7")
    assert verify(store, noted) == 7


IDENTIFIERS = [
    ("import.pupils", "import 12", ["surname", "wish_1"]),
    ("duplicate.same", f"{PSEUDONYM} {PSEUDONYM}", ["decision"]),
    ("person.forget", PSEUDONYM, []),
    ("run.kept", f"run 3 {'a' * 64}", []),
    ("plan.activate", "plan 3", ["status"]),
    ("decision", f"{PSEUDONYM} place 2026/27:jobsuche:10000-123-S", ["bond"]),
    ("retention.run", "class identities", []),
]


@pytest.mark.parametrize(("action", "subject", "fields"), IDENTIFIERS)
def test_identifiers_are_taken(action: str, subject: str, fields: list[str]) -> None:
    refuse_values("m.meier@schule.example", action, subject, fields)


@pytest.mark.parametrize(
    ("action", "subject", "fields"),
    [
        ("import.pupils", "Erika Mustermann", []),
        ("import.pupils", "mustermann", []),
        ("import.pupils", "import Mustermann", []),
        ("import.pupils", "12.05.2009", []),
        ("import.pupils", "import 1", ["Mustermann"]),
        ("import.pupils", "import 1", ["erika@example.org"]),
        ("import.pupils", "import 1", ["surname=Mustermann"]),
        ("import.pupils", "import 1\n", []),
        ("Mustermann", "import 1", []),
    ],
)
def test_values_are_refused_and_not_repeated(action: str, subject: str, fields: list[str]) -> None:
    """The refusal itself ends in a log: it must not say what it refused."""
    with pytest.raises(ValueError, match=r"^the log takes identifiers only") as refused:
        refuse_values("meier", action, subject, fields)
    assert "ustermann" not in str(refused.value) and "@" not in str(refused.value)


@given(st.text(max_size=20))
def test_whatever_is_taken_for_a_subject_is_an_identifier(said: str) -> None:
    """No text that a hand may type gets in as a subject, unless it names its kind."""
    try:
        refuse_values("meier", "import.pupils", said, [])
    except ValueError:
        return
    kinds = ("import ", "quarantine ", "run ", "plan ", "season ", "school ", "user ", "class ")
    assert said.startswith((*kinds, "decision ", "audit ", "place ")) or said == "store"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["meier", "jürgen", "DOMAIN\\frau.öz"]),
            st.sampled_from(IDENTIFIERS),
        ),
        max_size=4,
    )
)
def test_the_chain_holds_whatever_was_written(
    store: Store, said: list[tuple[str, tuple[str, str, list[str]]]]
) -> None:
    """The hash is reckoned from what the database gives back: its spelling must not matter."""
    for actor, (action, subject, fields) in said:
        with store.transaction() as connection:
            append(connection, actor, action, subject, fields)
    assert verify(store) is None


def append_many(url: str, rows: int) -> None:
    store = open_store(url)
    write(store, rows)
    store.close()


def test_writers_at_once_make_one_chain(url: str, store: Store) -> None:
    """Two rows must never follow the same one."""
    context = get_context("spawn")
    writers = [context.Process(target=append_many, args=(url, 10)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert head(store).seq == 40
    assert verify(store) is None


def test_a_row_of_the_log_tells_no_value(store: Store) -> None:
    """The columns are the whole of it: who, when, what, about which record, which fields."""
    write(store, 1)
    with store.reading() as connection:
        row = dict(connection.execute(audit.select()).mappings().one())
    told = json.dumps({name: row[name] for name in ("actor", "action", "subject", "fields")})
    assert told == (
        '{"actor": "meier", "action": "import.pupils", "subject": "import 0", '
        '"fields": ["surname"]}'
    )


def test_the_role_of_the_tests_is_no_superuser(postgres_url: str) -> None:
    """Else neither the log's guards nor row-level security would be put to the test."""
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute(
            "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == (False,)

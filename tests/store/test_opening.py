"""Does the store open as it must: up to date, by two at once, and refusing what it should?"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, insert, inspect, select, text, update

from data.store.audit import append
from data.store.migrations import downgrade, newest_revision, upgrade
from data.store.opening import Store, StoreRefused, open_store
from data.store.tables import audit, metadata, settings, users
from matching.errors import FaultyInput, Rule

ROOT = Path(__file__).parents[2]


def _differences(store: Store) -> list[object]:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def test_migrations_make_the_tables_that_the_code_means(bare_url: str) -> None:
    store = open_store(bare_url)
    assert _differences(store) == []
    store.close()


def test_the_steps_can_be_taken_back_and_again(store: Store) -> None:
    with store.transaction() as connection:
        downgrade(connection)
    with store.reading() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    with store.transaction() as connection:
        upgrade(connection)
    assert _differences(store) == []


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_after_coming_back_the_log_still_refuses(store: Store, statement: str) -> None:
    with store.transaction() as connection:
        downgrade(connection)
        upgrade(connection)
        append(connection, "somebody", "import.pupils", "import 1")
    with pytest.raises(StoreRefused), store.transaction() as connection:
        connection.execute(text(statement))
    with store.reading() as connection:
        assert connection.scalar(select(audit.c.actor)) == "somebody"


def test_several_processes_open_an_empty_store_at_once(bare_url: str) -> None:
    """One migrates, the others wait: nobody meets half a store."""
    command = (
        "import sys\n"
        "from data.store.opening import open_store\n"
        "from data.store.audit import append\n"
        "store = open_store(sys.argv[1])\n"
        "with store.transaction() as connection:\n"
        "    append(connection, 'process', 'import.pupils', 'import 1')\n"
    )

    def run(_: int) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-c", command, bare_url], cwd=ROOT, capture_output=True, check=False
        )

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(run, range(4)))
    assert [process.returncode for process in ended] == [0] * 4, ended[0].stderr
    store = open_store(bare_url)
    with store.reading() as connection:
        assert connection.scalars(select(audit.c.seq).order_by(audit.c.seq)).all() == [1, 2, 3, 4]
    store.close()


def test_a_newer_store_is_refused(store: Store, url: str) -> None:
    with store.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(FaultyInput) as refused:
        open_store(url)
    (fault,) = refused.value.faults
    assert fault.rule is Rule.STORE_NEWER and fault.value == "9999"
    with store.reading() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_an_up_to_date_store_says_so(store: Store) -> None:
    with store.reading() as connection:
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    assert version == newest_revision()


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://nobody:geheim@127.0.0.1:1/district",
        "mysql://localhost/district",
        "sqlite://",
        "nonsense://",
        "://",
    ],
)
def test_what_cannot_be_reached_is_named_without_its_password(address: str) -> None:
    with pytest.raises(FaultyInput) as refused:
        open_store(address)
    assert [fault.rule for fault in refused.value.faults] == [Rule.STORE_UNREACHABLE]
    assert "geheim" not in repr(refused.value) + str(refused.value)


def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_bytes(b"Sehr geehrte Damen und Herren, " * 200)
    before = file.read_bytes()
    with pytest.raises(FaultyInput) as refused:
        open_store(str(file))
    assert [fault.rule for fault in refused.value.faults] == [Rule.STORE_UNREACHABLE]
    assert file.read_bytes() == before


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "new" / "store.sqlite"))
    with store.transaction() as connection:
        connection.execute(insert(settings).values(name="a", value=1))
        files = list((tmp_path / "new").iterdir())
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    store.close()


def test_a_store_opened_twice_here_loses_nothing_to_another_process(tmp_path: Path) -> None:
    """Locks on a file are the process's: opening it again must not give away those it holds.

    The other process comes and goes: as the last one there it would take the log with it.
    """
    file = str(tmp_path / "store.sqlite")
    comes_and_goes = (
        "import sys; from data.store.opening import open_store; open_store(sys.argv[1]).close()"
    )
    first, second = open_store(file), open_store(file)
    with first.transaction() as connection:
        connection.execute(insert(settings).values(name="one", value=1))
    subprocess.run([sys.executable, "-c", comes_and_goes, file], cwd=ROOT, check=True)
    with first.transaction() as connection:
        connection.execute(insert(settings).values(name="two", value=1))
    with sqlite3.connect(file) as plain:
        kept = plain.execute("SELECT name FROM settings ORDER BY name").fetchall()
    plain.close()
    assert kept == [("one",), ("two",)]
    first.close()
    second.close()


def test_sqlite_is_opened_as_measured(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store.sqlite"))
    wanted = {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "secure_delete": 1,
        "recursive_triggers": 1,
    }
    with store.reading() as connection:
        found = {name: connection.scalar(text(f"PRAGMA {name}")) for name in wanted}
        assert connection.scalar(text("PRAGMA busy_timeout")) >= 10_000
    assert found == wanted
    store.close()


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    def half(connection: Connection) -> None:
        connection.execute(insert(settings).values(name="half", value=1))
        raise RuntimeError

    with pytest.raises(RuntimeError), store.transaction() as connection:
        half(connection)
    with store.reading() as connection:
        assert connection.scalar(select(settings.c.name)) is None


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreRefused), store.reading() as connection:
        connection.execute(insert(settings).values(name="a", value=1))
    with store.transaction() as connection:
        connection.execute(insert(settings).values(name="b", value=1))
    with store.reading() as connection:
        assert connection.scalars(select(settings.c.name)).all() == ["b"]


def test_what_a_database_refuses_is_told_without_values(store: Store) -> None:
    """PostgreSQL quotes the row in its details; a name must not get into a log that way."""
    with store.transaction() as connection:
        told = {"active": True, "made_at": datetime.now(UTC)}
        connection.execute(insert(users).values(name="Geheimname", **told))
    with pytest.raises(StoreRefused) as refused, store.transaction() as connection:
        connection.execute(insert(users).values(name="Geheimname", **told))
    said = f"{refused.value!r} {refused.value} {refused.value.__cause__}"
    assert "Geheimname" not in said and "users" in said
    with pytest.raises(StoreRefused), store.transaction() as connection:
        connection.execute(update(users).values(name=" \t\n"))

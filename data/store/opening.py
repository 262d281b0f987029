"""How is the store opened? One URL in, a `Store` at the newest revision out.

SQLite is opened as it proved safe with several writers: write-ahead log, a busy timeout, and
`BEGIN IMMEDIATE`, so that whoever will write waits at the start instead of failing in the middle.
Deleted rows are overwritten (`secure_delete`), foreign keys hold, and triggers see what
`INSERT OR REPLACE` removes (`recursive_triggers`).

No statement's parameters and no row's values stand in any error that leaves here.
"""

from __future__ import annotations

import errno
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from data.store.migrations import knows, newest_revision, upgrade
from matching.errors import Fault, FaultyInput, Rule, UebergangError

#: How long a writer waits for the others, in seconds: longer than the longest import takes. SQLite
#: has no queue, so that of eight writers the last may wait for seven more.
PATIENCE = 600

#: The advisory lock of PostgreSQL under which the tables are brought up to date.
_OPENING_LOCK = 7_302_001

_WRITES = "uebergang_writes"
_WAITS = "uebergang_waits"
_SCHOOL = "uebergang_school"

#: What row-level security knows the whole district by, in place of a school's number.
WHOLE_DISTRICT = "*"

_NUMBER = re.compile(r"[0-9A-Za-z_.-]{1,20}")


class StoreRefused(UebergangError):
    """The database refused a statement or could not be reached: which rule of it, no values.

    `kind` is the driver's name for the error, `code` the SQLSTATE or SQLite's error name,
    `constraint` what was broken, where the driver says so. The transaction left nothing behind.
    """

    def __init__(self, kind: str, code: str | None, constraint: str | None) -> None:
        super().__init__(f"{kind} {code or ''} {constraint or ''}".strip())
        self.kind = kind
        self.code = code
        self.constraint = constraint

    @property
    def is_busy(self) -> bool:
        """Whether SQLite gave up because somebody else was writing."""
        return (self.code or "").startswith("SQLITE_BUSY")


class Store:
    """An opened store: transactions that write, and views of one moment that only read."""

    def __init__(self, engine: Engine, school: str | None = None) -> None:
        self.engine = engine
        self.school = school

    @property
    def is_sqlite(self) -> bool:
        """Whether it is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    def for_school(self, school: str) -> Store:
        """The same store as one school may see it.

        PostgreSQL holds that by row-level security, whatever a statement asks for; SQLite has no
        such thing, and every statement needs `data.store.row_level.own_rows`. Raises `FaultyInput`
        for what is no school's number.
        """
        if _NUMBER.fullmatch(school) is None:
            raise FaultyInput((Fault(Rule.VALUE_UNKNOWN, column="school"),))
        return Store(self.engine.execution_options(**{_SCHOOL: school}), school)

    @contextmanager
    def transaction(self, patience: float = PATIENCE) -> Iterator[Connection]:
        """All of what is written inside, or, when anything is raised, nothing of it.

        So many seconds of `patience` SQLite waits for another writer; on PostgreSQL nobody waits
        for others' rows. Raises `StoreRefused` where the database breaks off.
        """
        with _translated(), self.engine.connect() as connection:
            patient = connection.execution_options(**{_WAITS: patience})
            with patient.begin():
                yield patient

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One unchanging view of the store; what is written inside is refused."""
        with _translated(), self.engine.connect() as connection:
            quiet = connection.execution_options(**{_WRITES: False})
            with quiet.begin():
                if not self.is_sqlite:
                    snapshot = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
                    quiet.exec_driver_sql(snapshot)
                yield quiet

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def open_store(url: str, *, upgraded: bool = True) -> Store:
    """Open the store at a file path or a database URL, and bring its tables up to date.

    With `upgraded` false they are left as they are.

    A path, `sqlite:///PATH` or `postgresql://...`. A missing SQLite file is made, readable by its
    owner alone. Several processes may open at once: one migrates, the others wait. Raises
    `FaultyInput` for a URL of another kind, for a database that can't be reached
    (`STORE_UNREACHABLE`), and for one that a newer version has migrated (`STORE_NEWER`).
    """
    address = _address(url)
    shown = address.render_as_string(hide_password=True)
    store = None
    try:
        store = Store(_engine(address))
        if upgraded:
            _bring_up_to_date(store, shown)
    except BaseException as error:
        if store is not None:
            store.close()
        if not isinstance(error, DBAPIError | OSError | sqlite3.Error):
            raise
        raise FaultyInput(
            (Fault(Rule.STORE_UNREACHABLE, file=shown, value=_reason(error)),)
        ) from None
    return store


def _reason(error: DBAPIError | OSError | sqlite3.Error) -> str:
    """What the system or the database calls it: `ENOSPC`, `SQLITE_FULL`, an SQLSTATE."""
    original: Any = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, OSError) and original.errno is not None:
        return errno.errorcode.get(original.errno, type(error).__name__)
    code = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None)
    return str(code or type(error).__name__)


def _address(url: str) -> URL:
    if "://" not in url:
        return URL.create("sqlite", database=str(Path(url).expanduser().absolute()))
    try:
        address = make_url(url)
        kind = address.get_backend_name()
    except (ArgumentError, NoSuchModuleError):
        raise FaultyInput((Fault(Rule.STORE_UNREACHABLE),)) from None
    if kind in {"postgresql", "postgres"}:
        return address.set(drivername="postgresql+psycopg")
    if kind == "sqlite" and address.database not in {None, "", ":memory:"}:
        return address
    raise FaultyInput((Fault(Rule.STORE_UNREACHABLE, file=kind),))


def _engine(address: URL) -> Engine:
    if address.get_backend_name() != "sqlite":
        engine = create_engine(address, hide_parameters=True, pool_pre_ping=True)
        event.listen(engine, "begin", _narrow)
        return engine
    assert address.database is not None
    _make_private(Path(address.database))
    engine = create_engine(address, hide_parameters=True, connect_args={"timeout": PATIENCE})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _make_private(file: Path) -> None:
    """Make the file before SQLite does: its owner's alone; the log files inherit that.

    One that is there is left alone: closing it here would drop the locks that this process holds on
    it elsewhere, and another that comes and goes would take the log away from under it.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}")
    _switch_to_write_ahead_log(connection)
    for pragma in (
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "secure_delete = ON",
        "recursive_triggers = ON",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _switch_to_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Two processes that make one file at once meet here, and SQLite doesn't wait by itself."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # Whatever else it is (a full disk, a file that can't be written) won't pass.
            busy = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    writes, waits = options.get(_WRITES, True), options.get(_WAITS, PATIENCE)
    # Every time, since a connection comes back from the pool as the last one left it.
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(waits * 1000)}").close()
    connection.exec_driver_sql(f"PRAGMA query_only = {0 if writes else 1}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _narrow(connection: Connection) -> None:
    """Say, for this transaction, whose rows may be seen: `SET` takes no parameters."""
    school = connection.get_execution_options().get(_SCHOOL, WHOLE_DISTRICT)
    connection.exec_driver_sql(f"SET LOCAL uebergang.school = '{school}'")


def _bring_up_to_date(store: Store, shown: str) -> None:
    with store.engine.connect().execution_options(**{_WRITES: False}) as connection:
        revision = _revision(connection)
    if revision == newest_revision():
        return
    with store.engine.begin() as connection:
        if not store.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _OPENING_LOCK})
        revision = _revision(connection)
        if revision is not None and not knows(revision):
            raise FaultyInput((Fault(Rule.STORE_NEWER, file=shown, value=revision),))
        if revision != newest_revision():
            upgrade(connection)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _translated() -> Iterator[None]:
    """Leave behind what a driver says of rows: PostgreSQL quotes them in its details."""
    try:
        yield
    except DBAPIError as error:
        raise _refusal(error) from None


def _refusal(error: DBAPIError) -> StoreRefused:
    original: Any = error.orig
    if isinstance(original, sqlite3.Error):
        code = getattr(original, "sqlite_errorname", None)
        # SQLite names the constraint or its columns and never quotes a row.
        broken = str(original) if isinstance(original, sqlite3.IntegrityError) else None
        return StoreRefused(type(original).__name__, code, broken)
    facts = getattr(original, "diag", None)
    return StoreRefused(
        type(original).__name__,
        getattr(original, "sqlstate", None),
        getattr(facts, "constraint_name", None),
    )

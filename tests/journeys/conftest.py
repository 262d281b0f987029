"""What do all journeys share? One browser and one house a database in each worker.

The house is the demo's, told once for each database. All of it ends with this folder: a browser
that stayed would leave its event loop to the tests that come after.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, Protocol

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.journeys.browser import CHROMIUM, PATIENCE, WIDE, chromium, lacking, visit
from tests.journeys.house import House, served, told_season
from tests.store.conftest import ROLE, postgres

__all__ = ["postgres"]

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The browser; without one the journeys are left out, but not in CI."""
    reason = lacking(CHROMIUM, os.environ)
    if reason is not None:
        pytest.skip(reason)
    with chromium() as browser:
        yield browser


class Databases(Protocol):
    """Make an empty database of a kind, for a house; returns where it is, and a folder."""

    def __call__(self, kind: str, name: str) -> tuple[str, Path]: ...


@pytest.fixture(scope="package")
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Databases:
    """Empty databases of either kind."""

    def database(kind: str, name: str) -> tuple[str, Path]:
        folder = tmp_path_factory.mktemp(f"{kind}-{name}")
        if kind == "sqlite":
            return str(folder / "store.db"), folder
        server = request.getfixturevalue("postgres")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER {ROLE}")
        return str(server.get_uri(name)).replace("//postgres:@", f"//{ROLE}@"), folder

    return database


@pytest.fixture(scope="package")
def houses(browser: Browser, databases: Databases) -> Iterator[Callable[[str], House]]:
    """The served house of a database, started when it is first asked for."""
    kept: dict[str, House] = {}
    with ExitStack() as stack:

        def house(kind: str) -> House:
            if kind not in kept:
                database, folder = databases(kind, "demo")
                told_season(database, folder)
                kept[kind] = stack.enter_context(served(database, folder))
            return kept[kind]

        yield house


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, houses: Callable[[str], House]) -> House:
    """The house: whoever asks for it goes there on both databases."""
    return houses(request.param)


@pytest.fixture
def home(houses: Callable[[str], House]) -> House:
    """The house on one database, where the other would show the same."""
    return houses("sqlite")


class Come(Protocol):
    """Come with a browser of one's own."""

    def __call__(
        self,
        to: House,
        language: Literal["de", "en"] = "de",
        screen: tuple[int, int] = WIDE,
        also: str = "",
    ) -> BrowserContext: ...


@pytest.fixture
def come(browser: Browser) -> Iterator[Come]:
    """Somebody who comes to a house; at the end nothing may have left it."""
    with ExitStack() as stack:

        def come(
            to: House,
            language: Literal["de", "en"] = "de",
            screen: tuple[int, int] = WIDE,
            also: str = "",
        ) -> BrowserContext:
            return stack.enter_context(visit(browser, to.address, language, screen, also))

        yield come

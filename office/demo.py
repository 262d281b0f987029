"""What is there to try? An invented district in the middle of its season, and a user for each role.

`built` hands over a store that is filled with people, proposals and answers (`office.demo_season`).
It takes seconds, so the store is kept in the data folder for the rest of the day, and made anew
when the program has changed. `settle_in` adds the users; their passwords are kept nowhere.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from office.access import Role, User
from office.demo_season import COLLEAGUE, DemoDesk, Story
from office.settings import Settings
from office.users_desk import UsersDesk

#: Invented users, by their role; the one of a school speaks for the sample's first school.
_USERS = {
    "schule": Role.SCHOOL,
    "beratung": Role.COUNSELOR,
    "planung": Role.PLANNER,
    "verwaltung": Role.ADMIN,
}
_SCHOOL = "999001"

#: The rooms of which the demo is made: when a file of theirs changes, it is built anew.
_ROOMS = ("matching", "models", "data", "office")
_HOUSE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A user of the demo and the password that lets them in once."""

    name: str
    role: Role
    password: str


def fill(desk: DemoDesk, today: date) -> None:
    """Tell an empty store a season up to a day: everything in it is invented."""
    Story(desk, today).tell()


def settle_in(desk: UsersDesk) -> tuple[Newcomer, ...]:
    """Make a user for each role; returns their passwords, which are kept nowhere.

    A second counselor is there to hand cases over to; nobody knows their password until the
    administrator gives them another one.
    """
    by = User.operator("demo")
    desk.add_user(COLLEAGUE.name, [Role.COUNSELOR], by)
    return tuple(
        Newcomer(
            name, role, desk.add_user(name, [role], by, [_SCHOOL] if role is Role.SCHOOL else [])
        )
        for name, role in _USERS.items()
    )


def built(file: Path, folder: Path, today: date) -> None:
    """Put a filled store without users into `file`; kept in the data `folder` for the next time.

    A store of another day or another version is deleted there. Where the folder can't be written,
    the store is built every time.
    """
    kept = folder / "demo" / f"{_fingerprint(today)}.db"
    if not kept.exists():
        with tempfile.TemporaryDirectory(prefix="uebergang-demo-") as workshop:
            new = Path(workshop) / "new.db"
            desk = DemoDesk(Settings(database=str(new)))
            try:
                fill(desk, today)
            finally:
                desk.close()
            shutil.copyfile(new, file)
        with suppress(OSError):
            _keep(file, kept)
        return
    shutil.copyfile(kept, file)


def _keep(file: Path, kept: Path) -> None:
    """Keep a copy under its name, whole or not at all, and no other."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    half = kept.with_suffix(f".{os.getpid()}")
    shutil.copyfile(file, half)
    half.replace(kept)
    for older in kept.parent.glob("*.db"):
        if older != kept:
            older.unlink()


def _fingerprint(today: date) -> str:
    """What tells the demo of a day and a version from any other."""
    digest = hashlib.sha256(today.isoformat().encode())
    for path in _sources():
        digest.update(f"\n{path.relative_to(_HOUSE).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def _sources() -> Iterator[Path]:
    for room in _ROOMS:
        for kind in ("*.py", "*.csv"):
            yield from sorted((_HOUSE / room).rglob(kind))

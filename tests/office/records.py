"""Which house do the tests of rights ask? Two schools, two counselors, and records of each."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.store.accounts import Grant, add_account
from data.store.past_imports import past_imports
from data.store.person_file import person_file
from data.store.quarantine import entries
from office.access import Role, User
from office.desk import Desk
from office.settings import Settings
from tests.store.districts import (
    ONE,
    OTHER,
    name_of,
    offer,
    pseudonyms_of,
    pupil,
    take_in,
    waiting_row,
)

#: How the surnames of each school's pupils begin; nothing else reads so.
OURS, THEIRS = "Ohm", "Zerf"


def of(name: str, *roles: Role, schools: tuple[str, ...] = ()) -> User:
    return User(name, frozenset(roles), frozenset(schools))


LENA, KARL = of("lena", Role.COUNSELOR), of("karl", Role.COUNSELOR)
SCHOOL = of("ulla", Role.SCHOOL, schools=(ONE,))
PLANNER = of("paula", Role.PLANNER)
USERS = {
    "school": SCHOOL,
    "other school": of("omar", Role.SCHOOL, schools=(OTHER,)),
    "school of none": of("uwe", Role.SCHOOL),
    "counselor": LENA,
    "other counselor": KARL,
    "planner": PLANNER,
    "administrator": of("ada", Role.ADMIN),
    "school and counselor": of("lena", Role.SCHOOL, Role.COUNSELOR, schools=(OTHER,)),
    "nobody": of("niemand"),
    "operator": User.operator("root"),
}


@dataclass(frozen=True, slots=True)
class Record:
    """One person with all that hangs on them: school, counselor, import and waiting row."""

    school: str
    person: str
    counselor: str | None
    imported: int
    entry: int


@dataclass(frozen=True, slots=True)
class House:
    """A filled store as it was, and the records in it to be asked about."""

    folder: Path
    records: Mapping[str, Record]
    facts: Mapping[str, Any]

    @property
    def settings(self) -> Settings:
        return Settings(self.folder, b"", str(self.folder / "kept.db"))

    def anew(self) -> None:
        """The store as it was filled."""
        for file in self.folder.glob("kept.db*"):
            file.unlink()
        shutil.copy(self.folder / "filled.db", self.folder / "kept.db")

    def dump(self) -> str:
        """All that the store holds."""
        connection = sqlite3.connect(self.folder / "kept.db")
        try:
            return "\n".join(connection.iterdump())
        finally:
            connection.close()


def filled(folder: Path) -> House:
    """Two schools, two counselors with a case each, a plan in force, rows that wait."""
    desk = Desk(Settings(folder, b"", str(folder / "filled.db")))
    at = desk.season()
    for school, numbers in ((ONE, (1, 2, 3)), (OTHER, (4, 5))):
        people = [pupil(n, school, compulsory_school_done=True) for n in numbers]
        row = waiting_row(9, surname=f"{name_of(school, 9)}wartet", first_name="Kim")
        take_in(desk.store, people, school, [row], at)
    offer(desk.store, 5, at)
    for name, role in (("lena", "counselor"), ("karl", "counselor"), ("paula", "planner")):
        add_account(desk.store, name, [Grant(role)], "test", datetime.now(UTC))
    run, plan = _planned(desk)
    who = pseudonyms_of(desk.store)
    one, free, other = (who[name_of(*of)] for of in ((ONE, 1), (ONE, 2), (OTHER, 4)))
    desk.take_case(one, LENA)
    desk.take_case(other, KARL)
    desk.take_case(who[name_of(OTHER, 5)], KARL)
    imported = {past.school: past.id for past in past_imports(desk.store) if past.school}
    rows = {entry.school: entry.id for entry in entries(desk.store) if entry.school}
    offered = person_file(desk.store, at, one).offered
    assert offered is not None
    records = {
        "own": Record(ONE, one, "lena", imported[ONE], rows[ONE]),
        "nobody's": Record(ONE, free, None, imported[ONE], rows[ONE]),
        "other's": Record(OTHER, other, "karl", imported[OTHER], rows[OTHER]),
    }
    facts = {"run": run, "plan": plan, "place": offered.place, "one": one, "other": free}
    desk.close()
    found = House(folder, records, facts)
    found.anew()
    return found


def _planned(desk: Desk) -> tuple[int, int]:
    kept = desk.draw_season(PLANNER)
    desk.publish_plan(kept.plan, PLANNER, "geprüft")
    return kept.run, kept.plan


def said(result: object) -> str:
    """All that an answer says, hidden fields and files too."""
    if isinstance(result, bytes):
        return result.decode("utf-8", "replace")
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        return "\n".join(said(getattr(result, one.name)) for one in dataclasses.fields(result))
    if isinstance(result, Mapping):
        return "\n".join(said(one) for pair in result.items() for one in pair)
    if isinstance(result, (tuple, list, set, frozenset)):
        return "\n".join(map(said, result))
    return str(result)

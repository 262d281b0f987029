"""On which stores is the front end measured? The sample, and a district of 30,000 seekers.

Both are told by the demo's own story (`office.demo_season`), through the desk: lists, a plan, the
answers to it, a second plan, and what counselors did since. Every surname ends with a mark of its
own, so that whoever reads a name tells whose it was.

A store takes minutes to make at 30,000. It is kept for the day beside other temporary files.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from sqlalchemy import func, select

from data.intake.reading import Upload
from data.intake.records import Basis, ContactStatus, LegalBasis
from data.sample.latecomers import in_season
from data.sample.make import SEEDS, make_district
from data.sample.schools import SCHOOLS
from data.store.accounts import Grant, add_account, set_password
from data.store.case_steps import Answer
from data.store.opening import Store, open_store
from data.store.plans import Proposal
from data.store.school_names import name_schools
from data.store.tables import cases, identities, merges, people
from office.access import Role, User
from office.demo_season import HOUSE, PLANNER, SENDER, DemoDesk, Story
from office.passwords import hash_of
from office.settings import Settings

#: Districts like the sample's that come to 30,000 seekers and 47,000 openings together.
BIG = 18

#: So many people work in a district: one of each school for the first schools, and so on.
SCHOOL_USERS, COUNSELORS, PLANNERS = 8, 9, 2

#: Cases of each counselor, and of them those with a proposal that was sent.
CASES, SENT = 60, 24

#: Everybody's, in stores that are made to be measured and thrown away.
PASSWORD = "vier Birnen am Kanal"

#: What ends every surname: a mark, and the person's number in letters.
MARK = re.compile(rb"Zq([a-z]{4})")

_LETTERS = "abcdefghijklmnopqrstuvwxyz"

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who works in the district, by their name at the door."""

    name: str
    role: Role
    school: str | None = None


def readers() -> tuple[Reader, ...]:
    """Everybody who works there: 8 at schools, 9 counselors, 2 planners, 1 administrator."""
    schools = sorted(school.number for school in SCHOOLS)[:SCHOOL_USERS]
    return (
        *(Reader(f"schule{n}", Role.SCHOOL, school) for n, school in enumerate(schools, 1)),
        *(Reader(f"beratung{n}", Role.COUNSELOR) for n in range(1, COUNSELORS + 1)),
        *(Reader(f"planung{n}", Role.PLANNER) for n in range(1, PLANNERS + 1)),
        Reader("verwaltung1", Role.ADMIN),
    )


def mark_of(number: int) -> str:
    """A person's number in four letters, behind the mark."""
    letters = ""
    for _ in range(4):
        number, digit = divmod(number, len(_LETTERS))
        letters = _LETTERS[digit] + letters
    return f"Zq{letters}"


# What comes in -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Lists:
    """The lists of some invented districts in one: by school, and all places."""

    districts: int
    first_year: int
    count: int = 0

    def schools(self) -> Iterator[tuple[str, str, bytes]]:
        """Each school's number, name and list; the sample's own numbers come first."""
        for district in range(self.districts):
            files = _district(district)
            for school in SCHOOLS:
                number = _renumbered(school.number, district)
                rows = self._marked(files[f"schools/{school.number}.csv"], number)
                name = school.name if district == 0 else f"{school.name} {district + 1}"
                yield number, name, self._text(rows)

    def places(self) -> bytes:
        """The one list of places."""
        rows: list[dict[str, str]] = []
        for district in range(self.districts):
            for row in _rows(_district(district)["places.csv"]):
                rows.append(row | {"place": f"{row['place']}-{district + 1:02d}"})
        return self._text(rows)

    def _marked(self, text: str, school: str) -> list[dict[str, str]]:
        rows = []
        for row in _rows(text):
            marked = f"{row['Nachname']} {mark_of(self.count)}"
            rows.append(row | {"Nachname": marked, "Schul-Nummer": school})
            self.count += 1
        return rows

    def _text(self, rows: Sequence[Mapping[str, str]]) -> bytes:
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, list(rows[0]), delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return in_season(out.getvalue(), self.first_year).encode()


@cache
def _district(number: int) -> Mapping[str, str]:
    return make_district(SEEDS["district"] + 1_000 * number, scarce=False)


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def _renumbered(school: str, district: int) -> str:
    return school if district == 0 else f"9{district:02d}{school[3:]}"


# The story ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class Busy(Story):
    """The demo's season with as many districts as asked for, and many at work in it."""

    districts: int = 1
    say: Tell = field(default=lambda step: None)

    def tell(self) -> None:
        """Fill the store, which must be empty."""
        self.say("lists")
        self.lists()
        self.say("the first plan")
        first = self._proposals(self.plan("Erster Plan der Saison"))
        self.say("answers")
        for start in range(0, 130 * self.districts, 130):
            told = dict(self.told)
            self.answers(first[start : start + 130])
            self.told |= told
        self.follow_ups(first[300 * self.districts :])
        self.rulings(first[170 * self.districts :])
        self.say("the second plan")
        second = self._proposals(self.plan("Neue Antworten der letzten drei Wochen"))
        self.say("cases")
        self._work(second)
        self.desk.set_sender(SENDER, User("beratung1", frozenset({Role.COUNSELOR})))

    def lists(self) -> None:
        """What schools and firms handed in."""
        made, law = Lists(self.districts, self.year), LegalBasis(Basis.LAW)
        lists = list(made.schools())
        named = {number: name for number, name, _ in lists}
        own, others = lists[: len(SCHOOLS)], lists[len(SCHOOLS) :]
        for number, _, content in own:
            told = [Upload(f"{number}.csv", content)]
            self.desk.import_school_lists(told, HOUSE, number, self.season, basis=law)
        if others:
            # All at once: each list by itself is held against everybody, which takes its time.
            told = [Upload(f"{number}.csv", content) for number, _, content in others]
            self.desk.import_school_lists(told, HOUSE, None, self.season, basis=law)
        name_schools(self.desk.store, named, HOUSE.name)
        self.desk.import_places([Upload("stellen.csv", made.places())], PLANNER, self.season)
        self.order = _order(self.desk.store)

    def _work(self, proposals: Sequence[Proposal]) -> None:
        """Every counselor's cases, a part of them under way."""
        counselors = [one for one in readers() if one.role is Role.COUNSELOR]
        for number, reader in enumerate(counselors):
            by = User(reader.name, frozenset({Role.COUNSELOR}))
            mine = proposals[number * CASES : (number + 1) * CASES]
            for one in mine:
                self.desk.take_case(one.pseudonym, by, self.season)
            for one in mine[:SENT]:
                why = "Entspricht dem ersten Wunsch"
                self.desk.propose(one.pseudonym, one.place, by, why, self.ago(7), self.season)
            for one in mine[: SENT // 2]:
                answer = Answer(one.place, ContactStatus.APPLIED, self.ago(3))
                self.desk.record_contact(one.pseudonym, answer, by, self.season)


def _order(store: Store) -> dict[str, int]:
    """Everybody by school, as the story wants to take them in steps."""
    chosen = select(people.c.pseudonym).order_by(people.c.school, people.c.pseudonym)
    with store.reading() as connection:
        return {who: number for number, who in enumerate(connection.scalars(chosen))}


def fill(url: str, districts: int, say: Tell) -> None:
    """Tell the season into an empty store, and let everybody in who works there."""
    desk = DemoDesk(Settings(database=url))
    try:
        Busy(desk, date.today(), districts=districts, say=say).tell()
        hashed, now = hash_of(PASSWORD), datetime.now(UTC)
        for one in readers():
            add_account(desk.store, one.name, (Grant(one.role.value, one.school),), "bench", now)
            set_password(desk.store, one.name, hashed, one.name, now, one_time=False)
    finally:
        desk.close()


def made(districts: int, say: Tell) -> Path:
    """A filled SQLite store, made where there is none of today; nobody may change it."""
    folder = Path(tempfile.gettempdir()) / "uebergang-front"
    kept = folder / f"{districts}-{_fingerprint(districts)}.db"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for older in folder.glob(f"{districts}-*"):
            older.unlink()
        half = kept.with_suffix(f".{os.getpid()}")
        fill(str(half), districts, say)
        half.replace(kept)
    return kept


def copied(districts: int, folder: Path, say: Tell) -> str:
    """A copy of such a store, to be worked on."""
    target = folder / f"front-{districts}.db"
    for left in folder.glob(f"{target.name}*"):
        left.unlink()  # with the log of an earlier copy it would be another store
    shutil.copyfile(made(districts, say), target)
    return str(target)


def _fingerprint(districts: int) -> str:
    told = f"{date.today()} {districts} {Path(__file__).read_text(encoding='utf-8')}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


# Who may read whose name --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Whose:
    """Of a person: the school that lists them, who looks after them, and by which pseudonym."""

    school: str
    counselor: str | None
    head: str


def whose(url: str) -> dict[str, Whose]:
    """Everybody by the letters of their mark; of two records of one person both are there."""
    head = func.coalesce(merges.c.kept, people.c.pseudonym)
    chosen = (
        select(identities.c.surname, people.c.school, cases.c.counselor, head)
        .select_from(people)
        .join(identities, identities.c.pseudonym == people.c.pseudonym)
        .outerjoin(merges, merges.c.merged == people.c.pseudonym)
        .outerjoin(cases, cases.c.pseudonym == head)
    )
    store = open_store(url)
    try:
        with store.reading() as connection:
            rows = connection.execute(chosen).all()
    finally:
        store.close()
    found: dict[str, Whose] = {}
    for surname, school, counselor, person in rows:
        mark = MARK.search(surname.encode())
        if mark is not None:
            found[mark[1].decode()] = Whose(school, counselor, person)
    return found

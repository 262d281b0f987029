"""Whom does a row of a school's list mean: somebody the school named before, or somebody new?

By the school's own number first; where there is none, by the same names and birth date in one
spelling (`data.intake.spelling`). What could mean two people is nobody's, and waits.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter

from sqlalchemy import Connection, select

from data.intake.records import PupilRecord
from data.intake.spelling import words_of
from data.store.tables import PSEUDONYM_DIGITS, identities, people
from matching.errors import Rule

Words = tuple[str, ...]
#: Surname and first name in one spelling, and the birth date.
Names = tuple[Words, Words, date | None]


@dataclass(frozen=True, slots=True)
class Found:
    """Who a row means: a pseudonym, whether it is new, whether the row said so before."""

    pseudonym: str
    new: bool = False
    repeated: bool = False


@dataclass(slots=True, eq=False)
class _Person:
    """Somebody whom a school named; `said` is what this list says of them, `None` if nothing."""

    pseudonym: str
    school: str
    number: str | None
    names: Names
    said: int | None = None


@dataclass(slots=True, eq=False)
class _School:
    """Whom one school named, by number and by name; which row came first with a number."""

    numbers: dict[str, _Person] = field(default_factory=dict)
    names: dict[Names, list[_Person] | _Person] = field(default_factory=dict)
    claimed: dict[str, int] = field(default_factory=dict)

    def namesakes(self, names: Names) -> Sequence[_Person]:
        """Everybody of these names and this birth date."""
        found = self.names.get(names, ())
        return (found,) if isinstance(found, _Person) else found

    def enter(self, person: _Person) -> None:
        """Let somebody be found by number and by name."""
        if person.number is not None:
            self.numbers[person.number] = person
        if not (person.names[0] or person.names[1]):
            return
        # A list for everybody would take as much memory as the people themselves.
        there = self.names.setdefault(person.names, person)
        if there is not person:
            others = [there] if isinstance(there, _Person) else there
            if person not in others:
                others.append(person)
            self.names[person.names] = others

    def strike(self, person: _Person) -> None:
        """Let nobody find them by the names that they have had."""
        rest = [other for other in self.namesakes(person.names) if other is not person]
        if rest:
            self.names[person.names] = rest
        else:
            self.names.pop(person.names, None)


class Roll:
    """Everybody whom some schools ever named, by number and by name; new people join in."""

    def __init__(self) -> None:
        self._schools: dict[str, _School] = {}
        #: Those whom the store knew before; nobody asks for new ones by their pseudonym.
        self._known: dict[str, _Person] = {}
        self._present: set[str] = set()
        self._by_words: dict[Words, list[_Person]] | None = None
        #: Many have the same name, birth date and school: each is kept once.
        self._words: dict[str, Words] = {}
        self._days: dict[date, date] = {}

    def learn(
        self,
        pseudonym: str,
        school: str,
        number: str | None,
        names: tuple[str, str, date | None],
        *,
        present: bool = False,
    ) -> None:
        """Add a person whom the store knows, or what a later season says of them."""
        told = self._names_of(*names)
        person = self._known.get(pseudonym)
        if person is None:
            person = _Person(pseudonym, school, number, told)
            self._known[pseudonym] = person
            self._at(school).enter(person)
        else:
            self._rename(person, number, told, school)
        if present:
            self._present.add(pseudonym)

    def find(self, record: PupilRecord) -> Found | Rule:
        """Who a row means, or the rule that keeps it from meaning anybody.

        `PERSON_CONFLICT`: its number belongs to somebody of another name and birth date.
        `JOIN_AMBIGUOUS`: several people of its name and birth date. `PERSON_TWICE`: an earlier row
        says something else of the same person.
        """
        said, number = hash(_content(record)), record.number or None
        names = self._names_of(record.surname, record.first_name, record.born)
        school = self._at(record.school)
        # The first row of a number stands for it, so that a list means the same every time.
        if number is not None and school.claimed.setdefault(number, said) != said:
            return Rule.PERSON_TWICE
        person = _meant(school, number, names)
        if isinstance(person, Rule):
            return person
        if person is None:
            person = _Person(new_pseudonym(), record.school, number, names, said)
            school.enter(person)
            return Found(person.pseudonym, new=True)
        if person.said is not None:
            same = person.said == said
            return Found(person.pseudonym, repeated=True) if same else Rule.PERSON_TWICE
        person.said = said
        surname, first_name, born = person.names
        joined = names[0] or surname, names[1] or first_name, names[2] or born
        self._rename(person, number or person.number, joined, record.school)
        return Found(person.pseudonym)

    def spare(self, school: str | None, cells: Mapping[str, str]) -> None:
        """Count whoever a waiting row may mean as named, so that nobody is gone by a typo."""
        number, school = cells.get("number"), cells.get("school", school)
        if number and school and (meant := self._at(school).numbers.get(number)):
            _spare(meant)
            return
        names = cells.get("full_name") or f"{cells.get('surname')} {cells.get('first_name')}"
        for person in self._spelled().get(tuple(sorted(words_of(names))), ()):
            if school is None or person.school == school:
                _spare(person)

    def is_named(self, pseudonym: str) -> bool:
        """Whether a row so far, or one that waits, means this person, whom the store knew."""
        person = self._known.get(pseudonym)
        return person is not None and person.said is not None

    def spare_person(self, pseudonym: str) -> None:
        """Count a person as named whose row was corrected here, not in the file."""
        if pseudonym in self._known:
            _spare(self._known[pseudonym])

    def gone(self, schools: Collection[str]) -> list[str]:
        """Who was there this season, and is in no row."""
        there = (self._known[pseudonym] for pseudonym in self._present)
        return sorted(
            person.pseudonym for person in there if person.said is None and person.school in schools
        )

    def _at(self, school: str) -> _School:
        return self._schools.setdefault(school, _School())

    def _rename(self, person: _Person, number: str | None, names: Names, school: str) -> None:
        if (person.names, person.school) != (names, school):
            self._at(person.school).strike(person)
        person.number, person.names, person.school = number, names, school
        self._at(school).enter(person)

    def _names_of(self, surname: str, first_name: str, born: date | None) -> Names:
        if born is not None:
            born = self._days.setdefault(born, born)
        return self._read(surname), self._read(first_name), born

    def _read(self, name: str) -> Words:
        """A name in one spelling; what has no word in it stands for itself."""
        words = self._words.get(name)
        if words is None:
            words = self._words[name] = words_of(name) or ((name,) if name.strip() else ())
        return words

    def _spelled(self) -> dict[Words, list[_Person]]:
        """Who is there this season, by the words of their names in whatever order."""
        if self._by_words is None:
            self._by_words = {}
            for pseudonym in sorted(self._present):
                person = self._known[pseudonym]
                words = tuple(sorted(person.names[0] + person.names[1]))
                self._by_words.setdefault(words, []).append(person)
        return self._by_words


def _spare(person: _Person) -> None:
    if person.said is None:
        person.said = 0


def _meant(school: _School, number: str | None, names: Names) -> _Person | Rule | None:
    if number is not None and (meant := school.numbers.get(number)):
        return Rule.PERSON_CONFLICT if _is_somebody_else(meant.names, names) else meant
    found = [
        person for person in school.namesakes(names) if number is None or person.number is None
    ]
    if len(found) > 1:
        return Rule.JOIN_AMBIGUOUS
    return found[0] if found else None


def new_pseudonym() -> str:
    """128 random bits: nothing about a person can be worked out from them."""
    return secrets.token_hex(PSEUDONYM_DIGITS // 2)


def roll_of(connection: Connection, season: str, schools: Iterable[str], roll: Roll) -> None:
    """Learn whom these schools named, in this season or in others."""
    rows = connection.execute(
        select(
            people.c.pseudonym,
            people.c.school,
            people.c.number,
            people.c.season,
            people.c.present,
            identities.c.surname,
            identities.c.first_name,
            identities.c.born,
        )
        .join(identities, identities.c.pseudonym == people.c.pseudonym)
        .where(people.c.school.in_(sorted(schools)))
        .order_by(people.c.season, people.c.pseudonym)
    )
    for pseudonym, school, number, of_season, present, surname, first_name, born in rows:
        names = surname, first_name, born
        roll.learn(pseudonym, school, number, names, present=present and of_season == season)


def _is_somebody_else(known: Names, said: Names) -> bool:
    """A number was given away again: at least two of three things differ outright.

    A marriage changes a surname, a typo any one of the three.
    """
    pairs = zip(known, said, strict=True)
    return sum(bool(one and other and one != other) for one, other in pairs) >= 2


#: All that a row says, but for its place in the file.
_said_besides_marks = attrgetter(
    *(name for name in PupilRecord.__slots__ if name not in ("row", "marks"))
)


def _content(record: PupilRecord) -> tuple[object, ...]:
    return *_said_besides_marks(record), *sorted(record.marks.items())

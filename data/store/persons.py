"""Which rows are about one person? All records of theirs, and rows that wait under their name.

A person may stand in several schools' lists, under a pseudonym each, joined by `merges`. A row in
quarantine belongs to whoever it was settled for, and else to whoever has the number at its school,
or all the words of its name in whatever order and no other birth date. A row whose name was
mistyped and that names no number can't be known to be theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from data.intake.cells import date_of
from data.intake.spelling import words_of
from data.store.doubles import heads_of
from data.store.import_log import chunks
from data.store.opening import Store
from data.store.tables import cases, identities, people, pseudonyms, quarantine
from matching.errors import Fault, FaultyInput, Rule

Words = tuple[str, ...]


@dataclass(slots=True)
class Named:
    """How one record can be meant by a row: numbers by school, the name's words, the birth date."""

    pseudonym: str
    words: Words
    born: date | None
    schools: set[str] = field(default_factory=set)
    numbers: set[tuple[str, str]] = field(default_factory=set)


def records_of(connection: Connection, pseudonym: str) -> list[str]:
    """All pseudonyms of the person that one of them names, the one that stands for them first.

    Raises `FaultyInput` (`SEEKER_UNKNOWN`).
    """
    known = select(pseudonyms.c.pseudonym).where(pseudonyms.c.pseudonym == pseudonym)
    if connection.scalar(known) is None:
        raise FaultyInput((Fault(Rule.SEEKER_UNKNOWN, value=pseudonym),))
    heads = heads_of(connection)
    head = heads.get(pseudonym, pseudonym)
    return [head, *sorted(merged for merged, kept in heads.items() if kept == head)]


def named(connection: Connection, records: Iterable[str]) -> list[Named]:
    """How these records can be meant."""
    found: dict[str, Named] = {}
    for some in chunks(records):
        chosen = select(
            identities.c.pseudonym, identities.c.surname, identities.c.first_name, identities.c.born
        ).where(identities.c.pseudonym.in_(some))
        for pseudonym, surname, first_name, born in connection.execute(chosen):
            found[pseudonym] = Named(pseudonym, _words(f"{surname} {first_name}"), born)
        listed = select(people.c.pseudonym, people.c.school, people.c.number).where(
            people.c.pseudonym.in_(some)
        )
        for pseudonym, school, number in connection.execute(listed):
            if pseudonym in found:
                found[pseudonym].schools.add(school)
                if number is not None:
                    found[pseudonym].numbers.add((school, number))
    return list(found.values())


def names_of(connection: Connection, records: Iterable[str]) -> dict[str, str]:
    """Surname and first name of each pseudonym; only for whoever asks by name, and logged."""
    names: dict[str, str] = {}
    for some in chunks(records):
        chosen = select(
            identities.c.pseudonym, identities.c.surname, identities.c.first_name
        ).where(identities.c.pseudonym.in_(some))
        for pseudonym, surname, first_name in connection.execute(chosen):
            names[pseudonym] = ", ".join(part for part in (surname, first_name) if part)
    return names


def waiting_rows(connection: Connection, records: Collection[str]) -> list[dict[str, Any]]:
    """The rows of `quarantine` that are about these records, settled ones too."""
    people_named = named(connection, records)
    by_number = {number for person in people_named for number in person.numbers}
    by_words: dict[Words, list[Named]] = {}
    for person in filter(lambda person: person.words, people_named):
        by_words.setdefault(person.words, []).append(person)
    wanted = set(records)
    found = []
    chosen = select(quarantine).order_by(quarantine.c.id).execution_options(yield_per=5_000)
    for row in connection.execute(chosen).mappings():
        cells: Mapping[str, str] = row["cells"]
        school = cells.get("school") or row["school"]
        mine = row["pseudonym"] in wanted or cells.get("pseudonym") in wanted
        numbered = school is not None and (school, cells.get("number", "")) in by_number
        namesakes = by_words.get(_words_in(cells), ())
        if mine or numbered or any(_means(cells, school, person) for person in namesakes):
            found.append(dict(row))
    return found


def _means(cells: Mapping[str, str], school: str | None, person: Named) -> bool:
    """Whether a row of the same name is about this person."""
    born = date_of(cells.get("born", "").strip())
    if born is not None and person.born is not None:
        return born == person.born
    return school is None or school in person.schools


def _words_in(cells: Mapping[str, str]) -> Words:
    name = cells.get("full_name")
    return _words(name or f"{cells.get('surname', '')} {cells.get('first_name', '')}")


def _words(name: str) -> Words:
    """The words of a name in one order; nothing of a blank one: blanks have nothing in common."""
    return tuple(sorted(words_of(name))) or ((name.strip(),) if name.strip() else ())


def schools_of(store: Store, pseudonym: str) -> frozenset[str]:
    """The schools in whose lists this very record stands, in whatever season."""
    listed = select(people.c.school).where(people.c.pseudonym == pseudonym).distinct()
    with store.reading() as connection:
        return frozenset(connection.scalars(listed))


def looked_after_by(store: Store, pseudonym: str, season: str | None = None) -> str | None:
    """Who looks after a person in a season, the latest that lists them unless one is given.

    `None` where nobody does, and for whoever is not known.
    """
    with store.reading() as connection:
        try:
            records = records_of(connection, pseudonym)
        except FaultyInput:
            return None
        listed = select(func.max(people.c.season)).where(people.c.pseudonym.in_(records))
        at = season or connection.scalar(listed)
        mine = (cases.c.season == at) & (cases.c.pseudonym == records[0])
        return connection.scalar(select(cases.c.counselor).where(mine))

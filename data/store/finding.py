"""Who is meant by a number? One person, to be deleted: by name for a stated reason, and logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import func, select

from data.store.audit import append
from data.store.erasure import OF_PERSON
from data.store.opening import Store
from data.store.persons import names_of, records_of, waiting_rows
from data.store.tables import identities, people, pseudonyms


class Reason(StrEnum):
    """Why somebody is to be deleted. Few words, so that the log can hold them."""

    REQUEST = "request"
    OBJECTION = "objection"
    MISTAKE = "mistake"


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A person, where they are listed (season, school, number), and what is held of them.

    `rows` counts by table all that goes when they are deleted.
    """

    pseudonym: str
    name: str
    born: date | None
    listed: tuple[tuple[str, str, str | None], ...]
    rows: Mapping[str, int]


def find_person(
    store: Store, number: str, school: str | None, reason: Reason, by: str
) -> FoundPerson | None:
    """The person of that number in a school's lists, or of that pseudonym; `None` for nobody.

    That the name was shown is logged.
    """
    told = number.strip()
    chosen = select(people.c.pseudonym).where(people.c.number == told, people.c.school == school)
    if school is None:
        chosen = select(pseudonyms.c.pseudonym).where(pseudonyms.c.pseudonym == told.lower())
    with store.transaction() as connection:
        # Should a number have been given again, the later season's is meant.
        newest = chosen.order_by(people.c.season.desc()) if school is not None else chosen
        found = connection.scalar(newest.limit(1))
        if found is None:
            return None
        records = records_of(connection, found)
        name = next(iter(names_of(connection, records[:1]).values()), "")
        born = select(identities.c.born).where(identities.c.pseudonym == records[0])
        listed = (
            select(people.c.season, people.c.school, people.c.number)
            .where(people.c.pseudonym.in_(records))
            .order_by(people.c.season.desc(), people.c.school)
        )
        rows = {"quarantine": len(waiting_rows(connection, records))}
        for table in OF_PERSON:
            mine = select(func.count()).select_from(table).where(table.c.pseudonym.in_(records))
            rows[table.name] = connection.scalar(mine) or 0
        append(connection, by, f"person.find.{reason}", records[0], ["first_name", "surname"])
        return FoundPerson(
            records[0],
            name,
            connection.scalar(born),
            tuple((row.season, row.school, row.number) for row in connection.execute(listed)),
            {table: count for table, count in rows.items() if count},
        )

"""Which of these rows were settled before? Somebody corrected or dismissed them already.

A row that comes again word for word needs no second decision: whoever corrected it brought its
person or place in, whoever dismissed it said why. Rows that could not be told apart into cells say
nothing to be known by, except their place in the very same file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from data.intake.records import Waiting
from data.store.import_log import Origin, chunks, digest_of
from data.store.tables import import_changes, imports, people, places, quarantine
from matching.errors import Fault


@dataclass(frozen=True, slots=True)
class SettledRow:
    """A row, the entry of quarantine that it was, and whom the correction brought in."""

    row: Waiting
    entry: int
    pseudonym: str | None


@dataclass(frozen=True, slots=True)
class Parted:
    """Rows that wait, and rows that were settled before."""

    waiting: list[Waiting]
    settled: list[SettledRow]

    def left(self, faults: Iterable[Fault]) -> tuple[Fault, ...]:
        """The faults without those of settled rows, each once."""
        past = {fault for one in self.settled for fault in one.row.faults}
        return tuple(dict.fromkeys(fault for fault in faults if fault not in past))


def parted(connection: Connection, origin: Origin, waiting: Sequence[Waiting]) -> Parted:
    """Tell rows that need a correction from those that had their decision."""
    digests = [digest_of(origin, row) for row in waiting]
    known: dict[str, tuple[int, str | None]] = {}
    for some in chunks(sorted(set(digests))):
        found = select(quarantine.c.digest, quarantine.c.id, quarantine.c.pseudonym).where(
            quarantine.c.digest.in_(some), quarantine.c.status != "waiting"
        )
        known |= {digest: (entry, person) for digest, entry, person in connection.execute(found)}
    rows = list(zip(digests, waiting, strict=True))
    return Parted(
        [row for digest, row in rows if digest not in known],
        [SettledRow(row, *known[digest]) for digest, row in rows if digest in known],
    )


def absent_people(connection: Connection, season: str, pseudonyms: Iterable[str]) -> list[str]:
    """Those who are in the season's lists but marked as not present."""
    absent: list[str] = []
    for some in chunks(sorted(set(pseudonyms))):
        mine = (people.c.season == season) & people.c.pseudonym.in_(some)
        found = select(people.c.pseudonym).where(mine, people.c.present.is_(False))
        absent += connection.scalars(found.order_by(people.c.pseudonym))
    return absent


def place_references(
    connection: Connection, season: str, source: str, entries: Iterable[int]
) -> dict[int, str]:
    """The reference of the offer that each correction brought in; those taken back are left out."""
    entry, place = import_changes.alias("entry"), import_changes.alias("place")
    references: dict[int, str] = {}
    for some in chunks(sorted(set(entries))):
        found = (
            select(entry.c.key, places.c.reference)
            .join(place, place.c.import_id == entry.c.import_id)
            .join(places, places.c.id == place.c.key)
            .join(imports, imports.c.id == entry.c.import_id)
            .where(entry.c.record == "quarantine", place.c.record == "place")
            .where(entry.c.key.in_([str(number) for number in some]))
            .where(imports.c.undone_at.is_(None))
            .where(places.c.season == season, places.c.source == source)
        )
        references |= {int(key): reference for key, reference in connection.execute(found)}
    return references

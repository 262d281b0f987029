"""What became of people, says a file, and of whom? Outcomes and contacts on their way in.

A row names its person by pseudonym, by school and number, or by names and birth date; its place
by id, or by a reference that only one offer of the season has. Whatever else the row says of the
person must fit, and a school speaks of its own people only. A row about somebody or something
unknown waits in quarantine. The same row twice is kept once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from data.intake.records import ContactRecord, FileRead, OutcomeRecord, Waiting
from data.intake.spelling import words_of
from data.store.doubles import heads_of
from data.store.import_log import (
    ImportReport,
    Origin,
    begin_import,
    chunks,
    end_import,
    keep_waiting,
    lock_imports,
    note_changes,
)
from data.store.mappings import Headings, remember_in
from data.store.opening import Store
from data.store.seasons import register_schools, register_season, season_of, training_start
from data.store.settled import Parted, parted
from data.store.tables import contacts, identities, outcomes, people, places
from matching.errors import Fault, Rule

Told = OutcomeRecord | ContactRecord
ToldFile = FileRead[OutcomeRecord] | FileRead[ContactRecord]
Row = dict[str, Any]

#: Surname, first name and birth date.
Identity = tuple[Any, ...]

#: What an outcome or a contact says besides whom and which place; what may stand in its cells.
_OUTCOME = ("kind", "code", "on", "own_find")
_CONTACT = ("status", "on", "declined_by", "reason")
_NAMED = ("pseudonym", "school", "number", "surname", "first_name", "born", "place")


def apply_outcomes(
    store: Store,
    read: FileRead[OutcomeRecord],
    by: str,
    *,
    season: str | None = None,
    school: str | None = None,
    sha256: str | None = None,
    said: Headings | None = None,
) -> ImportReport:
    """Take outcomes in, all of them or none.

    Without `season` each row belongs to the season of its day; a row without a day to that of
    today. `school` hands the list in and speaks of its own people only; `said` is to be remembered
    of the headings. Raises `FaultyInput` for what is no season's name.
    """
    return _apply(store, read, Origin("outcomes", by, season, school, sha256=sha256), said)


def apply_contacts(
    store: Store,
    read: FileRead[ContactRecord],
    by: str,
    *,
    season: str | None = None,
    school: str | None = None,
    sha256: str | None = None,
    said: Headings | None = None,
) -> ImportReport:
    """Take contacts in, as `apply_outcomes` does outcomes."""
    return _apply(store, read, Origin("contacts", by, season, school, sha256=sha256), said)


def preview_told(
    store: Store,
    read: ToldFile,
    kind: str,
    season: str | None = None,
    school: str | None = None,
    sha256: str | None = None,
) -> ImportReport:
    """What `apply_outcomes` or `apply_contacts` would report; nothing is written.

    `kind` is `outcomes` or `contacts`; the report's `import_id` is 0.
    """
    if season is not None:
        training_start(season)
    with store.reading() as connection:
        found = _compared(connection, Origin(kind, "", season, school, sha256=sha256), read)
    return found.report(read)


def _apply(store: Store, read: ToldFile, origin: Origin, said: Headings | None) -> ImportReport:
    if origin.season is not None:
        training_start(origin.season)
    with store.transaction() as connection:
        lock_imports(connection)
        remember_in(connection, said, origin.by)
        return apply_told_in(connection, origin, read)


def apply_told_in(
    connection: Connection,
    origin: Origin,
    read: ToldFile,
    *,
    kind: str | None = None,
) -> ImportReport:
    """Take outcomes or contacts in within the caller's transaction."""
    table = _table(origin)
    if origin.season is not None:
        register_season(connection, origin.season)
    if origin.school is not None:
        register_schools(connection, {origin.school})
    logged = replace(origin, kind=kind or origin.kind)
    found = _compared(connection, origin, read, recalls=kind != "fix")
    import_id = begin_import(connection, logged, origin.sha256)
    new = found.new
    for season in sorted({row["season"] for row in new}):
        register_season(connection, season)
    if new:
        connection.execute(insert(table), [{**row, "import_id": import_id} for row in new])
    fields = list(_OUTCOME if table is outcomes else _CONTACT)
    changes = [{"key": row["id"], "fields": fields, "before": None} for row in new]
    note_changes(connection, import_id, table.name.removesuffix("s"), changes)
    keep_waiting(connection, import_id, origin, found.parted.waiting)
    report = found.report(read, import_id)
    end_import(connection, logged, read, report)
    return report


def _table(origin: Origin) -> Table:
    return outcomes if origin.kind == "outcomes" else contacts


@dataclass(frozen=True, slots=True)
class _Compared:
    """A list against the store: the rows that are new to it, and those that wait."""

    new: Sequence[Row]
    parted: Parted

    def report(self, read: ToldFile, import_id: int = 0) -> ImportReport:
        """The five counts and the rest."""
        waiting = self.parted.waiting
        faults = (*read.faults, *(fault for row in waiting for fault in row.faults))
        return ImportReport(
            import_id=import_id,
            rows=read.rows,
            stored=len(self.new),
            changed=0,
            unchanged=read.rows - len(waiting) - len(self.new),
            merged=0,
            quarantined=len(waiting),
            dropped_columns=read.dropped_columns,
            faults=self.parted.left(faults),
        )


def _compared(
    connection: Connection, origin: Origin, read: ToldFile, *, recalls: bool = True
) -> _Compared:
    """What a list adds; rows that were settled before count as such, if it `recalls` them."""
    rows, waiting = _sorted_out(_Book.of(connection, read.records), read, origin)
    found = parted(connection, origin, waiting) if recalls else Parted(waiting, [])
    present = _present(connection, _table(origin), rows)
    return _Compared([row for key, row in rows.items() if key not in present], found)


def _sorted_out(
    book: _Book, read: ToldFile, origin: Origin
) -> tuple[dict[str, Row], list[Waiting]]:
    """The rows to keep by their ids, and those that wait."""
    waiting = list(read.waiting)
    rows: dict[str, Row] = {}
    for file, told in read.placed():
        record = told if told.school else replace(told, school=origin.school)
        found: Row | tuple[Rule, str] = Rule.SCHOOL_OTHER, "school"
        if record.school == (origin.school or record.school):
            found = book.row_of(record, origin.season)
        if isinstance(found, dict):
            rows.setdefault(found["id"], found)
            continue
        rule, column = found
        fault = Fault(rule, file, record.row, column)
        waiting.append(Waiting(record.row, cells_of_told(record), (fault,)))
    return rows, waiting


def cells_of_told(record: Told) -> dict[str, str]:
    """The cells that say what an outcome or contact says."""
    names = (*_NAMED, *(_OUTCOME if isinstance(record, OutcomeRecord) else _CONTACT))
    values: Row = {name: getattr(record, name) for name in names}
    if isinstance(record, OutcomeRecord) and values.pop("code") is not None:
        values["kind"] = record.code
    return {name: _cell(value) for name, value in values.items() if value is not None}


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nein"
    return value.isoformat() if isinstance(value, date) else str(value)


def _present(connection: Connection, table: Table, rows: Mapping[str, Row]) -> set[str]:
    present: set[str] = set()
    for keys in chunks(rows):
        present.update(connection.scalars(select(table.c.id).where(table.c.id.in_(keys))))
    return present


@dataclass(slots=True)
class _Book:
    """Who and which places the rows may mean; a name or reference of several means none of them.

    `identities` has the names and birth date of each record, `numbers` the seasons in which each
    held a school's number, `joined` the records of one person where there are several.
    """

    identities: dict[str, Identity] = field(default_factory=dict)
    schools: dict[str, set[str]] = field(default_factory=dict)
    numbers: dict[tuple[str, str], dict[str, set[str]]] = field(default_factory=dict)
    names: dict[Identity, set[str]] = field(default_factory=dict)
    joined: dict[str, list[str]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    references: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: Connection, records: Sequence[Told]) -> _Book:
        """Everybody whom the rows may mean."""
        book = cls()
        born = {record.born for record in records if record.born is not None}
        chosen = select(
            people.c.pseudonym,
            people.c.season,
            people.c.school,
            people.c.number,
            identities.c.surname,
            identities.c.first_name,
            identities.c.born,
        ).join(identities, identities.c.pseudonym == people.c.pseudonym)
        for key, season, school, number, *identity in connection.execute(chosen):
            surname, first_name, day = book.identities[key] = tuple(identity)
            book.schools.setdefault(key, set()).add(school)
            if number is not None:
                holders = book.numbers.setdefault((school, number), {})
                holders.setdefault(key, set()).add(season)
            if day in born:
                name = _words(surname), _words(first_name), day
                book.names.setdefault(name, set()).add(key)
        for merged, head in heads_of(connection).items():
            together = book.joined.setdefault(head, [head])
            together.append(merged)
            book.joined[merged] = together
        for place, season, reference in connection.execute(
            select(places.c.id, places.c.season, places.c.reference)
        ):
            book.places[place] = season
            book.references.setdefault((season, reference), set()).add(place)
        return book

    def row_of(self, record: Told, season: str | None) -> Row | tuple[Rule, str]:
        """The row to keep, or the rule and column that stand against it."""
        person = self._person(record, season)
        if isinstance(person, Rule):
            return person, _named_by(record)
        at = season or season_of(record.on or datetime.now(UTC).date())
        place = record.place
        if place is not None and place not in self.places:
            meant = self.references.get((at, place), set())
            if len(meant) != 1:
                return Rule.PLACE_UNKNOWN, "place"
            (place,) = meant
        names = _OUTCOME if isinstance(record, OutcomeRecord) else _CONTACT
        row = {"season": at, "pseudonym": person, "place": place}
        row |= {name: getattr(record, name) for name in names}
        return {"id": _digest(row), **row}

    def _person(self, record: Told, season: str | None) -> str | Rule:
        """The person meant, by the most telling thing said; all else that the row says must fit.

        Another school's people are unknown: an answer must not tell that they exist.
        """
        own = [key for key in self._candidates(record) if self._is_listed_by(key, record.school)]
        fitting = [key for key in own if self._fits(key, record)]
        if len(fitting) > 1 and record.number is not None and record.school is not None:
            # A school gave the number away again: the season says who held it.
            held = self.numbers[record.school, record.number]
            fitting = [key for key in fitting if season in held[key]]
        if len(fitting) == 1:
            return fitting[0]
        return Rule.PERSON_CONFLICT if own and not fitting else Rule.SEEKER_UNKNOWN

    def _candidates(self, record: Told) -> Iterable[str]:
        if record.pseudonym is not None:
            return (record.pseudonym,) if record.pseudonym in self.identities else ()
        if record.number is not None and record.school is not None:
            return self.numbers.get((record.school, record.number), {})
        if not (record.surname and record.first_name and record.born):
            return ()
        name = _words(record.surname), _words(record.first_name), record.born
        return self.names.get(name, ())

    def _is_listed_by(self, key: str, school: str | None) -> bool:
        """Whether a school ever had the person in its list; yes where no school is said."""
        records = self.joined.get(key, (key,))
        return school is None or any(school in self.schools.get(one, ()) for one in records)

    def _fits(self, key: str, record: Told) -> bool:
        """Whether number, names and birth date are the person's, as one of the lists has them."""
        records = self.joined.get(key, (key,))
        if record.number is not None:
            at = {school for one in records for school in self.schools.get(one, ())}
            asked = at if record.school is None else {record.school}
            held = (self.numbers.get((school, record.number), {}) for school in asked)
            if all(holders.keys().isdisjoint(records) for holders in held):
                return False
        told = [self.identities[one] for one in records if one in self.identities]
        return any(_agree(identity, record) for identity in told)


def _named_by(record: Told) -> str:
    if record.pseudonym is not None:
        return "pseudonym"
    return "number" if record.number is not None else "surname"


def _agree(identity: Identity, record: Told) -> bool:
    """Whether names and birth date are the same as far as both are said."""
    surname, first_name, born = identity
    same = not record.surname or _words(record.surname) == _words(surname)
    same = same and (not record.first_name or _words(record.first_name) == _words(first_name))
    return same and (record.born is None or born is None or record.born == born)


def _words(name: str) -> tuple[str, ...]:
    """A name in one spelling; what has no word in it stands for itself."""
    return words_of(name) or (name.strip(),)


def _digest(row: Row) -> str:
    """The same row of the same person has the same id, in whichever file it comes."""
    told = json.dumps(row, sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:32]

"""Which rows wait, and what becomes of them? Corrected one by one, or dismissed with a reason.

A corrected row goes through its reader's own check again and then comes in as an import of its
own, which can be taken back. No row is ever dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select, update

from data.intake.columns import Words, plain_heading, shown_heading
from data.intake.contacts import CONTACT_WORDS
from data.intake.duplicates import find_duplicates
from data.intake.offer_rows import OFFER_KIND
from data.intake.offers import OFFER_WORDS
from data.intake.outcomes import OUTCOME_WORDS
from data.intake.pupil_rows import PUPIL_WORDS
from data.intake.records import (
    ContactRecord,
    FileRead,
    OutcomeRecord,
    PlaceRecord,
    PupilRecord,
    Waiting,
)
from data.store.audit import append
from data.store.doubles import FindDuplicates
from data.store.import_log import ImportReport, Origin, lock_imports, note_changes
from data.store.imports import apply_in
from data.store.opening import Store
from data.store.outcome_imports import apply_told_in
from data.store.place_imports import apply_places_in
from data.store.roll import Found, Roll, roll_of
from data.store.tables import duplicates, quarantine
from matching.errors import Fault, FaultyInput, Rule

AnyRecord = PupilRecord | PlaceRecord | OutcomeRecord | ContactRecord

#: The reader's check of one row, by its cells: a record, or what is still wrong.
Recheck = Callable[[Mapping[str, str]], AnyRecord | Waiting | tuple[Fault, ...]]


#: How the fields of each kind of row are called, and the columns that they are read from.
_WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "pupils": PUPIL_WORDS,
        "places": replace(OFFER_WORDS, headings={**OFFER_WORDS.headings, OFFER_KIND: OFFER_KIND}),
        "outcomes": OUTCOME_WORDS,
        "contacts": CONTACT_WORDS,
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row in quarantine, as it came; `status` is `waiting`, `fixed` or `dismissed`."""

    id: int
    import_id: int
    kind: str
    season: str | None
    school: str | None
    source: str | None
    row: int
    cells: Mapping[str, str]
    faults: tuple[Fault, ...]
    status: str
    reason: str | None = None


def entries(
    store: Store,
    *,
    school: str | None = None,
    kind: str | None = None,
    import_id: int | None = None,
    status: str | None = "waiting",
) -> tuple[Entry, ...]:
    """The rows in quarantine, in the order they came; `None` leaves a thing open."""
    chosen = select(quarantine).order_by(quarantine.c.id)
    wanted = {"school": school, "kind": kind, "import_id": import_id, "status": status}
    for column, value in wanted.items():
        if value is not None:
            chosen = chosen.where(quarantine.c[column] == value)
    with store.reading() as connection:
        return tuple(_entry(row) for row in connection.execute(chosen).mappings())


def waiting_page(
    store: Store,
    *,
    school: str | None = None,
    kind: str | None = None,
    import_id: int | None = None,
    offset: int = 0,
    limit: int = 25,
) -> tuple[tuple[Entry, ...], int]:
    """Some of the rows that wait, in the order they came, and how many there are in all."""
    wanted = {"school": school, "kind": kind, "import_id": import_id, "status": "waiting"}
    only = [quarantine.c[name] == value for name, value in wanted.items() if value is not None]
    chosen = select(quarantine).where(*only).order_by(quarantine.c.id).offset(offset).limit(limit)
    with store.reading() as connection:
        total = connection.scalar(select(func.count()).select_from(quarantine).where(*only))
        rows = connection.execute(chosen).mappings()
        return tuple(_entry(row) for row in rows), total or 0


def waiting_counts(store: Store) -> dict[str, int]:
    """How much waits for somebody: rows by kind, and `doubles` that nobody decided."""
    chosen = (
        select(quarantine.c.kind, func.count())
        .where(quarantine.c.status == "waiting")
        .group_by(quarantine.c.kind)
    )
    undecided = select(func.count()).where(duplicates.c.decision.is_(None))
    with store.reading() as connection:
        rows = {str(kind): int(count) for kind, count in connection.execute(chosen)}
        return {**rows, "doubles": connection.scalar(undecided) or 0}


def fix(
    store: Store,
    entry_id: int,
    corrections: Mapping[str, str],
    recheck: Recheck,
    by: str,
    *,
    find: FindDuplicates = find_duplicates,
) -> ImportReport | tuple[Fault, ...]:
    """Correct a row: it comes in, or stays as it was and what is still wrong is returned.

    `corrections` are cells by field or heading (`by_field`) that take the place of those that came;
    a blank one empties its cell. A row with more or fewer cells than headings needs one at least:
    what stood where is not sure. Raises `FaultyInput` for a row that is not there
    (`VALUE_UNKNOWN`) or does not wait any more (`SETTLED_ALREADY`).
    """
    try:
        with store.transaction() as connection:
            lock_imports(connection)
            entry = _waiting_entry(connection, entry_id)
            named = by_field(entry.kind, corrections)
            if isinstance(named, tuple):
                return named
            if not named and any(fault.rule is Rule.COLUMN_COUNT for fault in entry.faults):
                return entry.faults
            cells = {name: text for name, text in {**entry.cells, **named}.items() if text}
            record = recheck(cells)
            if isinstance(record, Waiting):
                return record.faults
            if isinstance(record, tuple):
                return record
            report = _take(connection, entry, record, cells, by, find)
            if report.quarantined:
                raise _StillWrong(report.faults)
            _settle(connection, entry, record, report, by)
            return report
    except _StillWrong as wrong:
        return wrong.faults


def by_field(kind: str, corrections: Mapping[str, str]) -> dict[str, str] | tuple[Fault, ...]:
    """Corrections of a row of a kind by field, each called by the field or by a known heading.

    Otherwise a fault for each that means no field (`FIELD_UNKNOWN`, its value all that there are)
    or one that another means too (`FIELD_TWICE`).
    """
    words = _WORDS[kind]
    named: dict[str, str] = {}
    faults: list[Fault] = []
    for key, text in corrections.items():
        field = key if key in words.fields else words.ranks.get(plain_heading(key), ("", 0))[0]
        if not field:
            every = ", ".join(words.headings)
            faults.append(Fault(Rule.FIELD_UNKNOWN, column=shown_heading(key), value=every))
        elif field in named:
            faults.append(Fault(Rule.FIELD_TWICE, column=shown_heading(key), value=field))
        named[field] = text
    return tuple(faults) or named


def dismiss(store: Store, entry_id: int, reason: str, by: str) -> None:
    """Rule that a row is not to come in, and say why; it stays in quarantine as dismissed.

    Raises `FaultyInput` as `fix` does, and for a blank reason (`VALUE_MISSING`).
    """
    if not reason.strip():
        raise FaultyInput((Fault(Rule.VALUE_MISSING, column="reason"),))
    with store.transaction() as connection:
        entry = _waiting_entry(connection, entry_id)
        connection.execute(
            update(quarantine)
            .where(quarantine.c.id == entry.id)
            .values(status="dismissed", reason=reason, by=by, at=datetime.now(UTC))
        )
        append(connection, by, "quarantine.dismiss", f"quarantine {entry.id}", ["status"])


class _StillWrong(Exception):
    """Nothing of the correction is kept."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__()
        self.faults = faults


def _waiting_entry(connection: Connection, entry_id: int) -> Entry:
    chosen = select(quarantine).where(quarantine.c.id == entry_id).with_for_update()
    row = connection.execute(chosen).mappings().one_or_none()
    if row is None:
        raise FaultyInput((Fault(Rule.VALUE_UNKNOWN, column="quarantine", value=str(entry_id)),))
    entry = _entry(row)
    if entry.status != "waiting":
        raise FaultyInput((Fault(Rule.SETTLED_ALREADY, column="quarantine", value=str(entry_id)),))
    return entry


def _take(
    connection: Connection,
    entry: Entry,
    record: AnyRecord,
    cells: Mapping[str, str],
    by: str,
    find: FindDuplicates,
) -> ImportReport:
    origin = Origin(entry.kind, by, entry.season, entry.school, entry.source)
    told: dict[str, Any] = {
        "file": f"quarantine {entry.id}",
        "kind": "fix",
        "rows": 1,
        "mapping": {name: name for name in cells},
    }
    match record:
        case PupilRecord():
            read = FileRead(records=(record,), **told)
            return apply_in(connection, origin, [read], complete=False, find=find, kind="fix")
        case PlaceRecord():
            offers = FileRead(records=(record,), **told)
            return apply_places_in(connection, origin, offers, complete=False, kind="fix")
        case OutcomeRecord():
            outcome = FileRead(records=(record,), **told)
            return apply_told_in(connection, origin, outcome, kind="fix")
        case ContactRecord():
            contact = FileRead(records=(record,), **told)
            return apply_told_in(connection, origin, contact, kind="fix")


def _settle(
    connection: Connection, entry: Entry, record: AnyRecord, report: ImportReport, by: str
) -> None:
    """Mark the row as fixed, and remember whom it meant: they are named wherever it comes again."""
    pseudonym = None
    if isinstance(record, PupilRecord):
        roll = Roll()
        roll_of(connection, entry.season or "", {record.school}, roll)
        found = roll.find(record)
        pseudonym = found.pseudonym if isinstance(found, Found) and not found.new else None
    connection.execute(
        update(quarantine)
        .where(quarantine.c.id == entry.id)
        .values(status="fixed", by=by, at=datetime.now(UTC), pseudonym=pseudonym)
    )
    before = {"status": "waiting", "by": None, "at": None, "pseudonym": None}
    change = {"key": str(entry.id), "fields": ["status"], "before": before}
    note_changes(connection, report.import_id, "quarantine", [change])


def _entry(row: RowMapping) -> Entry:
    told = {name: row[name] for name in Entry.__slots__ if name not in ("cells", "faults")}
    faults = tuple(Fault(**{**fault, "rule": Rule(fault["rule"])}) for fault in row["faults"])
    return Entry(cells=row["cells"], faults=faults, **told)

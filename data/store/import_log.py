"""What did an import do? Its row, its counts, the rows it left waiting, the changes it made.

`rows` is the sum of the five counts, whatever the kind of file: nothing is lost.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, insert, select, text, update

from data.intake.records import FileRead, Waiting
from data.store.audit import append
from data.store.moments import present
from data.store.tables import import_changes, imports, quarantine
from matching.errors import Fault, Rule

Thing = TypeVar("Thing")

#: Rows that are held in memory between two visits to the database.
CHUNK = 2_000

#: The advisory lock of PostgreSQL that lets one import follow the other, as on SQLite.
_IMPORT_LOCK = 7_302_003


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of each row of a file, and of those whom it no longer names.

    `rows` = `stored` + `changed` + `unchanged` + `merged` + `quarantined`. `gone` counts records
    that a complete list no longer names (they stay, marked as not present), `doubtful` the pairs
    of records that may be one person and wait for a decision.
    """

    import_id: int
    rows: int
    stored: int
    changed: int
    unchanged: int
    merged: int
    quarantined: int
    gone: int = 0
    doubtful: int = 0
    dropped_columns: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        kept = self.stored + self.changed + self.unchanged + self.merged + self.quarantined
        if kept != self.rows:
            raise ValueError(f"{self.rows} rows, {kept} accounted for")

    @property
    def counts(self) -> dict[str, int]:
        """The figures by name."""
        return {
            name: value
            for name in self.__slots__
            if name != "import_id" and isinstance(value := getattr(self, name), int)
        }


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose file it is: of which kind, season, school, source and content, and who hands it in."""

    kind: str
    by: str
    season: str | None = None
    school: str | None = None
    source: str | None = None
    sha256: str | None = None


def lock_imports(connection: Connection) -> None:
    """Wait until no other import is under way."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _IMPORT_LOCK})


def begin_import(connection: Connection, origin: Origin, sha256: str | None = None) -> int:
    """Write the import down and return its number; `end_import` fills in the rest."""
    made = connection.execute(
        insert(imports).values(
            at=present(),
            by=origin.by,
            kind=origin.kind,
            season=origin.season,
            school=origin.school,
            file="",
            sha256=sha256,
            mapping={},
            counts={},
            dropped_columns=[],
        )
    )
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])


def end_import(
    connection: Connection, origin: Origin, read: FileRead[Any], report: ImportReport
) -> None:
    """Write down how the file was read and what came of it, and log it."""
    connection.execute(
        update(imports)
        .where(imports.c.id == report.import_id)
        .values(
            file=read.file,
            mapping=dict(read.mapping),
            counts=report.counts,
            dropped_columns=list(read.dropped_columns),
        )
    )
    fields = sorted(set(read.mapping.values()))
    append(connection, origin.by, f"import.{origin.kind}", f"import {report.import_id}", fields)


def note_changes(
    connection: Connection, import_id: int, record: str, changes: Iterable[Mapping[str, Any]]
) -> None:
    """Write down what changed: `key`, `fields`, and `before` (`None` for a new record)."""
    insert_many(
        connection,
        import_changes,
        ({"import_id": import_id, "record": record, **change} for change in changes),
    )


def insert_many(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns.

    PostgreSQL gets a batch as one JSON text: that took a third of the time of a statement a row,
    and unlike COPY it obeys row-level security.
    """
    for some in chunks(rows):
        if connection.dialect.name == "sqlite":
            connection.execute(insert(table), some)
            continue
        columns = ", ".join(f'"{name}"' for name in some[0])
        connection.execute(
            text(
                f"INSERT INTO {table.name} ({columns}) "
                f"SELECT {columns} FROM json_populate_recordset(NULL::{table.name}, :rows)"
            ),
            {"rows": json.dumps([dict(row) for row in some], default=_moment_or_day)},
        )


def _moment_or_day(value: datetime | date) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat()
    return value.isoformat()


def is_torn(row: Waiting) -> bool:
    """Whether a row has more or fewer cells than headings: nobody knows for sure whom it names."""
    return not row.cells or any(fault.rule is Rule.COLUMN_COUNT for fault in row.faults)


def digest_of(origin: Origin, row: Waiting) -> str:
    """What tells that a waiting row comes again: all it says, and where it comes from.

    A row with too many or too few cells says nothing that could be told apart: only in the same
    file is it the same row.
    """
    told: list[object] = [origin.kind, origin.season, origin.school, origin.source]
    told.append(sorted(row.cells.items()))
    if is_torn(row):
        # Of its faults only where they are: a title that was confirmed since is one fewer.
        told += [origin.sha256, row.row, sorted({str(fault.file) for fault in row.faults})]
    return hashlib.sha256(json.dumps(told, ensure_ascii=True).encode()).hexdigest()


def keep_waiting(
    connection: Connection, import_id: int, origin: Origin, waiting: Sequence[Waiting]
) -> None:
    """Put rows into quarantine; those that lie or lay there already are not put there again.

    A row that stands in a file twice lies there twice: each is counted, so each is kept.
    """
    told = [(digest_of(origin, row), row) for row in waiting]
    there: Counter[str] = Counter()
    for digests in chunks(sorted({digest for digest, _ in told}), CHUNK):
        lying = select(quarantine.c.digest).where(quarantine.c.digest.in_(digests))
        there.update(connection.scalars(lying))
    met: Counter[str] = Counter()
    unkept = []
    for digest, row in told:
        met[digest] += 1
        if met[digest] > there[digest]:
            unkept.append((digest, row))
    new = [
        {
            "import_id": import_id,
            "kind": origin.kind,
            "season": origin.season,
            "school": origin.school,
            "source": origin.source,
            "row": row.row,
            "cells": dict(row.cells),
            "faults": [facts_of(fault) for fault in row.faults],
            "digest": digest,
            "status": "waiting",
        }
        for digest, row in unkept
    ]
    if new:
        connection.execute(insert(quarantine), new)


def facts_of(fault: Fault) -> dict[str, str | int | None]:
    """A fault as JSON."""
    return {
        "rule": fault.rule.value,
        "file": fault.file,
        "row": fault.row,
        "column": fault.column,
        "value": fault.value,
    }


def plain(value: object) -> object:
    """A column's value as JSON."""
    return value.isoformat() if isinstance(value, date) else value


def chunks(things: Iterable[Thing], size: int = CHUNK) -> Iterator[list[Thing]]:
    """Some at a time, in their order."""
    held: list[Thing] = []
    for thing in things:
        held.append(thing)
        if len(held) == size:
            yield held
            held = []
    if held:
        yield held

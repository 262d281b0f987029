"""What has come in so far? The imports as they were written down, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, func, select

from data.store.opening import Store
from data.store.tables import import_changes, imports, quarantine
from matching.errors import Fault, FaultyInput, Rule


@dataclass(frozen=True, slots=True)
class PastImport:
    """An import: who handed in which file, how it was read, what came of it, whether it stands."""

    id: int
    at: datetime
    by: str
    kind: str
    season: str | None
    school: str | None
    file: str
    sha256: str | None
    mapping: Mapping[str, str]
    counts: Mapping[str, int]
    dropped_columns: tuple[str, ...]
    undone_at: datetime | None = None
    undone_by: str | None = None


@dataclass(frozen=True, slots=True)
class ImportDetail:
    """An import, how many records it made or changed of each kind, and how many rows still wait."""

    taken: PastImport
    records: Mapping[str, int]
    waiting: int


def past_imports(
    store: Store, *, season: str | None = None, school: str | None = None
) -> tuple[PastImport, ...]:
    """The imports, newest first; those of one season or school where asked."""
    chosen = select(imports).order_by(imports.c.id.desc())
    if season is not None:
        chosen = chosen.where(imports.c.season == season)
    if school is not None:
        chosen = chosen.where(imports.c.school == school)
    with store.reading() as connection:
        return tuple(_import(row) for row in connection.execute(chosen).mappings())


def past_import(store: Store, import_id: int) -> ImportDetail:
    """One import. Raises `FaultyInput` (`IMPORT_UNKNOWN`) where there is none of the number."""
    changed = (
        select(import_changes.c.record, func.count())
        .where(import_changes.c.import_id == import_id)
        .group_by(import_changes.c.record)
        .order_by(import_changes.c.record)
    )
    waiting = select(func.count()).where(
        quarantine.c.import_id == import_id, quarantine.c.status == "waiting"
    )
    with store.reading() as connection:
        chosen = select(imports).where(imports.c.id == import_id)
        row = connection.execute(chosen).mappings().one_or_none()
        if row is None:
            raise FaultyInput((Fault(Rule.IMPORT_UNKNOWN, value=str(import_id)),))
        return ImportDetail(
            _import(row),
            {str(key): int(count) for key, count in connection.execute(changed)},
            connection.scalar(waiting) or 0,
        )


def _import(row: RowMapping) -> PastImport:
    told = {name: row[name] for name in PastImport.__slots__ if name != "dropped_columns"}
    return PastImport(dropped_columns=tuple(row["dropped_columns"]), **told)

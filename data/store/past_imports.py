"""What has come in so far? The imports as they were written down, newest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, and_, func, not_, select

from data.store.case_steps import BY_HAND
from data.store.opening import Store
from data.store.tables import import_changes, imports, quarantine, schools
from matching.errors import Fault, FaultyInput, Rule

#: What may be asked for in place of a kind: all that came in as lists or files, or the answers that
#: counselors typed one by one, which are kept as contacts that came in.
FILES, ANSWER = "files", "answer"
_IN_FILES = ("pupils", "places", "outcomes", "contacts")
_ANSWERED = and_(imports.c.kind == "contacts", imports.c.file == BY_HAND)


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

    @property
    def what(self) -> str:
        """Its kind, or `ANSWER` where a counselor typed it."""
        return ANSWER if self.kind == "contacts" and self.file == BY_HAND else self.kind


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


@dataclass(frozen=True, slots=True)
class ImportPage:
    """Some of the imports, newest first, how many there are in all, and the rows that wait."""

    imports: tuple[PastImport, ...]
    total: int
    waiting: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class ImportedBy:
    """Of which seasons and schools (by number, with their names) anything has come in."""

    seasons: tuple[str, ...]
    schools: Mapping[str, str | None]


def import_page(
    store: Store,
    *,
    season: str | None = None,
    school: str | None = None,
    kind: str | None = None,
    offset: int = 0,
    limit: int = 25,
) -> ImportPage:
    """Some of the imports of a season, school and kind; `None` leaves a thing open.

    `kind` may be `FILES` or `ANSWER`, too; "contacts" are lists of them, without typed answers.
    """
    wanted = {"season": season, "school": school}
    only = [imports.c[column] == value for column, value in wanted.items() if value is not None]
    if kind is not None:
        only.append(_of_kind(kind))
    chosen = select(imports).where(*only).order_by(imports.c.id.desc()).offset(offset).limit(limit)
    with store.reading() as connection:
        total = connection.scalar(select(func.count()).select_from(imports).where(*only))
        found = tuple(_import(row) for row in connection.execute(chosen).mappings())
        waiting = (
            select(quarantine.c.import_id, func.count())
            .where(quarantine.c.import_id.in_([one.id for one in found]))
            .where(quarantine.c.status == "waiting")
            .group_by(quarantine.c.import_id)
        )
        rows = {int(key): int(count) for key, count in connection.execute(waiting)}
    return ImportPage(found, total or 0, rows)


def _of_kind(kind: str) -> ColumnElement[bool]:
    if kind == ANSWER:
        return _ANSWERED
    kinds = _IN_FILES if kind == FILES else (kind,)
    return and_(imports.c.kind.in_(kinds), not_(_ANSWERED))


def imported_by(store: Store) -> ImportedBy:
    """What the imports can be told apart by."""
    in_seasons = select(imports.c.season).distinct().where(imports.c.season.is_not(None))
    of_schools = (
        select(imports.c.school, schools.c.name)
        .distinct()
        .join(schools, schools.c.school == imports.c.school)
        .order_by(imports.c.school)
    )
    with store.reading() as connection:
        seasons = sorted(connection.scalars(in_seasons), reverse=True)
        return ImportedBy(tuple(seasons), dict(connection.execute(of_schools).all()))


def faults_of_import(store: Store, import_id: int) -> Mapping[tuple[Rule, str | None], int]:
    """Which rules the rows broke that it left waiting, in which columns; most frequent first."""
    chosen = select(quarantine.c.faults).where(quarantine.c.import_id == import_id)
    with store.reading() as connection:
        counted = Counter(
            (Rule(fault["rule"]), fault["column"])
            for faults in connection.scalars(chosen)
            for fault in faults
        )
    return dict(counted.most_common())


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

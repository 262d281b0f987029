"""How is a person deleted so that nothing of them is left? Every table, then the raw files.

What stays: the bare pseudonym (so that kept runs still add up), the log (pseudonyms and names of
fields), one more in the count of their season, school and outcome (`figures`), and of whoever had
withdrawn a keyed hash, so that no list brings them back (`data.store.grounds`). The columns of
kept runs name the pseudonym too; without the identity it names nobody any more.

On SQLite deleted content is overwritten, then the write-ahead log is emptied and the file written
anew. On PostgreSQL the touched tables are written anew; its own write-ahead log, replicas and
backups keep what was deleted until they are recycled, and must have terms of their own. Whoever
deletes must own the tables there.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import psycopg
from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from data.intake.records import OutcomeKind
from data.store.audit import append
from data.store.grounds import remember
from data.store.import_log import chunks, lock_imports
from data.store.opening import Store
from data.store.persons import records_of, waiting_rows
from data.store.tables import (
    cases,
    consents,
    contacts,
    decisions,
    drafts,
    duplicates,
    figures,
    identities,
    import_changes,
    judgements,
    marks,
    merges,
    objections,
    outcomes,
    people,
    proposal_history,
    proposals,
    quarantine,
    wishes,
)

#: Tables with rows of a person, in the order in which nothing refers to what is deleted; `people`
#: last, since a school sees the rest by them (row-level security).
OF_PERSON = (
    proposal_history, proposals, decisions, judgements, drafts, objections, cases, outcomes,
    contacts, wishes, marks, consents, identities, people,
)  # fmt: skip

#: What the reason says of a row in quarantine whose content was deleted.
ERASED = "erased"

#: How long writing anew waits for readers, in seconds.
_PATIENCE = 10


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was deleted: the person's records, rows by table, and whether the files are clean.

    `swept` is false where somebody else was reading all the while: call `sweep` again later.
    """

    records: tuple[str, ...]
    rows: Mapping[str, int]
    swept: bool


def forget(store: Store, pseudonym: str, by: str) -> Forgotten:
    """Delete all that is kept of a person (GDPR Art. 17), under whichever of their pseudonyms.

    Raises `FaultyInput` (`SEEKER_UNKNOWN`) for a pseudonym that was never given.
    """
    with store.transaction() as connection:
        lock_imports(connection)
        records = records_of(connection, pseudonym)
        rows = erase(connection, [records], by)
        append(connection, by, "person.forget", records[0], sorted(rows))
    return Forgotten(tuple(records), rows, sweep(store))


def erase(connection: Connection, persons: Sequence[Sequence[str]], by: str) -> dict[str, int]:
    """Delete people within the caller's transaction; each is all of their pseudonyms.

    Returns the rows deleted or emptied by table.
    """
    records = [pseudonym for person in persons for pseudonym in person]
    _count(connection, persons)
    remember(connection, persons)
    waiting = waiting_rows(connection, records)
    empty_waiting(connection, (row["id"] for row in waiting), by)
    gone: Counter[str] = Counter({"quarantine": len(waiting)})
    for some in chunks(records, 500):
        gone["import_changes"] += _delete_images(connection, some)
        for table in (duplicates, merges):
            names = list(table.primary_key.columns)
            names += [table.c.kept] if table is merges else []
            for name in names:
                gone[table.name] += connection.execute(delete(table).where(name.in_(some))).rowcount
        for table in OF_PERSON:
            mine = delete(table).where(table.c.pseudonym.in_(some))
            gone[table.name] += connection.execute(mine).rowcount
    return {name: count for name, count in sorted(gone.items()) if count}


def empty_waiting(connection: Connection, rows: Iterable[int], by: str) -> int:
    """Delete what rows of quarantine say; that they came, and which rules they broke, stays."""
    emptied = 0
    for some in chunks(rows, 500):
        held = connection.execute(select(quarantine).where(quarantine.c.id.in_(some))).mappings()
        now = datetime.now(UTC)
        changes = [
            {
                "key": row["id"],
                "new_faults": [{**fault, "value": None} for fault in row["faults"]],
                "new_digest": secrets.token_hex(32),
                "new_status": "fixed" if row["status"] == "fixed" else "dismissed",
                "new_by": row["by"] or by,
                "new_at": row["at"] or now,
            }
            for row in held
        ]
        names = ("faults", "digest", "status", "by", "at")
        connection.execute(
            update(quarantine)
            .where(quarantine.c.id == bindparam("key"))
            .values(
                cells={},
                pseudonym=None,
                reason=ERASED,
                **{name: bindparam(f"new_{name}") for name in names},
            ),
            changes,
        )
        noted = import_changes.c.key.in_([str(key) for key in some])
        of_row = import_changes.c.record == "quarantine"
        connection.execute(delete(import_changes).where(of_row & noted))
        emptied += len(changes)
    return emptied


def sweep(store: Store) -> bool:
    """Write the files anew, so that nothing deleted is left in them; false if others read on."""
    raw = store.engine.raw_connection()
    try:
        driver: Any = raw.driver_connection
        return _sweep_sqlite(driver) if store.is_sqlite else _sweep_postgresql(driver)
    finally:
        raw.close()


def _sweep_sqlite(driver: sqlite3.Connection) -> bool:
    (patience,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute("PRAGMA query_only = 0")
    driver.execute(f"PRAGMA busy_timeout = {_PATIENCE * 1000}")
    try:
        driver.execute("VACUUM")
        (busy, _, _) = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        return False
    finally:
        driver.execute(f"PRAGMA busy_timeout = {patience}")
    return not busy


def _sweep_postgresql(driver: psycopg.Connection[Any]) -> bool:
    driver.autocommit = True
    try:
        driver.execute(f"SET lock_timeout = '{_PATIENCE}s'")
        for table in (*OF_PERSON, import_changes, quarantine, merges, duplicates):
            driver.execute(f"VACUUM (FULL, ANALYZE) {table.name}")
    except psycopg.errors.LockNotAvailable:
        return False
    finally:
        driver.execute("RESET lock_timeout")
        driver.autocommit = False
    return True


def _delete_images(connection: Connection, records: Collection[str]) -> int:
    """What imports noted of these people: their own rows and those of their outcomes."""
    keys: dict[str, list[str]] = {"person": list(records)}
    by_id: tuple[tuple[str, Table], ...] = (("outcome", outcomes), ("contact", contacts))
    for record, table in by_id:
        mine = select(table.c.id).where(table.c.pseudonym.in_(records))
        keys[record] = list(connection.scalars(mine))
    gone = 0
    for record, named in keys.items():
        for some in chunks(named, 500):
            rows = (import_changes.c.record == record) & import_changes.c.key.in_(some)
            gone += connection.execute(delete(import_changes).where(rows)).rowcount
    return gone


def _count(connection: Connection, persons: Sequence[Sequence[str]]) -> None:
    """Add people to the figures, each once a season: what must stay true when they are gone."""
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for some in chunks(persons, 200):
        records = [pseudonym for person in some for pseudonym in person]
        listed = select(
            people.c.pseudonym, people.c.season, people.c.school, people.c.standing
        ).where(people.c.pseudonym.in_(records))
        stays: dict[str, dict[str, tuple[str, str]]] = {}
        for pseudonym, season, school, standing in connection.execute(listed):
            stays.setdefault(pseudonym, {})[season] = (school, standing)
        came_to = _outcomes_of(connection, records)
        for person in some:
            seasons: dict[str, tuple[str, str]] = {}
            for pseudonym in reversed(person):  # the first stands for the person
                seasons |= stays.get(pseudonym, {})
            for season, (school, standing) in seasons.items():
                told = [came_to[one, season] for one in person if (one, season) in came_to]
                kind = max(told)[-1] if told else OutcomeKind.UNKNOWN.value
                counted[season, school, standing, kind] += 1
    for (season, school, standing, kind), number in sorted(counted.items()):
        key = {"season": season, "school": school, "standing": standing, "outcome": kind}
        row = [figures.c[name] == value for name, value in key.items()]
        more = update(figures).where(*row).values(people=figures.c.people + number)
        if connection.execute(more).rowcount == 0:
            connection.execute(insert(figures).values(**key, people=number))


def _outcomes_of(
    connection: Connection, records: Collection[str]
) -> dict[tuple[str, str], tuple[date, str, str]]:
    """The last outcome of each record in each season: its day, its id, its kind."""
    chosen = select(
        outcomes.c.pseudonym, outcomes.c.season, outcomes.c.on, outcomes.c.id, outcomes.c.kind
    ).where(outcomes.c.pseudonym.in_(records))
    last: dict[tuple[str, str], tuple[date, str, str]] = {}
    for pseudonym, season, on, key, kind in connection.execute(chosen):
        told = (on or date.min, key, kind)
        last[pseudonym, season] = max(told, last.get((pseudonym, season), told))
    return last

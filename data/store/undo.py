"""How is an import taken back? By the images of what it changed; afterwards nothing shows of it.

Only the row in `imports`, which says when and by whom it was taken back, its notes in
`import_changes`, rows that somebody dismissed with a reason, and the log remain (with the season
and the schools, which that row names). What was changed or used since is never overwritten: then
nothing is taken back, and every such record is named. Nor is anything taken back that a later
import found there and counted as such: that one is taken back first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Integer,
    Row,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    union_all,
    update,
)

from data.store.audit import append
from data.store.import_log import chunks, lock_imports
from data.store.opening import Store
from data.store.tables import (
    consents,
    contacts,
    decisions,
    duplicates,
    identities,
    import_changes,
    imports,
    marks,
    merges,
    outcomes,
    people,
    places,
    proposals,
    pseudonyms,
    quarantine,
    wishes,
)
from matching.errors import Fault, FaultyInput, Rule

#: So many of the records that stand against taking an import back are named.
MOST_FAULTS = 1_000

#: Statements that find the keys of records, by what they were used for.
Uses = dict[str, list[Select[Any]]]


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking an import back did: records removed that it had made, records set back."""

    import_id: int
    removed: int
    restored: int


def undo(store: Store, import_id: int, by: str) -> Undone:
    """Take an import back: everything is as it was before it.

    Raises `FaultyInput` with `IMPORT_UNKNOWN`, `UNDONE_ALREADY`, `UNDO_EXPIRED` (the images are
    beyond their term and deleted), or a `CHANGED_SINCE` for each record that a later import
    changed, or that somebody joined, decided on, withdrew or filed an outcome for: `column` says
    what it is, `value` its key (a pseudonym), `file` the later file. A later import that counted
    something of this one as unchanged, or as waiting, is named too (`import` and its number).
    """
    with store.transaction() as connection:
        lock_imports(connection)
        taken = connection.execute(select(imports).where(imports.c.id == import_id)).one_or_none()
        faults = _against(connection, taken, import_id)
        if faults or taken is None:
            raise FaultyInput(faults)
        restored = _restore(connection, import_id, taken.season)
        removed = _remove(connection, import_id)
        connection.execute(
            update(imports)
            .where(imports.c.id == import_id)
            .values(undone_at=datetime.now(UTC), undone_by=by)
        )
        append(connection, by, "import.undo", f"import {import_id}")
        return Undone(import_id, removed, restored)


@dataclass(frozen=True, slots=True)
class Undoing:
    """What taking an import back would do, and what stands against it.

    By kind of record: how many would be removed, how many set back. Nothing is done where there
    are `faults`, as `undo` raises them.
    """

    removes: Mapping[str, int]
    restores: Mapping[str, int]
    faults: tuple[Fault, ...]


def undoing(store: Store, import_id: int) -> Undoing:
    """What `undo` would do; nothing is changed."""
    noted = (
        select(import_changes.c.record, import_changes.c.before.is_(None), func.count())
        .where(import_changes.c.import_id == import_id)
        .group_by(import_changes.c.record, import_changes.c.before.is_(None))
        .order_by(import_changes.c.record)
    )
    with store.reading() as connection:
        taken = connection.execute(select(imports).where(imports.c.id == import_id)).one_or_none()
        faults = _against(connection, taken, import_id)
        removes: dict[str, int] = {}
        restores: dict[str, int] = {}
        for record, new, count in connection.execute(noted):
            (removes if new else restores)[record] = count
        rows = _of(quarantine, import_id) & (quarantine.c.status == "waiting")
        waiting = connection.scalar(select(func.count()).where(rows))
    return Undoing(removes | ({"waiting": waiting} if waiting else {}), restores, faults)


# What stands against it --------------------------------------------------------------------------


def _against(connection: Connection, taken: Row[Any] | None, import_id: int) -> tuple[Fault, ...]:
    """All that stands against taking an import back, in facts."""
    if taken is None:
        return (Fault(Rule.IMPORT_UNKNOWN, value=str(import_id)),)
    if taken.undone_at is not None:
        return (Fault(Rule.UNDONE_ALREADY, value=str(import_id)),)
    if taken.sealed_at is not None:
        return (Fault(Rule.UNDO_EXPIRED, value=str(import_id)),)
    faults = (
        *_counted_again(connection, taken),
        *_changed_again(connection, import_id),
        *_used(connection, import_id),
    )
    return faults[:MOST_FAULTS]


def _counted_again(connection: Connection, taken: Row[Any]) -> Iterator[Fault]:
    """Later imports of the same kind, season and school that found there what this one brought.

    Which of its rows they found is not kept: a late joiner's list finds nothing, and is no
    obstacle.
    """
    lying = select(func.count()).select_from(quarantine)
    brought = bool(
        connection.scalar(
            select(func.count()).select_from(import_changes).where(_of(import_changes, taken.id))
        )
    )
    waits = bool(
        connection.scalar(lying.where(_of(quarantine, taken.id), quarantine.c.status == "waiting"))
    )
    chosen = select(imports).where(imports.c.id > taken.id, imports.c.undone_at.is_(None))
    for later in connection.execute(chosen.order_by(imports.c.id)):
        apart = any(
            None not in (pair := (later._mapping[name], taken._mapping[name])) and len({*pair}) > 1
            for name in ("season", "school")
        )
        if apart or _kind(connection, later) != _kind(connection, taken):
            continue
        kept = connection.scalar(lying.where(_of(quarantine, later.id))) or 0
        found = brought and later.counts.get("unchanged", 0)
        if found or (waits and later.counts.get("quarantined", 0) > kept):
            yield Fault(Rule.CHANGED_SINCE, file=later.file, column="import", value=str(later.id))


def _of(table: Table, import_id: int) -> ColumnElement[bool]:
    return table.c.import_id == import_id


def _kind(connection: Connection, taken: Row[Any]) -> str:
    """What an import brought in; that of a correction is its row's."""
    if taken.kind != "fix":
        return str(taken.kind)
    row = import_changes.c.record == "quarantine"
    key = connection.scalar(select(import_changes.c.key).where(_of(import_changes, taken.id), row))
    kind = select(quarantine.c.kind).where(quarantine.c.id == int(key or 0))
    return str(connection.scalar(kind))


def _changed_again(connection: Connection, import_id: int) -> Iterator[Fault]:
    later = import_changes.alias("later")
    chosen = (
        select(later.c.record, later.c.key, imports.c.file)
        .join(imports, imports.c.id == later.c.import_id)
        .join(
            import_changes,
            and_(import_changes.c.record == later.c.record, import_changes.c.key == later.c.key),
        )
        .where(import_changes.c.import_id == import_id)
        .where(later.c.import_id > import_id, imports.c.undone_at.is_(None))
        .order_by(later.c.record, later.c.key)
        .limit(MOST_FAULTS)
    )
    for record, key, file in connection.execute(chosen):
        yield Fault(Rule.CHANGED_SINCE, file=file, column=record, value=key)
    settled = select(quarantine.c.id).where(
        quarantine.c.import_id == import_id, quarantine.c.status == "fixed"
    )
    for key in connection.scalars(settled):
        yield Fault(Rule.CHANGED_SINCE, column="quarantine", value=str(key))


def _made(import_id: int, record: str) -> Select[tuple[str]]:
    """The keys of the records of one kind that an import made."""
    return select(import_changes.c.key).where(
        import_changes.c.import_id == import_id,
        import_changes.c.record == record,
        import_changes.c.before.is_(None),
    )


def _used(connection: Connection, import_id: int) -> Iterator[Fault]:
    """Records that somebody has built on; a machine's undecided doubles are no obstacle."""
    uses = {**_uses_of_people(import_id), **_uses_in_tables(import_id)}
    for column, chosen in uses.items():
        for row in connection.execute(union_all(*chosen).limit(MOST_FAULTS)):
            yield Fault(Rule.CHANGED_SINCE, column=column, value=str(row[0]))


def _uses_of_people(import_id: int) -> Uses:
    """Where somebody was joined, ruled on, corrected, or withdrew."""
    person = _made(import_id, "person")
    grounded = select(import_changes.c.key).where(
        import_changes.c.import_id == import_id,
        import_changes.c.record == "person",
        or_(
            import_changes.c.before.is_(None),
            cast(import_changes.c.fields, Text).like('%"basis"%'),
        ),
    )
    fixed = select(cast(import_changes.c.key, Integer)).where(
        import_changes.c.import_id == import_id, import_changes.c.record == "quarantine"
    )
    elsewhere = or_(merges.c.import_id.is_(None), merges.c.import_id != import_id)
    began = select(imports.c.at).where(imports.c.id == import_id).scalar_subquery()
    return {
        "merge": [
            select(merges.c.kept).where(merges.c.kept.in_(person), elsewhere),
            select(merges.c.merged).where(merges.c.merged.in_(person), elsewhere),
        ],
        "duplicate": [
            select(duplicates.c.one).where(
                or_(
                    duplicates.c.import_id == import_id,
                    duplicates.c.one.in_(person),
                    duplicates.c.other.in_(person),
                ),
                duplicates.c.decision.is_not(None),
            )
        ],
        "consent": [
            select(consents.c.pseudonym).where(
                consents.c.pseudonym.in_(grounded), consents.c.withdrawn_at >= began
            )
        ],
        "quarantine": [
            select(quarantine.c.pseudonym).where(
                quarantine.c.pseudonym.in_(person), quarantine.c.id.not_in(fixed)
            )
        ],
    }


def _uses_in_tables(import_id: int) -> Uses:
    """Where a person or place that the import made is named."""
    person, place = _made(import_id, "person"), _made(import_id, "place")
    return {
        table.name: [
            select(table.c.pseudonym).where(table.c.pseudonym.in_(person)),
            select(table.c.place).where(table.c.place.in_(place)),
        ]
        for table in (outcomes, contacts, proposals, decisions)
    }


# Removing what it made ---------------------------------------------------------------------------


def _remove(connection: Connection, import_id: int) -> int:
    made = _made(import_id, "person")
    connection.execute(delete(merges).where(merges.c.import_id == import_id))
    void = or_(duplicates.c.one.in_(made), duplicates.c.other.in_(made))
    connection.execute(delete(duplicates).where(or_(duplicates.c.import_id == import_id, void)))
    # What somebody dismissed stays so: the same row is known should it come again.
    undecided = _of(quarantine, import_id) & (quarantine.c.status == "waiting")
    connection.execute(delete(quarantine).where(undecided))
    removed = 0
    for table, record in ((outcomes, "outcome"), (contacts, "contact"), (places, "place")):
        gone = delete(table).where(table.c.id.in_(_made(import_id, record)))
        removed += connection.execute(gone).rowcount
    # People last: a school sees the rest by them (row-level security).
    for table in (wishes, marks, consents, identities, people):
        connection.execute(delete(table).where(table.c.pseudonym.in_(made)))
    gone = delete(pseudonyms).where(pseudonyms.c.pseudonym.in_(made))
    return removed + connection.execute(gone).rowcount


# Setting back what it changed --------------------------------------------------------------------


def _restore(connection: Connection, import_id: int, season: str | None) -> int:
    chosen = (
        select(import_changes.c.record, import_changes.c.key, import_changes.c.before)
        .where(import_changes.c.import_id == import_id, import_changes.c.before.is_not(None))
        .order_by(import_changes.c.record, import_changes.c.key)
    )
    restored = 0
    for some in chunks(connection.execute(chosen).all()):
        restored += len(some)
        offers = [({"id": key}, before) for kind, key, before in some if kind == "place"]
        _set_back(connection, places, offers)
        rows = [({"id": int(key)}, told) for kind, key, told in some if kind == "quarantine"]
        _set_back(connection, quarantine, rows)
        changed = {key: before for kind, key, before in some if kind == "person"}
        _set_people_back(connection, changed, season)
    return restored


def _set_people_back(
    connection: Connection, changed: Mapping[str, dict[str, Any]], season: str | None
) -> None:
    def parts(name: str) -> list[tuple[dict[str, Any], Any]]:
        return [
            ({"pseudonym": key, **({} if name == "identities" else {"season": season})}, told[name])
            for key, told in changed.items()
            if name in told
        ]

    here = people.c.season == season
    arrived = [keys for keys, before in parts("people") if before is None]
    if arrived:
        person = here & (people.c.pseudonym == bindparam("p"))
        connection.execute(delete(people).where(person), [{"p": k["pseudonym"]} for k in arrived])
    _set_back(connection, identities, parts("identities"))
    _set_back(connection, people, [(k, before) for k, before in parts("people") if before])
    for table in (wishes, marks):
        touched = [(k, told) for k, told in parts(table.name) if k not in arrived]
        if touched:
            mine = (table.c.pseudonym == bindparam("p")) & (table.c.season == season)
            gone = [{"p": keys["pseudonym"]} for keys, _ in touched]
            connection.execute(delete(table).where(mine), gone)
        rows = [row for keys, told in touched for row in _listed(keys, told)]
        if rows:
            connection.execute(insert(table), rows)
    grounds = [{"p": keys["pseudonym"], "n": count} for keys, count in parts("consents")]
    if grounds:
        later = (consents.c.pseudonym == bindparam("p")) & (consents.c.sequence > bindparam("n"))
        connection.execute(delete(consents).where(later), grounds)


def _listed(keys: dict[str, Any], told: list[str] | dict[str, int]) -> Iterator[dict[str, Any]]:
    if isinstance(told, dict):
        for subject, mark in told.items():
            yield {**keys, "subject": subject, "mark": mark}
    else:
        for rank, kldb in enumerate(told, start=1):
            yield {**keys, "rank": rank, "kldb": kldb}


def _set_back(
    connection: Connection, table: Table, images: list[tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    """Write columns back, one statement for all rows whose same columns changed."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for keys, before in images:
        row = {f"key_{name}": value for name, value in keys.items()}
        row |= {f"old_{name}": _value(table, name, value) for name, value in before.items()}
        alike.setdefault(tuple(sorted(before)), []).append(row)
    for columns, rows in alike.items():
        statement = update(table).values({name: bindparam(f"old_{name}") for name in columns})
        for name in images[0][0]:
            statement = statement.where(table.c[name] == bindparam(f"key_{name}"))
        connection.execute(statement, rows)


def _value(table: Table, column: str, value: Any) -> Any:
    """A column's value from its JSON."""
    if value is not None and isinstance(table.c[column].type, Date):
        return date.fromisoformat(value)
    return value

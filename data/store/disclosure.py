"""What is kept of one person? Everything, from every table, as JSON (GDPR Art. 15 and 20)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, RowMapping, Table, or_, select

from data.store.import_log import chunks
from data.store.opening import Store
from data.store.persons import records_of, waiting_rows
from data.store.run_columns import unpacked
from data.store.tables import (
    audit,
    cases,
    consents,
    contacts,
    decisions,
    drafts,
    duplicates,
    identities,
    import_changes,
    imports,
    judgements,
    marks,
    merges,
    objections,
    outcomes,
    people,
    proposal_history,
    proposals,
    runs,
    wishes,
)
from matching.errors import FaultyInput

_OF_PERSON = (
    identities, people, wishes, marks, consents, outcomes, contacts, proposals, proposal_history,
    decisions, cases, judgements, drafts, objections,
)  # fmt: skip


def report(store: Store, pseudonym: str) -> dict[str, Any]:
    """All that the store holds of a person, under whichever of their pseudonyms, as JSON.

    Also rows that wait, images of what was before an import, the possible pairs and chances of
    kept runs, and what the log says. Of others nothing is told: a doubtful pair is named without
    its other half. Raises `FaultyInput` (`SEEKER_UNKNOWN`) for a pseudonym that was never given.
    """
    with store.reading() as connection:
        records = records_of(connection, pseudonym)
        told: dict[str, Any] = {
            "pseudonym": records[0],
            "records": records,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        for table in _OF_PERSON:
            told[table.name] = _rows(connection, table, records)
        told["merges"] = _plain(
            connection.execute(
                select(merges).where(or_(merges.c.kept.in_(records), merges.c.merged.in_(records)))
            ).mappings()
        )
        told["duplicates"] = _pairs(connection, records)
        told["quarantine"] = _plain(waiting_rows(connection, records))
        told["import_changes"] = _images(connection, records)
        told["imports"] = _imports(connection, told["import_changes"])
        told["runs"] = _runs(connection, set(records))
        told["log"] = _log(connection, records)
        return told


def _rows(connection: Connection, table: Table, records: Sequence[str]) -> list[dict[str, Any]]:
    chosen = select(table).where(table.c.pseudonym.in_(records))
    order = chosen.order_by(*table.primary_key.columns)
    return _plain(connection.execute(order).mappings())


def _pairs(connection: Connection, records: Sequence[str]) -> list[dict[str, Any]]:
    """Pairs that may be one person, as far as they are about this one."""
    mine = or_(duplicates.c.one.in_(records), duplicates.c.other.in_(records))
    rows = _plain(connection.execute(select(duplicates).where(mine)).mappings())
    for row in rows:
        row |= {name: row[name] if row[name] in records else None for name in ("one", "other")}
    return rows


def _images(connection: Connection, records: Sequence[str]) -> list[dict[str, Any]]:
    keys: dict[str, Iterable[str]] = {"person": records}
    for record, table in (("outcome", outcomes), ("contact", contacts)):
        mine = select(table.c.id).where(table.c.pseudonym.in_(records))
        keys[record] = list(connection.scalars(mine))
    found: list[dict[str, Any]] = []
    for record, named in keys.items():
        for some in chunks(named, 500):
            rows = (import_changes.c.record == record) & import_changes.c.key.in_(some)
            found += _plain(connection.execute(select(import_changes).where(rows)).mappings())
    return sorted(found, key=lambda row: (row["import_id"], row["record"], row["key"]))


def _imports(connection: Connection, images: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """From which files it came: when, by whom, of which school; not what else stood in them."""
    numbers = sorted({row["import_id"] for row in images})
    chosen = select(
        imports.c.id, imports.c.at, imports.c.by, imports.c.kind, imports.c.school, imports.c.file
    ).order_by(imports.c.id)
    return _plain(
        row
        for some in chunks(numbers, 500)
        for row in connection.execute(chosen.where(imports.c.id.in_(some))).mappings()
    )


def _runs(connection: Connection, records: set[str]) -> list[dict[str, Any]]:
    """In which runs the person stood, with which places, chances, and what was proposed."""
    found = []
    for number in connection.scalars(select(runs.c.id).order_by(runs.c.id)).all():
        row = connection.execute(
            select(runs.c.at, runs.c.season, runs.c.payload).where(runs.c.id == number)
        ).one()
        told = {"run": number, "at": row.at.isoformat(), "season": row.season}
        try:
            problem, chosen = unpacked(row.payload)
        except FaultyInput:
            found.append({**told, "damaged": True})
            continue
        pairs = problem.candidates
        held = set(chosen.tolist())
        mine = [n for n, seeker in enumerate(problem.seekers) if seeker.id in records]
        if mine:
            rows = np.flatnonzero(np.isin(pairs.seeker, mine)).tolist()
            columns = {"chance": pairs.chance, "wish": pairs.wish, "minutes": pairs.minutes}
            told["pairs"] = [
                {
                    "place": problem.places[int(pairs.place[pair])].id,
                    "proposed": pair in held,
                    **{
                        name: float(column[pair])
                        for name, column in columns.items()
                        if column is not None and not np.isnan(column[pair])
                    },
                }
                for pair in rows
            ]
            found.append(told)
    return found


def _log(connection: Connection, records: Sequence[str]) -> list[dict[str, Any]]:
    named = or_(*(audit.c.subject.contains(record, autoescape=True) for record in records))
    chosen = select(audit.c.seq, audit.c.at, audit.c.actor, audit.c.action, audit.c.fields)
    return _plain(connection.execute(chosen.where(named).order_by(audit.c.seq)).mappings())


def _plain(rows: Iterable[RowMapping | Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows as JSON."""
    return [
        {
            str(name): value.isoformat() if isinstance(value, date) else value
            for name, value in row.items()
        }
        for row in rows
    ]

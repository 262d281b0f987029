"""How do people get into the tables? Many at a time, one statement a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, bindparam, delete, update

from data.intake.records import LegalBasis
from data.store.import_log import insert_many, note_changes
from data.store.pupil_states import IDENTITY, SCHOOLING, Difference
from data.store.tables import consents, identities, marks, people, pseudonyms, wishes

Row = dict[str, Any]


class Written(NamedTuple):
    """A difference to be written, the school that tells, and whether the person is a new one."""

    change: Difference
    school: str
    new: bool


def write_people(
    connection: Connection,
    import_id: int,
    season: str,
    differences: Sequence[Written],
) -> None:
    """Write what some rows change, and note what was before."""
    new = [(change, school) for change, school, is_new in differences if is_new]
    old = [(change, school) for change, school, is_new in differences if not is_new]
    insert_many(connection, pseudonyms, ({"pseudonym": change.pseudonym} for change, _ in new))
    insert_many(connection, identities, (_identity(change) for change, _ in new))
    changed = [change for change, _ in old if "identities" in change.before]
    _update(connection, identities, (_identity(change) for change in changed), IDENTITY)
    arriving = [*new, *((c, school) for c, school in old if c.before.get("people", 0) is None)]
    insert_many(
        connection,
        people,
        ({"school": school, **_person(change, season)} for change, school in arriving),
    )
    staying = [change for change, _ in old if change.before.get("people")]
    _update(connection, people, (_person(change, season) for change in staying), SCHOOLING)
    everybody = [change for change, _, _ in differences]
    _replace(connection, wishes, season, everybody)
    _replace(connection, marks, season, everybody)
    insert_many(
        connection,
        consents,
        (
            consent_row(change.pseudonym, change.state.consents + 1, change.basis)
            for change in everybody
            if change.basis is not None
        ),
    )
    fresh = {change.pseudonym for change, _ in new}
    note_changes(
        connection,
        import_id,
        "person",
        (
            {
                "key": change.pseudonym,
                "fields": list(change.fields),
                "before": None if change.pseudonym in fresh else change.before,
            }
            for change in everybody
        ),
    )


def consent_row(pseudonym: str, sequence: int, basis: LegalBasis) -> Row:
    """A legal ground as a row of `consents`."""
    return {
        "pseudonym": pseudonym,
        "sequence": sequence,
        "kind": basis.kind.value,
        "given_on": basis.given_on,
        "version": basis.version,
        "giver": basis.giver,
    }


def _identity(change: Difference) -> Row:
    return {"pseudonym": change.pseudonym, **change.state.identity}


def _person(change: Difference, season: str) -> Row:
    return {"season": season, "pseudonym": change.pseudonym, **(change.state.person or {})}


def _replace(
    connection: Connection, table: Table, season: str, changes: Sequence[Difference]
) -> None:
    """Write the wishes or marks of those whose are new or changed, in place of the old ones."""
    touched = [change for change in changes if table.name in change.before]
    gone = [{"p": change.pseudonym, "s": season} for change in touched]
    if gone:
        mine = (table.c.pseudonym == bindparam("p")) & (table.c.season == bindparam("s"))
        connection.execute(delete(table).where(mine), gone)
    if table is wishes:
        rows = (
            {"season": season, "pseudonym": change.pseudonym, "rank": rank, "kldb": kldb}
            for change in touched
            for rank, kldb in enumerate(change.state.wishes, start=1)
        )
    else:
        rows = (
            {"season": season, "pseudonym": change.pseudonym, "subject": subject, "mark": mark}
            for change in touched
            for subject, mark in sorted(change.state.marks.items())
        )
    insert_many(connection, table, rows)


def _update(
    connection: Connection, table: Table, rows: Iterable[Row], columns: Sequence[str]
) -> None:
    """Write whole rows, found by their primary key."""
    keys = [column.name for column in table.primary_key]
    held = [{f"new_{name}": value for name, value in row.items()} for row in rows]
    if held:
        statement = update(table).values({name: bindparam(f"new_{name}") for name in columns})
        for key in keys:
            statement = statement.where(table.c[key] == bindparam(f"new_{key}"))
        connection.execute(statement, held)

"""Which rows may one school see? Its own pupils' and nobody else's, table by table.

On PostgreSQL the database holds it (row-level security, made by a migration): a store opened with
`Store.for_school` sees and writes its own rows, even where a statement forgets to ask. A
connection that says nothing of who asks sees no row at all. That holds for every role but
superusers and roles with BYPASSRLS: `in_force` tells.

It guards against mistakes in the code, not against whoever may send statements of their own: they
could say that they are somebody else. SQLite has nothing of the kind. There, and for plain words,
`own_rows` is the same condition for statements; a test holds that the two agree.

Not walled off: `pseudonyms` (random bits), `audit` (pseudonyms, and each writer must see the row
it follows), places, plans, models of chances (no row is about anybody) and what the house itself
needs. Runs hold everybody's chances and are seen by no school.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Table, and_, exists, false, select, text

from data.store.opening import Store
from data.store.tables import (
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
    quarantine,
    runs,
    wishes,
)

#: The columns of a table that name its people: every one of them must be the school's own.
_NAMES: Mapping[Table, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            identities,
            wishes,
            marks,
            consents,
            outcomes,
            contacts,
            proposals,
            proposal_history,
            decisions,
            cases,
            judgements,
            drafts,
            objections,
        ),
        ("pseudonym",),
    ),
    merges: ("kept", "merged"),
    duplicates: ("one", "other"),
}

#: Every table in which a school sees only a part.
WALLED: tuple[Table, ...] = (people, *_NAMES, imports, quarantine, import_changes, runs)


def own_rows(table: Table, school: str) -> ColumnElement[bool]:
    """The condition by which a statement keeps to one school's own rows of a walled table.

    Raises `KeyError` for a table that no wall goes through.
    """
    if table in (people, imports, quarantine):
        return table.c.school == school
    if table is import_changes:
        own = select(imports.c.id).where(imports.c.school == school)
        return import_changes.c.import_id.in_(own)
    if table is runs:
        return false()
    listed = people.alias("listed")
    return and_(
        *(
            exists().where(listed.c.pseudonym == table.c[name], listed.c.school == school)
            for name in _NAMES[table]
        )
    )


def in_force(store: Store) -> bool:
    """Whether the database itself keeps schools apart for the role that this store works with."""
    if store.is_sqlite:
        return False
    with store.reading() as connection:
        free = connection.scalar(
            text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        )
        walled = connection.scalar(
            text(
                "SELECT count(*) FROM pg_class WHERE relrowsecurity AND relforcerowsecurity "
                "AND relname = ANY(:names) AND pg_table_is_visible(oid)"
            ),
            {"names": [table.name for table in WALLED]},
        )
    return not free and walled == len(WALLED)

"""How does a school mean its headings, and a list its titles? What somebody confirmed once stays.

Titles of offers that no table knows stand beside the headings, under a name that no school has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, select

from data.store.audit import append
from data.store.import_log import lock_imports
from data.store.opening import Store
from data.store.tables import mappings


def mapping_of(store: Store, school: str) -> dict[str, str]:
    """The field of each heading that a school (or another source) uses; blank: not to be read."""
    chosen = select(mappings.c.heading, mappings.c.field).where(mappings.c.school == school)
    with store.reading() as connection:
        return dict(connection.execute(chosen.order_by(mappings.c.heading)).all())


@dataclass(frozen=True, slots=True)
class Headings:
    """What whoever hands in a list said of its headings, to be remembered under their name."""

    owner: str
    fields: Mapping[str, str] = field(default_factory=dict)


def remember_mapping(store: Store, school: str, mapping: Mapping[str, str], by: str) -> None:
    """Remember what headings mean; what was known of other headings stays."""
    with store.transaction() as connection:
        lock_imports(connection)
        remember_in(connection, Headings(school, mapping), by)


def remember_in(connection: Connection, said: Headings | None, by: str) -> None:
    """Remember it within the caller's transaction, together with the list that it came with."""
    if said is None or not said.fields:
        return
    mine = (mappings.c.school == said.owner) & mappings.c.heading.in_(list(said.fields))
    connection.execute(delete(mappings).where(mine))
    rows = [{"school": said.owner, "heading": h, "field": told} for h, told in said.fields.items()]
    connection.execute(insert(mappings), rows)
    fields = sorted(set(said.fields.values()) - {""})
    append(connection, by, "mapping.remember", f"school {said.owner}", fields)


#: Under which name the titles of offers are kept; no school's number has a blank.
_TITLES = "titles of places"


def confirmed_titles(store: Store) -> dict[str, str]:
    """The KldB code of each title that somebody confirmed, by `title_key`."""
    return mapping_of(store, _TITLES)


def confirm_title(store: Store, key: str, kldb: str, by: str) -> None:
    """Remember which occupation a title means; an earlier decision on it is replaced."""
    mine = (mappings.c.school == _TITLES) & (mappings.c.heading == key)
    with store.transaction() as connection:
        lock_imports(connection)
        connection.execute(delete(mappings).where(mine))
        connection.execute(insert(mappings).values(school=_TITLES, heading=key, field=kldb))
        append(connection, by, "title.confirm", "store", ["kldb", "title"])


def forget_title(store: Store, key: str, by: str) -> bool:
    """Forget what a title means, so that it is asked again; false where it was not known."""
    mine = (mappings.c.school == _TITLES) & (mappings.c.heading == key)
    with store.transaction() as connection:
        found = connection.execute(delete(mappings).where(mine)).rowcount > 0
        if found:
            append(connection, by, "title.forget", "store", ["kldb", "title"])
    return found

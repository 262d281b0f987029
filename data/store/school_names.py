"""What are the schools called? Their names beside their official numbers, for pages and reports."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import update

from data.store.audit import append
from data.store.opening import Store
from data.store.seasons import register_schools
from data.store.tables import schools


def name_schools(store: Store, names: Mapping[str, str], by: str) -> None:
    """Keep what schools are called, by their numbers; one that is not there yet is registered."""
    with store.transaction() as connection:
        register_schools(connection, set(names))
        for number, name in sorted(names.items()):
            mine = update(schools).where(schools.c.school == number)
            connection.execute(mine.values(name=name))
        append(connection, by, "schools.name", "store", ["name"])

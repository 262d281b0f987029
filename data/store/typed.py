"""What did somebody type and not save yet? Kept for them alone, until it is saved or too old.

A page that is loaded again, or a line that breaks, must not cost anybody a sentence. A draft
belongs to whoever typed it, to one person and one form; it goes when the form is saved, and with
the person. It is not logged: nothing has been said yet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, select

from data.store.opening import Store
from data.store.persons import records_of
from data.store.tables import drafts
from matching.errors import Fault, FaultyInput, Rule

#: More than any form of a person's page holds.
LONGEST = 4_000


def typed(store: Store, by: str, season: str, pseudonym: str, form: str) -> dict[str, str]:
    """What somebody typed into a form about a person; empty where there is nothing."""
    with store.reading() as connection:
        head = records_of(connection, pseudonym)[0]
        found: Any = connection.scalar(select(drafts.c.told).where(_of(by, season, head, form)))
    return {} if found is None else {str(name): str(value) for name, value in found.items()}


def keep_typed(
    store: Store, by: str, season: str, pseudonym: str, form: str, told: Mapping[str, str]
) -> None:
    """Keep what stands in a form now; an empty one is forgotten.

    Raises `FaultyInput` (`CELL_TOO_LONG`).
    """
    said = {name: value for name, value in told.items() if value}
    if len(json.dumps(said)) > LONGEST:
        raise FaultyInput((Fault(Rule.CELL_TOO_LONG, column=form),))
    with store.transaction() as connection:
        head = records_of(connection, pseudonym)[0]
        connection.execute(delete(drafts).where(_of(by, season, head, form)))
        if said:
            key = {"by": by, "season": season, "pseudonym": head, "form": form}
            connection.execute(insert(drafts).values(**key, told=said, at=datetime.now(UTC)))


def _of(by: str, season: str, head: str, form: str) -> ColumnElement[bool]:
    return and_(
        drafts.c.by == by,
        drafts.c.season == season,
        drafts.c.pseudonym == head,
        drafts.c.form == form,
    )

"""Who objected to being matched by a program? People alone look after them (GDPR Art. 21).

An objection is the person's, whatever the season and whichever of their records it came by. They
stay in the lists and in every count; no plan proposes anything to them, no chance of theirs is
estimated, and what a plan proposed and nobody has sent is withdrawn.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import delete, insert, select

from data.store.audit import append
from data.store.import_log import lock_imports
from data.store.opening import Store
from data.store.persons import records_of
from data.store.plans import OBJECTED, stop
from data.store.tables import objections, plans, proposals


def object_to_matching(store: Store, pseudonym: str, on: date, by: str) -> None:
    """Note that a person objected, and stop at once what a plan proposes and nobody has sent.

    Raises `FaultyInput` (`SEEKER_UNKNOWN`).
    """
    with store.transaction() as connection:
        lock_imports(connection)
        records = records_of(connection, pseudonym)
        mine = objections.c.pseudonym.in_(records)
        connection.execute(delete(objections).where(mine))
        told = {"pseudonym": records[0], "on": on, "by": by, "at": datetime.now(UTC)}
        connection.execute(insert(objections).values(**told))
        under_way = (
            select(proposals.c.plan, proposals.c.pseudonym, proposals.c.place)
            .join(plans, plans.c.id == proposals.c.plan)
            .where(proposals.c.pseudonym.in_(records), proposals.c.status == "proposed")
            .where(plans.c.status == "active")
        )
        keys = [(plan, who, place) for plan, who, place in connection.execute(under_way)]
        stop(connection, keys, by, OBJECTED)
        append(connection, by, "person.object", records[0])


def take_objection_back(store: Store, pseudonym: str, by: str) -> None:
    """Note that a person wants to be matched again; the next plan is drawn with them."""
    with store.transaction() as connection:
        lock_imports(connection)
        records = records_of(connection, pseudonym)
        connection.execute(delete(objections).where(objections.c.pseudonym.in_(records)))
        append(connection, by, "person.object_no_longer", records[0])

"""What did people rule about pairs, and which rulings hold? Pins and bans, each with a reason.

A ruling is never changed: a later one about the same person and place counts in its stead, and one
without a bond lifts it. People who are one by a row in `merges` are one here too, so that a ruling
about either of two joined records holds for the person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, insert, select

from data.store.audit import append
from data.store.doubles import heads_of
from data.store.import_log import lock_imports
from data.store.moments import present
from data.store.opening import Store
from data.store.seasons import training_start
from data.store.tables import PSEUDONYM_DIGITS, decisions, people, places
from data.store.turned_down import turned_down_in
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Bond


@dataclass(frozen=True, slots=True)
class Ruling:
    """One ruling; `seeker` is the pseudonym by which the engine knows the person.

    `holds` says whether it counts today: the last one about its pair, and no lifting.
    """

    id: int
    season: str
    seeker: str
    place: str
    bond: Bond | None
    by: str
    reason: str
    at: datetime
    holds: bool


def rule(
    store: Store, season: str, pseudonym: str, place: str, bond: Bond | None, by: str, reason: str
) -> int:
    """Keep a ruling about a person and a place of the season, and log it; returns its number.

    `None` lifts what was ruled before. Raises `FaultyInput` with every fault: a person or place
    that the season does not have (`SEEKER_UNKNOWN`, `PLACE_UNKNOWN`), no reason (`VALUE_MISSING`),
    a pin of what was turned down (`TURNED_DOWN`), and `RULING_UNKNOWN` where there is nothing to
    lift.
    """
    training_start(season)
    with store.transaction() as connection:
        lock_imports(connection)
        heads = heads_of(connection)
        head = heads.get(pseudonym, pseudonym)
        faults = list(_strangers(connection, season, head, heads, place))
        if not reason.strip():
            faults.append(Fault(Rule.VALUE_MISSING, column="reason"))
        if bond is Bond.PIN and (head, place) in turned_down_in(connection, season, heads):
            faults.append(Fault(Rule.TURNED_DOWN, column="place", value=place))
        if bond is None and not faults:
            ruled = _of_season(connection, season)
            if not any(one.holds and (one.seeker, one.place) == (head, place) for one in ruled):
                faults.append(Fault(Rule.RULING_UNKNOWN, column="place", value=place))
        if faults:
            raise FaultyInput(tuple(faults))
        made = connection.execute(
            insert(decisions).values(
                season=season,
                pseudonym=head,
                place=place,
                bond=None if bond is None else bond.value,
                by=by,
                reason=reason.strip(),
                at=present(),
            )
        )
        assert made.inserted_primary_key is not None
        number = int(made.inserted_primary_key[0])
        what = "lift" if bond is None else bond.value
        append(connection, by, f"decision.{what}", f"decision {number}", ["bond", "reason"])
        return number


def rulings(store: Store, season: str) -> tuple[Ruling, ...]:
    """All that was ruled in a season, in its order."""
    with store.reading() as connection:
        return _of_season(connection, season)


def heads(store: Store) -> dict[str, str]:
    """The pseudonym by which the engine knows a person, for each record joined to another."""
    with store.reading() as connection:
        return heads_of(connection)


def _of_season(connection: Connection, season: str) -> tuple[Ruling, ...]:
    above = heads_of(connection)
    chosen = select(decisions).where(decisions.c.season == season).order_by(decisions.c.id)
    rows = connection.execute(chosen).mappings().all()
    named = [above.get(row["pseudonym"], row["pseudonym"]) for row in rows]
    last = {(head, row["place"]): row["id"] for head, row in zip(named, rows, strict=True)}
    found = []
    for seeker, row in zip(named, rows, strict=True):
        bond = None if row["bond"] is None else Bond(row["bond"])
        holds = bond is not None and last[seeker, row["place"]] == row["id"]
        found.append(
            Ruling(
                id=row["id"],
                season=season,
                seeker=seeker,
                place=row["place"],
                bond=bond,
                by=row["by"],
                reason=row["reason"],
                at=row["at"],
                holds=holds,
            )
        )
    return tuple(found)


def _strangers(
    connection: Connection, season: str, head: str, heads: dict[str, str], place: str
) -> Iterable[Fault]:
    records = [head, *(merged for merged, kept in heads.items() if kept == head)]
    here: Select[tuple[str]] = select(people.c.pseudonym).where(
        people.c.season == season, people.c.pseudonym.in_(records)
    )
    if connection.scalar(here.limit(1)) is None:
        # Whoever types a name by mistake must not find it again in what is written down.
        shown = head if len(head) == PSEUDONYM_DIGITS else None
        yield Fault(Rule.SEEKER_UNKNOWN, column="seeker", value=shown)
    offered = select(places.c.id).where(places.c.season == season, places.c.id == place)
    if connection.scalar(offered) is None:
        yield Fault(Rule.PLACE_UNKNOWN, column="place", value=place)

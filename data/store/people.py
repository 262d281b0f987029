"""Whom and what may the engine see? Pseudonyms with a legal basis, and the places of a season.

Names never leave here; a birth date becomes an age on the day training starts. People who are one
by a row in `merges` are one seeker. A withdrawn basis of any of their records, of whatever season,
counts for all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    func,
    select,
    true,
    update,
)

from data.intake.pupil_rows import age_on
from data.intake.records import Basis, OutcomeKind
from data.reference.postcodes import site
from data.store.audit import append
from data.store.doubles import heads_of
from data.store.grounds import barred
from data.store.import_log import lock_imports
from data.store.opening import Store
from data.store.plans import UNDER_WAY, ProposalKey, stop
from data.store.seasons import training_start
from data.store.tables import (
    consents,
    identities,
    outcomes,
    people,
    plans,
    proposals,
    wishes,
)
from data.store.tables import places as place_table
from data.store.taken import holders
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Certificate, Place, Seeker
from matching.target import Standing

#: Outcomes that say more of a person's standing than a school's list does.
_SETTLED = frozenset({Standing.STARTED, Standing.OWN_FIND, Standing.SCHOOL_BASED})

_OF_SEEKER = (
    "certificate",
    "compulsory_school_done",
    "leaves",
    "longest_way",
    "applied_before",
    "postcode",
)


@dataclass(slots=True)
class _Record:
    """One school's record of a person in one season."""

    pseudonym: str
    school: str
    present: bool
    standing: Standing
    cells: dict[str, Any]
    born: date | None
    wishes: tuple[str, ...] = ()
    may_be_matched: bool = False
    told: Standing | None = None

    @property
    def settled(self) -> bool:
        """Whether it is known where the person went."""
        return (self.told or self.standing) in _SETTLED


def seekers(store: Store, season: str) -> tuple[Seeker, ...]:
    """Everybody of the season who may be matched or counted, by pseudonym.

    Left out is whoever has no legal basis or withdrew it, who may be one of those who withdrew
    (`data.store.grounds`), and whoever no list names any longer, unless an outcome of the season
    says where they went. A seeker's id is the pseudonym of the
    first record of that person. Outcomes of the season take precedence over what a list says, and
    whoever holds a place by a contract (`data.store.taken`) has started.
    """
    start = training_start(season)
    with store.reading() as connection:
        heads = heads_of(connection)
        return _seekers(connection, season, start, heads, _records(connection, season))


def seeker_of(store: Store, season: str, head: str) -> Seeker | None:
    """One of `seekers`, by the pseudonym that stands for them; `None` for whoever is not there."""
    start = training_start(season)
    with store.reading() as connection:
        heads = heads_of(connection)
        of = [head, *(merged for merged, kept in heads.items() if kept == head)]
        found = _seekers(connection, season, start, heads, _records(connection, season, of))
    return found[0] if found else None


def gone(store: Store, season: str, persons: Collection[str]) -> frozenset[str]:
    """Those of these people whose basis does not hold now, and whoever is deleted."""
    with store.reading() as connection:
        left_out = barred(connection, heads_of(connection))
        here = set(connection.scalars(select(people.c.pseudonym).where(people.c.season == season)))
    return frozenset(one for one in persons if one in left_out or one not in here)


def _seekers(
    connection: Connection,
    season: str,
    start: date,
    heads: Mapping[str, str],
    records: Mapping[str, _Record],
) -> tuple[Seeker, ...]:
    """Those of these records who may be matched or counted, by pseudonym."""
    held = holders(connection, season, heads)
    left_out = barred(connection, heads)
    persons: dict[str, list[_Record]] = {}
    for pseudonym, record in records.items():
        persons.setdefault(heads.get(pseudonym, pseudonym), []).append(record)
    for head in held.keys() & persons.keys():
        if not any(record.settled for record in persons[head]):
            for record in persons[head]:
                record.told = Standing.STARTED
    found = (_seeker(head, persons[head], start) for head in sorted(persons.keys() - left_out))
    return tuple(seeker for seeker in found if seeker is not None)


def places(store: Store, season: str) -> tuple[Place, ...]:
    """The places that are offered in the season, by id, with the openings that are left.

    What contracts have taken (`data.store.taken`) is no longer offered.
    """
    chosen = (
        select(place_table)
        .where(place_table.c.season == season, place_table.c.present)
        .order_by(place_table.c.id)
    )
    with store.reading() as connection:
        taken = Counter(holders(connection, season, heads_of(connection)).values())
        offered = [_place(row) for row in connection.execute(chosen).mappings()]
    return tuple(
        replace(place, openings=max(0, place.openings - taken[place.id])) for place in offered
    )


def is_invented(store: Store, season: str) -> bool:
    """Whether anybody or any place of the season is made up, so that every screen can say so."""
    with store.reading() as connection:
        return any(
            connection.scalar(
                select(func.count()).where(table.c.season == season, table.c.invented)
            )
            for table in (people, place_table)
        )


def withdraw(store: Store, pseudonym: str, by: str) -> int:
    """Take back the legal basis of a person, at once, and the proposals that are under way.

    All records of the person count. Returns how many were not withdrawn before. Raises
    `FaultyInput` (`SEEKER_UNKNOWN`) for a pseudonym that is not known.
    """
    with store.transaction() as connection:
        lock_imports(connection)
        heads = heads_of(connection)
        head = heads.get(pseudonym, pseudonym)
        records = [head, *(merged for merged, kept in heads.items() if kept == head)]
        last = (
            select(consents.c.pseudonym, func.max(consents.c.sequence).label("sequence"))
            .where(consents.c.pseudonym.in_(records))
            .group_by(consents.c.pseudonym)
        )
        grounds = connection.execute(last).all()
        if not grounds:
            raise FaultyInput((Fault(Rule.SEEKER_UNKNOWN, value=pseudonym),))
        now, taken_back = datetime.now(UTC), 0
        for record, sequence in grounds:
            taken_back += connection.execute(
                update(consents)
                .where(consents.c.pseudonym == record, consents.c.sequence == sequence)
                .where(consents.c.withdrawn_at.is_(None))
                .values(withdrawn_at=now, withdrawn_by=by)
            ).rowcount
        stop(connection, _under_way(connection, records), by)
        append(connection, by, "basis.withdraw", head, ["withdrawn_at"])
        return taken_back


def _under_way(connection: Connection, records: Sequence[str]) -> list[ProposalKey]:
    """What is proposed or sent to these people in any plan that is, or may come, in force."""
    chosen = (
        select(proposals.c.plan, proposals.c.pseudonym, proposals.c.place)
        .join(plans, plans.c.id == proposals.c.plan)
        .where(
            proposals.c.pseudonym.in_(records),
            proposals.c.status.in_(UNDER_WAY),
            plans.c.status != "replaced",
        )
        .order_by(proposals.c.plan, proposals.c.pseudonym, proposals.c.place)
        .with_for_update(of=proposals)
    )
    return [(plan, person, place) for plan, person, place in connection.execute(chosen)]


def _records(
    connection: Connection, season: str, of: Sequence[str] | None = None
) -> dict[str, _Record]:
    """All records of a season, or just these."""

    def those(table: Table) -> ColumnElement[bool]:
        return true() if of is None else table.c.pseudonym.in_(of)

    chosen = (
        select(people, identities.c.born)
        .join(identities, identities.c.pseudonym == people.c.pseudonym)
        .where(people.c.season == season, those(people))
    )
    records = {
        row["pseudonym"]: _Record(
            row["pseudonym"],
            row["school"],
            row["present"],
            Standing(row["standing"]),
            {name: row[name] for name in _OF_SEEKER},
            row["born"],
        )
        for row in connection.execute(chosen).mappings()
    }
    here = select(people.c.pseudonym).where(people.c.season == season, those(people))
    wished = select(wishes.c.pseudonym, wishes.c.kldb).where(wishes.c.season == season)
    wished = wished.where(those(wishes))
    for pseudonym, kldb in connection.execute(wished.order_by(wishes.c.rank)):
        if pseudonym in records:
            records[pseudonym].wishes += (kldb,)
    grounds = select(consents.c.pseudonym, consents.c.kind, consents.c.withdrawn_at)
    grounds = grounds.where(consents.c.pseudonym.in_(here)).order_by(consents.c.sequence)
    for pseudonym, kind, withdrawn_at in connection.execute(grounds):
        if pseudonym in records:
            records[pseudonym].may_be_matched = kind != Basis.NONE and withdrawn_at is None
    told = select(outcomes.c.pseudonym, outcomes.c.kind, outcomes.c.own_find, outcomes.c.on)
    told = told.where(outcomes.c.season == season, those(outcomes))
    for pseudonym, standing in _told(connection.execute(told)):
        if pseudonym in records:
            records[pseudonym].told = standing
    return records


def _told(rows: Iterable[Any]) -> list[tuple[str, Standing]]:
    """What outcomes say of standings, the earliest first; without a day before all others."""
    found = [
        (day or date.min, standing in _SETTLED, pseudonym, standing)
        for pseudonym, kind, own_find, day in rows
        if (standing := _standing_of(OutcomeKind(kind), own_find)) is not None
    ]
    return [(pseudonym, standing) for _, _, pseudonym, standing in sorted(found)]


def _standing_of(kind: OutcomeKind, own_find: bool | None) -> Standing | None:
    """What an outcome says of a person's standing; `None`: what the list says stays."""
    if kind is OutcomeKind.DUAL:
        return Standing.OWN_FIND if own_find else Standing.STARTED
    if kind is OutcomeKind.SCHOOL_BASED:
        return Standing.SCHOOL_BASED
    if kind is OutcomeKind.NONE:
        return Standing.LOOKING
    return Standing.UNKNOWN if kind is OutcomeKind.UNKNOWN else None


def _seeker(head: str, records: list[_Record], start: date) -> Seeker | None:
    """One person of one or several records, or `None` where they may not be seen."""
    seen = [
        record
        for record in records
        if record.may_be_matched and (record.present or record.told in _SETTLED)
    ]
    if not seen:
        return None
    seen.sort(key=lambda record: (not record.present, record.pseudonym != head, record.pseudonym))
    cells = {name: _first(record.cells[name] for record in seen) for name in _OF_SEEKER}
    born = _first(record.born for record in seen)
    certificate, postcode = cells["certificate"], cells["postcode"]
    return Seeker(
        id=head,
        home=None if postcode is None else site(postcode),
        wishes=next((record.wishes for record in seen if record.wishes), ()),
        certificate=None if certificate is None else Certificate(certificate),
        age=None if born is None else age_on(born, start),
        compulsory_school_done=cells["compulsory_school_done"],
        free_from=cells["leaves"],
        longest_way=cells["longest_way"],
        applied_before=cells["applied_before"],
        standing=_standing(seen),
        school=seen[0].school,
    )


def _standing(records: Sequence[_Record]) -> Standing:
    """A contract that one of several records knows of outweighs that the others don't."""
    standings = [record.told or record.standing for record in records]
    return next((standing for standing in standings if standing in _SETTLED), standings[0])


def _first(values: Iterable[Any]) -> Any:
    return next((value for value in values if value is not None), None)


def _place(row: RowMapping) -> Place:
    requires, postcode = row["requires"], row["postcode"]
    return Place(
        id=row["id"],
        openings=row["openings"],
        employer=row["employer"],
        occupation=row["kldb"],
        title=row["title"],
        site=None if postcode is None else site(postcode),
        requires=None if requires is None else Certificate(requires),
        minimum_age=row["minimum_age"],
        starts=row["starts"],
    )

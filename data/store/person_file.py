"""What does whoever looks after a person need to know of them? One file, names and all.

Handed over to counselors only, for `Purpose.COUNSELING`; that it is asked for is logged by whoever
asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, func, select

from data.intake.pupil_rows import age_on
from data.store.case_steps import ContactLine, Offered, contacts_of, may_be_matched, offered_to
from data.store.cases import Case, case_of
from data.store.opening import Store
from data.store.persons import records_of
from data.store.seasons import training_start
from data.store.tables import (
    cases,
    consents,
    identities,
    objections,
    people,
    places,
    plans,
    proposals,
    schools,
    wishes,
)
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Certificate
from matching.target import Standing


@dataclass(frozen=True, slots=True)
class Ground:
    """The last legal basis of a person: its kind, since when, and when it was withdrawn."""

    kind: str
    given_on: date | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonFile:
    """One person in one season; `records` are all of their pseudonyms, the standing one first.

    Since `objected_on` no program matches them, and people alone look after them.
    """

    records: tuple[str, ...]
    name: str
    address: tuple[str, ...]
    email: str | None
    phone: str | None
    age: int | None
    school: str
    school_name: str | None
    school_class: str | None
    certificate: Certificate | None
    leaves: date | None
    longest_way: int | None
    wishes: tuple[str, ...]
    standing: Standing
    ground: Ground | None
    may_be_matched: bool
    objected_on: date | None
    case: Case
    offered: Offered | None
    contacts: tuple[ContactLine, ...]

    @property
    def pseudonym(self) -> str:
        """The pseudonym that stands for the person."""
        return self.records[0]


def person_file(store: Store, season: str, pseudonym: str) -> PersonFile:
    """Open a person's file. Raises `FaultyInput` (`SEEKER_UNKNOWN`) for whoever is not there."""
    start = training_start(season)
    with store.reading() as connection:
        records = records_of(connection, pseudonym)
        head = records[0]
        row = _row(connection, season, records)
        wished = (
            select(wishes.c.kldb)
            .where(wishes.c.season == season, wishes.c.pseudonym == row["pseudonym"])
            .order_by(wishes.c.rank)
        )
        certificate = row["certificate"]
        town = " ".join(part for part in (row["home_postcode"], row["town"]) if part)
        return PersonFile(
            records=tuple(records),
            name=" ".join(part for part in (row["first_name"], row["surname"]) if part),
            address=tuple(part for part in (row["street"], town) if part),
            email=row["email"],
            phone=row["phone"],
            age=None if row["born"] is None else age_on(row["born"], start),
            school=row["school"],
            school_name=row["school_name"],
            school_class=row["school_class"],
            certificate=None if certificate is None else Certificate(certificate),
            leaves=row["leaves"],
            longest_way=row["longest_way"],
            wishes=tuple(connection.scalars(wished)),
            standing=Standing(row["standing"]),
            ground=_ground(connection, records),
            may_be_matched=may_be_matched(connection, records),
            objected_on=_objected_on(connection, records),
            case=case_of(connection, season, head),
            offered=offered_to(connection, season, head),
            contacts=tuple(contacts_of(connection, season, records)),
        )


def _row(connection: Connection, season: str, records: list[str]) -> RowMapping:
    """The record of the season that stands for the person."""
    chosen = (
        select(
            people,
            identities.c.surname,
            identities.c.first_name,
            identities.c.born,
            identities.c.street,
            identities.c.postcode.label("home_postcode"),
            identities.c.town,
            identities.c.email,
            identities.c.phone,
            schools.c.name.label("school_name"),
        )
        .join(identities, identities.c.pseudonym == people.c.pseudonym)
        .join(schools, schools.c.school == people.c.school)
        .where(people.c.season == season, people.c.pseudonym.in_(records))
    )
    rows = connection.execute(chosen).mappings().all()
    if not rows:
        raise FaultyInput((Fault(Rule.SEEKER_UNKNOWN, column="seeker"),))
    return min(rows, key=lambda row: (not row["present"], records.index(row["pseudonym"])))


def _ground(connection: Connection, records: list[str]) -> Ground | None:
    chosen = (
        select(consents.c.kind, consents.c.given_on, consents.c.withdrawn_at)
        .where(consents.c.pseudonym == records[0])
        .order_by(consents.c.sequence.desc())
        .limit(1)
    )
    row = connection.execute(chosen).first()
    return None if row is None else Ground(*row)


def _objected_on(connection: Connection, records: list[str]) -> date | None:
    said = select(func.max(objections.c.on)).where(objections.c.pseudonym.in_(records))
    found: date | None = connection.scalar(said)
    return found


@dataclass(frozen=True, slots=True)
class Introducible:
    """Somebody whom the plan in force proposes to a firm; the name only if they agreed to that."""

    pseudonym: str
    kldb: str | None
    title: str | None
    certificate: Certificate | None
    leaves: date | None
    name: str | None
    agreed_on: date | None


def firms_of(store: Store, season: str, counselor: str) -> dict[str, tuple[Introducible, ...]]:
    """The firms to whom the plan in force proposes somebody of a counselor's own cases."""
    chosen = (
        select(
            places.c.employer,
            places.c.kldb,
            places.c.title,
            people.c.pseudonym,
            people.c.certificate,
            people.c.leaves,
            identities.c.surname,
            identities.c.first_name,
            cases.c.agreed_on,
        )
        .select_from(proposals)
        .join(plans, plans.c.id == proposals.c.plan)
        .join(places, places.c.id == proposals.c.place)
        .join(
            people,
            (people.c.pseudonym == proposals.c.pseudonym) & (people.c.season == plans.c.season),
        )
        .join(identities, identities.c.pseudonym == people.c.pseudonym)
        .join(
            cases, (cases.c.pseudonym == people.c.pseudonym) & (cases.c.season == people.c.season)
        )
        .where(plans.c.season == season, plans.c.status == "active")
        .where(proposals.c.status.in_(["sent", "accepted"]), cases.c.counselor == counselor)
        .where(places.c.employer.is_not(None))
        .order_by(places.c.employer, people.c.pseudonym)
    )
    found: dict[str, list[Introducible]] = {}
    with store.reading() as connection:
        for row in connection.execute(chosen).mappings():
            name = f"{row['first_name']} {row['surname']}"
            known = row["certificate"]
            found.setdefault(row["employer"], []).append(
                Introducible(
                    row["pseudonym"],
                    row["kldb"],
                    row["title"],
                    None if known is None else Certificate(known),
                    row["leaves"],
                    None if row["agreed_on"] is None else name,
                    row["agreed_on"],
                )
            )
    return {firm: tuple(people) for firm, people in found.items()}

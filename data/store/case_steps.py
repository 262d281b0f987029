"""How far has it come between a person and a place? What a counselor writes down, and takes back.

What is written down here is kept like an import of one row: who, when, and how to take it back.
The proposal of the plan in force goes along with it; "started" is an outcome at the same time.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from data.intake.records import Basis, ContactStatus, Decliner, DeclineReason, OutcomeKind
from data.store.audit import append
from data.store.import_log import Origin, begin_import, lock_imports, note_changes
from data.store.moments import present
from data.store.opening import Store
from data.store.persons import records_of
from data.store.plans import Step
from data.store.tables import (
    consents,
    contacts,
    decisions,
    imports,
    outcomes,
    places,
    plans,
    proposal_history,
    proposals,
)
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Bond

#: What stands in the place of a file's name where somebody wrote it down by hand.
BY_HAND = "counseling"

#: The reason that a proposal's history names where an answer moved it, or its undoing.
ANSWERED, TAKEN_BACK = "answer recorded", "answer taken back"

_MOVES: dict[ContactStatus, str] = {
    ContactStatus.SENT: "sent",
    ContactStatus.APPLIED: "accepted",
    ContactStatus.INTERVIEW: "accepted",
    ContactStatus.CONTRACT: "contract",
    ContactStatus.STARTED: "started",
    ContactStatus.DECLINED: "declined",
    ContactStatus.WITHDRAWN: "withdrawn",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What happened between a person and a place on a day; see `ContactRecord`."""

    place: str
    status: ContactStatus
    on: date
    declined_by: Decliner | None = None
    reason: DeclineReason | None = None


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One thing that happened, who wrote it down and when; `by_hand` can be taken back here."""

    number: int | None
    place: str
    kldb: str | None
    title: str | None
    employer: str | None
    status: ContactStatus
    on: date | None
    declined_by: Decliner | None
    reason: DeclineReason | None
    at: datetime | None
    by: str | None
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """A proposal of the plan in force to one person, with its history."""

    plan: int
    place: str
    status: str
    steps: tuple[Step, ...]


def record(
    store: Store, season: str, pseudonym: str, answer: Answer, by: str, why: str = ANSWERED
) -> int:
    """Write down what happened; returns the number by which it can be taken back.

    Raises `FaultyInput`: `SEEKER_UNKNOWN`, `PLACE_UNKNOWN`, `PAIR_TWICE` for what stands there
    already, `BASIS_MISSING` where a proposal is to be sent to somebody who may not be matched.
    """
    with store.transaction() as connection:
        lock_imports(connection)
        records = records_of(connection, pseudonym)
        head = records[0]
        row = _row(season, head, answer)
        _check(connection, season, records, answer, row["id"])
        origin = Origin("contacts", by, season)
        number = begin_import(connection, origin)
        connection.execute(
            update(imports).where(imports.c.id == number).values(file=BY_HAND, counts={"stored": 1})
        )
        connection.execute(insert(contacts).values(**row, import_id=number))
        change = {"key": row["id"], "fields": ["status"], "before": None}
        note_changes(connection, number, "contact", [change])
        if answer.status is ContactStatus.STARTED:
            _add_outcome(connection, number, season, head, answer)
        if _is_last_word(connection, season, records, answer.place, number):
            _follow(connection, season, head, answer.place, _MOVES.get(answer.status), by, why)
        append(connection, by, "contact.record", f"import {number}", ["status"])
        return number


def take_back(store: Store, season: str, pseudonym: str, by: str) -> int:
    """Take back what was last written down of a person by hand; returns its number.

    Raises `FaultyInput` (`IMPORT_UNKNOWN`) where there is nothing to take back.
    """
    with store.transaction() as connection:
        lock_imports(connection)
        records = records_of(connection, pseudonym)
        last = (
            select(contacts.c.import_id, contacts.c.place, contacts.c.status)
            .join(imports, imports.c.id == contacts.c.import_id)
            .where(contacts.c.season == season, contacts.c.pseudonym.in_(records))
            .where(imports.c.file == BY_HAND)
            .order_by(contacts.c.import_id.desc())
            .limit(1)
        )
        row = connection.execute(last).one_or_none()
        if row is None:
            raise FaultyInput((Fault(Rule.IMPORT_UNKNOWN),))
        number, place, status = row
        for table in (contacts, outcomes):
            connection.execute(delete(table).where(table.c.import_id == number))
        now = present()
        undone = update(imports).where(imports.c.id == number)
        connection.execute(undone.values(undone_at=now, undone_by=by))
        _set_proposal_back(connection, season, records, place, ContactStatus(status), by)
        append(connection, by, "import.undo", f"import {number}")
        return int(number)


def contacts_of(connection: Connection, season: str, records: list[str]) -> list[ContactLine]:
    """All that happened with a person in a season, the latest first."""
    chosen = (
        select(contacts, places.c.kldb, places.c.title, places.c.employer,
               imports.c.at, imports.c.by, imports.c.file)
        .outerjoin(places, places.c.id == contacts.c.place)
        .outerjoin(imports, imports.c.id == contacts.c.import_id)
        .where(contacts.c.season == season, contacts.c.pseudonym.in_(records))
    )  # fmt: skip
    rows = connection.execute(chosen).mappings().all()
    lines = [
        ContactLine(
            number=row["import_id"],
            place=row["place"] or "",
            kldb=row["kldb"],
            title=row["title"],
            employer=row["employer"],
            status=ContactStatus(row["status"]),
            on=row["on"],
            declined_by=None if row["declined_by"] is None else Decliner(row["declined_by"]),
            reason=None if row["reason"] is None else DeclineReason(row["reason"]),
            at=row["at"],
            by=row["by"],
            by_hand=row["file"] == BY_HAND,
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (line.on or date.min, line.number or 0), reverse=True)


def offered_to(connection: Connection, season: str, head: str) -> Offered | None:
    """What the plan in force proposes to a person, with its history."""
    chosen = (
        select(proposals.c.plan, proposals.c.place, proposals.c.status)
        .join(plans, plans.c.id == proposals.c.plan)
        .where(plans.c.season == season, plans.c.status == "active")
        .where(proposals.c.pseudonym == head)
    )
    row = connection.execute(chosen).first()
    if row is None:
        return None
    step = proposal_history
    told = (
        select(step.c.status, step.c.at, step.c.by, step.c.reason)
        .where(step.c.plan == row.plan, step.c.pseudonym == head, step.c.place == row.place)
        .order_by(step.c.id)
    )
    steps = tuple(Step(*each) for each in connection.execute(told))
    return Offered(row.plan, row.place, row.status, steps)


def may_be_matched(connection: Connection, records: list[str]) -> bool:
    """Whether a person's legal basis holds: none of their records withdrawn, one with a basis."""
    last: dict[str, tuple[str, datetime | None]] = {}
    chosen = (
        select(consents.c.pseudonym, consents.c.kind, consents.c.withdrawn_at)
        .where(consents.c.pseudonym.in_(records))
        .order_by(consents.c.sequence)
    )
    for pseudonym, kind, withdrawn_at in connection.execute(chosen):
        last[pseudonym] = kind, withdrawn_at
    withdrawn = any(at is not None for _, at in last.values())
    return not withdrawn and any(kind != Basis.NONE for kind, _ in last.values())


def stands_behind(connection: Connection, season: str, head: str, place: str) -> bool:
    """Whether somebody decided on the pair: a plan in force proposes it, or a ruling pins it."""
    offered = offered_to(connection, season, head)
    if offered is not None and offered.place == place:
        return True
    ruled = (
        select(decisions.c.bond)
        .where(decisions.c.season == season)
        .where(decisions.c.pseudonym == head, decisions.c.place == place)
        .order_by(decisions.c.id.desc())
        .limit(1)
    )
    return connection.scalar(ruled) == Bond.PIN.value


def _check(
    connection: Connection, season: str, records: list[str], answer: Answer, key: str
) -> None:
    there = select(places.c.id).where(places.c.season == season, places.c.id == answer.place)
    if connection.scalar(there) is None:
        raise FaultyInput((Fault(Rule.PLACE_UNKNOWN, column="place", value=answer.place),))
    if connection.scalar(select(contacts.c.id).where(contacts.c.id == key)) is not None:
        raise FaultyInput((Fault(Rule.PAIR_TWICE, column="status"),))
    if answer.status is not ContactStatus.SENT:
        return
    if not may_be_matched(connection, records):
        raise FaultyInput((Fault(Rule.BASIS_MISSING, value=records[0]),))
    if not stands_behind(connection, season, records[0], answer.place):
        raise FaultyInput((Fault(Rule.PROPOSAL_UNKNOWN, column="place", value=answer.place),))


def _row(season: str, head: str, answer: Answer) -> dict[str, Any]:
    declined = answer.status is ContactStatus.DECLINED
    row: dict[str, Any] = {
        "season": season,
        "pseudonym": head,
        "place": answer.place,
        "status": answer.status,
        "on": answer.on,
        "declined_by": answer.declined_by if declined else None,
        "reason": answer.reason if declined else None,
    }
    return {"id": _digest(row), **row}


def _digest(row: dict[str, Any]) -> str:
    """The id that the same row of a file would have: what a list tells again is known then."""
    told = json.dumps(row, sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _add_outcome(
    connection: Connection, number: int, season: str, head: str, answer: Answer
) -> None:
    row: dict[str, Any] = {
        "season": season,
        "pseudonym": head,
        "place": answer.place,
        "kind": OutcomeKind.DUAL,
        "code": None,
        "on": answer.on,
        "own_find": False,
    }
    key = _digest(row)
    if connection.scalar(select(outcomes.c.id).where(outcomes.c.id == key)) is None:
        connection.execute(insert(outcomes).values(id=key, **row, import_id=number))
        change = {"key": key, "fields": ["kind"], "before": None}
        note_changes(connection, number, "outcome", [change])


def _is_last_word(
    connection: Connection, season: str, records: list[str], place: str, number: int
) -> bool:
    """Whether nothing of a later day is told of the pair: what is told late pulls nothing back."""
    told = [
        line.number
        for line in contacts_of(connection, season, records)
        if line.place == place and line.status in _MOVES
    ]
    return told[:1] == [number]


def _follow(
    connection: Connection,
    season: str,
    head: str,
    place: str,
    status: str | None,
    by: str,
    why: str,
) -> None:
    """Let the proposal of the plan in force go along, if there is one of this pair."""
    offered = offered_to(connection, season, head)
    if status is None or offered is None or offered.place != place or offered.status == status:
        return
    key = {"plan": offered.plan, "pseudonym": head, "place": place}
    told = {"status": status, "at": present(), "by": by, "reason": why}
    connection.execute(insert(proposal_history).values(**key, **told))
    mine = [proposals.c[name] == value for name, value in key.items()]
    connection.execute(update(proposals).where(*mine).values(status=status))
    append(connection, by, "proposal.move", f"plan {offered.plan}", ["status"])


def _set_proposal_back(
    connection: Connection,
    season: str,
    records: list[str],
    place: str,
    undone: ContactStatus,
    by: str,
) -> None:
    """To what the answers before it say; nothing where somebody moved it otherwise meanwhile."""
    offered = offered_to(connection, season, records[0])
    if offered is None or offered.place != place or offered.status != _MOVES.get(undone):
        return
    before = [
        _MOVES[line.status]
        for line in contacts_of(connection, season, records)
        if line.place == place and line.status in _MOVES
    ]
    earlier = before[0] if before else "proposed"
    _follow(connection, season, records[0], place, earlier, by, TAKEN_BACK)

"""Who took their legal ground back? Nobody's list brings them back: no school, no season does.

A withdrawal is the person's: it counts for all of their records, whenever and wherever those came
in, until a consent is given on a later day. Who may be the same person as somebody who withdrew is
left out for as long as that pair waits for a decision.

Of whoever withdrew and was deleted, a keyed hash stays in the settings: of the number at a school,
and of the names with the birth date (at the school, where there is none). It names nobody, and a
row that hits it comes in without a ground. A number that is given away again hits it too.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from data.intake.pupil_rows import today
from data.intake.records import Basis, LegalBasis, PupilRecord
from data.intake.spelling import words_of
from data.store.import_log import chunks
from data.store.tables import consents, duplicates, identities, objections, people, settings

#: The setting that holds the key of the hashes; each hash is a setting of its own.
_KEY = "withdrawn.key"
_MARK = "withdrawn."


def given_after(ground: LegalBasis, day: date) -> bool:
    """Whether a ground is a consent of a later day than that, and of no day to come."""
    given = ground.given_on if ground.kind is Basis.CONSENT else None
    return given is not None and day < given <= today()


def withdrawn(connection: Connection, heads: Mapping[str, str]) -> dict[str, date]:
    """The last day on which each person withdrew, by the pseudonym that stands for them.

    Left out is whoever gave a consent after it. `heads` is as in `data.store.doubles.heads_of`.
    """
    said = consents.c
    last: dict[str, date] = {}
    taken = select(said.pseudonym, said.withdrawn_at).where(said.withdrawn_at.is_not(None))
    for pseudonym, moment in connection.execute(taken):
        head = heads.get(pseudonym, pseudonym)
        last[head] = max(moment.astimezone().date(), last.get(head, date.min))
    if not last:
        return {}
    given = select(said.pseudonym, said.given_on).where(
        said.withdrawn_at.is_(None), said.kind == Basis.CONSENT.value, said.given_on.is_not(None)
    )
    for pseudonym, day in connection.execute(given):
        head = heads.get(pseudonym, pseudonym)
        if head in last and given_after(LegalBasis(Basis.CONSENT, day), last[head]):
            del last[head]
    return last


def barred(connection: Connection, heads: Mapping[str, str]) -> set[str]:
    """Who withdrew, and who may be one of them as long as nobody ruled on the pair."""
    gone = set(withdrawn(connection, heads))
    found = set(gone)
    if gone:
        waiting = select(duplicates.c.one, duplicates.c.other)
        for pair in connection.execute(waiting.where(duplicates.c.decision.is_(None))):
            both = {heads.get(pseudonym, pseudonym) for pseudonym in pair}
            if both & gone:
                found |= both
    return found


def objectors(connection: Connection, heads: Mapping[str, str]) -> set[str]:
    """Who objected to being matched by a program, by whichever of their records."""
    said = connection.scalars(select(objections.c.pseudonym))
    return {heads.get(pseudonym, pseudonym) for pseudonym in said}


# Those who are deleted ---------------------------------------------------------------------------


def remember(connection: Connection, persons: Sequence[Sequence[str]]) -> None:
    """Keep the hashes of those who withdrew among people about to be deleted.

    Each person is all of their pseudonyms.
    """
    heads = {record: person[0] for person in persons for record in person}
    days = withdrawn(connection, heads)
    records = [record for record, head in heads.items() if head in days]
    if not records:
        return
    key = _key(connection) or _make_key(connection)
    marks: dict[str, date] = {}
    for record, told in _told_of(connection, records):
        name, day = _MARK + _hash(key, told), days[heads[record]]
        marks[name] = max(day, marks.get(name, day))
    known = _noted(connection, list(marks))
    rows = [{"mark": name, "told": {"on": day.isoformat()}} for name, day in marks.items()]
    new = [row for row in rows if row["mark"] not in known]
    if new:
        named = [{"name": row["mark"], "value": row["told"]} for row in new]
        connection.execute(insert(settings), named)
    later = [row for row in rows if known.get(str(row["mark"]), date.max) < marks[str(row["mark"])]]
    if later:
        mine = settings.c.name == bindparam("mark")
        connection.execute(update(settings).where(mine).values(value=bindparam("told")), later)


def withdrawn_before(connection: Connection, records: Sequence[PupilRecord]) -> list[date | None]:
    """When the person of each row withdrew who was deleted since; `None` for everybody else."""
    key = _key(connection)
    if key is None:
        return [None] * len(records)
    marks = [
        [
            _MARK + _hash(key, told)
            for told in _told(
                record.school, record.number, (record.surname, record.first_name), record.born
            )
        ]
        for record in records
    ]
    known = _noted(connection, sorted({name for some in marks for name in some}))
    return [max((known[name] for name in some if name in known), default=None) for some in marks]


def _told_of(
    connection: Connection, records: Sequence[str]
) -> Iterator[tuple[str, list[str | None]]]:
    """What each record could come in by again."""
    for some in chunks(records, 500):
        chosen = (
            select(
                people.c.pseudonym,
                people.c.school,
                people.c.number,
                identities.c.surname,
                identities.c.first_name,
                identities.c.born,
            )
            .join(identities, identities.c.pseudonym == people.c.pseudonym)
            .where(people.c.pseudonym.in_(some))
        )
        for record, school, number, surname, first_name, born in connection.execute(chosen):
            for told in _told(school, number, (surname, first_name), born):
                yield record, told


def _told(
    school: str, number: str | None, names: tuple[str, str], born: date | None
) -> Iterator[list[str | None]]:
    if number:
        yield ["number", school, number]
    name = " ".join(names).strip()
    if name:
        words = sorted(words_of(name)) or [name]
        yield ["name", school if born is None else born.isoformat(), *words]


def _hash(key: bytes, told: Sequence[str | None]) -> str:
    return hmac.digest(key, json.dumps(told).encode(), hashlib.sha256).hex()


def _noted(connection: Connection, names: Sequence[str]) -> dict[str, date]:
    found: dict[str, date] = {}
    for some in chunks(names):
        chosen = select(settings.c.name, settings.c.value).where(settings.c.name.in_(some))
        for name, value in connection.execute(chosen):
            found[name] = date.fromisoformat(value["on"])
    return found


def _key(connection: Connection) -> bytes | None:
    chosen = select(settings.c.value).where(settings.c.name == _KEY)
    value: Any = connection.scalar(chosen)
    return None if value is None else bytes.fromhex(value["key"])


def _make_key(connection: Connection) -> bytes:
    key = secrets.token_bytes(32)
    connection.execute(insert(settings).values(name=_KEY, value={"key": key.hex()}))
    return key

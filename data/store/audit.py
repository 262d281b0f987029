"""Who did what, and has anybody changed the record of it? An append-only log, chained by hashes.

A row says who, when, what, about whom (a pseudonym, or an import's number) and which fields; never
a value. Its hash covers its content and the hash of the row before, so that a changed, missing or
inserted row breaks the chain from there on. Rows cut off at the end leave a chain that holds: that
shows against a `Head` that was noted elsewhere (on paper, in a mail, in another system's log).

Rows beyond their term are taken off at the front (`prune`); the hash of the last one taken stays
in the settings as the chain's beginning, and a row of the log says that they were taken off.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    ScalarSelect,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from data.store.opening import Store
from data.store.tables import audit, settings
from matching.errors import Fault, FaultyInput, Rule

#: What the first row names as the hash before it.
BEGINNING = "0" * 64

#: The setting that holds where a pruned chain begins: `seq` and `hash` of the last row taken off.
BEGINNING_SETTING = "audit.beginning"

#: The action of the row which says that rows were taken off, and up to which.
PRUNED = "audit.prune"

#: The advisory lock of PostgreSQL that puts the log's writers in a row.
_LOCK = 7_302_002

#: Rows in memory at once while the chain is checked.
_AT_ONCE = 5_000

_ACTOR = re.compile(r"[\w.@+\\-]{1,60}( [\w.@+\\-]{1,60}){0,3}")
_ACTION = re.compile(r"[a-z]+(\.[a-z_]+){0,2}")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}")
#: Pseudonyms, and things by their kind and number. A place goes by season, source and reference.
_SUBJECT = re.compile(
    r"[0-9a-f]{32}( [0-9a-f]{32})?"
    r"|(import|quarantine|run|plan|decision|model) [0-9]{1,18}( [0-9a-f]{32,64}){0,8}"
    r"|(season) 2[0-9]{3}/[0-9]{2}|(school) [\w.-]{1,20}|(user) [\w.@+\\-]{1,80}"
    r"|([0-9a-f]{32} )?place 2[0-9]{3}/[0-9]{2}:[^:\n]{1,40}:[^\n]{1,300}"
    r"|(class) [a-z_]{1,30}|store|audit [0-9]{1,18}"
)


@dataclass(frozen=True, slots=True)
class Head:
    """How far the log went at one moment: the number of its last row, and that row's hash."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def read(cls, noted: str) -> Head:
        """From its text. Raises `FaultyInput` for what is none."""
        seq, _, digest = noted.strip().partition(":")
        if not seq.isdecimal() or re.fullmatch(r"[0-9a-f]{64}", digest) is None:
            raise FaultyInput((Fault(Rule.VALUE_UNKNOWN, column="head"),))
        return cls(int(seq), digest)


def append(
    connection: Connection, actor: str, action: str, subject: str, fields: Sequence[str] = ()
) -> int:
    """Write one row at the end of the log, in the caller's transaction, and return its number.

    Call it last in a transaction: on PostgreSQL every other writer of the log waits until its end.
    Raises `FaultyInput` for an actor that is no name of a user, and `ValueError` where the action,
    the subject or a field is anything but an identifier: a value must not get in by mistake.
    """
    refuse_values(actor, action, subject, fields)
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = connection.execute(
        select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    ).first()
    seq, previous = (1, BEGINNING) if last is None else (last.seq + 1, last.hash)
    row = {
        "seq": seq,
        "at": datetime.now(UTC).isoformat(timespec="microseconds"),
        "actor": actor,
        "action": action,
        "subject": subject,
        "fields": list(fields),
        "previous": previous,
    }
    connection.execute(insert(audit).values(**row, hash=hash_of(row)))
    return seq


def refuse_values(actor: str, action: str, subject: str, fields: Sequence[str]) -> None:
    """Raise unless all that a row would say are identifiers; what was refused is not repeated."""
    if _ACTOR.fullmatch(actor) is None:
        raise FaultyInput((Fault(Rule.VALUE_UNKNOWN, column="by"),))
    named = (("action", _ACTION, action), ("subject", _SUBJECT, subject))
    for part, pattern, said in (*named, *(("fields", _FIELD, field) for field in fields)):
        if pattern.fullmatch(said) is None:
            raise ValueError(f"the log takes identifiers only: {part}")


def hash_of(row: dict[str, object]) -> str:
    """The SHA-256 of a row's content, `previous` among it, in one canonical spelling."""
    content = {name: value for name, value in row.items() if name != "hash"}
    spelling = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(spelling.encode()).hexdigest()


def verify(
    store: Store, noted: Head | None = None, tell: Callable[[int], None] | None = None
) -> int | None:
    """The number of the first row that is not as it was written, or `None` where all are.

    Missing rows count: a gap breaks the row after it. So do rows that are gone from the front
    without a row about it; the last one of them is named. With a head that was `noted` elsewhere,
    rows cut off at the end are noticed too; the first missing one is named, or the noted one if it
    differs. `tell` hears every few thousand rows how many were checked; what it raises breaks the
    check off. Raises `FaultyInput` (`HEAD_TOO_OLD`) where all holds, but the noted row is among
    those taken off: of such a head nobody can say whether it fits.
    """
    with store.reading() as connection:
        beginning = beginning_of(connection)
        chosen = select(audit).order_by(audit.c.seq).execution_options(yield_per=_AT_ONCE)
        with closing(connection.execute(chosen)) as rows:
            return _first_broken(_counted(rows.mappings(), tell), beginning, noted)


def _counted(
    rows: Iterable[RowMapping], tell: Callable[[int], None] | None
) -> Iterator[RowMapping]:
    for number, row in enumerate(rows):
        if tell is not None and number % _AT_ONCE == 0:
            tell(number)
        yield row


def _first_broken(rows: Iterable[RowMapping], beginning: Head, noted: Head | None) -> int | None:
    last = beginning
    # Whoever may write settings could move the beginning, and then delete whatever is before it.
    vouched = beginning.seq == 0
    if noted is not None and noted.seq == beginning.seq and noted.hash != beginning.hash:
        return noted.seq
    for row in rows:
        follows = row["seq"] == last.seq + 1 and row["previous"] == last.hash
        if not follows or row["hash"] != hash_of(dict(row)):
            return last.seq + 1
        last = Head(row["seq"], row["hash"])
        taken_off = (row["action"], row["subject"]) == (PRUNED, f"audit {beginning.seq}")
        vouched = vouched or taken_off
        if noted is not None and last.seq == noted.seq and last != noted:
            return noted.seq
    if not vouched:
        return beginning.seq
    if noted is not None and noted.seq < beginning.seq:
        raise FaultyInput((Fault(Rule.HEAD_TOO_OLD, column="head", value=str(noted.seq)),))
    return None if noted is None or noted.seq <= last.seq else last.seq + 1


def head(store: Store) -> Head:
    """How far the log goes: note it elsewhere, and nobody can cut the log short unnoticed."""
    with store.reading() as connection:
        row = connection.execute(
            select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
        ).first()
        return beginning_of(connection) if row is None else Head(row.seq, row.hash)


def beginning_of(connection: Connection) -> Head:
    """What the first row that is there follows: nothing, or the last one that was taken off."""
    value: Any = connection.scalar(
        select(settings.c.value).where(settings.c.name == BEGINNING_SETTING)
    )
    return Head(0, BEGINNING) if value is None else Head(int(value["seq"]), str(value["hash"]))


def prunable(connection: Connection, before: datetime) -> int:
    """How many rows `prune` would take off."""
    older = audit.c.seq < _first_to_stay(before)
    return connection.scalar(select(func.count()).select_from(audit).where(older)) or 0


def _first_to_stay(before: datetime) -> ScalarSelect[int]:
    until = before.astimezone(UTC).isoformat(timespec="microseconds")
    newest = select(func.max(audit.c.seq)).scalar_subquery()
    return (
        select(func.min(audit.c.seq))
        .where((audit.c.at >= until) | (audit.c.seq == newest))
        .scalar_subquery()
    )


def prune(connection: Connection, before: datetime, by: str) -> int:
    """Take off the rows from before a moment, from the front on; returns how many.

    The newest row always stays. That it was done is the log's next row.
    """
    last = connection.execute(
        select(audit.c.seq, audit.c.hash)
        .where(audit.c.seq < _first_to_stay(before))
        .order_by(audit.c.seq.desc())
        .limit(1)
    ).first()
    if last is None:
        return 0
    value = {"seq": last.seq, "hash": last.hash}
    named = settings.c.name == BEGINNING_SETTING
    if connection.execute(update(settings).where(named).values(value=value)).rowcount == 0:
        connection.execute(insert(settings).values(name=BEGINNING_SETTING, value=value))
    taken = connection.execute(delete(audit).where(audit.c.seq <= last.seq)).rowcount
    append(connection, by, PRUNED, f"audit {last.seq}")
    return taken

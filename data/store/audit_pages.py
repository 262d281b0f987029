"""What does the log say? Page by page, by action, user and day, and all of it to take away.

Nothing here checks it: that is `data.store.audit.verify`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, RowMapping, func, select

from data.store.opening import Store
from data.store.tables import audit

#: Rows in memory at once while the log is taken away.
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the log: who did what, when, to what, and which fields were touched."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    fields: tuple[str, ...]
    hash: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are wanted; `None` leaves a thing open. Days are the office's own, both inside.

    `action` is one, or the first word of several (`import` for every `import.…`).
    """

    action: str | None = None
    actor: str | None = None
    since: date | None = None
    until: date | None = None


def log_page(
    store: Store, wanted: Wanted, offset: int = 0, limit: int = 25
) -> tuple[tuple[Entry, ...], int]:
    """Some of the rows that are wanted, newest first, and how many there are in all."""
    only = _conditions(wanted)
    chosen = select(audit).where(*only).order_by(audit.c.seq.desc()).offset(offset).limit(limit)
    with store.reading() as connection:
        total = connection.scalar(select(func.count()).select_from(audit).where(*only))
        return tuple(_entry(row) for row in connection.execute(chosen).mappings()), total or 0


def log_rows(store: Store, wanted: Wanted) -> Iterator[Entry]:
    """All rows that are wanted, oldest first."""
    chosen = select(audit).where(*_conditions(wanted)).order_by(audit.c.seq)
    with store.reading() as connection:
        rows = connection.execute(chosen.execution_options(yield_per=_AT_ONCE))
        yield from map(_entry, rows.mappings())


def said_in_log(store: Store) -> tuple[Sequence[str], Sequence[str]]:
    """Every action and every actor that the log names."""
    with store.reading() as connection:
        actions = connection.scalars(select(audit.c.action).distinct().order_by(audit.c.action))
        found = tuple(actions)
        actors = connection.scalars(select(audit.c.actor).distinct().order_by(audit.c.actor))
        return found, tuple(actors)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    only: list[ColumnElement[bool]] = []
    if wanted.action is not None:
        more = audit.c.action.startswith(f"{wanted.action}.", autoescape=True)
        only.append((audit.c.action == wanted.action) | more)
    if wanted.actor is not None:
        only.append(audit.c.actor == wanted.actor)
    # Moments stand there as texts of one length in UTC, so that their order is that of time.
    if wanted.since is not None:
        only.append(audit.c.at >= _begins(wanted.since))
    if wanted.until is not None:
        only.append(audit.c.at < _begins(wanted.until + timedelta(days=1)))
    return only


def _begins(day: date) -> str:
    """The first moment of a day by the clock of the house, as the log writes it."""
    midnight = datetime.combine(day, time.min).astimezone()
    return midnight.astimezone(UTC).isoformat(timespec="microseconds")


def _entry(row: RowMapping) -> Entry:
    return Entry(
        seq=row["seq"],
        at=datetime.fromisoformat(row["at"]),
        actor=row["actor"],
        action=row["action"],
        subject=row["subject"],
        fields=tuple(row["fields"]),
        hash=row["hash"],
    )

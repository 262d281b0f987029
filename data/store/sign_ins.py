"""Who is signed in, since when, and who tried in vain? Sessions end here, at once and everywhere.

A session is known by the SHA-256 of what the browser holds, so that nobody who reads the store can
take its place. It ends when it is idle for `IDLE`, after `LONGEST` in any case, when its user signs
out, is shut out or changes the password. A try at a password is written down before the password
is looked at: a hundred tries at once count as a hundred. What is typed as a name is kept as a hash.
Tries in a browser of the user's own count apart, under the name, a newline and the browser's mark.

Every function takes the present moment, `now`; nothing here looks at a clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, text, update

from data.store.accounts import Account, accounts_in, name_of
from data.store.audit import append
from data.store.opening import Store, StoreRefused
from data.store.tables import audit, failed_sign_ins, sessions, sign_ins_under_way
from matching.errors import Fault, FaultyInput, Rule

#: How long nobody may do anything before a session ends, and how long it lasts at most.
IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=8)

#: So many tries in vain within so long a time shut an account until the time is over.
TRIES, WITHIN = 5, timedelta(minutes=15)

#: How long somebody may take at the identity provider.
ELSEWHERE = timedelta(minutes=10)

#: A session's last use is written down no more often than this.
_EVERY = timedelta(minutes=1)

#: How long that waits for another writer, in seconds: while a long import runs, nobody may be held
#: up for a time stamp.
_PATIENCE = 0.05

# By a session's key, its last use that could not be written down: it counts as if it had been, so
# that nobody who works through a long import is signed out. Gone with the process.
_unwritten: dict[str, datetime] = {}

#: The advisory lock of PostgreSQL that puts tries at one name in a row.
_LOCK = 7_302_003


@dataclass(frozen=True, slots=True)
class Session:
    """A session that holds at the moment, and whose it is."""

    key: str
    account: Account
    began_at: datetime
    seen_at: datetime


def key_of(secret: str) -> str:
    """What the store knows a browser's secret by."""
    return hashlib.sha256(secret.encode()).hexdigest()


def begin_session(store: Store, name: str, secret: str, now: datetime) -> None:
    """Let somebody in who proved who they are; sessions that are over are cleared away."""
    row = {"key": key_of(secret), "name": name, "began_at": now, "seen_at": now}
    _forget_unwritten(now)
    idle = (sessions.c.seen_at <= now - IDLE) & sessions.c.key.not_in(list(_unwritten))
    over = idle | (sessions.c.began_at <= now - LONGEST)
    with store.transaction() as connection:
        connection.execute(delete(sessions).where(over))
        connection.execute(insert(sessions).values(row))
        append(connection, name, "session.begin", f"user {name}")


def session(store: Store, key: str, now: datetime, *, used: bool = False) -> Session | None:
    """The session of that key, if it holds; `used` by somebody, it goes on for another while."""
    with store.reading() as connection:
        row = connection.execute(select(sessions).where(sessions.c.key == key)).first()
        if row is None:
            return None
        seen_at = max(row.seen_at, _unwritten.get(key, row.seen_at))
        if now - seen_at >= IDLE or now - row.began_at >= LONGEST:
            return None
        whose = next(iter(accounts_in(connection, row.name)), None)
    if whose is None or not whose.active:
        return None
    if used and now - seen_at >= _EVERY:
        _write_down(store, key, now)
    return Session(key, whose, row.began_at, seen_at)


def _write_down(store: Store, key: str, now: datetime) -> None:
    """Write down that a session is used, or remember it where somebody else writes for long."""
    try:
        with store.transaction(_PATIENCE) as connection:
            connection.execute(update(sessions).where(sessions.c.key == key).values(seen_at=now))
    except StoreRefused as error:
        if not error.is_busy:
            raise
        _unwritten[key] = now
    else:
        _unwritten.pop(key, None)


def _forget_unwritten(now: datetime) -> None:
    """Forget uses that are so long ago that they keep no session."""
    for key, at in list(_unwritten.items()):
        if now - at >= IDLE:
            _unwritten.pop(key, None)


def is_signed_in(store: Store, name: str, now: datetime) -> bool:
    """Whether a session of a user holds, in whatever browser."""
    with store.reading() as connection:
        keys = connection.scalars(select(sessions.c.key).where(sessions.c.name == name)).all()
    return any(session(store, key, now) is not None for key in keys)


def end_session(store: Store, key: str) -> None:
    """End one session, if it is there."""
    with store.transaction() as connection:
        name = connection.scalar(select(sessions.c.name).where(sessions.c.key == key))
        if name is not None:
            connection.execute(delete(sessions).where(sessions.c.key == key))
            append(connection, name, "session.end", f"user {name}")


def end_sessions(store: Store, name: str, by: str) -> int:
    """End all that a user has open; returns how much that was."""
    with store.transaction() as connection:
        ended = connection.execute(delete(sessions).where(sessions.c.name == name)).rowcount
        append(connection, by, "session.end", f"user {name}")
    return ended


def try_password(store: Store, name: str, now: datetime) -> int | None:
    """How many more tries there are after this one, which counts as one in vain for now.

    `None` after the fifth within a quarter of an hour: then no password is to be looked at, whether
    there is a user of that name or not.
    """
    typed = _typed(name)
    mine = failed_sign_ins.c.name == typed
    with store.transaction() as connection:
        if not store.is_sqlite:
            lock = text("SELECT pg_advisory_xact_lock(:lock, hashtext(:name))")
            connection.execute(lock, {"lock": _LOCK, "name": typed})
        connection.execute(delete(failed_sign_ins).where(failed_sign_ins.c.at <= now - WITHIN))
        tries = connection.scalar(select(func.count()).select_from(failed_sign_ins).where(mine))
        left = TRIES - 1 - (tries or 0)
        if left < 0:
            return None
        connection.execute(insert(failed_sign_ins).values(name=typed, at=now))
    return left


def note_lock(store: Store, name: str) -> None:
    """Write into the log that a user's account is shut for a while; of strangers nothing."""
    with store.transaction() as connection:
        try:
            known = accounts_in(connection, name_of(name))
        except FaultyInput:
            return
        if known:
            append(connection, "gate", "user.lock", f"user {known[0].name}")


@dataclass(frozen=True, slots=True)
class Seen:
    """When a user signed in last, as far as the log goes back, and how it stands now.

    `browsers` counts where they are signed in, `shut` says that too many tries went wrong.
    """

    last: datetime | None = None
    browsers: int = 0
    shut: bool = False


def seen(store: Store, now: datetime) -> Mapping[str, Seen]:
    """How it stands with each user."""
    begun = (
        select(audit.c.subject, func.max(audit.c.at))
        .where(audit.c.action == "session.begin")
        .group_by(audit.c.subject)
    )
    holding = (
        select(sessions.c.name, func.count())
        .where(sessions.c.seen_at > now - IDLE, sessions.c.began_at > now - LONGEST)
        .group_by(sessions.c.name)
    )
    tried = (
        select(failed_sign_ins.c.name)
        .where(failed_sign_ins.c.at > now - WITHIN)
        .group_by(failed_sign_ins.c.name)
        .having(func.count() >= TRIES)
    )
    with store.reading() as connection:
        last = {subject: str(at) for subject, at in connection.execute(begun)}
        browsers = {name: int(count) for name, count in connection.execute(holding)}
        shut = {_whose(typed) for typed in connection.scalars(tried)}
        names = [one.name for one in accounts_in(connection)]
    return {
        name: Seen(
            datetime.fromisoformat(last[f"user {name}"]) if f"user {name}" in last else None,
            browsers.get(name, 0),
            _whose(_typed(name)) in shut,
        )
        for name in names
    }


def lift_lock(store: Store, name: str, by: str) -> None:
    """Let a user try again whose account is shut for a while, in whatever browser.

    Raises `FaultyInput` (`VALUE_UNKNOWN`) where there is no such user.
    """
    with store.transaction() as connection:
        if not accounts_in(connection, name):
            raise FaultyInput((Fault(Rule.VALUE_UNKNOWN, column="name", value=name),))
        connection.execute(delete(failed_sign_ins).where(_of_user(name)))
        append(connection, by, "user.unlock", f"user {name}")


def forget_tries(store: Store, name: str, *, everywhere: bool = False) -> None:
    """The password was right: what went wrong before counts no more.

    That is so in the one browser, or `everywhere` where the user got another password.
    """
    mine = _of_user(name) if everywhere else failed_sign_ins.c.name == _typed(name)
    with store.transaction() as connection:
        connection.execute(delete(failed_sign_ins).where(mine))


def leave_for_provider(store: Store, secret: str, facts: Mapping[str, Any], now: datetime) -> None:
    """Remember what must be known again when somebody comes back from the identity provider."""
    row = {"key": key_of(secret), "facts": dict(facts), "ends_at": now + ELSEWHERE}
    over = sign_ins_under_way.c.ends_at <= now
    with store.transaction() as connection:
        connection.execute(delete(sign_ins_under_way).where(over))
        connection.execute(insert(sign_ins_under_way).values(row))


def come_back(store: Store, secret: str, now: datetime) -> dict[str, Any] | None:
    """What was remembered, once; `None` for who never left, was back before, or took too long."""
    mine = sign_ins_under_way.c.key == key_of(secret)
    with store.transaction() as connection:
        row = connection.execute(
            delete(sign_ins_under_way)
            .where(mine)
            .returning(sign_ins_under_way.c.facts, sign_ins_under_way.c.ends_at)
        ).first()
    return None if row is None or row.ends_at <= now else dict(row.facts)


#: So many of the 64 digits that a try is known by are its user's where the rest are its browser's.
_HALF = 32


def _typed(told: str) -> str:
    """What a try is known by: the hash of the name, or half of it and half of the browser's."""
    name, _, mark = told.strip().partition("\n")
    whole = key_of(name.strip().casefold())
    return f"{_whose(whole)}{_whose(key_of(mark))}" if mark else whole


def _whose(typed: str) -> str:
    """The part of it that all tries of one user share."""
    return typed[:_HALF]


def _of_user(name: str) -> ColumnElement[bool]:
    """A user's tries in all browsers."""
    return failed_sign_ins.c.name.startswith(_whose(_typed(name)))

"""Who works here, and as what? Users, their roles, and how they prove who they are.

Roles are words here; what they may do is decided by `office.access`. Passwords are hashes by the
time that they come here. Every change is a row of the log, by field names alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, text, update

from data.store.audit import append
from data.store.opening import Store
from data.store.tables import credentials, sessions, user_roles, users
from matching.errors import Fault, FaultyInput, Rule

#: The advisory lock of PostgreSQL under which somebody may cease to be an administrator.
_KEEPING_LOCK = 7_302_005

#: Names that the log can tell of; no blank, so that no name runs into the next word.
_NAME = re.compile(r"[\w.@+-]{1,60}")
_ROLE = re.compile(r"[a-z]{1,20}")
_SCHOOL = re.compile(r"[0-9A-Za-z_.-]{1,20}")


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One role of a user, narrowed to one school's pupils where `school` is given."""

    role: str
    school: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A user as the store knows them.

    `password` is a hash, or `None` for who signs in elsewhere (`issuer`) or not at all. A
    `one_time` password is to be changed before anything else.
    """

    name: str
    grants: tuple[Grant, ...]
    active: bool
    language: str | None
    one_time: bool
    changed_at: datetime
    issuer: str | None = None
    password: str | None = field(default=None, repr=False)


def name_of(told: str) -> str:
    """A user's name as it is kept: without blanks around it, in small letters.

    Raises `FaultyInput` (`VALUE_UNKNOWN`) for what can't be one.
    """
    name = told.strip().casefold()
    if _NAME.fullmatch(name) is None:
        raise FaultyInput((Fault(Rule.VALUE_UNKNOWN, column="name"),))
    return name


def accounts(store: Store) -> tuple[Account, ...]:
    """Every user, by name."""
    with store.reading() as connection:
        return accounts_in(connection)


def account(store: Store, name: str) -> Account | None:
    """One user, if there is one of that name."""
    with store.reading() as connection:
        return next(iter(accounts_in(connection, name)), None)


def add_account(
    store: Store,
    name: str,
    grants: Iterable[Grant],
    by: str,
    now: datetime,
    password: str | None = None,
) -> Account:
    """Take in a user; a `password` (a hash) is a one-time one until they set their own.

    Raises `FaultyInput` for a name that is taken (`ID_TWICE`) or can't be one.
    """
    kept = name_of(name)
    rows = _grant_rows(kept, grants)
    with store.transaction() as connection:
        _refuse_taken(connection, kept)
        connection.execute(
            insert(users).values(name=kept, password=password, active=True, made_at=now)
        )
        connection.execute(
            insert(credentials).values(name=kept, one_time=password is not None, changed_at=now)
        )
        _replace_grants(connection, kept, rows)
        append(connection, by, "user.add", f"user {kept}", ["roles"])
        return _one(connection, kept)


def set_grants(
    store: Store, name: str, grants: Iterable[Grant], by: str, keeping: str | None = None
) -> Account:
    """Give a user these roles and no others; they hold from the next request on.

    Raises `FaultyInput` (`LAST_ADMINISTRATOR`) where after it nobody could act in the role
    `keeping` any more.
    """
    rows = _grant_rows(name, grants)
    with store.transaction() as connection, _somebody_left(connection, keeping):
        _one(connection, name)
        _replace_grants(connection, name, rows)
        append(connection, by, "user.change", f"user {name}", ["roles"])
        return _one(connection, name)


def set_password(
    store: Store, name: str, password: str, by: str, now: datetime, *, one_time: bool
) -> None:
    """Give a user another password (a hash), and end whatever the old one had opened.

    Raises `FaultyInput` (`VALUE_UNKNOWN`) where there is no such user, or one who signs in
    elsewhere.
    """
    with store.transaction() as connection:
        if _one(connection, name).issuer is not None:
            raise _unknown(name)
        mine = users.c.name == name
        connection.execute(update(users).where(mine).values(password=password))
        connection.execute(
            update(credentials)
            .where(credentials.c.name == name)
            .values(one_time=one_time, changed_at=now)
        )
        connection.execute(delete(sessions).where(sessions.c.name == name))
        append(connection, by, "user.change", f"user {name}", ["password"])


def renew_hash(store: Store, name: str, old: str, new: str) -> None:
    """Keep the same password under a stronger hash, unless it was changed meanwhile."""
    with store.transaction() as connection:
        same = (users.c.name == name) & (users.c.password == old)
        connection.execute(update(users).where(same).values(password=new))


def set_active(store: Store, name: str, active: bool, by: str, keeping: str | None = None) -> None:
    """Let a user in again, or shut them out: then all that they have open ends at once.

    `keeping` as for `set_grants`.
    """
    with store.transaction() as connection, _somebody_left(connection, keeping):
        _one(connection, name)
        connection.execute(update(users).where(users.c.name == name).values(active=active))
        if not active:
            connection.execute(delete(sessions).where(sessions.c.name == name))
        append(connection, by, "user.change", f"user {name}", ["active"])


@contextmanager
def _somebody_left(connection: Connection, role: str | None) -> Iterator[None]:
    """Refuse whatever is done inside if it leaves nobody who can act in the role."""
    if role is None:
        yield
        return
    if connection.dialect.name != "sqlite":
        # Two who each take the role from the other would both see one left.
        lock = text("SELECT pg_advisory_xact_lock(:lock)")
        connection.execute(lock, {"lock": _KEEPING_LOCK})
    there = (
        select(func.count())
        .select_from(user_roles.join(users, users.c.name == user_roles.c.name))
        .where(user_roles.c.role == role, users.c.active)
    )
    before = connection.scalar(there)
    yield
    if before and not connection.scalar(there):
        raise FaultyInput((Fault(Rule.LAST_ADMINISTRATOR, column="role"),))


def set_language(store: Store, name: str, language: str) -> None:
    """Remember the language in which a user reads."""
    with store.transaction() as connection:
        connection.execute(update(users).where(users.c.name == name).values(language=language))


def admit_from_provider(
    store: Store,
    issuer: str,
    subject: str,
    name: str,
    grants: Iterable[Grant],
    now: datetime,
) -> Account | None:
    """The user whom an identity provider vouches for, with the roles that it gives them today.

    Who comes for the first time is taken in. Known by `issuer` and `subject` alone, since names
    change hands: raises `FaultyInput` (`ID_TWICE`) where the name is somebody else's. `None` for
    who was shut out here.
    """
    theirs = (credentials.c.issuer == issuer) & (credentials.c.subject == subject)
    with store.transaction() as connection:
        known = connection.scalar(select(credentials.c.name).where(theirs))
        kept = known or name_of(name)
        rows = _grant_rows(kept, grants)
        if known is None:
            _refuse_taken(connection, kept)
            connection.execute(insert(users).values(name=kept, active=True, made_at=now))
            connection.execute(
                insert(credentials).values(
                    name=kept, one_time=False, changed_at=now, issuer=issuer, subject=subject
                )
            )
        found = _one(connection, kept)
        if not found.active:
            return None
        if set(found.grants) != {Grant(row["role"], row["school"] or None) for row in rows}:
            _replace_grants(connection, kept, rows)
            action = "user.add" if known is None else "user.change"
            append(connection, kept, action, f"user {kept}", ["roles"])
        return _one(connection, kept)


def accounts_in(connection: Connection, name: str | None = None) -> tuple[Account, ...]:
    """Every user, or the one of a name, in the caller's transaction."""
    only = [] if name is None else [users.c.name == name]
    chosen = (
        select(users, credentials.c.one_time, credentials.c.changed_at, credentials.c.issuer)
        .outerjoin(credentials, credentials.c.name == users.c.name)
        .where(*only)
        .order_by(users.c.name)
    )
    granted: dict[str, list[Grant]] = {}
    roles = select(user_roles).join(users, users.c.name == user_roles.c.name).where(*only)
    for row in connection.execute(roles):
        granted.setdefault(row.name, []).append(Grant(row.role, row.school or None))
    return tuple(
        _account(row, granted.get(row["name"], [])) for row in connection.execute(chosen).mappings()
    )


def _account(row: RowMapping, grants: Iterable[Grant]) -> Account:
    return Account(
        name=row["name"],
        grants=tuple(sorted(grants, key=lambda grant: (grant.role, grant.school or ""))),
        active=row["active"],
        language=row["language"],
        one_time=bool(row["one_time"]),
        changed_at=row["changed_at"] or row["made_at"],
        issuer=row["issuer"],
        password=row["password"],
    )


def _one(connection: Connection, name: str) -> Account:
    found = accounts_in(connection, name)
    if not found:
        raise _unknown(name)
    return found[0]


def _unknown(name: str) -> FaultyInput:
    return FaultyInput((Fault(Rule.VALUE_UNKNOWN, column="name", value=name),))


def _refuse_taken(connection: Connection, name: str) -> None:
    if connection.scalar(select(users.c.name).where(users.c.name == name)) is not None:
        raise FaultyInput((Fault(Rule.ID_TWICE, column="name", value=name),))


def _grant_rows(name: str, grants: Iterable[Grant]) -> list[dict[str, str]]:
    rows = []
    for grant in sorted(set(grants), key=lambda grant: (grant.role, grant.school or "")):
        if _ROLE.fullmatch(grant.role) is None:
            raise FaultyInput((Fault(Rule.VALUE_UNKNOWN, column="role"),))
        if grant.school is not None and _SCHOOL.fullmatch(grant.school) is None:
            raise FaultyInput((Fault(Rule.VALUE_UNKNOWN, column="school"),))
        rows.append({"name": name, "role": grant.role, "school": grant.school or ""})
    return rows


def _replace_grants(connection: Connection, name: str, rows: list[dict[str, str]]) -> None:
    connection.execute(delete(user_roles).where(user_roles.c.name == name))
    if rows:
        connection.execute(insert(user_roles), rows)

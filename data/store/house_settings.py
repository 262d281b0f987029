"""How does the office sign, what may be shown, which season is it? Settings in the store."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from data.store.audit import append
from data.store.opening import Store
from data.store.tables import settings

_SENDER, _KEY = "office.sender", "office.cipher_key"
_SWITCH = "office.switch."


@dataclass(frozen=True, slots=True)
class Switches:
    """How the house is set.

    `scores` is the most that any counselor is shown (`data.store.cases.Scores`), `season` the one
    that everybody works in, today's where it is `None`.
    """

    scores: str = "shown"
    season: str | None = None


def switches_of(store: Store) -> Switches:
    """How the house is set; where nobody said otherwise, as it comes."""
    chosen = select(settings.c.name, settings.c.value).where(settings.c.name.startswith(_SWITCH))
    with store.reading() as connection:
        told = {name.removeprefix(_SWITCH): value for name, value in connection.execute(chosen)}
    return Switches(**{name: told[name] for name in Switches.__slots__ if name in told})


def set_switch(store: Store, name: str, value: str | None, by: str) -> None:
    """Set one of the `Switches`, or with `None` leave it as it comes.

    The log says which, never to what.
    """
    if name not in Switches.__slots__:
        raise ValueError(f"no such switch: {name}")
    with store.transaction() as connection:
        if value is None:
            connection.execute(delete(settings).where(settings.c.name == f"{_SWITCH}{name}"))
        else:
            _set(connection, f"{_SWITCH}{name}", value)
        append(connection, by, "office.switch", "store", [name])


def sender_of(store: Store) -> Mapping[str, str] | None:
    """How the office signs its letters, if anybody said so."""
    with store.reading() as connection:
        told: Any = connection.scalar(select(settings.c.value).where(settings.c.name == _SENDER))
    return None if told is None else {str(name): str(value) for name, value in told.items()}


def set_sender(store: Store, told: Mapping[str, str], by: str) -> None:
    """Keep how the office signs its letters."""
    with store.transaction() as connection:
        _set(connection, _SENDER, dict(told))
        append(connection, by, "office.sender", "store", sorted(told))


def cipher_key(store: Store) -> bytes:
    """The store's own secret for ciphers, made where there is none, and in its backups."""
    chosen = select(settings.c.value).where(settings.c.name == _KEY)
    # Nearly always it is there, and whoever only reads waits for nobody.
    with store.reading() as connection:
        known: Any = connection.scalar(chosen)
    if known is None:
        with store.transaction() as connection:
            known = connection.scalar(chosen)
            if known is None:
                known = secrets.token_hex(32)
                _set(connection, _KEY, known)
    return bytes.fromhex(str(known))


def _set(connection: Connection, name: str, value: object) -> None:
    mine = update(settings).where(settings.c.name == name).values(value=value)
    if connection.execute(mine).rowcount == 0:
        connection.execute(insert(settings).values(name=name, value=value))

"""Which models of chances are there, and which one counts? A registry that forgets nothing.

A model is a file that was taken in once, with its card and its hash. Which one gives the chances is
said by switches, each with who, when and why: going back to an older model is one more of them.
One switch lets people do without any chance. No row is ever changed or deleted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select

from data.store.audit import append
from data.store.doubles import heads_of
from data.store.opening import Store
from data.store.tables import chance_models, model_switches, proposals, runs
from matching.errors import Fault, FaultyInput, Rule


class To(StrEnum):
    """What was switched to: a learned model, the scorecard, or people alone and back."""

    MODEL = "model"
    SCORECARD = "scorecard"
    MANUAL_ON = "manual_on"
    MANUAL_OFF = "manual_off"


_MANUAL = (To.MANUAL_ON, To.MANUAL_OFF)


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A model that was taken in: all but its file. `made` is the day that its card names."""

    id: int
    hash: str
    made: str
    at: datetime
    by: str
    invented: bool
    card: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """One switch; `model` is the number of the model, if it was to one."""

    id: int
    at: datetime
    by: str
    reason: str
    to: To
    model: int | None


@dataclass(frozen=True, slots=True)
class InForce:
    """What counts now: the number and hash of a model, `None` for the scorecard.

    While `is_manual`, people do without chances; what counted before is not forgotten.
    """

    model: int | None = None
    hash: str | None = None
    invented: bool = False
    is_manual: bool = False


def add_model(
    store: Store, content: bytes, made: str, card: Mapping[str, Any], invented: bool, by: str
) -> int:
    """Take a model's file in, and log it; returns its number.

    Raises `FaultyInput` (`ID_TWICE`) with the number of the model that is this very file.
    """
    digest = hashlib.sha256(content).hexdigest()
    with store.transaction() as connection:
        known = connection.scalar(select(chance_models.c.id).where(chance_models.c.hash == digest))
        if known is not None:
            raise FaultyInput((Fault(Rule.ID_TWICE, column="model", value=str(known)),))
        made_row = connection.execute(
            insert(chance_models).values(
                hash=digest,
                made=made,
                at=datetime.now(UTC),
                by=by,
                invented=invented,
                card=dict(card),
                content=content,
            )
        )
        assert made_row.inserted_primary_key is not None
        number = int(made_row.inserted_primary_key[0])
        append(connection, by, "model.add", f"model {number} {digest}")
    return number


def model_lines(store: Store) -> tuple[ModelLine, ...]:
    """All models that were taken in, the newest first."""
    table = chance_models
    chosen = select(
        table.c.id, table.c.hash, table.c.made, table.c.at, table.c.by, table.c.invented,
        table.c.card,
    ).order_by(table.c.id.desc())  # fmt: skip
    with store.reading() as connection:
        return tuple(ModelLine(*row) for row in connection.execute(chosen))


def model_named(store: Store, digest: str) -> tuple[int, bool] | None:
    """The number of the model with this hash, and whether it is invented; `None` for no model's."""
    chosen = select(chance_models.c.id, chance_models.c.invented)
    with store.reading() as connection:
        row = connection.execute(chosen.where(chance_models.c.hash == digest)).one_or_none()
    return None if row is None else (row.id, row.invented)


def model_content(store: Store, number: int) -> bytes:
    """A model's file. Raises `FaultyInput`: `MODEL_UNKNOWN`, or `MODEL_DAMAGED` by its hash."""
    table = chance_models
    with store.reading() as connection:
        chosen = select(table.c.hash, table.c.content).where(table.c.id == number)
        row = connection.execute(chosen).one_or_none()
    if row is None:
        raise FaultyInput((Fault(Rule.MODEL_UNKNOWN, value=str(number)),))
    if hashlib.sha256(row.content).hexdigest() != row.hash:
        raise FaultyInput((Fault(Rule.MODEL_DAMAGED, value=str(number)),))
    return bytes(row.content)


def switch(store: Store, to: To, model: int | None, by: str, reason: str) -> int:
    """Switch, with a reason, and log it; returns the switch's number.

    Raises `FaultyInput`: `VALUE_MISSING` without a reason, `MODEL_UNKNOWN`.
    """
    faults = []
    if not reason.strip():
        faults.append(Fault(Rule.VALUE_MISSING, column="reason"))
    with store.transaction() as connection:
        if to is To.MODEL:
            known = select(chance_models.c.id).where(chance_models.c.id == model)
            if connection.scalar(known) is None:
                faults.append(Fault(Rule.MODEL_UNKNOWN, value=str(model)))
        if faults:
            raise FaultyInput(tuple(faults))
        made = connection.execute(
            insert(model_switches).values(
                at=datetime.now(UTC), by=by, reason=reason.strip(), to=to.value, model=model
            )
        )
        assert made.inserted_primary_key is not None
        subject = "store" if model is None else f"model {model}"
        action = {
            To.MODEL: "model.activate",
            To.SCORECARD: "model.scorecard",
            To.MANUAL_ON: "model.manual_on",
            To.MANUAL_OFF: "model.manual_off",
        }[to]
        append(connection, by, action, subject, ["reason"])
        return int(made.inserted_primary_key[0])


def switches(store: Store) -> tuple[SwitchLine, ...]:
    """All that was switched, the newest first."""
    table = model_switches
    chosen = select(table.c.id, table.c.at, table.c.by, table.c.reason, table.c.to, table.c.model)
    with store.reading() as connection:
        rows = connection.execute(chosen.order_by(table.c.id.desc())).all()
    return tuple(SwitchLine(*row[:4], To(row.to), row.model) for row in rows)


def in_force(store: Store) -> InForce:
    """What gives the chances now: the scorecard until somebody said otherwise."""
    with store.reading() as connection:
        manual = _last(connection, _MANUAL)
        chosen = _last(connection, (To.MODEL, To.SCORECARD))
        is_manual = manual is not None and manual[0] == To.MANUAL_ON
        if chosen is None or chosen[1] is None:
            return InForce(is_manual=is_manual)
        named = select(chance_models.c.id, chance_models.c.hash, chance_models.c.invented)
        row = connection.execute(named.where(chance_models.c.id == chosen[1])).one()
    return InForce(row.id, row.hash, row.invented, is_manual)


def is_manual(store: Store) -> bool:
    """Whether people do without chances now."""
    with store.reading() as connection:
        last = _last(connection, _MANUAL)
    return last is not None and last[0] == To.MANUAL_ON


def _last(connection: Connection, kinds: tuple[To, ...]) -> tuple[str, int | None] | None:
    table = model_switches
    chosen = select(table.c.to, table.c.model).where(table.c.to.in_([one.value for one in kinds]))
    row = connection.execute(chosen.order_by(table.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else (row.to, row.model)


def hashes_of_runs(store: Store) -> dict[int, str]:
    """By which model each kept run was drawn."""
    with store.reading() as connection:
        return dict(connection.execute(select(runs.c.id, runs.c.model_hash)).all())


def proposed(store: Store, plan: int) -> dict[tuple[str, str], float]:
    """The chance of each pair of a plan on its day, by the person's pseudonym today and place."""
    chosen = select(proposals.c.pseudonym, proposals.c.place, proposals.c.chance)
    with store.reading() as connection:
        heads = heads_of(connection)
        found = connection.execute(chosen.where(proposals.c.plan == plan)).all()
    return {(heads.get(who, who), place): chance for who, place, chance in found}

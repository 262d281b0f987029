"""Which plan of a season is in force, and how far has each of its proposals come?

One plan a season is active: the database holds that. A proposal's status changes only together
with a row of its history that names a person and a reason; the database holds that too.

Nothing goes on without a legal basis: whose basis was withdrawn while a plan was a draft has their
proposal withdrawn when it is put in force.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, bindparam, func, insert, select, text, update

from data.intake.records import Basis
from data.store.audit import append
from data.store.doubles import heads_of
from data.store.grounds import barred, objectors
from data.store.import_log import chunks, lock_imports
from data.store.moments import present
from data.store.opening import Store
from data.store.runs import take_in
from data.store.tables import (
    consents,
    people,
    places,
    plans,
    proposal_history,
    proposals,
    settings,
)
from matching.errors import Fault, FaultyInput, Rule

#: The advisory lock of PostgreSQL that lets one activation follow the other, as on SQLite.
_PLAN_LOCK = 7_302_004

_AT_ONCE = 5_000

#: What the settings' names of the reasons begin with, for which plans were put in force.
PUBLISHED = "published plan "

#: The reason that a history names where a proposal was withdrawn for want of a legal basis.
WITHOUT_BASIS = "basis withdrawn"

#: And where it was withdrawn since the person objected to being matched by a program.
OBJECTED = "objected"

#: What a proposal may be while nobody has answered it yet.
UNDER_WAY = ("proposed", "sent")

#: A proposal by plan, pseudonym and place.
ProposalKey = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan in a list; `status` is `draft`, `active` or `replaced`.

    `proposals` says how many of them stand where.
    """

    id: int
    run: int
    season: str
    status: str
    at: datetime
    by: str
    proposals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a proposal's status."""

    status: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One line of a plan, with how it came to its status, from the start."""

    pseudonym: str
    place: str
    chance: float
    status: str
    steps: tuple[Step, ...]


def publish(store: Store, run_id: int, by: str, reason: str) -> int:
    """Make a draft plan of a run, a proposal a row of it; returns the plan's number.

    Raises as `runs.take` does, and `FaultyInput` (`CHANGED_SINCE`) for each person of the plan who
    left the store or withdrew since it was drawn, and each place that is there no more.
    """
    with store.transaction() as connection:
        return publish_in(connection, run_id, by, reason)


def publish_in(connection: Connection, run_id: int, by: str, reason: str) -> int:
    """Make a draft plan of a run within the caller's transaction."""
    lock_imports(connection)
    kept = take_in(connection, run_id)
    problem, rows, now = kept.run.problem, kept.run.rows, present()
    made = connection.execute(
        insert(plans).values(run=run_id, season=kept.run.season, status="draft", at=now, by=by)
    )
    assert made.inserted_primary_key is not None
    plan_id = int(made.inserted_primary_key[0])
    told = {"status": "proposed", "at": now, "by": by, "reason": reason}
    columns = (problem.candidates.seeker, problem.candidates.place, problem.candidates.chance)
    chosen = list(zip(*(np.asarray(column)[rows].tolist() for column in columns), strict=True))
    people = {problem.seekers[seeker].id for seeker, _, _ in chosen}
    _refuse_if_gone(connection, people, {problem.places[place].id for _, place, _ in chosen})
    for some in chunks(chosen, _AT_ONCE):
        keys = [
            {
                "plan": plan_id,
                "pseudonym": problem.seekers[seeker].id,
                "place": problem.places[place].id,
            }
            for seeker, place, _ in some
        ]
        offered = zip(keys, some, strict=True)
        connection.execute(
            insert(proposals), [{**key, "chance": chance} for key, (_, _, chance) in offered]
        )
        connection.execute(insert(proposal_history), [{**key, **told} for key in keys])
    _stop_without_basis(connection, plan_id, by)
    append(connection, by, "plan.publish", f"plan {plan_id}")
    return plan_id


def _refuse_if_gone(connection: Connection, people: set[str], offered: set[str]) -> None:
    """A plan takes a while to draw, and whoever withdraws meanwhile must not be in it."""
    heads = heads_of(connection)
    grounded, left_out = (
        set(connection.scalars(select(consents.c.pseudonym))),
        barred(connection, heads),
    )
    there = set(connection.scalars(select(places.c.id)))
    gone = sorted(one for one in people if one not in grounded or heads.get(one, one) in left_out)
    faults = [Fault(Rule.CHANGED_SINCE, column="seeker", value=one) for one in gone]
    faults += (
        Fault(Rule.CHANGED_SINCE, column="place", value=one) for one in sorted(offered - there)
    )
    if faults:
        raise FaultyInput(tuple(faults))


def activate(store: Store, plan_id: int, by: str, reason: str) -> int | None:
    """Put a plan in force for its season; returns the plan that it takes the place of, if any.

    A plan that was replaced can be put in force again; one that is in force already stays so. The
    `reason` is kept with it or neither is. Raises `FaultyInput` (`PLAN_UNKNOWN`, or
    `VALUE_MISSING` without a reason).
    """
    if not reason.strip():
        raise FaultyInput((Fault(Rule.VALUE_MISSING, column="reason"),))
    with store.transaction() as connection:
        lock_imports(connection)
        if connection.dialect.name != "sqlite":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PLAN_LOCK})
        season = connection.scalar(select(plans.c.season).where(plans.c.id == plan_id))
        if season is None:
            raise FaultyInput((Fault(Rule.PLAN_UNKNOWN, value=str(plan_id)),))
        in_force = (plans.c.season == season) & (plans.c.status == "active")
        last = connection.scalar(select(plans.c.id).where(in_force))
        if last == plan_id:
            return None
        connection.execute(update(plans).where(in_force).values(status="replaced"))
        connection.execute(update(plans).where(plans.c.id == plan_id).values(status="active"))
        _stop_without_basis(connection, plan_id, by)
        _keep_reason(connection, plan_id, by, reason.strip())
        append(connection, by, "plan.activate", f"plan {plan_id}", ["status"])
        return last


def _keep_reason(connection: Connection, plan_id: int, by: str, reason: str) -> None:
    now = present()
    value = {"plan": plan_id, "by": by, "at": now.isoformat(), "reason": reason}
    name = f"{PUBLISHED}{plan_id} {now.timestamp():.6f}"
    connection.execute(insert(settings).values(name=name, value=value))


def move(
    store: Store, plan_id: int, pseudonym: str, place: str, status: str, by: str, reason: str
) -> None:
    """Note that a proposal has come further, who says so and why.

    Raises `FaultyInput`: `PROPOSAL_UNKNOWN`, `VALUE_MISSING` without a reason, or `BASIS_MISSING`
    where a proposal is to go on and the person may not be matched. Raises `StoreRefused` for a
    status that does not exist.
    """
    if not reason.strip():
        raise FaultyInput((Fault(Rule.VALUE_MISSING, column="reason"),))
    key = {"plan": plan_id, "pseudonym": pseudonym, "place": place}
    mine = (
        (proposals.c.plan == plan_id)
        & (proposals.c.pseudonym == pseudonym)
        & (proposals.c.place == place)
    )
    with store.transaction() as connection:
        if connection.scalar(select(proposals.c.status).where(mine).with_for_update()) is None:
            raise FaultyInput((Fault(Rule.PROPOSAL_UNKNOWN),))
        season = connection.scalar(select(plans.c.season).where(plans.c.id == plan_id))
        if status in (*UNDER_WAY, "accepted") and pseudonym in _without_basis(connection, season):
            raise FaultyInput((Fault(Rule.BASIS_MISSING, value=pseudonym),))
        told = {"status": status, "at": present(), "by": by, "reason": reason}
        connection.execute(insert(proposal_history).values(**key, **told))
        connection.execute(update(proposals).where(mine).values(status=status))
        append(connection, by, "proposal.move", f"plan {plan_id}", ["status"])


def history(store: Store, plan_id: int, pseudonym: str, place: str) -> tuple[Step, ...]:
    """How a proposal came to its status, from the start."""
    table = proposal_history
    chosen = (
        select(table.c.status, table.c.at, table.c.by, table.c.reason)
        .where(table.c.plan == plan_id, table.c.pseudonym == pseudonym, table.c.place == place)
        .order_by(table.c.id)
    )
    with store.reading() as connection:
        return tuple(Step(*row) for row in connection.execute(chosen))


def lines(store: Store, plan_id: int) -> tuple[PlanLine, tuple[Proposal, ...]]:
    """A plan and its proposals, by pseudonym and place, each with its history.

    Raises `FaultyInput` (`PLAN_UNKNOWN`).
    """
    steps = proposal_history
    told = (
        select(steps.c.pseudonym, steps.c.place, steps.c.status, steps.c.at, steps.c.by,
               steps.c.reason)
        .where(steps.c.plan == plan_id)
        .order_by(steps.c.id)
    )  # fmt: skip
    chosen = (
        select(proposals.c.pseudonym, proposals.c.place, proposals.c.chance, proposals.c.status)
        .where(proposals.c.plan == plan_id)
        .order_by(proposals.c.pseudonym, proposals.c.place)
    )
    with store.reading() as connection:
        plan = next(iter(_listed(connection, plan_id=plan_id)), None)
        if plan is None:
            raise FaultyInput((Fault(Rule.PLAN_UNKNOWN, value=str(plan_id)),))
        past: dict[tuple[str, str], list[Step]] = {}
        for pseudonym, place, *step in connection.execute(told):
            past.setdefault((pseudonym, place), []).append(Step(*step))
        found = [
            Proposal(*row, steps=tuple(past.get((row.pseudonym, row.place), ())))
            for row in connection.execute(chosen)
        ]
    return plan, tuple(found)


def listed(store: Store, season: str | None = None) -> tuple[PlanLine, ...]:
    """The plans of a season, or all, newest first."""
    with store.reading() as connection:
        return _listed(connection, season)


def _listed(
    connection: Connection, season: str | None = None, plan_id: int | None = None
) -> tuple[PlanLine, ...]:
    chosen = select(
        plans.c.id, plans.c.run, plans.c.season, plans.c.status, plans.c.at, plans.c.by
    ).order_by(plans.c.id.desc())
    counted = select(proposals.c.plan, proposals.c.status, func.count()).group_by(
        proposals.c.plan, proposals.c.status
    )
    if season is not None:
        chosen = chosen.where(plans.c.season == season)
    if plan_id is not None:
        chosen = chosen.where(plans.c.id == plan_id)
        counted = counted.where(proposals.c.plan == plan_id)
    stand: dict[int, dict[str, int]] = {}
    for plan, status, count in connection.execute(counted.order_by(proposals.c.status)):
        stand.setdefault(plan, {})[status] = count
    return tuple(
        PlanLine(*row, proposals=stand.get(row.id, {})) for row in connection.execute(chosen)
    )


def active_plan(store: Store, season: str) -> PlanLine | None:
    """The plan that is in force."""
    return next((plan for plan in listed(store, season) if plan.status == "active"), None)


def stop(
    connection: Connection, keys: Sequence[ProposalKey], by: str, reason: str = WITHOUT_BASIS
) -> None:
    """Mark proposals as withdrawn by law, within the caller's transaction."""
    told = {"status": "withdrawn", "at": present(), "by": by, "reason": reason}
    for some in chunks(keys, _AT_ONCE):
        named = [{"plan": plan, "pseudonym": who, "place": place} for plan, who, place in some]
        connection.execute(insert(proposal_history), [{**key, **told} for key in named])
        mine = (proposals.c[name] == bindparam(f"of_{name}") for name in named[0])
        connection.execute(
            update(proposals).where(*mine).values(status="withdrawn"),
            [{f"of_{name}": value for name, value in key.items()} for key in named],
        )


def _stop_without_basis(connection: Connection, plan_id: int, by: str) -> None:
    """Stop what a plan proposes to people who may not be matched any longer, or objected to it."""
    chosen = select(proposals.c.pseudonym, proposals.c.place).where(
        proposals.c.plan == plan_id, proposals.c.status.in_(UNDER_WAY)
    )
    season = connection.scalar(select(plans.c.season).where(plans.c.id == plan_id))
    barred = _without_basis(connection, season)
    under_way = connection.execute(chosen).all()
    stop(connection, [(plan_id, who, place) for who, place in under_way if who in barred], by)
    objected = objectors(connection, heads_of(connection)) - barred
    unsent = connection.execute(chosen.where(proposals.c.status == "proposed")).all()
    keys = [(plan_id, who, place) for who, place in unsent if who in objected]
    stop(connection, keys, by, OBJECTED)


def _without_basis(connection: Connection, season: str | None) -> set[str]:
    """Who of a season may not be matched: withdrawn, or without a record that has a basis."""
    heads = heads_of(connection)
    last: dict[str, bool] = {}
    grounds = (
        select(consents.c.pseudonym, consents.c.kind, consents.c.withdrawn_at)
        .join(people, people.c.pseudonym == consents.c.pseudonym)
        .where(people.c.season == season)
        .order_by(consents.c.sequence)
    )
    for pseudonym, kind, withdrawn_at in connection.execute(grounds):
        last[pseudonym] = kind != Basis.NONE and withdrawn_at is None
    grounded = {heads.get(pseudonym, pseudonym) for pseudonym, stands in last.items() if stands}
    everybody = {heads.get(pseudonym, pseudonym) for pseudonym in last}
    return barred(connection, heads) | (everybody - grounded)

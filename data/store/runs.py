"""Which runs were made, from what, and with what result? Kept so that each can be replayed.

The store gives and takes; solving again and comparing is the office's (`office.replay`). The log
names each run with hashes of its columns, its data, its model, its configuration and its result,
so that none of them can be exchanged without the log telling which.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select

from data.store.audit import append
from data.store.import_log import lock_imports
from data.store.moments import present
from data.store.opening import Store
from data.store.run_columns import data_hash, digest_of, packed, unpacked
from data.store.tables import audit, runs
from matching.errors import Fault, FaultyInput, Rule
from matching.plan import Rows
from matching.problem import Problem

#: What the log says when a run is kept.
KEPT = "run.keep"

#: The parts of a run that the log vouches for one by one, in the order of its hashes.
PARTS = ("columns", "data", "model", "config", "versions", "result")


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What goes into a run and what came of it.

    `rows` are the plan's rows of the problem's candidates. `model_hash` names the chance model,
    `config` holds all that the policy was asked for, `versions` those of the product and of the
    libraries that reckon, `result` the figures. None of the three may hold anything of a person.
    """

    season: str
    problem: Problem
    rows: Rows
    solver: str
    model_hash: str
    config: Mapping[str, Any]
    versions: Mapping[str, str]
    result: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class KeptRun:
    """A run as it was kept: `fingerprint` and `data_hash` are of that day.

    `unvouched` names the `PARTS` that are not as the log says they were kept: all of them where
    the log does not (or no longer) speak of the run.
    """

    id: int
    at: datetime
    by: str
    fingerprint: str
    data_hash: str
    run: Run
    unvouched: tuple[str, ...]

    @property
    def witnessed(self) -> bool:
        """Whether the log vouches for every part."""
        return not self.unvouched


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in a list: everything but its columns."""

    id: int
    at: datetime
    by: str
    season: str
    fingerprint: str
    solver: str
    result: Mapping[str, Any]


def keep(store: Store, run: Run, by: str) -> int:
    """Keep a run and log it; returns its number. Raises `StoreRefused` for an unknown season."""
    with store.transaction() as connection:
        return keep_in(connection, run, by)


def keep_in(connection: Connection, run: Run, by: str) -> int:
    """Keep a run within the caller's transaction."""
    # The log's lock is taken below and an import takes it last: this one must come before it.
    lock_imports(connection)
    row = {
        "at": present(),
        "by": by,
        "season": run.season,
        "fingerprint": run.problem.fingerprint(),
        "data_hash": data_hash(run.problem),
        "model_hash": run.model_hash,
        "config": dict(run.config),
        "versions": dict(run.versions),
        "solver": run.solver,
        "result": dict(run.result),
        "payload": packed(run.problem, run.rows),
    }
    made = connection.execute(insert(runs).values(**row))
    assert made.inserted_primary_key is not None
    run_id = int(made.inserted_primary_key[0])
    append(connection, by, KEPT, " ".join((f"run {run_id}", *_hashes(row))))
    return run_id


def take(store: Store, run_id: int) -> KeptRun:
    """A run with its problem and plan.

    Raises `FaultyInput`: `RUN_UNKNOWN`, or `RUN_DAMAGED` if its columns are not as they were kept.
    """
    with store.reading() as connection:
        return take_in(connection, run_id)


def take_in(connection: Connection, run_id: int) -> KeptRun:
    """A run with its problem and plan, within the caller's transaction."""
    row = connection.execute(select(runs).where(runs.c.id == run_id)).mappings().one_or_none()
    if row is None:
        raise FaultyInput((Fault(Rule.RUN_UNKNOWN, value=str(run_id)),))
    logged = select(audit.c.subject).where(
        audit.c.action == KEPT, audit.c.subject.startswith(f"run {run_id} ")
    )
    # A number is given again after the last run was deleted: the latest entry speaks of this one.
    told = (connection.scalar(logged.order_by(audit.c.seq.desc()).limit(1)) or "").split()[2:]
    found = _hashes(row)
    unvouched = tuple(part for part, digest in zip(PARTS, found, strict=True) if digest not in told)
    problem, plan = unpacked(row["payload"])
    names = {name: row[name] for name in ("season", "solver", "model_hash")}
    facts = {name: row[name] for name in ("config", "versions", "result")}
    return KeptRun(
        id=run_id,
        at=row["at"],
        by=row["by"],
        fingerprint=row["fingerprint"],
        data_hash=row["data_hash"],
        run=Run(problem=problem, rows=plan, **names, **facts),
        unvouched=unvouched,
    )


def kept(
    store: Store, season: str | None = None, offset: int = 0, limit: int | None = None
) -> tuple[RunLine, ...]:
    """The runs of a season, or all, newest first; so many of them from `offset` on."""
    chosen = select(
        runs.c.id, runs.c.at, runs.c.by, runs.c.season, runs.c.fingerprint, runs.c.solver,
        runs.c.result,
    ).order_by(runs.c.id.desc())  # fmt: skip
    if season is not None:
        chosen = chosen.where(runs.c.season == season)
    chosen = chosen.offset(offset).limit(limit)
    with store.reading() as connection:
        return tuple(RunLine(*row) for row in connection.execute(chosen))


def seasons_of_runs(store: Store) -> Mapping[str, int]:
    """How many runs are kept of each season, the newest season first."""
    chosen = select(runs.c.season, func.count()).group_by(runs.c.season)
    with store.reading() as connection:
        return dict(connection.execute(chosen.order_by(runs.c.season.desc())).all())


def _hashes(row: RowMapping | Mapping[str, Any]) -> tuple[str, ...]:
    """A hash a part, in the order of `PARTS`; no two parts of a run share one."""
    told: dict[str, Any] = {
        "data": row["data_hash"],
        "model": row["model_hash"],
        "config": [row["season"], row["solver"], row["config"]],
        "versions": row["versions"],
        "result": [row["fingerprint"], row["result"]],
    }
    return (digest_of(row["payload"]), *(_hash(part, told[part]) for part in PARTS[1:]))


def _hash(part: str, told: Any) -> str:
    """One canonical spelling of numbers and names, so that both databases give the same."""
    spelling = json.dumps([part, told], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelling.encode()).hexdigest()

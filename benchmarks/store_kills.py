"""Is an import all there or not at all, if it is killed at any moment? SIGKILL, again and again.

The process that is killed is the command itself, `uebergang import`, which tells on the way how
far it has come (its transaction begun, its last row written, its commit done). A tenth of the kills
falls before the transaction, most of them anywhere inside it, and three in ten from the moment of
the commit on, drawn so that they meet the commit itself, which takes a few milliseconds.

After each kill the store is opened again and compared, row by row in every table, with what it was
before; where anything differs, all of the import must be there. Then the same file comes once more
and must leave the complete result.
"""

from __future__ import annotations

import hashlib
import os
import random
import select as waiting
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, select
from sqlalchemy.engine.default import DefaultDialect

from benchmarks.store_databases import Databases
from benchmarks.store_writers import SEASON, damaged, desk_of, list_text
from data.store import audit as log
from data.store.opening import Store, open_store
from data.store.tables import imports, metadata
from office.access import User

SCHOOL = "990000"

#: The stages a process tells of, in their order.
STAGES = ("start", "begin", "commit", "committed", "done")

#: A process that ended by itself, before it was killed: then nothing is known.
FELL = "fell"

_LIMIT = 60.0
_COMMAND = "from benchmarks.store_kills import told_import; told_import()"


def told_import() -> None:
    """Run the command line in this process and tell each stage of its transaction on stdout."""
    from office.cli import app  # noqa: PLC0415 - a part of the run that is killed

    def writes(connection: Connection) -> bool:
        return bool(connection.get_execution_options().get("uebergang_writes", True))

    @event.listens_for(Engine, "begin")
    def begun(connection: Connection) -> None:
        if writes(connection):
            os.write(1, b"begin\n")

    @event.listens_for(Engine, "commit")
    def ends(connection: Connection) -> None:
        if writes(connection):
            os.write(1, b"commit\n")
            told.append(True)

    commit: Any = DefaultDialect.do_commit

    def committed(dialect: DefaultDialect, connection: Any) -> None:
        commit(dialect, connection)
        if told:
            os.write(1, b"committed\n")

    told: list[bool] = []
    DefaultDialect.do_commit = committed  # type: ignore[method-assign]

    os.write(1, b"start\n")
    app(sys.argv[1:], standalone_mode=False)
    os.write(1, b"done\n")


@dataclass(slots=True)
class Killed:
    """What came of all kills: how many at which stage, and what was there afterwards."""

    stages: Counter[str] = field(default_factory=Counter)
    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    inside: list[float] = field(default_factory=list)
    longest_cleared: float = 0.0

    @property
    def kills(self) -> int:
        """How many there were."""
        return sum(self.stages.values())

    def of(self, found: str) -> int:
        """After how many kills nothing, or all, was there."""
        return sum(count for (_, what), count in self.found.items() if what == found)


@dataclass(frozen=True, slots=True)
class Aim:
    """When to kill: so many seconds after a stage was told."""

    stage: str
    delay: float


class Victim:
    """The command as a process of its own."""

    def __init__(self, url: str, file: Path) -> None:
        words = ["--lang", "en", "import", str(file), "--school", SCHOOL, "--season", SEASON]
        self._began = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, *words, "--db", url, "--as", "amt", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.at: dict[str, float] = {"launch": self._began}
        self._heard = b""

    def listen(self, until: str | None, deadline: float) -> None:
        """Take down stages until one is told, the time is up, or the process ends."""
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        while until is None or until not in self.at:
            left = deadline - time.perf_counter()
            if left <= 0 or not waiting.select([pipe], [], [], left)[0]:
                return
            heard = os.read(pipe, 65536)
            if not heard:
                return
            now = time.perf_counter()
            self._heard += heard
            for stage in STAGES:
                if f"{stage}\n".encode() in self._heard:
                    self.at.setdefault(stage, now)

    def kill(self) -> str:
        """Kill it and return the last stage that it told, or `FELL` if it fell by itself."""
        fell = self._process.poll() not in (None, 0)
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self.listen(None, time.perf_counter() + 1)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return FELL if fell else max(self.at, key=("launch", *STAGES).index)


def kill_imports(databases: Databases, folder: Path, kills: int, rows: int, seed: int) -> Killed:
    """Kill the import of a list so many times and judge what is left each time."""
    dice, killed = random.Random(seed), Killed()
    before = folder / "before.csv"
    before.write_text(list_text(range(1, rows // 2)), encoding="utf-8")
    # Half of them known, some gone, the rest new, one in twenty to wait.
    file = folder / "now.csv"
    numbers = range(rows // 10, rows + rows // 10)
    file.write_text(list_text(numbers, faulty=numbers[::20]), encoding="utf-8")
    base = databases.empty()
    hand_in(base, before)
    complete = databases.copy(base)
    hand_in(complete, file)
    after = _counts(complete)
    lengths = _lengths([databases.copy(base) for _ in range(1 if kills < 10 else 2)], file)
    clean = digests(base)
    for nth in range(kills):
        url = databases.copy(base)
        aim = aimed(nth, lengths, dice)
        victim = Victim(url, file)
        victim.listen(aim.stage, time.perf_counter() + _LIMIT)
        victim.listen(None, time.perf_counter() + aim.delay)
        moment = time.perf_counter()
        stage = victim.kill()
        if stage == "begin":
            killed.inside.append((moment - victim.at["begin"]) / lengths["begin"])
        killed.stages[stage] += 1
        killed.longest_cleared = max(killed.longest_cleared, _cleared(databases, url))
        killed.wrong += _judged(killed, stage, url, clean, after, file)
        databases.drop(url)
    return killed


def aimed(nth: int, lengths: Mapping[str, float], dice: random.Random) -> Aim:
    """Of ten kills one comes before the transaction, six inside it, three from its commit on."""
    if nth % 10 == 0:
        return Aim("launch", dice.uniform(0, lengths["launch"]))
    if nth % 10 in (3, 6, 9):
        return Aim("commit", dice.uniform(0, 2 * lengths["commit"]))
    return Aim("begin", dice.uniform(0, lengths["begin"]))


def hand_in(url: str, file: Path) -> Mapping[str, int]:
    """The import within this process; what it counted."""
    desk = desk_of(url)
    try:
        return desk.import_school_lists([file], User.operator("amt"), SCHOOL, SEASON).report.counts
    finally:
        desk.close()


def digests(url: str) -> dict[str, str]:
    """Every table's content as a hash."""
    store = open_store(url)
    try:
        with store.reading() as connection:
            return {
                table.name: hashlib.sha256(
                    repr(
                        connection.execute(select(table).order_by(*table.primary_key)).all()
                    ).encode()
                ).hexdigest()
                for table in metadata.sorted_tables
            }
    finally:
        store.close()


def _counts(url: str) -> dict[str, int]:
    store = open_store(url)
    try:
        return _rows(store)
    finally:
        store.close()


def _rows(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        return {
            table.name: len(connection.execute(select(*table.primary_key)).all())
            for table in metadata.sorted_tables
        }


def _lengths(urls: Sequence[str], file: Path) -> dict[str, float]:
    """How long the unharmed command takes from each stage to the next: the shortest of all."""
    taken = []
    for url in urls:
        victim = Victim(url, file)
        victim.listen("done", time.perf_counter() + _LIMIT)
        victim.kill()
        taken.append(victim.at)
    steps = (("launch", "begin"), ("begin", "commit"), ("commit", "committed"))
    return {one: min(at[other] - at[one] for at in taken) for one, other in steps}


def _cleared(databases: Databases, url: str) -> float:
    """Seconds until the database itself has noticed that the process is gone."""
    began = time.perf_counter()
    while databases.others(url) and time.perf_counter() < began + _LIMIT:
        time.sleep(0.005)
    return time.perf_counter() - began


def _judged(
    killed: Killed,
    stage: str,
    url: str,
    clean: Mapping[str, str],
    after: Mapping[str, int],
    file: Path,
) -> list[str]:
    """What is wrong with a store whose import was killed; counts what was found."""
    wrong = []
    store = open_store(url)
    try:
        with store.reading() as connection:
            wrong += damaged(connection)
            counted = connection.scalars(select(imports.c.counts).order_by(imports.c.id)).all()
        if stage == FELL:
            wrong.append("the command ended by itself")
        nothing = digests(url) == clean
        if not nothing and _rows(store) != after:
            wrong.append(f"killed at {stage}: a part of the import is there")
        if nothing and stage in ("committed", "done"):
            wrong.append("the import was committed and is gone")
        if log.verify(store) is not None:
            wrong.append(f"killed at {stage}: the log is broken")
        killed.found[stage, "nothing" if nothing else "all"] += 1
        again = hand_in(url, file)
        fresh = again["stored"] + again["changed"] + again["merged"]
        if sum(again[name] for name in ("gone", "doubtful")) and not nothing:
            wrong.append(f"killed at {stage}: the second import found somebody gone")
        if (fresh == 0) is nothing:
            wrong.append(f"killed at {stage}: the second import did {fresh} rows")
        expected = dict(after)
        if not nothing:  # one import more, in the log too, and nothing else
            expected["imports"] += 1
            expected["audit"] += 1
            if len(counted) != 2 or counted[1] == {}:
                wrong.append(f"killed at {stage}: the import is there without its counts")
        if (rows := _rows(store)) != expected:
            odd = {name for name in rows if rows[name] != expected[name]}
            wrong.append(f"killed at {stage}: after the second import {sorted(odd)} differ")
        if log.verify(store) is not None:
            wrong.append(f"killed at {stage}: the log is broken by the second import")
    finally:
        store.close()
    return wrong

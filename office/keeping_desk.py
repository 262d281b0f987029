"""What does an administrator look after? Runs solved again, the log, copies, how the house is set.

What changes the store for good (terms, copies) is `office.upkeep_desk`'s.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from data.reference.boundaries import district_shapes, import_boundaries
from data.reference.kldb import FILE as OCCUPATIONS
from data.reference.kldb import import_kldb, kldb_titles
from data.reference.occupations import occupations
from data.store.audit import Head, append, head, verify
from data.store.audit_pages import Entry, Wanted, log_page, log_rows, said_in_log
from data.store.backup import Manifest, backup
from data.store.cases import Scores
from data.store.house_settings import Switches, set_switch, switches_of
from data.store.retention import TERMS, Term, due, read_terms
from data.store.seasons import training_start
from office.access import Right, User, asks
from office.drawing import Progress
from office.drawing_work import REPLAYS, Key, Replaying
from office.replay import Replay
from office.reports.people_sheet import inert
from office.season_desk import SeasonDesk

__all__ = [
    "TERMS", "Copied", "Copy", "Entry", "Head", "KeepingDesk", "Reference", "Scores", "Switches",
    "Term", "Wanted",
]  # fmt: skip

#: How the names of copies begin and end, those of the nightly job too.
_COPY, _ZIP = "uebergang-", ".zip"


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the store in the house's own folder: its file's name, size in bytes, and when."""

    name: str
    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that was made just now: how much it holds, and how far its log goes at least."""

    copy: Copy
    manifest: Manifest
    head: Head


@dataclass(frozen=True, slots=True)
class Reference:
    """Which tables of reference are there.

    `own` counts the product's own training occupations, `official` those of an imported table,
    `municipalities` the shapes on the map; `schematic` says that they are no boundaries.
    """

    own: int
    official: int
    municipalities: int
    schematic: bool


class KeepingDesk(SeasonDesk):
    """The part of the desk where an administrator looks after the house."""

    # Runs

    @asks(Right.SEE_RUNS)
    def start_replay(self, run: int, by: User) -> Replaying:
        """Begin to solve a kept run again, or tell of the replay that goes on.

        What is told is what came of it, without the plan itself (`steered`), which is large.
        Raises `FaultyInput` as `show_run` does.
        """
        kept = self.show_run(run, by=by)
        people = len(kept.run.problem.seekers)

        def again(progress: Progress) -> Replay:
            return replace(self.replay_run(run, by, progress), steered=None)

        return REPLAYS.start(self._replay(run), by.name, people, again)

    @asks(Right.SEE_RUNS)
    def replaying(self, run: int, by: User) -> Replaying | None:
        """How far the replay of a run has come, or how the last one ended."""
        return REPLAYS.look(self._replay(run))

    @asks(Right.SEE_RUNS)
    def stop_replay(self, run: int, by: User) -> None:
        """Have the replay of a run stopped at its next step."""
        REPLAYS.stop(self._replay(run))

    @asks(Right.SEE_RUNS)
    def forget_replay(self, run: int, by: User) -> None:
        """Tell no longer of a replay that has ended."""
        REPLAYS.forget(self._replay(run))

    def _replay(self, run: int) -> Key:
        return self.settings.store, f"run {run}"

    # The log

    @asks(Right.CHECK_LOG)
    def log_page(
        self, by: User, wanted: Wanted, offset: int = 0, limit: int = 25
    ) -> tuple[tuple[Entry, ...], int]:
        """Some rows of the log, newest first, and how many there are in all."""
        return log_page(self.store, wanted, offset, limit)

    @asks(Right.CHECK_LOG)
    def said_in_log(self, by: User) -> tuple[Sequence[str], Sequence[str]]:
        """Every action and every actor that the log names."""
        return said_in_log(self.store)

    @asks(Right.CHECK_LOG)
    def log_head(self, by: User) -> Head:
        """How far the log goes."""
        return head(self.store)

    @asks(Right.CHECK_LOG)
    def check_log(
        self, by: User, noted: str | None = None, tell: Callable[[int], None] | None = None
    ) -> tuple[int | None, Head]:
        """As `verify_log`; `tell` hears how many rows were checked, and may break the check off."""
        known = None if noted is None else Head.read(noted)
        return verify(self.store, known, tell), head(self.store)

    @asks(Right.CHECK_LOG)
    def export_log(self, by: User, wanted: Wanted) -> bytes:
        """The rows that are wanted as CSV, oldest first; that it was asked is logged before."""
        with self.store.transaction() as connection:
            append(connection, by.name, "audit.export", "store")
        text = StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow(("seq", "at", "actor", "action", "subject", "fields", "hash"))
        for row in log_rows(self.store, wanted):
            told = (row.at.isoformat(), row.actor, row.action, row.subject, " ".join(row.fields))
            writer.writerow((row.seq, *map(inert, told), row.hash))
        return text.getvalue().encode("utf-8-sig")

    # Terms, copies, switches, tables of reference

    @asks(Right.RUN_RETENTION)
    def terms(self, by: User) -> Mapping[str, Term]:
        """The terms that hold here: the office's own where the settings name a file of them.

        Raises `FaultyInput` with every fault of that file.
        """
        file = self.settings.terms_file
        return TERMS if file is None else read_terms(file)

    @asks(Right.RUN_RETENTION)
    def beyond_term(self, by: User, today: date | None = None) -> Mapping[str, int]:
        """How much of each class of data is beyond its term; nothing is deleted."""
        return due(self.store, today or date.today(), self.terms(by=by))

    @asks(Right.BACK_UP)
    def copies(self, by: User) -> tuple[Copy, ...]:
        """The copies in the house's own folder, newest first."""
        folder = self.settings.copies
        try:
            found = [_copy(file) for file in folder.glob(f"{_COPY}*{_ZIP}")]
        except OSError:
            return ()
        return tuple(sorted(found, key=lambda one: (one.at, one.name), reverse=True))

    @asks(Right.BACK_UP)
    def make_copy(self, by: User) -> Copied:
        """Write the whole store into a new file of the house's own folder; this is logged.

        Raises `OSError` where the folder can't be written, and `FaultyInput` as `backup` does.
        """
        folder = self.settings.copies
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Logged first: the copy tells of itself, and its log goes at least as far as this.
        with self.store.transaction() as connection:
            append(connection, by.name, "store.copy", "store")
        reached = head(self.store)
        file = folder / f"{_COPY}{datetime.now():%Y-%m-%d-%H%M%S}{_ZIP}"
        manifest = backup(self.store, file)
        return Copied(_copy(file), manifest, reached)

    @asks(Right.SET_SWITCHES)
    def switches(self, by: User) -> Switches:
        """How the house is set."""
        return switches_of(self.store)

    @asks(Right.SET_SWITCHES)
    def show_scores(self, most: Scores, by: User) -> None:
        """Say what counselors are shown of chances at most."""
        set_switch(self.store, "scores", Scores(most).value, by.name)

    @asks(Right.SET_SWITCHES)
    def work_in_season(self, name: str | None, by: User) -> None:
        """Say in which season everybody works; `None` for today's. `FaultyInput` for none."""
        if name is not None:
            training_start(name)
        set_switch(self.store, "season", name, by.name)

    @asks(Right.SET_REFERENCE)
    def reference(self, by: User) -> Reference:
        """Which tables of reference are there."""
        folder = self.settings.data_folder
        shapes = district_shapes(folder)
        return Reference(
            own=len(occupations()),
            official=sum(len(code) == 5 for code in kldb_titles(folder)),
            municipalities=len(shapes["features"]),
            schematic=bool(shapes["schematic"]),
        )

    @asks(Right.SET_REFERENCE)
    def take_occupations(self, content: bytes, by: User) -> int:
        """Import the official table of occupations from a file's bytes; returns how many."""
        return self._take(content, OCCUPATIONS, import_kldb)

    @asks(Right.SET_REFERENCE)
    def take_shapes(self, content: bytes, by: User) -> int:
        """Import the municipalities' boundaries from a GeoJSON file's bytes; returns how many."""
        return self._take(content, "boundaries.geojson", import_boundaries)

    def _take(self, content: bytes, name: str, take: Callable[[Path, Path], int]) -> int:
        with TemporaryDirectory(prefix="uebergang-") as folder:
            file = Path(folder) / name
            file.write_bytes(content)
            return take(file, self.settings.data_folder)


def _copy(file: Path) -> Copy:
    state = os.stat(file)
    return Copy(file.name, state.st_size, datetime.fromtimestamp(state.st_mtime, UTC))

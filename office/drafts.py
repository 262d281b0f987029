"""What has a school handed in and not yet confirmed? Drafts, in memory alone.

A file as it comes may say anything of anybody: religion, health, remarks. None of that may reach
the store, so that a file waits for its confirmation in the memory of the server and nowhere else.
It belongs to one user and one school, outlives a page that is loaded again, and goes when it is
confirmed, dropped, or not touched for half an hour, and when its user signs out or is shut out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Lock, Timer

from data.intake.pupil_rows import LAW, Context, recheck
from data.intake.reading import Upload
from data.intake.records import FileRead, LegalBasis, PupilRecord, Waiting
from data.store.pupil_cells import cells_of_pupil
from matching.errors import Fault, FaultyInput, Rule

#: As long as a session may rest, so that nobody's draft outlives their session by much.
LONGEST_REST = timedelta(minutes=30)

#: Bytes of one draft, and of all drafts together: the memory of the server is everybody's.
MOST_OF_ONE, MOST_OF_ALL = 20 * 2**20, 200 * 2**20

#: Seconds after the end of its rest by which a draft is gone.
_AFTER = 0.05

#: A row by its file and number.
RowKey = tuple[str, int]
Corrections = Mapping[RowKey, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Draft:
    """Files that wait for their confirmation, and what was said of them so far.

    `mapping` gives headings their fields, `corrections` cells by row and field. A list that is not
    `complete` leaves nobody gone.
    """

    files: tuple[Upload, ...] = field(repr=False)
    season: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    basis: LegalBasis = LAW
    complete: bool = True
    corrections: Corrections = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        """Its bytes."""
        return sum(len(file.content) for file in self.files)


@dataclass(slots=True)
class Drafts:
    """Every draft of every user; `now` is the clock, `rest` how long one stays without a touch."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    rest: timedelta = LONGEST_REST
    _kept: dict[tuple[str, str], tuple[datetime, Draft]] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)
    _timer: Timer | None = field(default=None, repr=False)

    def of(self, user: str, school: str) -> Draft | None:
        """The draft of a user for a school, if there is one; looking at it keeps it."""
        with self._lock:
            self._forget_old_ones()
            found = self._kept.get((user, school))
            if found is None:
                return None
            self._kept[user, school] = (self.now(), found[1])
            return found[1]

    def keep(self, user: str, school: str, draft: Draft) -> None:
        """Keep a draft in place of the one that was there.

        Raises `FaultyInput` (`FILE_TOO_LARGE`) where memory would not do.
        """
        with self._lock:
            self._forget_old_ones()
            others = (d.size for key, (_, d) in self._kept.items() if key != (user, school))
            if draft.size > MOST_OF_ONE or sum(others) + draft.size > MOST_OF_ALL:
                raise FaultyInput((Fault(Rule.FILE_TOO_LARGE),))
            self._kept[user, school] = (self.now(), draft)
            self._set_timer()

    def change(self, user: str, school: str, how: Callable[[Draft], Draft]) -> Draft | None:
        """Keep what a draft becomes, if there is one; nobody else changes it meanwhile."""
        with self._lock:
            self._forget_old_ones()
            found = self._kept.get((user, school))
            if found is None:
                return None
            changed = how(found[1])
            self._kept[user, school] = (self.now(), changed)
            return changed

    def drop(self, user: str, school: str, only: Draft | None = None) -> None:
        """Forget a draft; with `only`, no other one that has taken its place."""
        with self._lock:
            found = self._kept.get((user, school))
            if found is not None and (only is None or found[1] is only):
                del self._kept[user, school]

    def forget(self, user: str) -> None:
        """Forget everything that a user has not confirmed, of whatever school."""
        with self._lock:
            for key in [key for key in self._kept if key[0] == user]:
                del self._kept[key]

    def _set_timer(self) -> None:
        """Have the old ones forgotten in time, though nobody should ask for a draft any more."""
        if self._timer is None and self._kept:
            first = min(seen for seen, _ in self._kept.values())
            wait = (first + self.rest - self.now()).total_seconds()
            self._timer = Timer(max(0.0, wait) + _AFTER, self._in_time)
            self._timer.daemon = True
            self._timer.start()

    def _in_time(self) -> None:
        with self._lock:
            self._timer = None
            self._forget_old_ones()
            self._set_timer()

    def _forget_old_ones(self) -> None:
        oldest = self.now() - self.rest
        for key in [key for key, (seen, _) in self._kept.items() if seen < oldest]:
            del self._kept[key]


#: Those of this server.
DRAFTS = Drafts()


def corrected(
    parts: Iterator[FileRead[PupilRecord]],
    corrections: Corrections,
    school: str,
    training_start: date,
    occupations: Path,
) -> Iterator[FileRead[PupilRecord]]:
    """The parts of a list with some rows corrected: each goes through its reader's check again."""
    for part in parts:
        own = {row: cells for (file, row), cells in corrections.items() if file == part.file}
        if not own:
            yield part
            continue
        context = Context(
            school=school,
            training_start=training_start,
            occupations=occupations,
            file=part.file,
            headings={name: heading for heading, name in part.mapping.items()},
        )
        yield _corrected(part, own, context)


def _corrected(
    part: FileRead[PupilRecord], own: Mapping[int, Mapping[str, str]], context: Context
) -> FileRead[PupilRecord]:
    records: list[PupilRecord] = []
    waiting: list[Waiting] = []
    left = list(part.faults)
    everybody: list[PupilRecord | Waiting] = [*part.records, *part.waiting]
    for came in everybody:
        known, told = came, own.get(came.row)
        if told is not None:
            if isinstance(came, Waiting):
                left = [fault for fault in left if fault not in came.faults]
            cells = came.cells if isinstance(came, Waiting) else cells_of_pupil(came)
            known = _checked(came.row, {**cells, **told}, context)
            left += known.faults if isinstance(known, Waiting) else ()
        if isinstance(known, Waiting):
            waiting.append(known)
        else:
            records.append(known)
    records.sort(key=lambda record: record.row)
    waiting.sort(key=lambda one: one.row)
    return replace(part, records=tuple(records), waiting=tuple(waiting), faults=tuple(left))


def _checked(row: int, cells: Mapping[str, str], context: Context) -> PupilRecord | Waiting:
    said = {name: text for name, text in cells.items() if text.strip()}
    result = recheck(said, context, row)
    return Waiting(row, said, result) if isinstance(result, tuple) else result

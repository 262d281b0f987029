"""What would a school's list change? Each row against the store, some thousand rows at a time.

Nothing is written here. Whoever applies the list writes one batch of differences before asking
for the next, so that memory stays bounded whatever the length of the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from data.intake.duplicates import Identity
from data.intake.records import FileRead, PupilRecord, Waiting
from data.store.doubles import FindDuplicates, Pairing, Pairings, pairings
from data.store.grounds import withdrawn_before
from data.store.import_log import ImportReport, Origin, chunks, is_torn
from data.store.newcomers import NEW, Newcomers
from data.store.pupil_cells import cells_of_pupil
from data.store.pupil_states import Difference, difference, states_of
from data.store.pupil_writing import Written
from data.store.roll import Found, Roll, roll_of
from data.store.settled import SettledRow, absent_people, parted
from data.store.tables import LONGEST_SCHOOL
from matching.errors import Fault, Rule


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that says otherwise than the store: of whom, and in which fields. No values."""

    row: int
    pseudonym: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paired:
    """A row that is, or may be, the same person as a known one or as an earlier row of the list."""

    row: int | None
    pseudonym: str | None
    other_row: int | None
    score: float
    rule: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a list would change.

    `new` are rows of people who are new in the season, `gone` the pseudonyms of those the list no
    longer names, `waiting` the rows that need a correction. `merged` and `doubtful` are doubles,
    sure ones and those to be decided.
    """

    rows: int
    new: tuple[int, ...]
    changed: tuple[Changed, ...]
    unchanged: int
    gone: tuple[str, ...]
    waiting: tuple[Waiting, ...]
    merged: tuple[Paired, ...]
    doubtful: tuple[Paired, ...]
    dropped_columns: tuple[str, ...]
    faults: tuple[Fault, ...]

    def report(self, import_id: int = 0) -> ImportReport:
        """The five counts and the rest; every row is counted once, or this is a defect."""
        waiting = (fault for row in self.waiting for fault in row.faults)
        return ImportReport(
            import_id=import_id,
            rows=self.rows,
            stored=len(self.new) - len(self.merged),
            changed=len(self.changed),
            unchanged=self.unchanged,
            merged=len(self.merged),
            quarantined=len(self.waiting),
            gone=len(self.gone),
            doubtful=len(self.doubtful),
            dropped_columns=self.dropped_columns,
            faults=tuple(dict.fromkeys((*self.faults, *waiting))),
        )


@dataclass(slots=True)
class Comparison:
    """A list against the store, gathered part by part.

    Rows that were settled before count as such, unless it is such a row that comes in (`recalls`).
    `back` are people who were corrected then, gone since, and are named again.
    """

    connection: Connection
    origin: Origin
    recalls: bool = True
    files: dict[str, None] = field(default_factory=dict)
    back: list[str] = field(default_factory=list)
    read: FileRead[PupilRecord] = field(default_factory=lambda: FileRead("", "", 0, ()))
    roll: Roll = field(default_factory=Roll)
    schools: set[str] = field(default_factory=set)
    new: list[int] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: int = 0
    waiting: list[Waiting] = field(default_factory=list)
    fresh: Newcomers = field(default_factory=Newcomers)
    moved: dict[str, Identity] = field(default_factory=dict)
    rows_of_moved: dict[str, int] = field(default_factory=dict)
    pairings: Pairings = field(default_factory=Pairings)

    def differences(self, parts: Iterable[FileRead[PupilRecord]]) -> Iterator[list[Written]]:
        """What some rows at a time change: the difference, its school, whether it is somebody new.

        The caller writes one batch before it asks for the next.
        """
        for part in parts:
            self._begin(part)
            said = frozenset(part.mapping.values())
            self.waiting += part.waiting
            # Whoever has a number first: a row without one may mean the same person.
            for records in chunks(sorted(part.records, key=lambda record: not record.number)):
                yield self._compare(records, said)

    def _begin(self, part: FileRead[PupilRecord]) -> None:
        first = not self.files
        self.files[part.file] = None
        dropped = dict.fromkeys((*self.read.dropped_columns, *part.dropped_columns))
        self.read = replace(
            part,
            rows=self.read.rows + part.rows,
            records=(),
            waiting=(),
            mapping={**self.read.mapping, **part.mapping},
            dropped_columns=tuple(dropped),
            faults=(*self.read.faults, *part.faults),
        )
        named = {record.school for record in part.records}
        assert self.origin.season is not None
        missing = ({self.origin.school} if self.origin.school else named) - self.schools
        if missing or first:
            self.schools |= missing
            roll_of(self.connection, self.origin.season, missing, self.roll)

    def _compare(self, records: Sequence[PupilRecord], said: frozenset[str]) -> list[Written]:
        found = [(record, self._find(record)) for record in records]
        known = [who.pseudonym for _, who in found if who and not who.new and not who.repeated]
        assert self.origin.season is not None
        states = states_of(self.connection, self.origin.season, known)
        withdrew = withdrawn_before(self.connection, records)
        changes: list[Written] = []
        for (record, who), day in zip(found, withdrew, strict=True):
            if who is None:
                continue
            if who.repeated:
                self.unchanged += 1
                continue
            state = states.get(who.pseudonym)
            change = difference(who.pseudonym, state, record, said, day)
            if change is None:
                self.unchanged += 1
                continue
            if change.before.get("people", 0) is None:
                self.new.append(record.row)
            else:
                self.changed.append(Changed(record.row, who.pseudonym, change.fields))
            self._remember(change, record.row, is_new=who.new)
            changes.append(Written(change, record.school, who.new))
        return changes

    def _find(self, record: PupilRecord) -> Found | None:
        if self.origin.school is not None and record.school != self.origin.school:
            self._turn_away(record, Rule.SCHOOL_OTHER, "school")
            return None
        if not 0 < len(record.school) <= LONGEST_SCHOOL:
            rule = Rule.VALUE_UNKNOWN if record.school else Rule.VALUE_MISSING
            self._turn_away(record, rule, "school")
            return None
        who = self.roll.find(record)
        if isinstance(who, Rule):
            self._turn_away(record, who, "number" if record.number else "surname")
            return None
        return who

    def _turn_away(self, record: PupilRecord, rule: Rule, column: str) -> None:
        fault = Fault(rule, self.read.file, record.row, column)
        self.waiting.append(Waiting(record.row, cells_of_pupil(record), (fault,)))

    def _remember(self, change: Difference, row: int, *, is_new: bool) -> None:
        """Keep who must be looked for among the others: new people, and new spellings."""
        told = change.state.identity
        if not (is_new or "identities" in change.before) or not (
            told["surname"] or told["first_name"]
        ):
            return
        identity = Identity(
            change.pseudonym,
            told["surname"],
            told["first_name"],
            told["born"],
            told["street"],
            told["postcode"],
            told["town"],
        )
        if is_new:
            self.fresh.add(row, identity)
        else:
            self.moved[change.pseudonym] = identity
            self.rows_of_moved[change.pseudonym] = row

    def preview(self, complete: bool, find: FindDuplicates) -> Preview:
        """What the whole list would do; call it once every part has been compared."""
        self._spare_whoever_waits()
        self.pairings = pairings(
            self.connection,
            self.fresh,
            list(self.moved.values()),
            find,
        )
        # Of a torn row nobody knows whom it names, nor of a sheet that nobody reads.
        unread = any(fault.rule is Rule.SHEET_UNREAD for fault in self.read.faults)
        known = not unread and not any(map(is_torn, self.waiting))
        named = bool(self.read.rows) and complete and known
        return Preview(
            rows=self.read.rows,
            new=tuple(sorted(self.new)),
            changed=tuple(sorted(self.changed, key=lambda change: change.row)),
            unchanged=self.unchanged,
            gone=tuple(self.roll.gone(self.schools)) if named else (),
            waiting=tuple(self.waiting),
            merged=self._paired(self.pairings.joined),
            doubtful=self._paired(self.pairings.offered),
            dropped_columns=self.read.dropped_columns,
            faults=(*self.read.faults, *self._unoffered()),
        )

    def _unoffered(self) -> Iterator[Fault]:
        """The fault of a list whose people are too much alike to ask about every pair."""
        if self.pairings.more:
            yield Fault(Rule.PAIRS_LEFT_OUT, self.read.file, value=str(self.pairings.more))

    def _spare_whoever_waits(self) -> None:
        """Nobody is gone by a typo, nor by one that was corrected here and not in the file."""
        waiting = self.waiting
        if self.recalls:
            found = parted(self.connection, self.origin, waiting)
            self.waiting = found.waiting
            self.read = replace(self.read, faults=found.left(self.read.faults))
            self._recall(found.settled)
        for row in waiting:
            self.roll.spare(self.origin.school, row.cells)

    def _recall(self, settled: Sequence[SettledRow]) -> None:
        """Count rows that were settled before: who was corrected and gone since is there again."""
        meant = [one.pseudonym for one in settled if one.pseudonym is not None]
        assert self.origin.season is not None
        absent = absent_people(self.connection, self.origin.season, meant)
        back = {person for person in absent if not self.roll.is_named(person)}
        for one in settled:
            if one.pseudonym is not None:
                self.roll.spare_person(one.pseudonym)
            if one.pseudonym in back - set(self.back):
                self.back.append(one.pseudonym)
                self.changed.append(Changed(one.row.row, one.pseudonym, ("present",)))
            else:
                self.unchanged += 1

    def _paired(self, found: Sequence[Pairing]) -> tuple[Paired, ...]:
        return tuple(
            Paired(
                self._row_of(pair.one),
                None if pair.other.startswith(NEW) else pair.other,
                self._row_of(pair.other),
                pair.score,
                pair.rule,
            )
            for pair in found
        )

    def _row_of(self, key: str) -> int | None:
        row = self.fresh.row_of(key)
        return self.rows_of_moved.get(key) if row is None else row

    def named_pairings(self) -> Pairings:
        """The doubles under their pseudonyms."""

        def named(pairs: Sequence[Pairing]) -> tuple[Pairing, ...]:
            name = self.fresh.pseudonym_of
            return tuple(
                replace(pair, one=name(pair.one), other=name(pair.other)) for pair in pairs
            )

        return replace(
            self.pairings,
            joined=named(self.pairings.joined),
            offered=named(self.pairings.offered),
        )

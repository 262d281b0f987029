"""What would a school's list do, told by name? Columns, faults beside their rows, every change.

Facts for the school's own eyes: what the store is about to do (`data.store.imports.Preview`), with
the names and cells of the school's own rows and pupils. Of a double elsewhere only its number is
told here: whose it is, is another school's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice

from data.intake.cells import guessed_date
from data.intake.columns import is_protected, shown_heading
from data.intake.guard import Kind, guarded_content
from data.intake.pupil_rows import PUPIL_WORDS
from data.intake.reading import Source
from data.intake.records import FileRead, PupilRecord
from data.intake.rows import rows_of
from data.store.imports import Changed, Preview
from data.store.opening import Store
from data.store.pupil_cells import cells_of_pupil
from data.store.pupil_roll import names_in, stored_cells
from data.store.seasons import training_start
from matching.errors import Fault, FaultyInput, Rule
from office.drafts import Draft

#: Rows that are looked through for an example of what a column says.
_EXAMPLES = 20

#: Between which ages a birth date is guessed, and how many years around a season other days.
_YOUNGEST, _OLDEST, _AROUND = 12, 32, 3

#: So many rows of another school are its list, and no slip in a row.
_LIST = 5

#: A column of the store and the cells of a list that make it.
_CELLS: Mapping[str, tuple[str, ...]] = {
    "wishes": ("wish_1", "wish_2", "wish_3"),
    "basis": ("consent", "consent_on", "consent_version", "consent_giver"),
    "invented": ("note",),
}


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A heading of a file and the field it is read as, `None` where it is dropped.

    `example` is the first cell that says anything; what is protected shows none.
    """

    heading: str
    field: str | None
    guessed: bool = False
    protected: bool = False
    example: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody of the list, with their row where they have one."""

    name: str
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A field that the list says otherwise: what the store says, and what the list says."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ChangedPupil:
    """A pupil whom the list changes; without `changes` where nobody knows which row is meant."""

    row: int
    name: str
    fields: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A row that needs a correction: its cells by field, and its faults by the field they are in.

    Faults of the row as a whole stand under "". `guesses` offers, by field, what a cell may mean
    that can't be read: nothing of it counts before somebody has confirmed it.
    """

    file: str
    row: int
    cells: Mapping[str, str]
    faults: Mapping[str, tuple[Fault, ...]]
    id: int | None = None
    guesses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    """What a draft would do if it were confirmed now.

    `preview` is `None` where the file is refused as a whole; then `refused` says why. `doubles`
    are rows of people whom the district knows already, `doubtful` those who may be such. `draft`
    is what was looked at, `again` the import by which these very files came in before.
    """

    columns: tuple[ListColumn, ...]
    preview: Preview | None = None
    refused: tuple[Fault, ...] = ()
    new: tuple[Named, ...] = ()
    changed: tuple[ChangedPupil, ...] = ()
    gone: tuple[Named, ...] = ()
    waiting: tuple[WaitingRow, ...] = ()
    unread: tuple[Fault, ...] = ()
    draft: Draft | None = None
    again: int | None = None

    @property
    def changes_nothing(self) -> bool:
        """Whether the store would be afterwards as it is now."""
        return self.preview is not None and not (
            self.new or self.changed or self.gone or self.waiting
        )

    @property
    def dropped(self) -> tuple[str, ...]:
        """The headings that are dropped before anything is saved."""
        told = tuple(one.heading for one in self.columns if one.field is None)
        known = self.preview.dropped_columns if self.preview else ()
        return tuple(dict.fromkeys((*told, *known)))

    @property
    def doubles(self) -> int:
        """How many rows are people whom the district knows already."""
        return len(self.preview.merged) if self.preview else 0

    @property
    def doubtful(self) -> int:
        """How many rows may be people whom the district knows already."""
        return len(self.preview.doubtful) if self.preview else 0


@dataclass(slots=True)
class Passing:
    """The rows of a list as they pass by on their way to the store, and how they were read."""

    lists: Sequence[Iterator[FileRead[PupilRecord]]]
    mapping: dict[str, str] = field(default_factory=dict)
    guessed: dict[str, None] = field(default_factory=dict)
    records: dict[int, list[PupilRecord]] = field(default_factory=dict, repr=False)

    def __iter__(self) -> Iterator[FileRead[PupilRecord]]:
        for parts in self.lists:
            for part in parts:
                self.mapping |= part.mapping
                self.guessed |= dict.fromkeys(part.guessed)
                for record in part.records:
                    self.records.setdefault(record.row, []).append(record)
                yield part


def look_at(
    store: Store, season: str, school: str, sources: Sequence[Source], read: Passing, found: Preview
) -> Look:
    """What the store is about to do, by name; `read` has passed by already."""
    waits = {fault for row in found.waiting for fault in row.faults}
    known = [*found.gone, *(one.pseudonym for one in found.changed)]
    names = names_in(store, season, school, known)
    before = stored_cells(store, season, school, (one.pseudonym for one in found.changed))
    waiting = tuple(
        waiting_row(_file_of(one.faults), one.row, one.cells, one.faults, read.mapping, season)
        for one in found.waiting
    )
    return Look(
        columns=columns_in(sources, read.mapping, tuple(read.guessed)),
        preview=found,
        new=tuple(Named(_new_name(row, read), row) for row in found.new),
        changed=tuple(
            _changed(one, names, before.get(one.pseudonym), read.records.get(one.row, ()))
            for one in found.changed
        ),
        gone=tuple(sorted((Named(names[one]) for one in found.gone if one in names), key=_by_name)),
        waiting=waiting,
        unread=tuple(fault for fault in found.faults if fault not in waits),
    )


def other_schools(found: Preview) -> tuple[Fault, ...]:
    """Which other school a list is of, where most of its rows name another one; else nothing.

    Taken in, it would leave everybody of this school gone and keep strangers' rows waiting.
    """
    named = [
        fault
        for row in found.waiting
        for fault in row.faults
        if fault.rule is Rule.SCHOOL_OTHER and fault.value
    ]
    if len(named) < _LIST or 2 * len(named) <= found.rows:
        return ()
    first = {fault.value: fault for fault in reversed(named)}
    return tuple(replace(fault, row=None) for fault in first.values())


def columns_in(
    sources: Sequence[Source], mapping: Mapping[str, str], guessed: Sequence[str] = ()
) -> tuple[ListColumn, ...]:
    """Every heading of these files, whatever it is read as; of files without headings none."""
    columns: dict[str, ListColumn] = {}
    for source in sources:
        try:
            if guarded_content(source)[0] is Kind.JSON:
                continue
            rows = rows_of(source, PUPIL_WORDS.known)
        except FaultyInput:
            continue
        some = [cells for _, cells in islice(rows.records(), _EXAMPLES)]
        for number, heading in enumerate(map(shown_heading, rows.headings)):
            if not heading or heading in columns:
                continue
            protected = is_protected(heading)
            said = (cells[number].strip() for cells in some if number < len(cells))
            columns[heading] = ListColumn(
                heading,
                mapping.get(heading) or None,
                heading in guessed,
                protected,
                "" if protected else next(filter(None, said), "")[:40],
            )
    return tuple(columns.values())


def waiting_row(
    file: str,
    row: int,
    cells: Mapping[str, str],
    faults: Iterable[Fault],
    mapping: Mapping[str, str],
    season: str,
    number: int | None = None,
) -> WaitingRow:
    """A row with its faults beside the fields that they are in, and with what is guessed of it."""
    beside: dict[str, tuple[Fault, ...]] = {}
    for fault in faults:
        name = field_of(fault.column, mapping)
        beside[name] = (*beside.get(name, ()), fault)
    unread = (
        name
        for name, found in beside.items()
        if any(fault.rule is Rule.DATE_UNREADABLE for fault in found)
    )
    guessed = {name: _guessed_day(name, cells.get(name, ""), season) for name in unread}
    guesses = {name: day.isoformat() for name, day in guessed.items() if day is not None}
    return WaitingRow(file, row, cells, beside, number, guesses)


def _guessed_day(name: str, text: str, season: str) -> date | None:
    """What a date with a two-digit year means; a pupil of a season is neither 5 nor 50 years old.

    The bounds are ours, wide enough for whoever leaves a school; beyond them nothing is guessed.
    """
    start = training_start(season)
    bounds: Mapping[str, tuple[int, int]] = {
        "born": (-_OLDEST, -_YOUNGEST),
        "leaves": (-_AROUND, _AROUND),
        "consent_on": (-_AROUND, 0),
    }
    if name not in bounds:
        return None
    first, last = (date(start.year + years, 12, 31) for years in bounds[name])
    return guessed_date(text, first, last)


def field_of(column: str | None, mapping: Mapping[str, str]) -> str:
    """The field that a fault's column means, whether it is named by its heading or as a field."""
    if column is None:
        return ""
    by_heading = {heading: name for name, heading in PUPIL_WORDS.headings.items()} | dict(mapping)
    if column in by_heading:
        return by_heading[column] or ""
    return column if column in PUPIL_WORDS.fields else ""


def _file_of(faults: Sequence[Fault]) -> str:
    return next((fault.file for fault in faults if fault.file), "")


def _by_name(one: Named) -> str:
    return one.name.casefold()


def _name(record: PupilRecord) -> str:
    told = ", ".join(part for part in (record.surname, record.first_name) if part)
    return told or record.number or ""


def _new_name(row: int, read: Passing) -> str:
    """In several lists a row's number may mean several people; then it names none of them."""
    meant = read.records.get(row, [])
    return _name(meant[0]) if len(meant) == 1 else ""


def _changed(
    one: Changed,
    names: Mapping[str, str],
    before: Mapping[str, str] | None,
    rows: Sequence[PupilRecord],
) -> ChangedPupil:
    name = names.get(one.pseudonym, "")
    if len(rows) > 1 and before is not None:
        number = before.get("number")
        rows = [row for row in rows if row.number == number or _name(row) == name]
    changes: list[Change] = []
    if len(rows) == 1:
        after = cells_of_pupil(rows[0])
        old = before or {}
        for field_name in (cell for told in one.fields for cell in _CELLS.get(told, (told,))):
            was, becomes = old.get(field_name), after.get(field_name)
            if field_name == "present":
                was, becomes = "nein", "ja"
            if was != becomes:
                changes.append(Change(field_name, was, becomes))
    return ChangedPupil(one.row, name, one.fields, tuple(changes))

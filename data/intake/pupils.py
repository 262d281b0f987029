"""Who stands in the files of a school, whatever program wrote them? Records, and rows that wait.

Understood are lists (CSV, TSV, XLSX, ODS) in any choice and order of columns, SchILD-NRW's
interface files, the import files of SVWS-NRW and the JSON of its REST answers. Whatever the
format, a row becomes cells of allowed fields first; everything else was dropped before that and is
named. Then one check makes the cells a record, or the row waits with every fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from data.intake.checks import in_order
from data.intake.columns import Columns, columns_of, plain_heading
from data.intake.guard import LIMITS, Kind, Limits, guarded_content, refused
from data.intake.joined_files import allowed_cells, joined
from data.intake.pupil_rows import (
    LAW,
    PUPIL_WORDS,
    Context,
    People,
    PupilChecker,
)
from data.intake.reading import Source
from data.intake.records import FileRead, LegalBasis, PupilRecord, Waiting
from data.intake.row_check import shown_value
from data.intake.rows import MOST_GUESSED, Rows, check_headings_known, rows_of
from data.intake.svws import svws_people
from matching.errors import Fault, FaultyInput, Rule

#: Rows that are held at a time while a file is read.
ROWS_AT_ONCE = 20_000

#: Headings that only the import files of SVWS-NRW have: of the people, of their school history.
_SVWS_ONLY = (b"keine auskunft an dritte", b"vorherigeschule")

#: Headings that SchILD-NRW's export has for teachers only, and those that it has for pupils only.
_STAFF = frozenset(
    {
        "amtsbezeichnung", "lbvnummer", "personalnummer", "verguetungsschluessel",
        "pflichtstundensoll", "rechtsverhaeltnis", "beschaeftigungsart", "einsatzstatus",
        "unterrichtsstunden", "mehrleistungsstunden", "minderleistungsstunden", "reststunden",
        "nichtunterrichtlichetaetigkeit", "schulinternefunktion", "emaildienstlich",
        "initialkennwortfuernotenmodul",
    }
)  # fmt: skip
_OF_PUPILS = frozenset({"number", "school_class", "grade", "certificate", "leaves", "wish_1"})

#: What the export calls a pupil in its lists of firms, parents and telephones ("Schüler-Nachname").
_BESIDE_OTHERS = "schueler"
#: What is somebody else's there: the address and the telephone of the firm or the parents.
_OF_OTHERS = frozenset(
    {"street", "house_number", "house_number_suffix", "postcode", "town", "email", "phone"}
)


@dataclass(slots=True)
class _Numbers:
    """The numbers of a file's people so far, each with a trace of its row's cells."""

    traces: dict[tuple[str, str], int] = field(default_factory=dict)

    def is_taken(self, school: str, cells: Mapping[str, str]) -> bool:
        """Whether an earlier row has this number and says something else.

        A row that says the same again is no fault: exports with a line for each telephone number
        repeat the rest.
        """
        number = cells.get("number", "").strip()
        if not number:
            return False
        trace = hash(frozenset(cells.items()))
        return self.traces.setdefault((cells.get("school", school), number), trace) != trace


def read_school_file(
    sources: Sequence[Source],
    school: str | None = None,
    mapping: Mapping[str, str] | None = None,
    basis: LegalBasis = LAW,
    training_start: date | None = None,
    *,
    occupations: Path | None = None,
    limits: Limits = LIMITS,
    guess: bool = True,
) -> FileRead[PupilRecord]:
    """Read one list, or the several files that make one list together.

    `school` is the official number of the school; a row that names another waits. Without it each
    row's own number counts, and for lists without such a column the name of the file. `mapping`
    gives headings their fields (blank: not read) and wins over words and guesses; with `guess`
    false near headings are not guessed. `basis` holds for lists without a column of consent.
    Birth dates are held against `training_start`. `occupations` is the folder of an imported
    official table.

    `faults` of the result are all faults of waiting rows and what else was not read. Raises
    `FaultyInput` where there is no list to speak of, or the files don't belong together.
    """
    parts = [
        *read_pupils(
            sources, school, mapping, basis, training_start,
            occupations=occupations, limits=limits, guess=guess,
        )
    ]  # fmt: skip
    return replace(
        parts[0],
        rows=sum(part.rows for part in parts),
        records=tuple(record for part in parts for record in part.records),
        waiting=tuple(waiting for part in parts for waiting in part.waiting),
        faults=in_order(fault for part in parts for fault in part.faults),
    )


def read_pupils(
    sources: Sequence[Source],
    school: str | None = None,
    mapping: Mapping[str, str] | None = None,
    basis: LegalBasis = LAW,
    training_start: date | None = None,
    *,
    occupations: Path | None = None,
    limits: Limits = LIMITS,
    guess: bool = True,
    rows_at_once: int = ROWS_AT_ONCE,
) -> Iterator[FileRead[PupilRecord]]:
    """Read as `read_school_file` does, in parts of so many rows, so that memory stays bounded.

    What refuses the whole file is raised before the first part. Each part says the mapping and the
    dropped columns of the whole; what was not read besides is among the faults of the first.
    """
    people = _people(sources, mapping, limits, guess)
    context = Context(
        school=school,
        basis=basis,
        training_start=training_start,
        occupations=occupations,
        file=people.file,
        fallback=Path(people.file).stem,
        headings=people.headings,
    )
    return _parts(people, context, rows_at_once)


def school_files(sources: Sequence[Source], limits: Limits = LIMITS) -> list[list[Source]]:
    """Which of these files make one list together.

    Interface files of one folder and JSON answers of one folder go together, import files of SVWS
    with those of the school history; every other file is a list of its own.
    """
    groups: dict[tuple[str, str], list[Source]] = {}
    for source in sources:
        kind, content = guarded_content(source, limits)
        folder = str(source.parent) if isinstance(source, Path) else ""
        first = content[:4096].splitlines()[0] if content[:4096].splitlines() else b""
        if kind is Kind.JSON:
            key = ("json", folder)
        elif kind is Kind.TEXT and first.count(b"|") > 1:
            key = ("dat", folder)
        elif kind is Kind.TEXT and any(name in first.lower() for name in _SVWS_ONLY):
            key = ("svws", folder)
        else:
            key = ("list", str(source))
        groups.setdefault(key, []).append(source)
    return [*groups.values()]


def _people(
    sources: Sequence[Source], mapping: Mapping[str, str] | None, limits: Limits, guess: bool
) -> People:
    """The people of the files, each with the cells of allowed fields, before any check."""
    if not sources:
        raise FaultyInput((Fault(Rule.FILE_MISSING),))
    kinds = {source: guarded_content(source, limits)[0] for source in sources}
    if Kind.JSON in kinds.values():
        if set(kinds.values()) != {Kind.JSON}:
            raise refused(Rule.FILES_APART, sources[0])
        return svws_people(sources, limits)
    tables = [rows_of(source, PUPIL_WORDS.known, limits) for source in sources]
    if len(tables) > 1 or tables[0].kind == "dat":
        return joined(tables, mapping)
    return _listed(tables[0], mapping, guess)


def _listed(rows: Rows, mapping: Mapping[str, str] | None, guess: bool) -> People:
    guess = guess and len(rows.headings) <= MOST_GUESSED
    columns = columns_of(
        rows.file, rows.headings, PUPIL_WORDS, mapping, row=rows.heading_row, guess=guess
    )
    check_headings_known(rows.file, rows.heading_row, rows.headings, PUPIL_WORDS, columns, mapping)
    if not columns.numbers.keys() & _OF_PUPILS and _STAFF & set(map(plain_heading, rows.headings)):
        raise FaultyInput((Fault(Rule.PUPILS_MISSING, rows.file, rows.heading_row),))
    columns = _without_others(columns, mapping or {})
    if not columns.numbers.keys() & {"number", "surname", "first_name", "full_name"}:
        fault = Fault(Rule.COLUMN_MISSING, rows.file, rows.heading_row, "Nachname")
        raise FaultyInput((fault,))
    return People(
        rows.file,
        rows.kind,
        lambda: allowed_cells(rows, columns),
        columns.mapping,
        columns.headings,
        columns.guessed,
        columns.dropped,
        rows.faults,
    )


def _without_others(columns: Columns, given: Mapping[str, str]) -> Columns:
    """The columns without addresses that are a firm's or the parents', unless somebody says so.

    SchILD-NRW's lists of firms, of parents and of telephones name the pupil as `Schüler-Nachname`;
    what is called `Straße` or `E-Mail` beside that is not the pupil's.
    """
    named = {columns.headings.get("surname", ""), columns.headings.get("first_name", "")} - {""}
    if not named or not all(plain_heading(h).startswith(_BESIDE_OTHERS) for h in named):
        return columns
    told = {plain_heading(heading) for heading in given}
    others = {
        field: heading
        for field, heading in columns.headings.items()
        if field in _OF_OTHERS and plain_heading(heading) not in told
    }
    return Columns(
        {field: number for field, number in columns.numbers.items() if field not in others},
        {heading: field for heading, field in columns.mapping.items() if field not in others},
        tuple(heading for heading in columns.guessed if heading not in others.values()),
        (*columns.dropped, *others.values()),
    )


def _parts(people: People, context: Context, rows_at_once: int) -> Iterator[FileRead[PupilRecord]]:
    checker, numbers = PupilChecker(context), _Numbers()
    about: FileRead[PupilRecord] = FileRead(
        people.file, people.kind, 0, (), (), people.dropped, people.mapping, people.guessed
    )
    records: list[PupilRecord] = []
    waiting: list[Waiting] = []
    others = people.faults
    parts = 0

    def part() -> FileRead[PupilRecord]:
        faults = [*others, *(fault for row in waiting for fault in row.faults)]
        return replace(
            about,
            rows=len(records) + len(waiting),
            records=tuple(records),
            waiting=tuple(waiting),
            faults=in_order(faults),
        )

    for row, cells, faults in people.rows():
        result = _checked(checker, numbers, row, cells, faults)
        if isinstance(result, Waiting):
            waiting.append(result)
        else:
            records.append(result)
        if len(records) + len(waiting) == rows_at_once:
            yield part()
            parts, others = parts + 1, ()
            records, waiting = [], []
    if not parts and not records and not waiting:
        raise FaultyInput((Fault(Rule.NO_ROWS, people.file),))
    if records or waiting:
        yield part()


def _checked(
    checker: PupilChecker,
    numbers: _Numbers,
    row: int,
    cells: Mapping[str, str],
    faults: tuple[Fault, ...],
) -> PupilRecord | Waiting:
    if faults and not cells:
        return Waiting(row, {}, faults)
    if any(fault.rule is Rule.COLUMN_COUNT for fault in faults):
        # What stands under its number may be another cell.
        return checker.check(row, cells, faults)
    context = checker.context
    if numbers.is_taken(context.school or context.fallback, cells):
        heading = context.headings.get("number") or PUPIL_WORDS.headings["number"]
        shown = shown_value(cells["number"].strip())
        twice = Fault(Rule.ID_TWICE, context.file, row, heading, shown)
        faults = (*faults, twice)
    return checker.check(row, cells, faults)

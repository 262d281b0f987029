"""What became of people, says a list? Outcomes as codes of Anschlussoptionen, or in words.

Not known is kept apart from nothing: "unbekannt" is an outcome, "noch kein Anschluss" is another,
and a blank cell is neither, so its row waits. A code that tells more of a person than what they do
next is kept as its kind only (see `data.reference.follow_ups`).

Lists come as sheets of any kind, and as SVWS-NRW's REST answer `kaoa` (see `data.intake.kaoa`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from data.intake import kaoa
from data.intake.cells import flag_of
from data.intake.columns import Words, words_of
from data.intake.json_values import is_json
from data.intake.listed_rows import listed_rows, missing_columns, read_list
from data.intake.named_people import SECRET, from_school, named_person
from data.intake.reading import Source
from data.intake.records import FileRead, OutcomeKind, OutcomeRecord, Waiting
from data.intake.row_check import Cells, CheckedRow
from data.reference.follow_ups import follow_up_of, is_plain, word_of
from matching.errors import Fault, Rule

KIND = "outcomes"

#: Every field that a column of such a list can be read as.
OUTCOME_WORDS: Words = words_of(Path(__file__).with_name("outcome_headings.csv"))

#: What somebody writes for an outcome may be about their health; no fault repeats it.
_SECRET = SECRET | {"kind"}

#: The fields that an entry of `kaoa` can fill.
_KAOA = frozenset({"kind", "number"})


def read_outcomes(
    source: Source, school: str | None = None, mapping: Mapping[str, str] | None = None
) -> FileRead[OutcomeRecord]:
    """Read outcomes from CSV, XLSX, ODS, Parquet or the JSON of an answer `kaoa`.

    Needed is the outcome, and who is meant (see `named_person`). `school` is the number of the
    school that hands in the list, `mapping` the field of headings that somebody confirmed. The
    same outcome of the same person a second time waits. Raises `FaultyInput` for a file that can't
    be read.
    """
    if is_json(source):
        return _read_kaoa(source, school)
    table = listed_rows(source, OUTCOME_WORDS, mapping)
    names = {**OUTCOME_WORDS.headings, **table.columns.headings}
    seen: set[OutcomeRecord] = set()

    def check(row: int, cells: Cells, faults: tuple[Fault, ...]) -> OutcomeRecord | Waiting:
        cells = from_school(cells, school)
        checked = CheckedRow(table.file, row, cells, names, _SECRET, of_people=True)
        checked.faults += faults
        return _outcome(checked, school, seen)

    return read_list(table, KIND, check, missing_columns(table, ["kind"], names))


def _read_kaoa(source: Source, school: str | None) -> FileRead[OutcomeRecord]:
    """The outcomes of an answer `kaoa`; an entry with a fault of its own waits whatever it says."""
    found = kaoa.kaoa_rows(source)
    file = str(source)
    seen: set[OutcomeRecord] = set()
    records: list[OutcomeRecord] = []
    waiting: list[Waiting] = []
    for entry in found.rows:
        names = {**OUTCOME_WORDS.headings, **kaoa.HEADINGS}
        cells = from_school(entry.cells, school)
        checked = CheckedRow(file, entry.row, cells, names, _SECRET, of_people=True)
        if entry.faults:
            waiting.append(_without_telling(Waiting(entry.row, cells, entry.faults)))
        elif isinstance(outcome := _outcome(checked, school, seen), Waiting):
            waiting.append(outcome)
        else:
            records.append(outcome)
    none = () if found.rows else (Fault(Rule.NO_ROWS, file),)
    mapping = {heading: field for field, heading in kaoa.HEADINGS.items() if field in _KAOA}
    return FileRead(
        file, kaoa.KIND, len(found.rows), tuple(records), tuple(waiting), found.dropped, mapping,
        faults=none,
    )  # fmt: skip


def recheck_outcome(cells: Cells, row: int, school: str | None = None) -> OutcomeRecord | Waiting:
    """A corrected row, held against the same rules; cells of other fields are not looked at."""
    allowed = {f: text for f, text in cells.items() if f in OUTCOME_WORDS.fields and text.strip()}
    return _outcome(CheckedRow(None, row, allowed, secret=_SECRET, of_people=True), school, set())


def _outcome(
    row: CheckedRow, school: str | None, seen: set[OutcomeRecord]
) -> OutcomeRecord | Waiting:
    if row.faults:
        return _without_telling(row.waiting())
    meant = row.read("kind", follow_up_of, Rule.VALUE_UNKNOWN, needed=True)
    person = named_person(row, school)
    record = OutcomeRecord(
        row=0,
        kind=OutcomeKind.UNKNOWN if meant is None else OutcomeKind(meant.kind),
        on=row.day("on"),
        code=None if meant is None else meant.code_to_keep,
        place=row.text("place"),
        own_find=row.read("own_find", flag_of, Rule.VALUE_UNKNOWN),
        **person._asdict(),
    )
    if not row.faults and record in seen:
        row.blame("pseudonym", Rule.ID_TWICE)
    if row.faults or meant is None:
        return _without_telling(row.waiting())
    seen.add(record)
    return replace(record, row=row.row)


def _without_telling(waiting: Waiting) -> Waiting:
    """The row without what its outcome tells of somebody and nobody may keep.

    A telling code becomes a mere word of its kind. Of an answer that we don't know nothing is kept
    unless all its words are our own: "schwanger" is no answer, and no less telling.
    """
    said = waiting.cells.get("kind", "")
    meant = follow_up_of(said)
    if meant is not None and meant.telling:
        return replace(waiting, cells={**waiting.cells, "kind": word_of(meant.kind)})
    if meant is not None or is_plain(said):
        return waiting
    others = {field: text for field, text in waiting.cells.items() if field != "kind"}
    return replace(waiting, cells=others)

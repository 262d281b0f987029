"""Which rows of several files are the same person? Joined by surname, first name, birth date.

SchILD-NRW writes a basic file, one with more about each person and one with the marks; SVWS-NRW
reads a file of people and one of their school history. None carries a number, so the name and the
birth date have to tell people apart. Where they don't, every row in question waits; nobody is
joined to a namesake by chance.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from data.intake.cells import date_of
from data.intake.columns import Columns, columns_of, plain_heading
from data.intake.pupil_rows import NO_MARK, PUPIL_WORDS, SUBJECTS, People, Unchecked, clean
from data.intake.rows import Rows
from matching.errors import Fault, FaultyInput, Rule

Key = tuple[str, str, str]

#: Headings that tell files nobody reads: addresses of firms, parents, telephones, classes.
_NOT_READ = frozenset({"adressart", "erzieherart", "art", "internbez"})
_MARKS = frozenset({"fach", "note"})
_CLASS = "klasse"
_KEY_FIELDS = ("surname", "first_name", "born")
_SUBJECT = re.compile(r"([^\W\d_]+)[0-9]*")
_PARTING = re.compile(r"[;,=:\s]")


@dataclass(slots=True)
class _Marks:
    """A person's marks: by subject the latest, with the term (year, half) that it is of."""

    file: str
    row: int
    cells: Mapping[str, str]
    latest: dict[str, tuple[tuple[str, str], str]] = field(default_factory=dict)

    def take(self, subject: str, term: tuple[str, str], mark: str) -> None:
        """Take a mark; two different ones of one term stand together, which no check lets pass."""
        at, said = self.latest.get(subject, (term, mark))
        if subject not in self.latest or term > at:
            self.latest[subject] = (term, mark)
        elif term == at and mark not in said.split("?"):
            self.latest[subject] = (term, f"{said}?{mark}")

    def text(self) -> str:
        return "; ".join(f"{subject}={mark}" for subject, (_, mark) in sorted(self.latest.items()))


@dataclass(slots=True)
class _More:
    """What the further files say, by person."""

    rows: dict[Key, list[tuple[str, Unchecked]]] = field(default_factory=dict)
    odd: list[Unchecked] = field(default_factory=list)
    marks: dict[Key, _Marks] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    mapping: dict[str, str] = field(default_factory=dict)


def allowed_cells(rows: Rows, columns: Columns) -> Iterator[Unchecked]:
    """The allowed cells of each row, by field; of a row of odd length few or none (`kept_of`)."""
    width = len(rows.headings)
    wanted = [*columns.numbers.items()]
    for row, cells in rows.records():
        if len(cells) < width or any(map(str.strip, cells[width:])):
            value = f"{len(cells)}/{width}"
            kept = columns.kept_of(cells, width)
            yield row, kept, (Fault(Rule.COLUMN_COUNT, rows.file, row, value=value),)
        else:
            yield row, {name: cell for name, at in wanted if (cell := cells[at])}, ()


def joined(tables: Sequence[Rows], mapping: Mapping[str, str] | None = None) -> People:
    """The people of files that belong together.

    A row counts as a person: each row of the basic file, and each of the others that finds nobody
    or several (`JOIN_MISSING`, `JOIN_AMBIGUOUS`). Raises `FaultyInput` where it is not plain which
    file is the basic one.
    """
    plain = {table.file: {plain_heading(name) for name in table.headings} for table in tables}
    people = [t for t in tables if not plain[t.file] & (_NOT_READ | {"fach"})]
    basic = [t for t in people if _CLASS in plain[t.file]] or people[:1]
    if len(basic) != 1 or len(plain) != len(tables):
        raise FaultyInput((Fault(Rule.FILES_APART, tables[0].file),))
    columns = _columns(basic[0], mapping)
    more = _More()
    for table in tables:
        if table is basic[0]:
            continue
        if plain[table.file] >= _MARKS:
            _take_marks(more, table)
        elif table in people:
            _take_more(more, table, mapping)
        else:
            more.dropped.append(table.file)
    merged = {**more.mapping, **columns.mapping}
    return People(
        basic[0].file,
        basic[0].kind,
        lambda: _joined_rows(basic[0], columns, more),
        merged,
        {**{name: heading for heading, name in more.mapping.items()}, **columns.headings},
        (),
        tuple(dict.fromkeys((*columns.dropped, *more.dropped))),
        tuple(chain.from_iterable(table.faults for table in tables)),
    )


def _columns(table: Rows, mapping: Mapping[str, str] | None) -> Columns:
    columns = columns_of(
        table.file, table.headings, PUPIL_WORDS, mapping, row=table.heading_row, guess=False
    )
    missing = [
        Fault(Rule.COLUMN_MISSING, table.file, table.heading_row, PUPIL_WORDS.headings[name])
        for name in _KEY_FIELDS
        if name not in columns.numbers
    ]
    if missing:
        raise FaultyInput(tuple(missing))
    return columns


def _key(cells: Mapping[str, str]) -> Key:
    surname, first_name, born = (clean(cells.get(name, "")) for name in _KEY_FIELDS)
    day = date_of(born)
    return surname.casefold(), first_name.casefold(), day.isoformat() if day else born


def _take_more(more: _More, table: Rows, mapping: Mapping[str, str] | None) -> None:
    columns = _columns(table, mapping)
    more.mapping |= columns.mapping
    more.dropped += columns.dropped
    for unchecked in allowed_cells(table, columns):
        _, cells, faults = unchecked
        if faults:
            more.odd.append(unchecked)
            continue
        others = more.rows.setdefault(_key(cells), [])
        if all(cells != other[1] for _, other in others):
            others.append((table.file, unchecked))


def _take_marks(more: _More, table: Rows) -> None:
    columns = _columns(table, None)
    at = {plain_heading(name): number for number, name in enumerate(table.headings)}
    read = {"fach", "note", "jahr", "abschnitt"}
    heading = table.headings[at["note"]]
    more.mapping[heading] = "marks"
    more.dropped += [name for name in columns.dropped if plain_heading(name) not in read]
    keys = {name: columns.numbers[name] for name in _KEY_FIELDS}
    left_out = False
    for row, record in table.records():
        if len(record) < len(table.headings) or any(map(str.strip, record[len(table.headings) :])):
            count = f"{len(record)}/{len(table.headings)}"
            kept = Columns(keys, {}).kept_of(record, len(table.headings))
            more.odd.append((row, kept, (Fault(Rule.COLUMN_COUNT, table.file, row, value=count),)))
            continue
        cells = {name: record[number] for name, number in keys.items()}
        subject = _SUBJECT.fullmatch(clean(record[at["fach"]]))
        mark = clean(record[at["note"]]).upper()
        if subject is None or subject[1].upper() not in SUBJECTS:
            left_out = True
            continue
        marks = more.marks.setdefault(_key(cells), _Marks(table.file, row, cells))
        if mark not in NO_MARK:
            year, half = (record[at[part]] if part in at else "" for part in ("jahr", "abschnitt"))
            marks.take(subject[1].upper(), (year, half), _PARTING.sub("?", mark))
    if left_out:
        # Subjects are left out by their kind; the column speaks for them.
        more.dropped.append(table.headings[at["fach"]])


def _joined_rows(basic: Rows, columns: Columns, more: _More) -> Iterator[Unchecked]:
    counts = Counter(
        _key(cells) for _, cells, faults in allowed_cells(basic, columns) if not faults
    )
    for row, cells, faults in allowed_cells(basic, columns):
        key = _key(cells)
        if faults:
            yield row, cells, faults
        elif counts[key] > 1:
            yield row, cells, (Fault(Rule.JOIN_AMBIGUOUS, basic.file, row),)
        else:
            yield row, _with_more(key, cells, more), ()
    yield from more.odd
    yield from _left_over(counts, more)


def _with_more(key: Key, cells: Mapping[str, str], more: _More) -> dict[str, str]:
    """A person's cells with those of the further files; the basic file comes first."""
    merged = {name: cell for name, cell in cells.items() if cell.strip()}
    others = more.rows.get(key, [])
    if len({file for file, _ in others}) == len(others):
        for _, (_, other, _) in others:
            merged = {**{name: cell for name, cell in other.items() if cell.strip()}, **merged}
    if key in more.marks and (text := more.marks[key].text()):
        merged["marks"] = text
    return merged


def _left_over(counts: Mapping[Key, int], more: _More) -> Iterator[Unchecked]:
    """Rows of the further files that find nobody, or more than one, in the basic file."""
    for key, others in more.rows.items():
        files = Counter(file for file, _ in others)
        for file, (row, cells, _) in others:
            if counts.get(key, 0) != 1:
                yield row, cells, (Fault(_rule(counts.get(key, 0)), file, row),)
            elif max(files.values()) > 1:
                yield row, cells, (Fault(Rule.JOIN_AMBIGUOUS, file, row),)
    for key, marks in more.marks.items():
        if counts.get(key, 0) != 1:
            cells = {**marks.cells, "marks": marks.text()}
            yield marks.row, cells, (Fault(_rule(counts.get(key, 0)), marks.file, marks.row),)


def _rule(found: int) -> Rule:
    return Rule.JOIN_AMBIGUOUS if found else Rule.JOIN_MISSING

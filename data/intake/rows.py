"""Which rows does this file have? The same answer for CSV, TSV, XLSX and ODS.

The headings need not stand on the first line: a list often has a title above. Of the first lines,
the first with two known headings is taken, or of several such lines that follow each other the one
that has the most; where no line has two of them, the first that is not blank. What stands above the
headings is no data, so none but titles and other headings may stand there once headings were seen.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from itertools import islice, takewhile

from data.intake.archives import guarded_workbook
from data.intake.columns import (
    Columns,
    Words,
    is_protected,
    plain_heading,
    shown_heading,
)
from data.intake.guard import (
    LIMITS,
    Kind,
    Limits,
    check_cells,
    guarded_content,
    guarded_text,
    refused,
)
from data.intake.reading import SEPARATORS, Source
from data.intake.sheets import Sheet, sheets_of
from matching.errors import Fault, FaultyInput, Rule

#: How far down the headings may stand.
HEADING_ROWS = 20

#: In lists with more headings none is guessed: no list has so many, and each takes its time.
MOST_GUESSED = 300

#: What SchILD-NRW's interface files are separated by; such files know no quotes.
BAR = "|"

#: The line in which a file tells Excel its separator; it is no row.
_SEPARATOR_LINE = re.compile(r'\ufeff?"?sep=.?"?\s*$', re.IGNORECASE)

Row = tuple[int, Sequence[str]]
Recognise = Callable[[Sequence[str]], int]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A table that can be read through any number of times.

    `records` gives each row below the headings that is not blank, with its number in the file: the
    line on which it begins, the first line being 1. Rows may be longer or shorter than `headings`.
    `faults` name what else the file holds and nobody reads.
    """

    file: str
    kind: str
    headings: tuple[str, ...]
    heading_row: int
    records: Callable[[], Iterator[Row]]
    faults: tuple[Fault, ...] = ()


def rows_of(source: Source, recognise: Recognise, limits: Limits = LIMITS) -> Rows:
    """The rows of a text file or workbook.

    `recognise` says how many of some cells are known headings. Raises `FaultyInput` for whatever
    the guard refuses, for quotes that are never closed and for too many columns.
    """
    kind, content = guarded_content(source, limits)
    if kind is Kind.ARCHIVE:
        return _workbook_rows(source, content, recognise, limits)
    return _text_rows(source, content, recognise, limits)


def _text_rows(source: Source, content: bytes, recognise: Recognise, limits: Limits) -> Rows:
    content, encoding = guarded_text(source, content, limits)
    best: tuple[tuple[int, int], str, int, Sequence[str]] | None = None
    for separator in (*SEPARATORS, BAR):
        found = _heading_of(_first_rows(content, encoding, separator), recognise)
        if found is not None:
            known, row, cells = found
            rank = (known, len(cells))
            if best is None or rank > best[0]:
                best = (rank, separator, row, cells)
    if best is None:
        raise refused(Rule.FILE_EMPTY, source)
    _, separator, heading_row, cells = best
    if len(cells) > limits.columns:
        raise refused(Rule.COLUMNS_TOO_MANY, source, heading_row)
    headings = tuple(cell.strip() for cell in cells)

    def records() -> Iterator[Row]:
        rows = _text_records(source, content, encoding, separator, heading_row)
        return ((row, cells) for row, cells in rows if not _is_blank(cells))

    if separator != BAR:
        check_cells(source, content, separator, heading_row, limits)
    kind = "dat" if separator == BAR else "csv"
    return Rows(str(source), kind, headings, heading_row, records)


def _lines(content: bytes, encoding: str) -> TextIOWrapper:
    return TextIOWrapper(BytesIO(content), encoding=encoding, newline="")


def _first_rows(content: bytes, encoding: str, separator: str) -> Iterator[Row]:
    """The first lines that are not blank, each on its own: a title may hold a lone quote."""
    found = 0
    for row, line in enumerate(_lines(content, encoding), start=1):
        if line.strip(' \t\r\n;,|"\ufeff') and not _SEPARATOR_LINE.match(line):
            try:
                yield row, next(csv.reader([line], delimiter=separator), [])
            except csv.Error:
                continue
            found += 1
        if found == HEADING_ROWS:
            return


def _text_records(
    source: Source, content: bytes, encoding: str, separator: str, heading_row: int
) -> Iterator[Row]:
    lines = _lines(content, encoding)
    for _ in range(heading_row - 1):
        next(lines)
    # Strict, since a quote that is never closed would otherwise swallow the rest of the file.
    reader = (
        csv.reader(lines, delimiter=separator, strict=True, quoting=csv.QUOTE_NONE)
        if separator == BAR
        else csv.reader(lines, delimiter=separator, strict=True)
    )
    row = heading_row
    try:
        for record in reader:
            if row > heading_row:
                yield row, record
            row = heading_row + reader.line_num
    except csv.Error:
        raise refused(Rule.FILE_UNREADABLE, source, row) from None


def _heading_of(rows: Iterable[Row], recognise: Recognise) -> tuple[int, int, Sequence[str]] | None:
    """How many headings are known in the row of the headings, its number and its cells."""
    first = [(recognise(cells), row, cells) for row, cells in rows]
    if not first:
        return None
    start = next((at for at, (known, _, _) in enumerate(first) if known > 1), None)
    if start is None:
        return first[0]
    # Further down, headings that come again would drop every row above them.
    together = takewhile(lambda found: found[0] > 1, first[start:])
    return max(together, key=lambda found: found[0])


def check_headings_known(
    file: str,
    row: int,
    headings: Sequence[str],
    words: Words,
    columns: Columns,
    given: Mapping[str, str] | None = None,
) -> None:
    """Raise `FaultyInput` where a line that should hold the headings more likely holds people.

    Of a list that lies on its side, or has no headings, one cell may be a known word by chance; the
    others would then be named as columns that nobody reads. A heading that somebody mapped
    (`given`) is known.
    """
    mapped = {plain_heading(heading) for heading in given or {}}
    filled = [heading for heading in headings if heading.strip()]
    if any(plain_heading(heading) in mapped for heading in filled):
        return
    known = sum(
        plain_heading(heading) in words.ranks
        or shown_heading(heading) in columns.mapping
        or is_protected(heading)
        for heading in filled
    )
    if known < 2 <= len(filled) - known:
        raise FaultyInput((Fault(Rule.HEADINGS_UNKNOWN, file, row),))


def _is_blank(cells: Sequence[str]) -> bool:
    return not any(cell and not cell.isspace() for cell in cells)


def _workbook_rows(source: Source, content: bytes, recognise: Recognise, limits: Limits) -> Rows:
    """The sheet with the most known headings; others that say something are named as unread."""
    workbook = guarded_workbook(source, content, limits)
    best: tuple[int, int, Sequence[str], Sheet] | None = None
    best_at = -1
    written: list[str] = []
    for sheet in sheets_of(source, workbook):
        filled = ((row, cells) for row, cells in sheet.rows() if not _is_blank(cells))
        found = _heading_of(islice(filled, HEADING_ROWS), recognise)
        if found is None:
            continue
        written.append(sheet.name)
        known, row, cells = found
        if not sheet.hidden and (best is None or known > max(best[0], 1)):
            best, best_at = (known, row, cells, sheet), len(written) - 1
    if best is None:
        raise refused(Rule.SHEET_UNREAD if written else Rule.FILE_EMPTY, source)
    known, heading_row, cells, chosen = best
    faults = tuple(
        Fault(Rule.SHEET_UNREAD, str(source), column=shown_heading(name))
        for at, name in enumerate(written)
        if at != best_at
    )

    def records() -> Iterator[Row]:
        return (
            (row, cells)
            for row, cells in chosen.rows()
            if row > heading_row and not _is_blank(cells)
        )

    headings = tuple(cell.strip() for cell in cells)
    return Rows(str(source), workbook.kind, headings, heading_row, records, faults)

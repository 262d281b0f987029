"""What would this part of a workbook grow to in memory? Judged by its text, before any parser.

A sheet of two cells can span a rectangle of billions, one shared text can stand in a million
cells, one ODS cell can be repeated for every row. Parsers build what they are told to build, so
the rectangle, the texts and the repetitions are counted here first. The formulas of an XLSX sheet
are found here too: the parser hands over their last values only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from defusedxml import ElementTree

from data.intake.guard import Limits, refused
from data.intake.reading import Source
from matching.errors import Rule

_REFERENCE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]*)([0-9]*)[\"']")
_VALUE = re.compile(rb"<(?:\w+:)?v>([0-9]{1,9})</")
_TEXT_ITEM = re.compile(rb"</(?:\w+:)?si>")
_ROW = re.compile(rb"<(?:\w+:)?row\b")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")

_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b[^>]{0,300}?\br=\"([A-Z]{1,3})([0-9]{1,7})\"[^>]{0,300}>\s*"
    rb"<(?:\w+:)?f\b[^>]{0,300}?(?:/>|>([^<]{0,2000}))"
)
#: Functions and references that reach out of the workbook.
_ACTIVE = re.compile(
    rb"\b(hyperlink|webservice|filterxml|import\w+|rtd|call|register|exec|dde|image)\s*\(|\|.{0,99}!",
    re.IGNORECASE,
)

_ODS_TABLE = re.compile(rb"<table:table[\s>]")
_ODS_ROW = re.compile(rb"<table:table-row\b([^>]*)>")
_ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*)>")
_ODS_REPEATED = re.compile(rb"number-(?:columns|rows)-repeated\s*=\s*[\"']([^\"']*)[\"']")
_ODS_SPACES = re.compile(rb"text:c\s*=\s*[\"']([^\"']*)[\"']")
_ODS_FORMULA = re.compile(rb"table:formula\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_LONGEST_NUMBER = 9


def check_sheet(source: Source, sheet: bytes, limits: Limits) -> None:
    """Raise `FaultyInput` for an XLSX sheet whose rectangle is larger than any list."""
    columns: dict[bytes, int] = {}
    rows, width = 0, 0
    for reference in _REFERENCE.finditer(sheet):
        letters, digits = reference.groups()
        if letters not in columns:
            columns[letters] = _column(letters)
            width = max(width, columns[letters])
        if len(digits) > _LONGEST_NUMBER:
            raise refused(Rule.CELLS_TOO_MANY, source)
        rows = max(rows, int(digits or 0))
    _check_rectangle(source, rows, width, limits)
    segments = _ROW.split(sheet)
    # Rows and cells may leave their place unsaid; then they follow one another.
    rows = max(rows, len(segments) - 1)
    width = max(width, *(len(_CELL.findall(segment)) for segment in segments[1:]), 0)
    _check_rectangle(source, rows, width, limits)


def check_shared_strings(
    source: Source, strings: bytes, sheets: Sequence[bytes], limits: Limits
) -> None:
    """Raise `FaultyInput` where shared texts, set into every cell that points to them, overflow.

    Each number in a cell is taken for such a pointer, so the count errs on the safe side.
    """
    sizes = [len(item) for item in _TEXT_ITEM.split(strings)]
    if max(sizes) > limits.cell * 4:
        raise refused(Rule.CELL_TOO_LONG, source)
    cells = sum(sheet.count(b"</v>") + sheet.count(b":v>") for sheet in sheets)
    if max(sizes) * cells <= limits.inflated * 2:
        return
    grown = 0
    for sheet in sheets:
        for pointer in _VALUE.finditer(sheet):
            number = int(pointer[1])
            grown += sizes[number] if number < len(sizes) else 0
            if grown > limits.inflated * 2:
                raise refused(Rule.ARCHIVE_INFLATES, source)


def check_ods_content(source: Source, content: bytes, limits: Limits) -> None:
    """Raise `FaultyInput` for repetitions beyond any list, and for formulas that reach out."""
    for pattern in (_ODS_REPEATED, _ODS_SPACES):
        for count in pattern.finditer(content):
            if not count[1].isdigit() or len(count[1]) > _LONGEST_NUMBER:
                raise refused(Rule.CELLS_TOO_MANY, source)
    if any(int(spaces[1]) > limits.cell for spaces in _ODS_SPACES.finditer(content)):
        raise refused(Rule.CELL_TOO_LONG, source)
    for formula in _ODS_FORMULA.finditer(content):
        if _ACTIVE.search(formula[1] or formula[2] or b""):
            raise refused(Rule.CELL_FORMULA, source)
    for table in _ODS_TABLE.split(content)[1:]:
        rows, width, pending = 0, 0, 0
        for attributes, row in _elements(_ODS_ROW, table):
            pending += _repeated(attributes)
            filled = _filled_width(row)
            if filled:
                # Blank rows between filled ones are built too; those at the end are not.
                rows, pending = rows + pending, 0
                width = max(width, filled)
                _check_rectangle(source, rows, width, limits)


def _filled_width(row: bytes) -> int:
    """The number of cells up to the last one that holds something."""
    width, filled = 0, 0
    for attributes, cell in _elements(_ODS_CELL, row):
        width += _repeated(attributes)
        if b"value" in attributes or b"formula" in attributes or b"<text:" in cell:
            filled = width
    return filled


def _elements(start: re.Pattern[bytes], text: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each element's attributes, and what stands between its start and the next one's."""
    last: re.Match[bytes] | None = None
    for found in start.finditer(text):
        if last is not None:
            yield last[1], text[last.end() : found.start()]
        last = found
    if last is not None:
        yield last[1], text[last.end() :]


def _repeated(attributes: bytes) -> int:
    match = _ODS_REPEATED.search(attributes)
    return int(match[1]) if match else 1


def _check_rectangle(source: Source, rows: int, width: int, limits: Limits) -> None:
    if width > limits.columns:
        raise refused(Rule.COLUMNS_TOO_MANY, source)
    if rows * width > limits.cells:
        raise refused(Rule.CELLS_TOO_MANY, source)


def _column(letters: bytes) -> int:
    """The number of a column, A being 1; more letters than three are beyond every sheet."""
    if len(letters) > 3:
        return 26**4
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def formulas_of(
    parts: Mapping[str, bytes], sheet_number: int
) -> dict[tuple[int, int], tuple[str, bool]]:
    """The formulas of an XLSX sheet by row and column from 1, and whether each reaches out.

    The sheet is found by its place in the workbook; nothing is found where the parts are at odds.
    """
    sheet = parts.get(_part_of_sheet(parts, sheet_number) or "", b"")
    if b"f" not in sheet or not (b"<f" in sheet or b":f" in sheet):
        return {}
    # A shared formula stands in one cell; the others only point to it.
    shared = bool(_ACTIVE.search(b" ".join(m[3] or b"" for m in _FORMULA.finditer(sheet))))
    return {
        (int(match[2]), _column(match[1])): (
            (match[3] or b"").decode("utf-8", "replace"),
            bool(_ACTIVE.search(match[3])) if match[3] else shared,
        )
        for match in _FORMULA.finditer(sheet)
    }


def _part_of_sheet(parts: Mapping[str, bytes], sheet_number: int) -> str | None:
    try:
        book = ElementTree.fromstring(parts["xl/workbook.xml"])
        links = ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])
    except (KeyError, ElementTree.ParseError):
        return None
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    sheets = [element for element in book.iter() if element.tag.endswith("}sheet")]
    if sheet_number >= len(sheets):
        return None
    key = next((v for k, v in sheets[sheet_number].attrib.items() if k.endswith("}id")), None)
    target = targets.get(key, "")
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"

"""What do the sheets of a workbook say? Cells as text, the way a person would read them.

A formula is never evaluated. Where the workbook holds its last value, the value is read; where it
holds none, or where the formula reaches out of the workbook (`HYPERLINK`, `WEBSERVICE`, ...), the
cell says the formula itself, which no check lets pass.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from data.intake.archives import Workbook
from data.intake.guard import refused
from data.intake.reading import Source
from data.intake.workbook_parts import formulas_of
from matching.errors import Rule

#: Numbers from here on can't be told from their neighbours.
_EXACT = 2**53


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One sheet; its cells may be read any number of times."""

    name: str
    cells: list[list[object]]
    formulas: dict[tuple[int, int], tuple[str, bool]] = field(default_factory=dict)
    hidden: bool = False

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row as text with its number, the first being 1."""
        touched = {row for row, _ in self.formulas}
        # The parser ends where the last value stands; a formula may have none.
        below = max(touched, default=0) - len(self.cells)
        width = max(map(len, self.cells), default=0)
        blank: list[list[object]] = [[""] * width] * below
        for row, cells in enumerate([*self.cells, *blank], start=1):
            texts = [text_of(cell) for cell in cells]
            if row in touched:
                texts = [self._said(row, column, text) for column, text in enumerate(texts, 1)]
            yield row, texts

    def _said(self, row: int, column: int, text: str) -> str:
        formula, reaches_out = self.formulas.get((row, column), ("", False))
        if (row, column) in self.formulas and (reaches_out or not text):
            return f"={formula}"
        return text


def sheets_of(source: Source, workbook: Workbook) -> Iterator[Sheet]:
    """The sheets of a guarded workbook, one after the other, hidden ones too.

    Raises `FaultyInput` where the parser finds no sheets in it.
    """
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(workbook.content))
        for number, about in enumerate(book.sheets_metadata):
            cells = book.get_sheet_by_index(number).to_python(skip_empty_area=False)
            xlsx = workbook.kind == "xlsx"
            formulas = formulas_of(workbook.parts, number) if xlsx else {}
            hidden = about.visible is not SheetVisibleEnum.Visible
            yield Sheet(about.name, [list(row) for row in cells], formulas, hidden)
    except (CalamineError, OSError, ValueError):
        raise refused(Rule.FILE_UNREADABLE, source) from None
    except BaseException as error:
        # The parser is written in Rust; when it gives up, it raises past `Exception`.
        if type(error).__name__ != "PanicException":
            raise
        raise refused(Rule.FILE_UNREADABLE, source) from None


def text_of(cell: object) -> str:
    """A cell in words: whole numbers without a point, days as 2009-08-31, yes and no in German."""
    match cell:
        case str():
            return cell
        case bool():
            return "ja" if cell else "nein"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT else repr(cell)
        case datetime.datetime():
            midnight = cell.time() == datetime.time()
            return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
        case _:
            return str(cell)

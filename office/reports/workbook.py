"""How does a workbook come about? Sheets of typed columns, in which no cell can do anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Literal

import xlsxwriter

from office.reports.people_sheet import OPTIONS

Cell = str | int | float | None

#: How each kind of number is written; a spreadsheet shows it in the reader's own way.
_FORMATS = {"count": "#,##0", "tenths": "#,##0.0", "hundredths": "#,##0.00", "percent": "0.0%"}


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column: its heading and what its numbers are. A text in a column of numbers is shown."""

    heading: str
    kind: Literal["text", "count", "tenths", "hundredths", "percent"] = "text"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: a title, notes below it, then a table. `None` is an empty cell."""

    name: str
    title: str
    columns: tuple[SheetColumn, ...]
    rows: Sequence[Sequence[Cell]]
    notes: tuple[str, ...] = ()


def workbook(sheets: Sequence[Sheet], title: str, author: str, on: date) -> bytes:
    """The sheets as XLSX. The same sheets of the same day give the same bytes."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        created = datetime.combine(on, time(12), UTC).replace(tzinfo=None)
        book.set_properties({"title": title, "author": author, "created": created})
        formats = {kind: book.add_format({"num_format": shape, "align": "right"})
                   for kind, shape in _FORMATS.items()}  # fmt: skip
        formats["text"] = book.add_format({"text_wrap": False})
        formats["aside"] = book.add_format({"align": "right", "font_color": "#575D66"})
        formats["title"] = book.add_format({"bold": True, "font_size": 14, "font_color": "#1F4E79"})
        formats["note"] = book.add_format({"font_color": "#575D66"})
        formats["heading"] = book.add_format({"bold": True, "bottom": 1, "text_wrap": True,
                                              "valign": "bottom"})  # fmt: skip
        for given in sheets:
            _write(book, given, formats)
    return file.getvalue()


def _write(book: xlsxwriter.Workbook, given: Sheet, formats: dict[str, object]) -> None:
    sheet = book.add_worksheet(given.name)
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, given.title, formats["title"])
    for row, note in enumerate(given.notes, start=1):
        sheet.write_string(row, 0, note, formats["note"])
    top = len(given.notes) + 2
    for at, column in enumerate(given.columns):
        sheet.write_string(top, at, column.heading, formats["heading"])
        longest = max((len(str(row[at])) for row in given.rows if isinstance(row[at], str)),
                      default=0)  # fmt: skip
        sheet.set_column(at, at, min(60, max(13, longest + 1)))
    for number, cells in enumerate(given.rows, start=top + 1):
        for at, (column, cell) in enumerate(zip(given.columns, cells, strict=True)):
            if isinstance(cell, str):
                shape = "text" if column.kind == "text" else "aside"
                sheet.write_string(number, at, cell, formats[shape])
            elif cell is not None:
                sheet.write_number(number, at, cell, formats[column.kind])
    sheet.freeze_panes(top + 1, 1)
    sheet.repeat_rows(top)
